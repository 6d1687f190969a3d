"""Estimating: what a question asked now would meet, before it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from docqa.core.answers import Mode
from docqa.errors import DocqaError
from docqa.services.engines import EngineService
from docqa.services.evidence import in_scope
from docqa.services.generation import budget_of
from docqa.services.publishing import Publisher
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import PackInfo

HOT_TTFT_ANSWERS = 20
"""How many recent answers are looked at to tell whether a pack is in the engine's cache."""


@dataclass(frozen=True, slots=True)
class AskEstimate:
    """What a question asked now would meet."""

    documents: int
    documents_in_scope: int
    tokens: int
    """Of the documents in scope."""
    window: int
    """Tokens of the engine's window; 0 without a model."""
    mode: Mode
    cache: Literal["none", "cold", "hot"]
    ttft_s: float | None
    engine: str
    error: str = ""

    def sentence(self) -> str:
        """The line under the composer."""
        said = f"{self.documents_in_scope:,} of {self.documents:,} documents"
        if self.error:
            return f"In scope: {said}. {self.error}"
        if not self.window:
            return f"In scope: {said}, {self.tokens:,} tokens; answers in quotes, no model"
        if self.mode != "whole":
            return (
                f"{said}, {self.tokens:,} tokens: more than the window of {self.window:,} takes; "
                "the best passages are sent"
            )
        first = "" if self.ttft_s is None else f", first token in about {self.ttft_s:,.1f} s"
        used = f"{self.tokens:,} of {self.window:,} tokens"
        return f"In the window: {said}, {used}, cache {self.cache}{first}"


class EstimatingService:
    """Says what asking would meet and cost."""

    def __init__(
        self, settings: Settings, store: Store, engines: EngineService, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher

    def estimate(self, workspace_id: int, scope: Sequence[int] = ()) -> AskEstimate:
        """What a question asked now would meet; asks the engine for nothing but its window.

        A remote engine is not asked at all before it is allowed for this workspace.
        """
        everything = in_scope(self._store.documents.all(workspace_id), ())
        documents = in_scope(everything, scope)
        choice = self._engines.choice()
        tokens = sum(document.tokens for document in documents)
        window, mode, error = 0, "select", ""
        cache: Literal["none", "cold", "hot"] = "none"
        ttft: float | None = None
        try:
            self._engines.check_remote(workspace_id)
            engine = self._engines.engine()
            if engine is not None:
                window = engine.context_length
                budget = budget_of(self._settings, engine)
                pack = self._publisher.pack(workspace_id)
                fits = pack.token_count * (1 if engine.tokenizer.exact else 1.3)
                mode = "whole" if fits <= budget.available else "select"
                cache, ttft = self._cache_state(workspace_id, pack, mode)
        except DocqaError as failure:
            error = f"{failure}"
        return AskEstimate(
            documents=len(everything),
            documents_in_scope=len(documents),
            tokens=tokens,
            window=window,
            mode="whole" if mode == "whole" else "select",
            cache=cache,
            ttft_s=ttft,
            engine=choice.label,
            error=error,
        )

    def _cache_state(
        self, workspace_id: int, pack: PackInfo, mode: str
    ) -> tuple[Literal["none", "cold", "hot"], float | None]:
        """Whether the last answer over this pack version found it cached, and its first token."""
        if mode != "whole":
            return "none", None
        for answer in self._store.conversations.recent(workspace_id, HOT_TTFT_ANSWERS):
            used = answer.usage
            if answer.pack == pack.hash and answer.mode == "whole" and used.prompt_tokens:
                share = (used.cached_tokens or 0) / used.prompt_tokens
                return ("hot", answer.ttft_s) if share > 0.5 else ("cold", answer.ttft_s)
        return "cold", None
