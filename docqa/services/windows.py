"""What goes into the window: the whole pack where it fits, else the best passages of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from docqa.core.answers import Mode
from docqa.core.packed import PackedPassage
from docqa.core.packing import (
    SegmentSource,
    break_special_tokens,
    head_chain,
    render_head,
    render_selection,
    segment_hash,
)
from docqa.core.prompts import TokenBudget
from docqa.engines.base import Engine, Prefix
from docqa.errors import ContextOverflowError
from docqa.services.evidence import Ranked
from docqa.services.segments import segment_source
from docqa.store.store import Store
from docqa.store.values import PackInfo, SegmentInfo
from docqa.tokenizers.base import Tokenizer

MAX_SELECTED = 400
"""Passages that are looked at to fill a window."""
LABEL_TOKENS = 16
"""Tokens of a passage's label, locator and line end, rounded up."""
LOWEST_MARGIN = 1.2
"""No vocabulary in use needs fewer than Llama 4's tokens divided by this."""
OPENING_TOKENS = 48
"""Tokens of a document's first and last line, rounded up."""
COUNTED_AT_ONCE = 256
"""Segments whose texts are in memory at the same time while they are counted."""
COUNT_MARGIN = 2.0
"""Another vocabulary needs at most this many times Llama 4's tokens (SmolLM2: 1.87 for Russian)."""


@dataclass(frozen=True, slots=True)
class Window:
    """What the model sees of a pack."""

    mode: Mode
    prefix: Prefix
    shown: tuple[PackedPassage, ...] | None
    """The passages in it; None when it is the whole pack."""
    reason: str
    """Why this mode, for people."""


class WindowBuilder:
    """Chooses between whole and select, and builds the prefix."""

    def __init__(self, store: Store, salt: Callable[[int], str]) -> None:
        """`salt` gives what keeps a workspace's cache apart, see `EngineService.salt`."""
        self._store = store
        self._salt = salt
        self._counted: dict[tuple[int, str], tuple[str, int]] = {}
        """By pack and tokenizer: the version that was counted last, and its tokens."""

    def pack_tokens(self, pack: PackInfo, tokenizer: Tokenizer, limit: int) -> int:
        """The pack's tokens as this tokenizer counts, at least whether they are above `limit`.

        Counts of segments are kept, and that of the version asked for last; what is far above or
        below the limit is not counted at all.
        """
        known = pack.token_count
        if tokenizer.name == pack.tokenizer:
            return known
        if known > limit * LOWEST_MARGIN:
            return known
        if known * COUNT_MARGIN < limit:
            return round(known * COUNT_MARGIN)
        counted, tokens = self._counted.get((pack.id, tokenizer.name), ("", 0))
        if counted != pack.hash:
            tokens = self._count(pack, tokenizer)
            self._counted[pack.id, tokenizer.name] = (pack.hash, tokens)
        return tokens

    def _count(self, pack: PackInfo, tokenizer: Tokenizer) -> int:
        counts = self.segment_tokens(pack, tokenizer)
        return tokenizer.count(render_head()) + sum(counts.values())

    def segment_tokens(self, pack: PackInfo, tokenizer: Tokenizer) -> dict[int, int]:
        """The tokens of all the pack's segments as this tokenizer counts, by segment id.

        Counted once for a tokenizer, a bounded number of texts at a time.
        """
        packs = self._store.packs
        counts = packs.token_counts(pack.id, tokenizer.name)
        missing = [each.id for each in packs.segments(pack.id) if each.id not in counts]
        for first in range(0, len(missing), COUNTED_AT_ONCE):
            batch = missing[first : first + COUNTED_AT_ONCE]
            texts = [packs.segment_text(segment_id) for segment_id in batch]
            new = dict(zip(batch, tokenizer.count_all(texts), strict=True))
            packs.save_token_counts(tokenizer.name, new)
            counts |= new
        return counts

    def whole(self, pack: PackInfo, tokens: int) -> Window:
        """The whole pack."""
        return Window("whole", self.prefix(pack, tokens), None, "the whole pack fits the window")

    def prefix(self, pack: PackInfo, tokens: int) -> Prefix:
        """The pack version as a prefix, its text read from the store when the engine asks."""

        def read_from(first: int) -> Iterator[str]:
            if first == 0:
                yield render_head()
            start = max(0, first - 1)
            yield from self._store.packs.iter_text(pack.id, pack.segment_count, start=start)

        return Prefix(
            pack.hash,
            tokens,
            pack.tokenizer,
            read_text=lambda: read_from(0),
            read_from=read_from,
            hashes=lambda: (head_chain(), *self._store.packs.chains(pack.id, pack.segment_count)),
            family=str(pack.id),
            salt=self._salt(pack.workspace_id),
        )

    def choose(
        self,
        pack: PackInfo,
        engine: Engine,
        budget: TokenBudget,
        *,
        mode: Mode,
    ) -> tuple[Mode, int]:
        """Whole or select, and the pack's tokens in this engine's count.

        Raises:
            ContextOverflowError: If whole is asked for and does not fit.
        """
        tokens = self.pack_tokens(pack, engine.tokenizer, budget.available)
        if tokens <= budget.available:
            return ("select" if mode == "select" else "whole"), tokens
        if mode == "whole":
            raise ContextOverflowError(engine.name, tokens, budget.available)
        return "select", tokens

    def select(
        self,
        pack: PackInfo,
        ranked: Sequence[Ranked],
        tokenizer: Tokenizer,
        available: int,
        *,
        reason: str,
    ) -> Window:
        """The best passages that fit, in the pack's order, with the pack's labels."""
        head = render_head()
        left = available - tokenizer.count(head)
        texts = [break_special_tokens(item.passage.passage.text) for item in ranked]
        chosen: list[PackedPassage] = []
        documents: set[int] = set()
        for item, tokens in zip(ranked, tokenizer.count_all(texts), strict=True):
            opening = 0 if item.passage.version_id in documents else OPENING_TOKENS
            if tokens + LABEL_TOKENS + opening > left:
                continue
            left -= tokens + LABEL_TOKENS + opening
            documents.add(item.passage.version_id)
            chosen.append(item.passage)
        chosen.sort(key=lambda packed: packed.label)
        text = head + self._render(pack, chosen)
        prefix = Prefix(
            hash=segment_hash(text),
            token_count=tokenizer.count(text),
            tokenizer=tokenizer.name,
            read_text=lambda: iter((text,)),
        )
        return Window("select", prefix, tuple(chosen), reason)

    def _render(self, pack: PackInfo, chosen: Sequence[PackedPassage]) -> str:
        segments = {segment.version_id: segment for segment in self._store.packs.segments(pack.id)}
        grouped: dict[int, list[PackedPassage]] = {}
        for packed in chosen:
            grouped.setdefault(packed.version_id, []).append(packed)
        return render_selection(
            [
                (
                    self._source(segments[version_id]),
                    [(packed.label, packed.passage) for packed in packeds],
                )
                for version_id, packeds in grouped.items()
            ]
        )

    def _source(self, segment: SegmentInfo) -> SegmentSource:
        version = self._store.documents.version(segment.version_id)
        return segment_source(
            version,
            segment.name,
            (),
            position=segment.segment.position,
            supersedes=segment.supersedes_position,
        )


def shrunk(budget: TokenBudget, limit: int) -> TokenBudget:
    """The budget with at most `limit` tokens for the corpus; 0 leaves it as it is."""
    if not limit or budget.available <= limit:
        return budget
    return replace(budget, whole_limit=limit)
