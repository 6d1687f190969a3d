"""What changed from one version of a document to another, sentence by sentence, with its places.

Passages are cut anew in each version, so sentences are compared, not passages: text that only moved
from one page or passage to the next has not changed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz import fuzz

from docqa.core.documents import Passage
from docqa.core.geometry import quote_lines, quote_page, quote_place
from docqa.core.sentences import split
from docqa.core.sequence_alignment import Pair, matches
from docqa.core.word_changes import Piece, pieces, words

ChangeKind = Literal["added", "removed", "changed", "moved"]
MOST_CHANGES = 2_000
LEAST_ALIKE = 50.0
"""Percent of the characters: sentences that are less alike are two changes."""
MOST_PAIRED = 40_000
"""Product of the lengths of two gaps in which sentences are paired by likeness."""
MOST_PAIRED_IN_ALL = 2_000_000
"""The same over all gaps; what comes later is told as removed and added."""
MOVED_WORDS = 4
"""Shorter sentences are not followed to another place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand in a version."""

    ordinal: int
    """Of the passage."""
    start: int
    end: int
    """Characters of the passage's text."""
    text: str
    heading: str
    page: int | None
    lines: tuple[int, int] | None
    place: str
    """Of a file without pages and lines: `slide 3`; else empty."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not in both versions, or not at the same place."""

    kind: ChangeKind
    before: Place | None
    """None for what was added."""
    after: Place | None
    """None for what was removed."""
    pieces: tuple[Piece, ...] = ()
    """Of what changed, word by word."""


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """How the newer of two versions differs from the older one."""

    changes: tuple[Change, ...]
    """In the order of the text, at most `MOST_CHANGES`."""
    counts: dict[ChangeKind, int]
    """Of all changes."""
    same: int
    """Sentences that stand in both."""
    before: int
    after: int
    """Sentences of each."""

    @property
    def total(self) -> int:
        """How many changes there are, those among them that are not listed."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class _Sentence:
    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


def changes_between(before: Sequence[Passage], after: Sequence[Passage]) -> VersionChanges:
    """What changed, given the passages of the older and of the newer version."""
    one, other = list(_sentences(before)), list(_sentences(after))
    keys, newer = [_key(each.text) for each in one], [_key(each.text) for each in other]
    same = matches(keys, newer)
    found: list[_Step] = []
    at, to, left = 0, 0, MOST_PAIRED_IN_ALL
    for i, j in [*same, (len(one), len(other))]:
        cost = (i - at) * (j - to)
        left -= cost if cost <= MOST_PAIRED else 0
        found += _gap(one[at:i], other[to:j], paired=0 < cost <= MOST_PAIRED and left >= 0)
        at, to = i + 1, j + 1
    changes = list(_joined(_moved(found)))
    counts: Counter[ChangeKind] = Counter(step.kind for step in changes)
    listed = tuple(_change(step) for step in changes[:MOST_CHANGES])
    return VersionChanges(listed, dict(counts), len(same), len(one), len(other))


@dataclass(frozen=True, slots=True)
class _Step:
    kind: ChangeKind
    before: _Sentence | None
    after: _Sentence | None


def _sentences(passages: Sequence[Passage]) -> Iterator[_Sentence]:
    for passage in passages:
        for start, end in split(passage.text):
            yield _Sentence(passage, start, end)


def _key(text: str) -> str:
    """Equal for sentences that differ in white space alone."""
    return " ".join(text.split())


def _gap(one: Sequence[_Sentence], other: Sequence[_Sentence], *, paired: bool) -> Iterator[_Step]:
    """What became of sentences between two that stayed."""
    if one and other and _run(one) == _run(other):
        return  # cut elsewhere, nothing more
    at, to = 0, 0
    alike = _alike(one, other) if paired else []
    for i, j in [*alike, (len(one), len(other))]:
        yield from (_Step("removed", each, None) for each in one[at:i])
        yield from (_Step("added", None, each) for each in other[to:j])
        if i < len(one):
            yield _Step("changed", one[i], other[j])
        at, to = i + 1, j + 1


def _run(sentences: Sequence[_Sentence]) -> str:
    return "".join("".join(sentence.text.split()) for sentence in sentences)


def _alike(one: Sequence[_Sentence], other: Sequence[_Sentence]) -> list[Pair]:
    """Sentences that are most like each other, in order: the pairs with the highest sum."""
    best = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    scores: dict[Pair, float] = {}
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(other) - 1, -1, -1):
            score = fuzz.ratio(one[i].text, other[j].text, score_cutoff=LEAST_ALIKE)
            paired = 0.0
            if score:
                scores[i, j] = score
                paired = score + best[i + 1][j + 1]
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    found: list[Pair] = []
    i, j = 0, 0
    while i < len(one) and j < len(other):
        score = scores.get((i, j), 0.0)
        if score and best[i][j] == score + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _moved(steps: list[_Step]) -> Iterator[_Step]:
    """Sentences that went at one place and came at another are one change."""
    gone = _once(step.before for step in steps if step.kind == "removed")
    come = _once(step.after for step in steps if step.kind == "added")
    both = gone.keys() & come.keys()
    for step in steps:
        if step.kind == "removed" and step.before and _key(step.before.text) in both:
            continue
        if step.kind == "added" and step.after and (key := _key(step.after.text)) in both:
            yield _Step("moved", gone[key], step.after)
            continue
        yield step


def _once(sentences: "Iterator[_Sentence | None]") -> dict[str, _Sentence]:
    """Sentences of some length that are there once, by what they say."""
    kept = [each for each in sentences if each is not None]
    counts = Counter(_key(each.text) for each in kept)
    return {
        key: each
        for each in kept
        if counts[key := _key(each.text)] == 1 and len(words(key)) >= MOVED_WORDS
    }


def _joined(steps: Iterator[_Step]) -> Iterator[_Step]:
    """Neighbours in one passage that were added, removed or moved together, as one."""
    last: _Step | None = None
    for step in steps:
        if last is not None and _together(last, step):
            last = replace(
                last, before=_up_to(last.before, step.before), after=_up_to(last.after, step.after)
            )
            continue
        if last is not None:
            yield last
        last = step
    if last is not None:
        yield last


def _together(one: _Step, other: _Step) -> bool:
    return (
        one.kind == other.kind != "changed"
        and _follows(one.before, other.before)
        and _follows(one.after, other.after)
    )


def _follows(one: _Sentence | None, other: _Sentence | None) -> bool:
    """Whether nothing but white space is between them; also where there is neither."""
    if one is None or other is None:
        return one is other
    return (
        one.passage.ordinal == other.passage.ordinal
        and not one.passage.text[one.end : other.start].strip()
        and one.end <= other.start
    )


def _up_to(one: _Sentence | None, other: _Sentence | None) -> _Sentence | None:
    return one and other and replace(one, end=other.end)


def _change(step: _Step) -> Change:
    told: tuple[Piece, ...] = ()
    if step.kind == "changed" and step.before and step.after:
        told = pieces(step.before.text, step.after.text)
    return Change(step.kind, _place(step.before), _place(step.after), told)


def _place(sentence: _Sentence | None) -> Place | None:
    if sentence is None:
        return None
    passage, start, end = sentence.passage, sentence.start, sentence.end
    return Place(
        ordinal=passage.ordinal,
        start=start,
        end=end,
        text=sentence.text,
        heading=passage.heading,
        page=quote_page(passage, start, end),
        lines=quote_lines(passage, start, end),
        place=quote_place(passage, start, end),
    )
