"""Finding a string or a pattern in the texts themselves, to the line."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from docqa.core.ranking import is_auxiliary
from docqa.core.text_patterns import TextPattern
from docqa.store.scanning import LiveFile, PassageText, TextScan

MOST_CHARACTERS = 60_000_000
"""Of texts that are read one by one: a search that nothing narrows ends there."""
_MOST_IN_A_PASSAGE = 200
_TOGETHER = 64
"""Passages that are asked about at once."""


@dataclass(frozen=True, slots=True)
class TextMatch:
    """Characters `start` to `end` of a passage."""

    passage_id: int
    start: int
    end: int
    is_definition: bool = False


@dataclass(frozen=True, slots=True)
class TextMatches:
    """What was found, each line once: definitions, then code, then what stands beside it."""

    matches: tuple[TextMatch, ...] = ()
    unread: int = 0
    """Files that were not looked at, because it had taken too long until there."""


def find_text(
    scan: TextScan,
    files: Sequence[LiveFile],
    pattern: TextPattern,
    *,
    k: int,
    defined: Collection[tuple[int, int]] = (),
    most_characters: int = MOST_CHARACTERS,
) -> TextMatches:
    """The first k lines with a match; `defined` are versions and lines of symbols to put first."""
    defining = {version_id for version_id, _ in defined}
    first = [each.version_id for each in files if each.version_id in defining]
    others = [each for each in files if each.version_id not in defining]
    others.sort(key=lambda each: is_auxiliary(each.path, each.kind))  # stable: path order within
    order = [*first, *(each.version_id for each in others)]
    found: list[TextMatch] = []
    left = most_characters
    for some in scan.texts(order, pattern.needles):
        for passages in _read_together(some, pattern):
            for passage in passages:
                found.extend(_matches(passage, pattern, defined))
        left -= sum(len(passage.text) for passage in some)
        at = order.index(some[-1].version_id) + 1
        if at >= len(first) and len(found) >= k:
            break
        if left <= 0 and at < len(order):
            return TextMatches(_best(found, k), len(order) - at)
    return TextMatches(_best(found, k))


def _best(found: list[TextMatch], k: int) -> tuple[TextMatch, ...]:
    return tuple(sorted(found, key=lambda match: not match.is_definition)[:k])


def _read_together(
    passages: Sequence[PassageText], pattern: TextPattern
) -> Iterator[Sequence[PassageText]]:
    """The passages, a few at once, without those where nothing matches."""
    for start in range(0, len(passages), _TOGETHER):
        some = passages[start : start + _TOGETHER]
        if pattern.may_match([passage.text for passage in some]):
            yield some


def _matches(
    passage: PassageText, pattern: TextPattern, defined: Collection[tuple[int, int]]
) -> Iterator[TextMatch]:
    counted = last = line = 0
    for number, (start, end) in enumerate(pattern.spans(passage.text)):
        line += passage.text.count("\n", counted, start)
        counted = start
        if number and line == last:
            continue
        if number >= _MOST_IN_A_PASSAGE:
            return
        last = line
        place = (passage.version_id, passage.first_line + line)
        yield TextMatch(passage.passage_id, start, end, place in defined)
