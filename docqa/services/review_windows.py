"""What the model sees of a pack while a review is worked off.

The whole pack where it fits: one prefix for all cells. Else a document alone, which is one prefix
for all of its cells. Else the passages that rank best for the requirement.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from docqa.core.checklists import Checklist
from docqa.core.judging import max_tokens_for, schema_for
from docqa.core.packing import chain, head_chain, render_head
from docqa.core.prompts import TokenBudget
from docqa.core.review_prompts import render_review_tail
from docqa.engines.base import Engine, Prefix
from docqa.errors import ContextOverflowError, StaleError
from docqa.services.evidence import Ranked
from docqa.services.windows import Window, WindowBuilder
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import PackInfo, SegmentInfo

SCOPE_TOKENS = 96
"""Tokens of the line that names the document, rounded up."""
SCOPES_TOKENS = 640
"""The same where several may be named."""
RETRY_TOKENS = 96
"""Tokens of what was wrong with an answer, rounded up."""
HINTS = 3
MOST_HINT_TOKENS = 1_024


@dataclass(frozen=True, slots=True)
class ReviewBudget:
    """How the window is divided, for all cells of a review alike, so that they share a prefix."""

    tokens: TokenBudget
    hints: int
    """Tokens for hints; none if 0."""


def review_budget(
    settings: Settings, engine: Engine, checklist: Checklist, *, scopes: bool
) -> ReviewBudget:
    """The budget that the longest of the requirements needs; `scopes` if documents are listed.

    Raises:
        EngineError: If the engine has to be asked for its window and does not answer.
    """
    window = engine.context_length
    tails = [render_review_tail(requirement) for requirement in checklist.requirements]
    hints = min(MOST_HINT_TOKENS, window // 8) if settings.hints else 0
    scope = SCOPES_TOKENS if scopes else SCOPE_TOKENS
    tokens = TokenBudget(
        context_length=window,
        reserved_for_answer=max(
            answer_tokens(schema_for(requirement), window) for requirement in checklist.requirements
        ),
        reserved_for_question=max(engine.tokenizer.count_all(tails)) + scope + RETRY_TOKENS + hints,
        whole_limit=settings.whole_limit,
    )
    return ReviewBudget(tokens, hints)


def answer_tokens(schema: dict[str, object], window: int) -> int:
    """The most tokens that an answer may have.

    As many as the schema allows at all. Where that is more than a quarter of a small window: as
    many as it allows without escapes, but never more than half.
    """
    plain = max_tokens_for(schema, bytes_per_character=4)
    return min(max_tokens_for(schema), max(plain, window // 4), window // 2)


class ReviewWindows:
    """The windows of one review on one version of a pack. Threads may share it."""

    def __init__(
        self,
        store: Store,
        builder: WindowBuilder,
        engine: Engine,
        pack: PackInfo,
        budget: TokenBudget,
    ) -> None:
        """Raise an `EngineError` if the engine has to be asked for its window and is silent."""
        self._store = store
        self._builder = builder
        self._tokenizer = engine.tokenizer
        self._engine = engine.name
        self._pack = pack
        self._budget = budget
        mode, self._needed = builder.choose(pack, engine, budget, mode="auto")
        self._whole = builder.whole(pack, self._needed) if mode == "whole" else None
        self._segments = {segment.version_id: segment for segment in store.packs.segments(pack.id)}
        self._alone: dict[int, Window | None] = {}

    def number(self, version_id: int) -> int:
        """What the model knows the document by, from 1.

        Raises:
            StaleError: If this version of the pack does not have it.
        """
        return self._segment(version_id).segment.position + 1

    def window(self, version_id: int, rank: Callable[[], Sequence[Ranked]]) -> Window:
        """The window for a cell about this version, 0 for the whole workspace.

        Raises:
            ContextOverflowError: If not even one passage fits.
            StaleError: If the pack is not, or no longer, the one that has this version.
        """
        if self._whole is not None:
            return self._whole
        alone = self._document(version_id) if version_id else None
        if alone is not None:
            return alone
        available = self._budget.available
        reason = f"the pack needs {self._needed:,} tokens, the window leaves {available:,}"
        if version_id:
            reason += ", too few for the document alone"
        window = self._builder.select(self._pack, rank(), self._tokenizer, available, reason=reason)
        if not window.shown:
            raise ContextOverflowError(self._engine, self._needed, available)
        return window

    def _document(self, version_id: int) -> Window | None:
        """The window that shows this version alone, None if it does not fit."""
        if version_id not in self._alone:
            segment = self._segment(version_id)
            tokens = self._pack.head_tokens + self._tokens(segment)
            fits = tokens <= self._budget.available
            self._alone[version_id] = self._showing(segment, tokens) if fits else None
        return self._alone[version_id]

    def _showing(self, segment: SegmentInfo, tokens: int) -> Window:
        prefix = Prefix(
            hash=chain(head_chain(), segment.segment.hash),
            token_count=tokens,
            tokenizer=self._tokenizer.name,
            read_text=lambda: iter((render_head(), self._store.packs.segment_text(segment.id))),
        )
        reason = (
            f"the document alone: the pack needs {self._needed:,} tokens, the window leaves"
            f" {self._budget.available:,}"
        )
        return Window("whole", prefix, None, reason)

    def _segment(self, version_id: int) -> SegmentInfo:
        segment = self._segments.get(version_id)
        if segment is None:
            raise StaleError("the document has another version than the pack")
        return segment

    def _tokens(self, segment: SegmentInfo) -> int:
        if self._tokenizer.name == self._pack.tokenizer:
            return segment.segment.token_count
        counts = self._store.packs.token_counts(self._pack.id, self._tokenizer.name)
        if segment.id not in counts:
            text = self._store.packs.segment_text(segment.id)
            counts[segment.id] = self._tokenizer.count(text)
            self._store.packs.save_token_counts(
                self._tokenizer.name, {segment.id: counts[segment.id]}
            )
        return counts[segment.id]
