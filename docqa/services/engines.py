"""Which engine answers: chosen in the environment or on the Engine page, made once."""

import hashlib
import json
import logging
import os
import secrets
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from docqa.core.answers import Answer
from docqa.engines.base import Engine, EngineHealth
from docqa.engines.config import EngineConfig
from docqa.engines.presets import PRESETS, Preset
from docqa.engines.registry import create_engine
from docqa.engines.sglang.server_info import DEFAULT_ADDRESS, ServerInfo
from docqa.errors import EngineError, EngineLeavesMachineError, InputError
from docqa.services.serving.key import read_key
from docqa.services.serving.state import read_state
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.tokenizers.registry import tokenizer

logger = logging.getLogger(__name__)

EXTRACTIVE = "extractive"
CHOOSABLE = (EXTRACTIVE, "embedded", "sglang", "openai_compatible")
_PREFERENCE = "engine"
_REMOTE = "remote_allowed"
_SALT = "cache_salt"


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine and how to reach it, without the key."""

    name: str = EXTRACTIVE
    preset: str = ""
    base_url: str = ""
    model: str = ""
    context_length: int = 0
    fixed: bool = False
    """Set in the environment, so that the Engine page cannot change it."""

    @property
    def label(self) -> str:
        """For people."""
        if self.name == EXTRACTIVE:
            return "Extractive reader (no model)"
        if self.packaged:
            return "Packaged small model (SmolLM2 135M)"
        if self.name == "sglang":
            return " · ".join(part for part in ("SGLang", self.model) if part)
        return " · ".join(part for part in (self.preset or self.name, self.model) if part)

    @property
    def packaged(self) -> bool:
        """Whether it is the very small packaged model, whose drafts stand under quotes."""
        return self.name == "embedded" and not self.model


class EngineService:
    """The engine in force, and changing it."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._keys_path = settings.home / "keys.json"
        self._engine: Engine | None = None
        self._config: EngineConfig | None = None
        self._lock = threading.Lock()

    def choice(self) -> EngineChoice:
        """The engine in force: the environment's, else the one chosen here, else extractive."""
        settings = self._settings
        if settings.engine != "auto":
            return EngineChoice(
                name=settings.engine,
                preset=settings.preset,
                base_url=settings.base_url,
                model=settings.model,
                context_length=settings.context_length,
                fixed=True,
            )
        saved = self._store.preferences.get(_PREFERENCE, default={})
        return replace(EngineChoice(), **saved)

    def choose(
        self,
        name: str,
        *,
        preset: str = "",
        base_url: str = "",
        model: str = "",
        context_length: int = 0,
        api_key: str | None = None,
    ) -> EngineChoice:
        """Use this engine from now on. A key of None keeps the one that is stored.

        Raises:
            InputError: If the environment fixes the engine, or there is none of this name.
        """
        if self._settings.engine != "auto":
            raise InputError("the engine is set in the environment (DOCQA_ENGINE)")
        if name not in CHOOSABLE:
            raise InputError(f"there is no engine {name!r} to choose")
        saved = {
            "name": name,
            "preset": preset,
            "base_url": base_url.strip(),
            "model": model.strip(),
            "context_length": context_length,
        }
        if api_key is not None:
            self._save_key(preset or base_url, api_key)
        self._store.preferences.set(_PREFERENCE, saved)
        return self.choice()

    def presets(self) -> tuple[Preset, ...]:
        """Servers that docqa knows how to reach."""
        return PRESETS

    def engine(self) -> Engine | None:
        """The engine in force, None for the extractive reader. Made once, while the choice stays.

        Raises:
            EngineError: If it cannot be made.
        """
        choice = self.choice()
        config = self._configuration(choice)
        with self._lock:
            if config != self._config:
                if self._engine is not None:
                    self._engine.close()
                self._engine = None
                self._config = None
            if choice.name == EXTRACTIVE:
                return None
            if self._engine is None:
                self._engine = create_engine(config, tokenizer, loading=self._loading)
                self._config = config
            return self._engine

    def health(self) -> EngineHealth:
        """How the engine in force is; never raises an `EngineError`."""
        try:
            engine = self.engine()
        except EngineError as error:
            return EngineHealth(ok=False, detail=str(error), hint=error.hint)
        if engine is None:
            return EngineHealth(ok=True, detail="Answers in quotes; needs no model.")
        return engine.health()

    def leaves_machine(self) -> bool:
        """Whether the engine in force runs on another machine."""
        engine = self.engine()
        return engine is not None and engine.leaves_machine

    def remote_allowed(self, workspace_id: int) -> bool:
        """Whether this workspace's documents may be sent to the engine in force."""
        allowed = self._store.preferences.get(_REMOTE, workspace_id, default=[])
        return self._address() in allowed

    def allow_remote(self, workspace_id: int) -> None:
        """Allow this workspace's documents to be sent to the engine in force."""
        allowed = self._store.preferences.get(_REMOTE, workspace_id, default=[])
        self._store.preferences.set(
            _REMOTE, sorted({*allowed, self._address()}), workspace_id=workspace_id
        )

    def check_remote(self, workspace_id: int) -> None:
        """Return if documents of this workspace may go where the engine is.

        Raises:
            EngineLeavesMachineError: If it is another machine and that was not allowed.
        """
        if self.leaves_machine() and not self.remote_allowed(workspace_id):
            raise EngineLeavesMachineError(
                self.choice().label, f"is on another machine ({self._address()})"
            )

    def server_info(self) -> ServerInfo | None:
        """What an SGLang server tells of itself, None for another engine or where it does not.

        Raises:
            EngineError: If it cannot be reached.
        """
        ask: Callable[[], ServerInfo | None] | None
        # Not by its class: importing that loads what chat templates need.
        ask = getattr(self.engine(), "server_info", None)
        return ask() if ask else None

    def salt(self, workspace_id: int) -> str:
        """What keeps this workspace's prefixes apart from others' in the engine's cache.

        With one user there is nobody to tell anything about; the cache is shared then.
        """
        mode = self._settings.cache_salt
        if mode == "off" or (mode == "auto" and self._store.audit.users() < 2):
            return ""
        secret = self._store.preferences.get(_SALT, default="")
        if not secret:
            secret = secrets.token_hex(16)
            self._store.preferences.set(_SALT, secret)
        return hashlib.sha256(f"{secret}:{workspace_id}".encode()).hexdigest()[:32]

    def recent(self, limit: int = 20) -> tuple[Answer, ...]:
        """The last questions, newest first."""
        return self._store.conversations.recent(None, limit)

    def close(self) -> None:
        """Give back what the engine holds."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
            self._engine = None
            self._config = None

    def _configuration(self, choice: EngineChoice) -> EngineConfig:
        address = self._address()
        key = self._settings.api_key or self._key(choice.preset or choice.base_url)
        if choice.name == "sglang" and not key and address == self._served_here():
            key = read_key(self._settings.home)
        return EngineConfig(
            name=choice.name,
            cache_path=self._settings.cache_path,
            preset=choice.preset,
            base_url=address if choice.name == "sglang" else choice.base_url,
            api_key=key,
            model=choice.model,
            context_length=choice.context_length,
            timeout_s=self._settings.engine_timeout_s,
        )

    def _loading(self) -> str:
        state = read_state(self._settings.home)
        if state.status not in ("starting", "loading", "restarting"):
            return ""
        if self._address() != state.base_url:
            return ""
        return f"the server is {state.status}" + (f": {state.detail}" if state.detail else "")

    def _served_here(self) -> str:
        """The address of the server that `docqa serve` looks after, empty if there is none."""
        state = read_state(self._settings.home)
        return state.base_url if state.running else ""

    def _address(self) -> str:
        choice = self.choice()
        if choice.name == "sglang":
            return choice.base_url or self._served_here() or DEFAULT_ADDRESS
        return choice.base_url or choice.preset

    def _key(self, address: str) -> str:
        return str(self._keys().get(address, "")) if address else ""

    def _keys(self) -> dict[str, Any]:
        if not self._keys_path.exists():
            return {}
        keys: dict[str, Any] = json.loads(self._keys_path.read_text(encoding="utf-8"))
        return keys

    def _save_key(self, address: str, key: str) -> None:
        """Keys lie beside the database in a file of the user's own (mode 0600), not in it."""
        keys = {**self._keys(), address: key}
        descriptor, name = tempfile.mkstemp(dir=self._settings.home, prefix=".keys")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(keys, file)
        Path(name).replace(self._keys_path)


def describe(choice: EngineChoice) -> dict[str, Any]:
    """The choice as plain values, for the command line and exports."""
    return asdict(choice)
