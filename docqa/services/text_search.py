"""Finding a string or a pattern in the texts themselves, to the line."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from docqa.core.code_ranking import is_auxiliary
from docqa.core.text_patterns import TextPattern
from docqa.store.scanning import LiveFile, PassageText, TextScan

MOST_CHARACTERS = 60_000_000
"""Of texts that are read one by one: a search that nothing narrows ends there."""
MOST_SECONDS = 5.0
"""A search ends after that too: a pattern that matches nothing everywhere is slow."""


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
    most_seconds: float = MOST_SECONDS,
) -> TextMatches:
    """The first k lines with a match; `defined` are versions and lines of symbols to put first."""
    deadline = time.monotonic() + most_seconds
    defining = {version_id for version_id, _ in defined}
    first = [each.version_id for each in files if each.version_id in defining]
    others = [each for each in files if each.version_id not in defining]
    others.sort(key=lambda each: is_auxiliary(each.path, each.kind))  # stable: path order within
    order = [*first, *(each.version_id for each in others)]
    found: list[TextMatch] = []
    for some in scan.texts(order, pattern.needles, pattern.may_match):
        for passage in some:
            if len(found) >= k and passage.version_id not in defining:
                return TextMatches(_best(found, k))
            if time.monotonic() >= deadline:
                unread = len(order) - order.index(passage.version_id)
                return TextMatches(_best(found, k), unread)
            found.extend(_matches(passage, pattern, defined))
        most_characters -= sum(len(passage.text) for passage in some)
        unread = len(order) - order.index(some[-1].version_id) - 1
        if most_characters <= 0 and unread:
            return TextMatches(_best(found, k), unread)
    return TextMatches(_best(found, k))


def _best(found: list[TextMatch], k: int) -> tuple[TextMatch, ...]:
    return tuple(sorted(found, key=lambda match: not match.is_definition)[:k])


def _matches(
    passage: PassageText, pattern: TextPattern, defined: Collection[tuple[int, int]]
) -> Iterator[TextMatch]:
    line = passage.first_line
    counted = 0
    for start, end in pattern.spans(passage.text):
        line += passage.text.count("\n", counted, start)
        counted = start
        yield TextMatch(passage.passage_id, start, end, (passage.version_id, line) in defined)
