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
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any, Self

from docqa.bench.fake import bodies
from docqa.bench.fake.chat import as_native, chat_events, chat_ids
from docqa.bench.fake.http import Answering
from docqa.bench.fake.radix_tree import packed
from docqa.bench.fake.scheduler import Asked, Refused, Scheduler, Token

_OPEN_TO_ALL = ("/health", "/health_generate")
_NATIVE = frozenset(
    (
        *("/open_session", "/close_session", "/generate", "/abort_request", "/flush_cache"),
        *("/server_info", "/model_info", "/v1/tokenize", "/v1/loads"),
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
        self.restarts = 0
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
        self.restarts += 1

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


class _Handler(Answering):
    server: _Server

    def do_GET(self) -> None:
        """Answer a request without a body."""
        self._answer({}, 0)

    def do_POST(self) -> None:
        """Answer a request with a JSON body."""
        content = b"".join(self._content())
        try:
            body = json.loads(content) if content else {}
        except ValueError:
            message = "1 validation error:\n  Input should be a dictionary"
            error = {"object": "error", "message": message, "type": "Bad Request"}
            self.json({**error, "param": None, "code": 400}, 400)
            return
        self._answer(body, len(content))

    def _content(self) -> Iterator[bytes]:
        """The body; a large one comes in chunks of a length each."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _answer(self, body: dict[str, Any], size: int) -> None:
        fake = self.server.fake
        ids = packed(body.pop("input_ids", None) or ())
        path = self.path.partition("?")[0]
        fake.requests.append(Received(self.command, path, size, body, ids))
        if fake.loading:
            self.text("", 503)
        elif not self._allowed(path):
            self.json({"error": "Unauthorized"}, 401)
        elif (handle := _ROUTES.get(path)) is None or (path in _NATIVE and not fake.native):
            self.json({"detail": "Not Found"}, 404)
        else:
            with suppress(ConnectionError):
                handle(self, body, ids)

    def _allowed(self, path: str) -> bool:
        key = self.server.fake.api_key
        given = self.headers.get("Authorization", "")
        return not key or path in _OPEN_TO_ALL or given == f"Bearer {key}"

    def _health(self, body: dict[str, Any], ids: bytes) -> None:
        self.text("")

    def _models(self, body: dict[str, Any], ids: bytes) -> None:
        fake = self.server.fake
        self.json(bodies.models(fake.model, fake.scheduler.context_length))

    def _model_info(self, body: dict[str, Any], ids: bytes) -> None:
        self.json(bodies.model_info(self.server.fake.model, self.server.fake.model_path))

    def _server_info(self, body: dict[str, Any], ids: bytes) -> None:
        fake = self.server.fake
        self.json(bodies.server_info(fake.model, fake.model_path, fake.scheduler, fake.restarts))

    def _loads(self, body: dict[str, Any], ids: bytes) -> None:
        scheduler = self.server.fake.scheduler
        used, running = scheduler.used_tokens, len(scheduler.in_flight)
        self.json(bodies.loads(used, scheduler.max_total_tokens, running))

    def _flush(self, body: dict[str, Any], ids: bytes) -> None:
        self.server.fake.scheduler.flush()
        self.text("Cache flushed.\n")

    def _tokenize(self, body: dict[str, Any], ids: bytes) -> None:
        tokens = list(str(body["prompt"]).encode())
        length = self.server.fake.scheduler.context_length
        self.json({"tokens": tokens, "count": len(tokens), "max_model_len": length})

    def _open_session(self, body: dict[str, Any], ids: bytes) -> None:
        session = body.get("session_id") or uuid.uuid4().hex
        if self.server.fake.scheduler.open(session):
            self.json(session)
        else:
            self._refuse(
                "Failed to open the session. Check if a session with the same id is still open."
            )

    def _close_session(self, body: dict[str, Any], ids: bytes) -> None:
        self.server.fake.scheduler.close(body["session_id"])
        self.text("")

    def _abort(self, body: dict[str, Any], ids: bytes) -> None:
        rid = str(body.get("rid") or "")
        self.server.fake.aborted.append(rid)
        self.server.fake.scheduler.abort(rid, everything=bool(body.get("abort_all")))
        self.text("")

    def _generate(self, body: dict[str, Any], ids: bytes) -> None:
        rid, streamed = body.get("rid") or uuid.uuid4().hex, bool(body.get("stream"))
        try:
            asked = self.server.fake.scheduler.admit("/generate", rid, ids, body)
        except Refused as refused:
            self._refuse_generation(rid, refused, streamed=streamed)
            return
        events = (
            bodies.generated(asked, token, streamed=streamed) for token in self._tokens(asked, body)
        )
        if streamed:
            self.stream(events)
        else:
            self.json(list(events)[-1])

    def _refuse_generation(self, rid: str, refused: Refused, *, streamed: bool) -> None:
        if not streamed:
            self._refuse(refused.message)
        elif refused.late:
            self.stream(_only(bodies.refused_in_stream(rid, refused.message)))
        else:
            self.stream(_only(bodies.refused_before_streaming(refused.message)))

    def _chat(self, body: dict[str, Any], _: bytes) -> None:
        model = str(body.get("model") or self.server.fake.model)
        rid, path = uuid.uuid4().hex, "/v1/chat/completions"
        try:
            ids = chat_ids(body)
            asked = self.server.fake.scheduler.admit(path, rid, ids, as_native(body))
        except Refused as refused:
            self.json(bodies.refused_chat(refused.message), 400)
            return
        tokens = self._tokens(asked, {})
        if body.get("stream"):
            usage = (body.get("stream_options") or {}).get("include_usage")
            self.stream(chat_events(model, asked, tokens, with_usage=bool(usage)))
        else:
            self.json(bodies.chat(model, asked, list(tokens)[-1]))

    def _tokens(self, asked: Asked, body: Mapping[str, Any]) -> Generator[Token]:
        """The answer, cut off where the knob says so."""
        fake = self.server.fake
        with closing(fake.scheduler.generate(asked, body)) as tokens:
            for token in tokens:
                yield token
                if len(token.ids) == fake.die_after_tokens:
                    self.close_connection = True
                    raise ConnectionAbortedError

    def _refuse(self, message: str) -> None:
        self.json({"error": {"message": message}}, 400)


_ROUTES: dict[str, Callable[[_Handler, dict[str, Any], bytes], None]] = {
    "/health": _Handler._health,
    "/health_generate": _Handler._health,
    "/v1/models": _Handler._models,
    "/v1/tokenize": _Handler._tokenize,
    "/v1/chat/completions": _Handler._chat,
    "/v1/loads": _Handler._loads,
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
