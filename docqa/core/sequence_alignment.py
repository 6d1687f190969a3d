"""Which members of two long sequences stand for each other, in order: a patience diff.

What occurs once in both anchors the rest, so that time and memory stay bounded where a sequence is
long; between two anchors the longest common subsequence is found.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import LCSseq

Pair = tuple[int, int]
"""Positions in the one and in the other sequence."""
MOST_COMPARED = 50_000_000
"""Product of the lengths of two gaps; a bit each. Beyond, nothing in them is paired."""


def matches(before: Sequence[str], after: Sequence[str]) -> list[Pair]:
    """Pairs of equal members, ascending in both positions."""
    numbers: dict[str, int] = {}
    one = [numbers.setdefault(each, len(numbers)) for each in before]
    other = [numbers.setdefault(each, len(numbers)) for each in after]
    found: list[Pair] = []
    pending = [(0, len(one), 0, len(other))]
    while pending:
        start, end, first, last = pending.pop()
        while start < end and first < last and one[start] == other[first]:
            found.append((start, first))
            start, first = start + 1, first + 1
        while start < end and first < last and one[end - 1] == other[last - 1]:
            end, last = end - 1, last - 1
            found.append((end, last))
        if start == end or first == last:
            continue
        anchors = _anchors(one, other, (start, end, first, last))
        if anchors:
            pending += _gaps(anchors, (start, end, first, last))
            found += anchors
        elif (end - start) * (last - first) <= MOST_COMPARED:
            found += _common(one[start:end], other[first:last], start, first)
    return sorted(found)


_Gap = tuple[int, int, int, int]
"""From and to in the one, from and to in the other."""


def _anchors(one: Sequence[int], other: Sequence[int], gap: _Gap) -> list[Pair]:
    """The longest ascending row of members that occur once in both parts."""
    start, end, first, last = gap
    counts = Counter(one[start:end])
    others = Counter(other[first:last])
    at = {other[n]: n for n in range(first, last) if others[other[n]] == 1}
    pairs = [(n, at[one[n]]) for n in range(start, end) if counts[one[n]] == 1 and one[n] in at]
    return _ascending(pairs)


def _ascending(pairs: Sequence[Pair]) -> list[Pair]:
    """The longest part of the pairs, which ascend in the first, that ascends in the second too."""
    tails: list[int] = []
    indices: list[int] = []
    before: list[int] = []
    for number, (_, position) in enumerate(pairs):
        place = bisect_left(tails, position)
        before.append(indices[place - 1] if place else -1)
        tails[place : place + 1] = [position]
        indices[place : place + 1] = [number]
    found: list[Pair] = []
    number = indices[-1] if indices else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _gaps(anchors: Sequence[Pair], around: _Gap) -> Iterator[_Gap]:
    start, end, first, last = around
    for one, other in anchors:
        yield start, one, first, other
        start, first = one + 1, other + 1
    yield start, end, first, last


def _common(one: Sequence[int], other: Sequence[int], start: int, first: int) -> Iterator[Pair]:
    for step in LCSseq.opcodes(one, other):
        if step.tag == "equal":
            for offset in range(step.src_end - step.src_start):
                yield start + step.src_start + offset, first + step.dest_start + offset
