"""An HTTP server that answers as SGLang does, without a model: `FakeSGLang`.

For the unit tests of what talks to SGLang, and for measuring what docqa itself costs. Its answers
are checked against the real server's (`tests/sglang/recorded.json`). Sessions, branches, cached
tokens and refusals are SGLang's; tokens are not: over `/v1` a byte is a token, and an answer has a
token for each of its words.
"""

import json
import threading
import uuid
from array import array
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from docqa.bench import fake_bodies
from docqa.bench.fake_chat import as_native, chat_events, chat_ids
from docqa.bench.fake_scheduler import Asked, Refused, Scheduler, Token
from docqa.bench.prefix_tree import packed

_OPEN_TO_ALL = ("/health", "/health_generate")
_NATIVE = frozenset(
    (
        *("/open_session", "/close_session", "/generate", "/abort_request", "/flush_cache"),
        *("/server_info", "/model_info", "/v1/tokenize"),
    )
)


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came: its size, and its body without the ids."""

    method: str
    path: str
    byte_count: int
    """Bytes of the body."""
    body: Mapping[str, Any]
    packed_ids: bytes = field(default=b"", repr=False)

    @property
    def ids(self) -> list[int]:
        """The token ids that were sent."""
        return list(array("I", self.packed_ids))

    @property
    def id_count(self) -> int:
        """How many token ids were sent."""
        return len(self.packed_ids) // array("I").itemsize


class FakeSGLang:
    """A server on a loopback port. Start it with `start` or `with`; its knobs may turn any time.

    `native=False` leaves `/v1` only, as behind a router; `loading=True` answers 503 to all;
    `die_after_tokens=n` cuts each connection after n tokens of an answer. `before_token(asked, n)`
    is called before each token; it may wait for an event.
    """

    def __init__(
        self,
        *,
        answer: str | Callable[[Asked], str] = "The sea is wide and blue.",
        api_key: str = "",
        model: str = "fake-llama",
        context_length: int = 8_192,
        max_total_tokens: int = 40_000,
        port: int = 0,
    ) -> None:
        self.scheduler = Scheduler(context_length, max_total_tokens)
        self.scheduler.answer = answer
        self.api_key = api_key
        self.model = model
        self.model_path = "fake-model"
        self.native = True
        self.loading = False
        self.die_after_tokens: int | None = None
        self.requests: list[Received] = []
        self.aborted: list[str] = []
        """The `rid`s of `/abort_request`, in order."""
        self._server = _Server(("127.0.0.1", port), self)
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def sessions(self) -> tuple[str, ...]:
        """Ids of the open sessions."""
        return tuple(self.scheduler.sessions)

    def start(self) -> Self:
        """Answer from now on, in threads of its own."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def stop(self) -> None:
        """Abort what is running and close the port; it cannot be started again."""
        self.scheduler.abort("", everything=True)
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def restart(self) -> None:
        """Lose the cache, all sessions and what is running, as a new process would."""
        self.scheduler.abort("", everything=True)
        self.scheduler.forget()

    def sent_to(self, path: str) -> list[Received]:
        """The requests to a path, in order."""
        return [each for each in self.requests if each.path == path]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], fake: FakeSGLang) -> None:
        super().__init__(address, _Handler)
        self.fake = fake


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""

    def do_GET(self) -> None:
        """Answer a request without a body."""
        self._answer({}, 0)

    def do_POST(self) -> None:
        """Answer a request with a JSON body."""
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(content) if content else {}
        except ValueError:
            message = "1 validation error:\n  Input should be a dictionary"
            error = {"object": "error", "message": message, "type": "Bad Request"}
            self._json({**error, "param": None, "code": 400}, 400)
            return
        self._answer(body, len(content))

    def _answer(self, body: dict[str, Any], size: int) -> None:
        fake = self.server.fake
        ids = packed(body.pop("input_ids", None) or ())
        path = self.path.partition("?")[0]
        fake.requests.append(Received(self.command, path, size, body, ids))
        if fake.loading:
            self._text("", 503)
        elif not self._allowed(path):
            self._json({"error": "Unauthorized"}, 401)
        elif (handle := _ROUTES.get(path)) is None or (path in _NATIVE and not fake.native):
            self._json({"detail": "Not Found"}, 404)
        else:
            with suppress(ConnectionError):
                handle(self, body, ids)

    def _allowed(self, path: str) -> bool:
        key = self.server.fake.api_key
        given = self.headers.get("Authorization", "")
        return not key or path in _OPEN_TO_ALL or given == f"Bearer {key}"

    def _health(self, body: dict[str, Any], ids: bytes) -> None:
        self._text("")

    def _models(self, body: dict[str, Any], ids: bytes) -> None:
        fake = self.server.fake
        self._json(fake_bodies.models(fake.model, fake.scheduler.context_length))

    def _model_info(self, body: dict[str, Any], ids: bytes) -> None:
        self._json(fake_bodies.model_info(self.server.fake.model, self.server.fake.model_path))

    def _server_info(self, body: dict[str, Any], ids: bytes) -> None:
        fake, scheduler = self.server.fake, self.server.fake.scheduler
        self._json(
            fake_bodies.server_info(
                fake.model,
                fake.model_path,
                scheduler.context_length,
                scheduler.max_total_tokens,
                scheduler.longest_input,
            )
        )

    def _flush(self, body: dict[str, Any], ids: bytes) -> None:
        self.server.fake.scheduler.flush()
        self._text("Cache flushed.\n")

    def _tokenize(self, body: dict[str, Any], ids: bytes) -> None:
        tokens = list(str(body["prompt"]).encode())
        length = self.server.fake.scheduler.context_length
        self._json({"tokens": tokens, "count": len(tokens), "max_model_len": length})

    def _open_session(self, body: dict[str, Any], ids: bytes) -> None:
        session = body.get("session_id") or uuid.uuid4().hex
        if self.server.fake.scheduler.open(session):
            self._json(session)
        else:
            self._refuse(
                "Failed to open the session. Check if a session with the same id is still open."
            )

    def _close_session(self, body: dict[str, Any], ids: bytes) -> None:
        self.server.fake.scheduler.close(body["session_id"])
        self._text("")

    def _abort(self, body: dict[str, Any], ids: bytes) -> None:
        rid = str(body.get("rid") or "")
        self.server.fake.aborted.append(rid)
        self.server.fake.scheduler.abort(rid, everything=bool(body.get("abort_all")))
        self._text("")

    def _generate(self, body: dict[str, Any], ids: bytes) -> None:
        rid, streamed = body.get("rid") or uuid.uuid4().hex, bool(body.get("stream"))
        try:
            asked = self.server.fake.scheduler.admit("/generate", rid, ids, body)
        except Refused as refused:
            self._refuse_generation(rid, refused, streamed=streamed)
            return
        events = (
            fake_bodies.generated(asked, token, streamed=streamed)
            for token in self._tokens(asked, body)
        )
        if streamed:
            self._stream(events)
        else:
            self._json(list(events)[-1])

    def _refuse_generation(self, rid: str, refused: Refused, *, streamed: bool) -> None:
        if not streamed:
            self._refuse(refused.message)
        elif refused.late:
            self._stream(_only(fake_bodies.refused_in_stream(rid, refused.message)))
        else:
            self._stream(_only(fake_bodies.refused_before_streaming(refused.message)))

    def _chat(self, body: dict[str, Any], _: bytes) -> None:
        model = str(body.get("model") or self.server.fake.model)
        rid, path = uuid.uuid4().hex, "/v1/chat/completions"
        try:
            ids = chat_ids(body)
            asked = self.server.fake.scheduler.admit(path, rid, ids, as_native(body))
        except Refused as refused:
            self._json(fake_bodies.refused_chat(refused.message), 400)
            return
        tokens = self._tokens(asked, {})
        if body.get("stream"):
            usage = (body.get("stream_options") or {}).get("include_usage")
            self._stream(chat_events(model, asked, tokens, with_usage=bool(usage)))
        else:
            self._json(fake_bodies.chat(model, asked, list(tokens)[-1]))

    def _tokens(self, asked: Asked, body: Mapping[str, Any]) -> Generator[Token]:
        """The answer, cut off where the knob says so."""
        fake = self.server.fake
        with closing(fake.scheduler.generate(asked, body)) as tokens:
            for token in tokens:
                yield token
                if len(token.ids) == fake.die_after_tokens:
                    self.close_connection = True
                    raise ConnectionAbortedError

    def _stream(self, events: Generator[Mapping[str, object]]) -> None:
        self._head(200, "text/event-stream", {"Transfer-Encoding": "chunked"})
        with closing(events):
            for event in events:
                self._chunk(f"data: {json.dumps(event)}\n\n".encode())
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _refuse(self, message: str) -> None:
        self._json({"error": {"message": message}}, 400)

    def _json(self, value: object, status: int = 200) -> None:
        self._whole(json.dumps(value).encode(), status, "application/json")

    def _text(self, text: str, status: int = 200) -> None:
        self._whole(text.encode(), status, "text/plain; charset=utf-8")

    def _whole(self, content: bytes, status: int, kind: str) -> None:
        self._head(status, kind, {"Content-Length": str(len(content))})
        self.wfile.write(content)

    def _head(self, status: int, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()


_ROUTES: dict[str, Callable[[_Handler, dict[str, Any], bytes], None]] = {
    "/health": _Handler._health,
    "/health_generate": _Handler._health,
    "/v1/models": _Handler._models,
    "/v1/tokenize": _Handler._tokenize,
    "/v1/chat/completions": _Handler._chat,
    "/model_info": _Handler._model_info,
    "/server_info": _Handler._server_info,
    "/flush_cache": _Handler._flush,
    "/open_session": _Handler._open_session,
    "/close_session": _Handler._close_session,
    "/abort_request": _Handler._abort,
    "/generate": _Handler._generate,
}


def _only(event: Mapping[str, object]) -> Generator[Mapping[str, object]]:
    yield event
