"""A pack that is larger than the window, cut into shards that fit.

Cutting is greedy and in the pack's order: what is appended to a pack can change its last shard, by
appending to it, and no shard before that. So shards stay in an engine's cache as the pack grows.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from docqa.core.packing import Segment, chain, head_chain


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment of the pack, or some of its passages in order."""

    position: int
    """The segment's, 0-based."""
    hash: str
    """Names the piece's bytes: the segment's own hash where it is all of it."""
    tokens: int
    first_label: int
    passage_count: int
    first_ordinal: int = 0
    """Of its first passage in the document."""
    whole: bool = True

    @property
    def labels(self) -> range:
        """The labels of its passages, in order."""
        return range(self.first_label, self.first_label + self.passage_count)


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a pack that an engine reads at once: the head, then these pieces."""

    number: int
    """From 1, in the pack's order."""
    pieces: tuple[Piece, ...]
    tokens: int
    """With the head. More than the limit only where a single passage is."""

    @property
    def hashes(self) -> tuple[str, ...]:
        """What the shard is called after the head and after each of its pieces.

        A shard that begins with the pack is called what the pack was called at that length.
        """
        names = [head_chain()]
        for piece in self.pieces:
            names.append(chain(names[-1], piece.hash))
        return tuple(names)

    @property
    def hash(self) -> str:
        """Names the shard's bytes, 64 hexadecimal digits."""
        return self.hashes[-1]

    @property
    def passages(self) -> int:
        """How many passages it has."""
        return sum(piece.passage_count for piece in self.pieces)

    @property
    def labels(self) -> range:
        """From its first label to its last; some may be of no passage of it."""
        return range(self.pieces[0].first_label, self.pieces[-1].labels.stop)


@dataclass(frozen=True, slots=True)
class PassageTokens:
    """What a part of a segment costs."""

    frame: int
    """Tokens of the lines around the passages."""
    each: Sequence[int]
    """Tokens of the passages, with their labels, in order."""


def cut(
    head_tokens: int,
    segments: Sequence[Segment],
    limit: int,
    passages: Callable[[Segment], PassageTokens],
) -> tuple[Shard, ...]:
    """The pack in shards of at most `limit` tokens, head included.

    `segments` have their tokens as the engine counts them. `passages` is asked about segments that
    are larger than a shard: these are cut between passages. Such a segment without passages, the
    map of a codebase, is left out: nothing of it could be cited. Every passage of the pack is in
    exactly one shard, in order.
    """
    cutter = _Cutter(max(0, limit - head_tokens))
    for segment in segments:
        if segment.token_count <= cutter.room:
            cutter.add(_all_of(segment))
        elif segment.passage_count:
            cutter.split(segment, passages(segment))
    return tuple(
        Shard(number, pieces, head_tokens + sum(piece.tokens for piece in pieces))
        for number, pieces in enumerate(cutter.finished(), 1)
    )


class _Cutter:
    """Fills shards, one after the other."""

    def __init__(self, room: int) -> None:
        self.room = room
        """Tokens that a shard has beside the head."""
        self._left = room
        self._pieces: list[Piece] = []
        self._shards: list[tuple[Piece, ...]] = []

    def add(self, piece: Piece) -> None:
        """Put it into the shard that is being filled, or into the next one."""
        if piece.tokens > self._left:
            self._close()
        self._pieces.append(piece)
        self._left -= piece.tokens

    def split(self, segment: Segment, costs: PassageTokens) -> None:
        """Put its passages into as many shards as they need, beginning in what is left of one."""
        first, tokens = 0, costs.frame
        for ordinal, cost in enumerate(costs.each):
            if tokens + cost > self._left and (ordinal > first or self._pieces):
                if ordinal > first:
                    self.add(_part_of(segment, first, ordinal, tokens))
                self._close()
                first, tokens = ordinal, costs.frame
            tokens += cost
        self.add(_part_of(segment, first, len(costs.each), tokens))

    def finished(self) -> Iterator[tuple[Piece, ...]]:
        """The shards, the last one as far as it is filled."""
        yield from self._shards
        if self._pieces:
            yield tuple(self._pieces)

    def _close(self) -> None:
        if self._pieces:
            self._shards.append(tuple(self._pieces))
        self._pieces, self._left = [], self.room


def _all_of(segment: Segment) -> Piece:
    return Piece(
        segment.position,
        segment.hash,
        segment.token_count,
        segment.first_label,
        segment.passage_count,
    )


def _part_of(segment: Segment, first: int, stop: int, tokens: int) -> Piece:
    # The passages' text follows from the segment's, so this names the part's bytes.
    name = hashlib.sha256(f"{segment.hash}:{first}:{stop}".encode("ascii")).hexdigest()
    return Piece(
        segment.position,
        name,
        tokens,
        segment.first_label + first,
        stop - first,
        first_ordinal=first,
        whole=False,
    )
