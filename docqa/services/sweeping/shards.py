"""The shards of a pack as an engine reads them: prefixes of their own, each the same every time."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from docqa.core.packing import (
    OMISSION,
    Segment,
    SegmentSource,
    break_special_tokens,
    render_head,
    render_passage,
    render_selection,
)
from docqa.core.sharding import PassageTokens, Piece, Shard, cut
from docqa.engines.base import Prefix
from docqa.services.segments import segment_source
from docqa.services.windows import WindowBuilder
from docqa.store.store import Store
from docqa.store.values import PackInfo, SegmentInfo
from docqa.tokenizers.base import Tokenizer

SESSION_TOKENS = 65_536
"""Shards of at least so many tokens are kept as sessions on the server, so that a question need not
carry them; smaller ones are sent each time and found in its cache."""
_PLANS = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """How a pack version is cut for an engine."""

    pack: PackInfo
    limit: int
    """Tokens of a shard, head included."""
    tokenizer: str
    shards: tuple[Shard, ...]
    segments: tuple[SegmentInfo, ...]
    """Of the whole pack, by position."""

    @property
    def whole(self) -> bool:
        """Whether one shard is all of the pack."""
        return len(self.shards) == 1 and self.shards[0].hash == self.pack.hash

    def versions(self, shard: Shard) -> list[int]:
        """The document versions that have passages in a shard, in order."""
        return [
            self.segments[piece.position].version_id
            for piece in shard.pieces
            if piece.passage_count
        ]

    def documents(self, shard: Shard, live: frozenset[int] | None = None) -> frozenset[int]:
        """The documents that have passages in a shard; of these versions only, if given."""
        found = (self.segments[piece.position] for piece in shard.pieces if piece.passage_count)
        return frozenset(
            each.document_id for each in found if live is None or each.version_id in live
        )


class ShardPlanner:
    """Cuts packs, and remembers how. Threads may share it."""

    def __init__(self, store: Store, salt: Callable[[int], str]) -> None:
        """`salt` gives what keeps a workspace's cache apart, see `EngineService.salt`."""
        self._store = store
        self._salt = salt
        self._windows = WindowBuilder(store, salt)
        self._plans: OrderedDict[tuple[str, str, int], Plan] = OrderedDict()
        self._lock = threading.Lock()

    def plan(self, pack: PackInfo, tokenizer: Tokenizer, limit: int) -> Plan:
        """The pack in shards of at most so many of this tokenizer's tokens, head included."""
        key = (pack.hash, tokenizer.name, limit)
        with self._lock:
            known = self._plans.get(key)
            if known is not None and known.pack.id == pack.id:
                self._plans.move_to_end(key)
                return known
        plan = self._made(pack, tokenizer, limit)
        with self._lock:
            self._plans[key] = plan
            while len(self._plans) > _PLANS:
                self._plans.popitem(last=False)
        return plan

    def _made(self, pack: PackInfo, tokenizer: Tokenizer, limit: int) -> Plan:
        segments = self._store.packs.segments(pack.id)[: pack.segment_count]
        counts = self._windows.segment_tokens(pack, tokenizer)
        counted = [replace(each.segment, token_count=counts[each.id]) for each in segments]

        def passages(segment: Segment) -> PassageTokens:
            return self._passage_tokens(segments[segment.position], tokenizer)

        head = tokenizer.count(render_head())
        shards = cut(head, counted, limit, passages)
        return Plan(pack, limit, tokenizer.name, shards, segments)

    def prefix(self, plan: Plan, shard: Shard) -> Prefix:
        """A shard as a prefix, its text read from the store when the engine asks."""
        pack = plan.pack
        if plan.whole:
            return self._windows.prefix(pack, shard.tokens)

        def read_from(first: int) -> Iterator[str]:
            if first == 0:
                yield render_head()
            yield from self._texts(plan, shard.pieces[max(0, first - 1) :])

        kept = shard.tokens >= SESSION_TOKENS
        return Prefix(
            shard.hash,
            shard.tokens,
            plan.tokenizer,
            read_text=lambda: read_from(0),
            read_from=read_from,
            hashes=lambda: shard.hashes,
            # Begins as the pack's family does: what forgets the pack forgets its shards.
            family=f"{pack.id}-shard{shard.number}" if kept else "",
            salt=self._salt(pack.workspace_id),
        )

    def _texts(self, plan: Plan, pieces: Sequence[Piece]) -> Iterator[str]:
        numbered = enumerate(pieces)
        # Segments that follow one another are read together.
        for run, group in groupby(numbered, lambda at: (at[1].whole, at[1].position - at[0])):
            found = [piece for _, piece in group]
            if run[0]:
                stop = found[-1].position + 1
                yield from self._store.packs.iter_text(plan.pack.id, stop, start=found[0].position)
            else:
                yield from (self._part(plan, piece) for piece in found)

    def _part(self, plan: Plan, piece: Piece) -> str:
        """Some passages of a document; the same bytes each time."""
        segment = plan.segments[piece.position]
        labels = list(piece.labels)
        passages = self._store.packs.passages(plan.pack.id, labels)
        shown = [(label, passages[label].passage) for label in labels if label in passages]
        return render_selection([(self._source(segment), shown)])

    def _source(self, segment: SegmentInfo) -> SegmentSource:
        return segment_source(
            self._store.documents.version(segment.version_id),
            segment.name,
            (),
            position=segment.segment.position,
            supersedes=segment.supersedes_position,
        )

    def _passage_tokens(self, segment: SegmentInfo, tokenizer: Tokenizer) -> PassageTokens:
        passages = self._store.rendering.passages([segment.version_id])[segment.version_id]
        first = segment.segment.first_label
        lines = [
            break_special_tokens(render_passage(label, passage))
            for label, passage in enumerate(passages, first)
        ]
        frame = tokenizer.count(render_selection([(self._source(segment), [])]))
        return PassageTokens(frame + tokenizer.count(OMISSION), tokenizer.count_all(lines))


def within(plan: Plan, live: frozenset[int]) -> tuple[Shard, ...]:
    """The shards that have passages of these versions."""
    return tuple(shard for shard in plan.shards if not live.isdisjoint(plan.versions(shard)))
