"""A server that stands for one on another machine, and remembers what it was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "pretended-cloud"
"""Ollama serves models of such names on other machines, although its address is this one."""


@dataclass
class RemoteServer:
    """Its address, and every request it got as method, path and body."""

    url: str
    requests: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """The bodies of the requests for an answer."""
        return [body for _, path, body in self.requests if path.endswith("/chat/completions")]


@contextmanager
def remote_server() -> Iterator[RemoteServer]:
    """Run one for as long as it is needed."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            remote.requests.append(("GET", self.path, ""))
            found = self.path.endswith("/models")
            models = {"data": [{"id": MODEL, "context_length": 32_768}]}
            self._send(200 if found else 404, "application/json", json.dumps(models))

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            body = self.rfile.read(length).decode()
            remote.requests.append(("POST", self.path, body))
            if not self.path.endswith("/chat/completions"):
                self._send(404, "application/json", "{}")
                return
            piece = {
                "delta": {"content": "Employees have thirty days of leave [#2]."},
                "index": 0,
                "finish_reason": "stop",
            }
            event = {"id": "1", "object": "chat.completion.chunk", "model": MODEL, "created": 0}
            said = json.dumps({**event, "choices": [piece]})
            self._send(200, "text/event-stream", f"data: {said}\n\ndata: [DONE]\n\n")

        def _send(self, status: int, kind: str, body: str) -> None:
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    remote = RemoteServer(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield remote
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
