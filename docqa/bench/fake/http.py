"""Answers over HTTP/1.1, whole or event by event, with the standard library."""

import json
from collections.abc import Generator, Mapping
from contextlib import closing
from http.server import BaseHTTPRequestHandler


class Answering(BaseHTTPRequestHandler):
    """One connection, which stays open between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""

    def stream(self, events: Generator[Mapping[str, object]]) -> None:
        """Send events as they come, then `[DONE]`."""
        self._head(200, "text/event-stream", {"Transfer-Encoding": "chunked"})
        with closing(events):
            for event in events:
                self._chunk(f"data: {json.dumps(event)}\n\n".encode())
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def json(self, value: object, status: int = 200) -> None:
        """Answer with JSON."""
        self._whole(json.dumps(value).encode(), status, "application/json")

    def text(self, text: str, status: int = 200) -> None:
        """Answer with text."""
        self._whole(text.encode(), status, "text/plain; charset=utf-8")

    def _whole(self, content: bytes, status: int, kind: str) -> None:
        self._head(status, kind, {"Content-Length": str(len(content))})
        self.wfile.write(content)

    def _head(self, status: int, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
