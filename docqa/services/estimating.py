"""Estimating: what a question asked now would meet, before it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from docqa.core.answers import Mode
from docqa.engines.base import Engine
from docqa.engines.sglang.server_info import ServerInfo
from docqa.errors import DocqaError
from docqa.services.cache_states import NO_CACHE, CacheStates, PackCache
from docqa.services.engines import EngineService
from docqa.services.patience import Patience
from docqa.services.prompting import budget_of
from docqa.services.publishing import Publisher
from docqa.services.sweeping.estimates import SweepEstimate, SweepEstimator
from docqa.settings import Settings
from docqa.store.store import Store

ESTIMATE_MARGIN = 1.3
"""Another vocabulary may need so many times the pack's tokens."""


@dataclass(frozen=True, slots=True)
class AskEstimate:
    """What a question asked now would meet."""

    documents: int
    documents_in_scope: int
    tokens: int
    """Of the documents in scope."""
    engine: str
    window: int = 0
    """Tokens of the engine's window; 0 without a model."""
    mode: Mode = "select"
    pack_cache: PackCache = NO_CACHE
    error: str = ""

    @property
    def cache(self) -> str:
        """`none`, `unknown`, `cold`, `warming` or `hot`."""
        return self.pack_cache.level

    @property
    def ttft_s(self) -> float | None:
        """Seconds to the first token, by what was measured; None where nothing was."""
        return self.pack_cache.ttft_s

    def scope_sentence(self, *, everything: bool = False) -> str:
        """What of the documents the question is about and how it is asked.

        With `everything` they are to be looked through in parts.
        """
        said = f"{self.documents_in_scope:,} of {self.documents:,} documents"
        if self.error:
            return f"In scope: {said}. {self.error}"
        if everything:
            return f"{said}, {self.tokens:,} tokens: all of them are read, in parts"
        if not self.window:
            return f"In scope: {said}, {self.tokens:,} tokens; answers in quotes, no model"
        if self.mode != "whole":
            return (
                f"{said}, {self.tokens:,} tokens: more than the window of {self.window:,} takes; "
                "the best passages are sent"
            )
        return f"In the window: {said}, {self.tokens:,} of {self.window:,} tokens"

    def sentence(self) -> str:
        """All of it in one line."""
        if self.cache == "none":
            return self.scope_sentence()
        return f"{self.scope_sentence()}, cache {self.pack_cache.sentence()}"


@dataclass(frozen=True, slots=True)
class Window:
    """An engine's window, in tokens."""

    tokens: int
    available: int
    """For documents."""
    exact: bool
    """Whether the engine's tokens can be counted here."""


class EstimatingService:
    """Says what asking would meet and cost; the engine is asked for nothing but its window."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        engines: EngineService,
        publisher: Publisher,
        states: CacheStates,
    ) -> None:
        self._patience = Patience()
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher
        self._states = states
        self._sweeps = SweepEstimator(settings, store, engines, publisher)

    def estimate(self, workspace_id: int, scope: Sequence[int] = ()) -> AskEstimate:
        """What a question asked now would meet.

        A remote engine is not asked at all before it is allowed for this workspace.
        """
        documents, tokens = self._store.documents.totals(workspace_id)
        chosen = (documents, tokens)
        if scope:
            chosen = self._store.documents.totals(workspace_id, scope)
        met = AskEstimate(documents, *chosen, engine=self._engines.choice().label)
        try:
            engine = self._allowed_engine(workspace_id)
            if engine is None:
                return met
            window = self._window(engine).tokens
            cache = self._cache(workspace_id, engine)
        except DocqaError as error:
            return replace(met, error=str(error))
        mode: Mode = "select" if cache.level == "none" else "whole"
        return replace(met, window=window, mode=mode, pack_cache=cache)

    def sweep(
        self, workspace_id: int, scope: Sequence[int] = (), question: str = ""
    ) -> SweepEstimate:
        """What looking through everything would cost; cutting a new pack can take seconds.

        Raises:
            EngineLeavesMachineError: If the engine is remote and this workspace not allowed to.
            ContextOverflowError: If the engine's window is too small.
            EngineError: If the engine has to be asked for its window and does not answer.
        """
        return self._sweeps.estimate(workspace_id, scope, question)

    def window(self, workspace_id: int) -> int:
        """Tokens of the engine's window; 0 without one, and where it cannot be asked."""
        try:
            engine = self._allowed_engine(workspace_id)
            return self._window(engine).tokens if engine else 0
        except DocqaError:
            return 0

    def cache(self, workspace_id: int) -> PackCache:
        """Where the workspace's pack stands in the engine's cache.

        Raises:
            DocqaError: If the engine cannot be reached, or is remote and not allowed.
        """
        engine = self._allowed_engine(workspace_id)
        return self._cache(workspace_id, engine) if engine else NO_CACHE

    def server_info(self, workspace_id: int) -> ServerInfo | None:
        """What an SGLang server tells of itself, None for another engine.

        Raises:
            DocqaError: If the engine cannot be reached, or is remote and not allowed.
        """
        engine = self._allowed_engine(workspace_id)
        if engine is None:
            return None
        return self._patience.ask(engine, "server_info", self._engines.server_info)

    def _allowed_engine(self, workspace_id: int) -> Engine | None:
        self._engines.check_remote(workspace_id)
        return self._engines.engine()

    def _cache(self, workspace_id: int, engine: Engine) -> PackCache:
        window = self._window(engine)
        pack = self._publisher.pack(workspace_id)
        margin = 1.0 if window.exact else ESTIMATE_MARGIN
        if pack.token_count * margin > window.available:
            return NO_CACHE
        return self._states.state(pack, engine)

    def _window(self, engine: Engine) -> Window:
        """What the engine has to be asked for, all at once."""

        def ask() -> Window:
            available = budget_of(self._settings, engine).available
            return Window(engine.context_length, available, engine.tokenizer.exact)

        return self._patience.ask(engine, "window", ask)
