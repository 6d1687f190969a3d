"""The one door where errors of HTTP servers become docqa's."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import httpx
import openai

from docqa.errors import (
    ContextOverflowError,
    EngineError,
    EngineKeyRefusedError,
    EngineLoadingError,
    EngineResponseError,
    EngineTimeoutError,
    EngineUnavailableError,
)

_OVERFLOW = re.compile(
    r"context[ _-]?(?:length|size|window)|exceeds? the (?:available )?context|maximum context"
    r"|prompt is too long|too many (?:input )?tokens|input (?:is )?too long"
    r"|reduce the length of|max_model_len|exceed_context_size",
    re.IGNORECASE,
)
_FIELDS = re.compile(r'"(n_prompt_tokens|n_ctx)"\s*:\s*(\d+)')
_WINDOW = re.compile(
    r"(?:length|size|window|limit|maximum)\D{0,20}(\d[\d,_]{2,})|(\d[\d,_]{2,})(?: tokens)? maximum"
)
_NUMBER = re.compile(r"\d[\d,_]{2,}")
_MOST_SHOWN = 300


class ErrorDoor:
    """Translates what `httpx` and `openai` raise. Never shows the key."""

    def __init__(
        self, engine: str, base_url: str, *, secret: str = "", start_hint: str = ""
    ) -> None:
        self._engine = engine
        self._base_url = base_url
        self._secret = secret
        self._start_hint = start_hint
        self.models: Callable[[], Sequence[str]] = tuple
        """Asks the server which models it has, for the message about one that it has not."""

    @contextmanager
    def translated(
        self, *, model: str = "", begun: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        """Translate errors inside; `begun` tells whether a part of the answer has arrived.

        Raises:
            EngineError: For whatever the server or the way to it did.
        """
        try:
            yield
        except (openai.APITimeoutError, httpx.TimeoutException) as error:
            raise self._timed_out(error) from error
        except (openai.APIConnectionError, httpx.TransportError, httpx.InvalidURL) as error:
            raise self._disconnected(error, begun=begun()) from error
        except openai.APIStatusError as error:
            # Not chained: what some servers say holds a part of the key.
            raise self._refused(error.status_code, error.response.text, model) from None
        except httpx.HTTPStatusError as error:
            raise self._refused(error.response.status_code, error.response.text, model) from None
        except openai.APIError as error:
            raise self._failed(str(error.body or error.message)) from None
        except (httpx.HTTPError, httpx.StreamError, json.JSONDecodeError) as error:
            raise self._failed(f"sent something that is no answer ({error})") from error

    def _timed_out(self, error: Exception) -> EngineError:
        if isinstance(error.__cause__ or error, httpx.ConnectTimeout):
            return self._unreachable("no connection within 10 s")
        return EngineTimeoutError(self._engine, f"{self._base_url} did not answer in time")

    def _disconnected(self, error: Exception, *, begun: bool) -> EngineError:
        cause = error.__cause__ or error
        reason = self._shown(str(cause) or type(cause).__name__)
        if begun:
            return EngineResponseError(
                self._engine, f"the connection broke in mid-answer ({reason})"
            )
        return self._unreachable(reason)

    def _unreachable(self, reason: str) -> EngineError:
        error = EngineUnavailableError(
            self._engine, f"{self._base_url} cannot be reached ({reason})"
        )
        if self._start_hint:
            error.hint = f"{self._start_hint} Or correct its address on the Engine page."
        return error

    def _refused(self, status: int, body: str, model: str) -> EngineError:
        if status in (401, 403):
            return EngineKeyRefusedError(
                self._engine, f"{self._base_url} refuses the key (HTTP {status})"
            )
        if 300 <= status < 400:
            error = EngineResponseError(
                self._engine, f"{self._base_url} redirects elsewhere (HTTP {status}); not followed"
            )
            error.hint = "Set the address that the server itself has, ending in /v1."
            return error
        said = _message(body)
        if status in (400, 413, 422, 500) and (status == 413 or _OVERFLOW.search(said + body)):
            return self._overflow(said, body)
        if status == 404:
            return self._not_there(said, model)
        if status == 429:
            busy = EngineResponseError(self._engine, f"too many requests: {self._shown(said)}")
            busy.hint = "Wait a minute and ask again, or look at the account's limits."
            return busy
        if status == 503:
            return EngineLoadingError(self._engine, f"not ready: {self._shown(said) or 'HTTP 503'}")
        return EngineResponseError(self._engine, f"HTTP {status}: {self._shown(said)}", status)

    def _failed(self, said: str) -> EngineError:
        if _OVERFLOW.search(said):
            return self._overflow(said, said)
        return EngineResponseError(self._engine, self._shown(said))

    def _overflow(self, said: str, body: str) -> EngineError:
        needed, available = _sizes(body)
        error = ContextOverflowError(self._engine, needed, available)
        if not available:
            said = self._shown(said)
            error.args = (f"{self._engine}: the prompt does not fit the window: {said}",)
        return error

    def _not_there(self, said: str, model: str) -> EngineError:
        try:
            names = self.models()
        except EngineError:
            names = ()
        if not names or not model or model in names:
            error = EngineResponseError(
                self._engine, f"nothing at {self._base_url} (HTTP 404: {self._shown(said)})", 404
            )
            error.hint = "Check the address; it usually ends in /v1."
            return error
        listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        error = EngineResponseError(
            self._engine, f"the server has no model {model!r}; it has: {listed}"
        )
        error.hint = "Choose one of its models on the Engine page or in DOCQA_MODEL."
        return error

    def _shown(self, said: str) -> str:
        if self._secret:
            said = said.replace(self._secret, "…")
        said = " ".join(said.split())
        return said if len(said) <= _MOST_SHOWN else said[:_MOST_SHOWN] + "…"


def _message(body: str) -> str:
    """What the server says went wrong, out of the usual JSON shapes."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    for _ in range(3):
        if not isinstance(value, dict):
            break
        value = value.get("error") or value.get("message") or value.get("detail") or body
    return value if isinstance(value, str) else body


def _sizes(said: str) -> tuple[int, int]:
    """Tokens needed and tokens there are, out of a message about the window; 0 where unknown."""
    fields = {key: int(value) for key, value in _FIELDS.findall(said)}
    if len(fields) == 2:
        return fields["n_prompt_tokens"], fields["n_ctx"]
    window = _WINDOW.search(said)
    available = _number(window[1] or window[2]) if window else 0
    needed = max((_number(number) for number in _NUMBER.findall(said)), default=0)
    return (needed, available) if needed > available > 0 else (0, 0)


def _number(written: str) -> int:
    return int(re.sub(r"\D", "", written))
