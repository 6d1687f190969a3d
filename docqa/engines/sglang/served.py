"""Which server and model are there: asked now and then, believed in between."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from docqa.engines.sglang.native import NativeClient
from docqa.engines.sglang.server_info import ServerInfo
from docqa.engines.sglang.template import ChatTemplate, template_of
from docqa.errors import (
    EngineError,
    EngineLoadingError,
    EngineNotConfiguredError,
    EngineUnavailableError,
)
from docqa.tokenizers.base import Tokenizer

INFO_KNOWN_FOR_S = 600.0
"""How long the server is believed. One that was restarted is noticed by the session it lost."""
ABSENT_FOR_S = 30.0
"""How long a server without native endpoints is asked over `/v1` before they are looked for."""


@dataclass(frozen=True, slots=True)
class Served:
    """What is known of the server and its model."""

    info: ServerInfo
    template: ChatTemplate | None
    """None where the model's template is not known here: it is then asked over `/v1`."""
    opening: tuple[int, ...]
    vocabulary: str
    """Names the template's opening and the tokenizer."""
    asked_at: float


class ServerWatch:
    """What is known of the server at an address. Threads may share it."""

    def __init__(
        self,
        client: NativeClient,
        set_model: str,
        tokenizers: Callable[[str], Tokenizer],
        loading: Callable[[], str],
    ) -> None:
        """`set_model` is the model's name or directory in the settings; empty if there is none.

        `loading` says what a server that docqa itself launched is doing before it answers.
        """
        self._client = client
        self._loading = loading
        self._set_model = set_model
        self._tokenizers = tokenizers
        self._lock = threading.Lock()
        self._served: Served | None = None
        self._absent_at: float | None = None

    @property
    def model(self) -> str:
        """The model's name as the server serves it, once that is known."""
        return self._served.info.model if self._served else self._set_model

    @property
    def identity(self) -> str:
        """The server's identity when it was last asked, empty before."""
        return self._served.info.identity if self._served else ""

    def known(self) -> Served | None:
        """What the server told lately; None where it has no native endpoints.

        Raises:
            EngineError: If it has to be asked and does not answer.
        """
        served = self._served
        if served is not None and time.monotonic() - served.asked_at < INFO_KNOWN_FOR_S:
            return served
        if self._absent_at is not None and time.monotonic() - self._absent_at < ABSENT_FOR_S:
            return None
        return self.ask()

    def ask(self) -> Served | None:
        """What the server tells now; None where it has no native endpoints.

        Raises:
            EngineError: If it does not answer.
        """
        try:
            info = self._client.server_info()
        except EngineUnavailableError as error:
            said = self._loading()
            if not said:
                raise
            raise EngineLoadingError(error.engine, said) from error
        if info is None:
            self.note_absent()
            return None
        with self._lock:
            old = self._served
            if old is not None and old.info.model_path == info.model_path:
                self._served = replace(old, info=info, asked_at=time.monotonic())
            else:
                self._served = self._met(info)
            return self._served

    def note_absent(self) -> None:
        """There are no native endpoints: ask over `/v1` for a while."""
        self._served = None
        self._absent_at = time.monotonic()

    def why_lost(self, server: str) -> str:
        """Why a session that was opened at the server with this identity is gone, in words."""
        try:
            now = self.ask()
        except EngineError:
            now = None
        restarted = now is not None and now.info.identity != server
        return "the server was restarted" if restarted else "the server has dropped the session"

    def _met(self, info: ServerInfo) -> Served:
        names = [name for name in (info.model, self._set_model, info.model_path) if name]
        directory = next((Path(name) for name in reversed(names) if Path(name).is_dir()), None)
        try:
            template = template_of([*names, info.architecture], directory, self._tokenizers)
        except EngineNotConfiguredError:
            return Served(info, None, (), "", time.monotonic())
        opening = tuple(template.opening())
        vocabulary = f"{template.tokenizer.name}:{','.join(map(str, opening))}"
        return Served(info, template, opening, vocabulary, time.monotonic())
