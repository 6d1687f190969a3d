"""SGLang's native endpoints: what is sent, what comes back, what its refusals mean."""

import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docqa.engines.chat_client import ChatClient
from docqa.engines.sglang.request import Request, Sent, body_of, counted
from docqa.engines.sglang.server_info import ServerInfo, parse_server_info
from docqa.errors import (
    ContextOverflowError,
    EngineMemoryError,
    EngineResponseError,
    EngineTimeoutError,
    EngineUnavailableError,
)

SESSION_TIMEOUT_S = 7 * 24 * 3600
"""A session that nobody asked for so long is dropped by the server; the next question reopens."""

CONTROL_TIMEOUT_S = 60.0
"""What is no generation is answered between two steps of one: seconds on a busy server."""
SMALL = 65_536
"""Ids that are sent as one body with its length; more of them in chunks."""

_ABSENT = (404, 405, 501)
_FORGOTTEN = re.compile(
    r"session id .* does not exist|Invalid request session id|hasn't finished"
    r"|Failed to open the session",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(
    r"longer than the model's context|maximum context length|maximum allowed length"
    r"|max_req_input_len",
    re.IGNORECASE,
)
_NO_MEMORY = re.compile(r"out of memory|KV cache is full|not enough memory", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d,]*")


class SessionForgottenError(EngineResponseError):
    """The server does not know the session or the request in it (any more)."""


class NativeAbsentError(EngineResponseError):
    """There are no native endpoints at the address: a router or a proxy."""


@dataclass
class Event:
    """What a line of the stream says; `text` is the whole text so far."""

    text: str
    meta: Mapping[str, Any]
    finish: Mapping[str, Any] | None = field(default=None)

    @property
    def finish_reason(self) -> str:
        """`stop`, `length` or another word, empty before the end."""
        return str(self.finish.get("type", "stop")) if self.finish else ""


class NativeClient:
    """One server's native endpoints. Threads may share it."""

    def __init__(self, engine: str, chat: ChatClient) -> None:
        self._engine = engine
        self._chat = chat
        self._root = chat.root_url

    def generate(self, request: Request, sent: Sent) -> Generator[Event | None, None, None]:
        """The events of one request, None while the server is silent.

        What is sent is added to `sent`. Closing the iterator, or a failure,
        ends the request on the server too.

        Raises:
            SessionForgottenError: If the server does not know the session or its request.
            NativeAbsentError: If there is no `/generate` here.
            EngineError: If the server cannot be reached, refuses, or dies in mid-answer.
        """
        finished = False
        sent.tokens += request.ids.count
        body = counted(body_of(request), sent)
        content = b"".join(body) if request.ids.count <= SMALL else body
        lines = self._chat.stream_lines(self._root + "/generate", content)
        try:
            for line in lines:
                if line is None:
                    yield None
                    continue
                event = self._event(line)
                if event is None:
                    continue
                finished = event.finish is not None
                yield event
                if finished:
                    return
        except EngineResponseError as error:
            if error.status in _ABSENT:
                raise NativeAbsentError(self._engine, error.detail, error.status) from error
            raise
        finally:
            lines.close()
            if not finished:
                self.abort(request.rid)
        raise EngineResponseError(self._engine, "the answer ended before it was complete")

    def open_session(self, session: str, characters: int) -> None:
        """Open a session under this name.

        Raises:
            SessionForgottenError: If the server does not open it.
            NativeAbsentError: If there are no sessions here.
            EngineError: If the server cannot be reached or refuses.
        """
        body = {
            "capacity_of_str_len": characters,
            "session_id": session,
            "timeout": SESSION_TIMEOUT_S,
        }
        status, value = self._ask("POST", "/open_session", body)
        if status in _ABSENT:
            raise NativeAbsentError(self._engine, "has no sessions", status)
        if status != 200 or value != session:
            raise SessionForgottenError(self._engine, f"opened no session ({value!r})", status)

    def close_session(self, session: str) -> None:
        """Close a session; one that is gone already does not matter.

        Raises:
            EngineError: If the server cannot be reached or refuses.
        """
        self._ask("POST", "/close_session", {"session_id": session})

    def abort(self, rid: str) -> None:
        """End a request on the server as far as that can be had."""
        try:
            self._ask("POST", "/abort_request", {"rid": rid})
        except (EngineUnavailableError, EngineTimeoutError, EngineResponseError):
            return  # nothing runs there any more, or it is ended with its connection

    def server_info(self) -> ServerInfo | None:
        """What the server tells of itself, None where it has no such endpoint.

        Raises:
            EngineError: If it cannot be reached, loads, or refuses.
        """
        status, server = self._ask("GET", "/server_info")
        if status != 200 or not isinstance(server, dict):
            return None
        _, model = self._ask("GET", "/model_info")
        _, loads = self._ask("GET", "/v1/loads")
        return parse_server_info(server, _mapping(model), _mapping(loads))

    def _ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> tuple[int, Any]:
        return self._chat.request(method, self._root + path, body, timeout_s=CONTROL_TIMEOUT_S)

    def _event(self, line: str) -> Event | None:
        if not line.startswith("data:"):
            return None
        data = line[5:].strip()
        if data == "[DONE]":
            return None
        try:
            value = json.loads(data)
        except ValueError as error:
            raise EngineResponseError(self._engine, "sent something that is no answer") from error
        if not isinstance(value, dict):
            return None
        if "error" in value:
            said = _mapping(value["error"]).get("message", value["error"])
            raise self._refusal(str(said))
        meta = _mapping(value.get("meta_info"))
        finish = meta.get("finish_reason")
        if isinstance(finish, dict) and finish.get("type") == "abort" and "status_code" in finish:
            # A token comes with a refusal too; it is none of the answer's.
            raise self._refusal(str(finish.get("message", "")))
        text = value.get("text")
        ended = finish if isinstance(finish, dict) else None
        return Event(text if isinstance(text, str) else "", meta, ended)

    def _refusal(self, said: str) -> Exception:
        if _FORGOTTEN.search(said):
            return SessionForgottenError(self._engine, said, 400)
        if _TOO_LONG.search(said):
            sizes = sorted({int(number.replace(",", "")) for number in _NUMBER.findall(said)})
            needed, available = (sizes[-1], sizes[-2]) if len(sizes) > 1 else (0, 0)
            error = ContextOverflowError(self._engine, needed, available)
            if not available:
                error.args = (f"{self._engine}: {said}",)
            return error
        if _NO_MEMORY.search(said):
            return EngineMemoryError(self._engine, said)
        return EngineResponseError(self._engine, said or "ended the request", 400)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
