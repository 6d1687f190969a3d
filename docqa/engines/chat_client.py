"""Chat completions of a `/v1` server, streamed: the code that every text engine shares."""

import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import openai

from docqa.core.answers import Usage
from docqa.engines.base import PrefillProgress, SamplingParams
from docqa.engines.connection import Connection
from docqa.engines.http_errors import ErrorDoor
from docqa.engines.messages import Message
from docqa.engines.presets import leaves_machine
from docqa.engines.ticking import ticking
from docqa.errors import EngineNotConfiguredError, EngineResponseError

CONNECT_TIMEOUT_S = 10.0
_NOT_THERE = (400, 404, 405, 501)


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk of a stream brought; nothing at all means that time passed."""

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    progress: PrefillProgress | None = None


class ChatClient:
    """Talks to one server. Threads may share it.

    Follows no redirect, sends neither the platform's description nor any variable of the
    environment that the `openai` package would add, and uses no proxy for loopback addresses.
    """

    def __init__(
        self,
        engine: str,
        base_url: str,
        *,
        api_key: str = "",
        timeout_s: float = 600.0,
        start_hint: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = _checked(engine, base_url)
        self._engine = engine
        self._key = api_key
        self._door = ErrorDoor(engine, self.base_url, secret=api_key, start_hint=start_hint)
        self._door.models = self.models
        self._current = threading.local()
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
            # A connection of its own for each request: it is what cancelling shuts down, and some
            # servers close a connection after a stream without saying so.
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=leaves_machine(self.base_url),
            transport=transport,
            event_hooks={"request": [self._prepare]},
        )
        self._openai = openai.OpenAI(
            api_key=api_key or "none",
            base_url=self.base_url,
            max_retries=0,
            # Releases from 3 on are typed for httpx2 and take httpx clients all the same.
            http_client=cast("Any", self._http),
        )

    def stream(
        self,
        messages: Sequence[Message],
        params: SamplingParams,
        *,
        model: str,
        extra: Mapping[str, object] | None = None,
    ) -> Generator[Piece, None, None]:
        """The answer's pieces as they come; the last one has a finish reason and the usage.

        Yields empty pieces while the server is silent. Closing the iterator ends the request.

        Raises:
            EngineError: If the server cannot be reached, refuses, or dies in mid-answer.
        """
        body = _body(messages, params, model, extra or {})

        def read(connection: Connection, put: Callable[[Piece], None]) -> None:
            self._read(body, connection, put)

        for piece in ticking(read):
            yield piece or Piece()

    def stream_lines(
        self, url: str, content: bytes | Iterable[bytes]
    ) -> Generator[str | None, None, None]:
        """The lines that come back for a JSON body, and None while the server is silent.

        Closing the iterator ends the request.

        Raises:
            EngineError: If the server cannot be reached, refuses, or dies before the end.
        """

        def read(connection: Connection, put: Callable[[str], None]) -> None:
            self._current.connection = connection
            begun = False
            headers = {"content-type": "application/json"}
            try:
                with (
                    self._door.translated(begun=lambda: begun),
                    self._http.stream("POST", url, content=content, headers=headers) as response,
                ):
                    if response.status_code >= 300:
                        response.read()
                        response.raise_for_status()
                    for line in response.iter_lines():
                        begun = True
                        put(line)
            finally:
                self._current.connection = None

        yield from ticking(read)

    def models(self) -> tuple[str, ...]:
        """Names of the models that the server lists.

        Raises:
            EngineError: If it cannot be reached or refuses.
        """
        return tuple(str(entry["id"]) for entry in self.model_entries() if entry.get("id"))

    def model_entries(self) -> list[dict[str, Any]]:
        """What the server lists of its models; empty where it has no list.

        Raises:
            EngineError: If it cannot be reached or refuses.
        """
        listed = self.get_json(self.base_url + "/models")
        entries = listed.get("data") if isinstance(listed, dict) else listed
        return [entry for entry in entries or [] if isinstance(entry, dict)]

    def get_json(self, url: str) -> Any:  # noqa: ANN401
        """The JSON at this address, None where the server has no such thing.

        Raises:
            EngineError: If it cannot be reached or refuses.
        """
        return self._json("GET", url, None)

    def post_json(self, url: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401
        """The JSON that the server answers with, None where it has no such thing.

        Raises:
            EngineError: If it cannot be reached or refuses.
        """
        return self._json("POST", url, body)

    @property
    def root_url(self) -> str:
        """The server's address without `/v1`."""
        return self.base_url.removesuffix("/v1")

    def close(self) -> None:
        """Give the connections back."""
        self._openai.close()
        self._http.close()

    def request(
        self,
        method: str,
        url: str,
        body: Mapping[str, object] | None = None,
        *,
        timeout_s: float | None = None,
    ) -> tuple[int, Any]:
        """Status and JSON of the answer (None if it is no JSON), also of one that says 400 or 404.

        `timeout_s` is for this request, None for what the client waits anyway.

        Raises:
            EngineError: If the server cannot be reached or refuses otherwise.
        """
        with self._door.translated():
            timeout = (
                httpx.USE_CLIENT_DEFAULT
                if timeout_s is None
                else httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
            )
            response = self._http.request(method, url, json=body, timeout=timeout)
            if response.status_code not in _NOT_THERE:
                response.raise_for_status()
            try:
                return response.status_code, response.json()
            except ValueError:
                return response.status_code, None

    def _json(self, method: str, url: str, body: Mapping[str, object] | None) -> Any:  # noqa: ANN401
        status, value = self.request(method, url, body)
        return None if status in _NOT_THERE else value

    def _read(
        self, body: dict[str, Any], connection: Connection, put: Callable[[Piece], None]
    ) -> None:
        self._current.connection = connection
        self._current.sent_bytes = 0
        begun = False
        finished = False
        try:
            with (
                self._door.translated(model=body["model"], begun=lambda: begun),
                self._open(body) as chunks,
            ):
                for chunk in chunks:
                    piece = _piece(chunk)
                    begun = True
                    finished = finished or bool(piece.finish_reason)
                    if piece.usage is not None:
                        usage = replace(piece.usage, sent_bytes=self._current.sent_bytes)
                        piece = replace(piece, usage=usage)
                    put(piece)
            if not finished:
                raise EngineResponseError(self._engine, "the answer ended before it was complete")
        finally:
            self._current.connection = None

    def _open(self, body: dict[str, Any]) -> Any:  # noqa: ANN401
        create = self._openai.chat.completions.create
        try:
            return create(**body)
        except openai.APIStatusError as error:
            # Some servers do not know the option; without it they count nothing.
            if error.status_code in (400, 422) and "stream_options" in error.response.text:
                return create(**{key: body[key] for key in body if key != "stream_options"})
            raise

    def _prepare(self, request: httpx.Request) -> None:
        for name in [
            name for name in request.headers if name.startswith(("x-stainless", "openai-"))
        ]:
            del request.headers[name]
        request.headers["user-agent"] = "docqa"
        if self._key:
            request.headers["authorization"] = f"Bearer {self._key}"
        else:
            request.headers.pop("authorization", None)
        connection = getattr(self._current, "connection", None)
        if connection is not None:
            request.extensions["trace"] = connection.trace
            # More than one request where the server refuses an option.
            sent = int(request.headers.get("content-length", 0))
            self._current.sent_bytes = getattr(self._current, "sent_bytes", 0) + sent


def _checked(engine: str, base_url: str) -> str:
    parts = urlsplit(base_url)
    if not base_url:
        raise EngineNotConfiguredError(engine, "the server's address is not set")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise EngineNotConfiguredError(engine, f"{base_url!r} is not the address of a server")
    if parts.username or parts.password:
        raise EngineNotConfiguredError(
            engine, "the address holds a name or password; put the key into DOCQA_API_KEY"
        )
    return base_url.rstrip("/")


def _body(
    messages: Sequence[Message], params: SamplingParams, model: str, extra: Mapping[str, object]
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": list(messages),
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": params.temperature,
        "max_tokens": params.max_tokens,
    }
    if params.seed is not None:
        body["seed"] = params.seed
    if params.stop:
        body["stop"] = list(params.stop)
    if params.json_schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": params.json_schema, "strict": True},
        }
    if extra:
        body["extra_body"] = dict(extra)
    return body


def _piece(chunk: Any) -> Piece:  # noqa: ANN401
    """What a chunk says. Nothing of it is sure: the `openai` package builds it unvalidated."""
    extras = getattr(chunk, "model_extra", None) or {}
    text = finish_reason = ""
    for choice in (getattr(chunk, "choices", None) or [])[:1]:
        content = getattr(getattr(choice, "delta", None), "content", None)
        text = content if isinstance(content, str) else ""
        finish_reason = str(getattr(choice, "finish_reason", None) or "")
    timings = extras.get("timings")
    return Piece(
        text,
        finish_reason,
        _usage(getattr(chunk, "usage", None), timings if isinstance(timings, dict) else {}),
        _progress(extras.get("prompt_progress")),
    )


def _usage(told: Any, timings: Mapping[str, object]) -> Usage | None:  # noqa: ANN401
    if told is None:
        return None
    details = getattr(told, "prompt_tokens_details", None)
    extras = getattr(told, "model_extra", None) or {}
    # OpenAI's field, then llama.cpp's, then those of services that count otherwise.
    ways = (
        getattr(details, "cached_tokens", None),
        timings.get("cache_n"),
        extras.get("prompt_cache_hit_tokens"),
        extras.get("cached_tokens"),
        extras.get("cache_read_input_tokens"),
    )
    cached = next((way for way in ways if isinstance(way, int)), None)
    return Usage(
        prompt_tokens=_count(getattr(told, "prompt_tokens", None)),
        cached_tokens=cached,
        completion_tokens=_count(getattr(told, "completion_tokens", None)),
    )


def _progress(told: object) -> PrefillProgress | None:
    if not isinstance(told, dict):
        return None
    done, total, cached = (_count(told.get(key)) for key in ("processed", "total", "cache"))
    return PrefillProgress(done, total, cached)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
