"""A connection that can be given up while another thread waits for its bytes."""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress


class Connection:
    """The socket of one request, seen through httpx's `trace` extension.

    Closing a socket does not wake a thread that waits in it for bytes; shutting it down does, and
    tells the server at once that nobody reads any more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._aborted = False

    def trace(self, event: str, info: Mapping[str, object]) -> None:
        """Take note of the socket; to be given to httpx as the request's `trace` extension."""
        if event not in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            return
        find = getattr(info.get("return_value"), "get_extra_info", None)
        found = find("socket") if find else None
        if not isinstance(found, socket.socket):
            return
        with self._lock:
            self._socket = found
            aborted = self._aborted
        if aborted:
            self._shut_down(found)

    def abort(self) -> bool:
        """Give the request up, now or as soon as it is connected; whether it was connected."""
        with self._lock:
            self._aborted = True
            connected = self._socket
        if connected is not None:
            self._shut_down(connected)
        return connected is not None

    @staticmethod
    def _shut_down(connected: socket.socket) -> None:
        with suppress(OSError):
            # The plain socket's method: that of a TLS socket changes state that the reader uses.
            socket.socket.shutdown(connected, socket.SHUT_RDWR)
