"""The words of a PDF's pages, for selecting text in the viewer and for finding in a document."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docqa.core.documents import PageLocator, Passage, Rect
from docqa.core.geometry import VERTICAL, Geometry, quote_lines, quote_rects

MAX_HITS = 500


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of text on a page."""

    text: str
    rect: Rect


def page_lines(passages: Iterable[Passage], page: int) -> Iterator[PageLine]:
    """The lines of a page (1-based) in reading order; lines that run down the page are left out."""
    for passage in passages:
        locator = passage.locator
        if not isinstance(locator, PageLocator) or not passage.geometry:
            continue
        if not locator.first_page <= page <= locator.last_page:
            continue
        geometry = Geometry.from_bytes(passage.geometry)
        stops = [*geometry.line_words[1:], len(geometry.starts)]
        for line, (first, stop) in enumerate(zip(geometry.line_words, stops, strict=True)):
            number, flags = divmod(geometry.line_pages[line], 4)
            if number != page or flags & VERTICAL or first == stop:
                continue
            start, end = geometry.starts[first], geometry.ends[stop - 1]
            for rect in geometry.rects(start, end)[:1]:
                yield PageLine(passage.text[start:end], rect)


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where the words that were looked for stand."""

    rects: tuple[Rect, ...]
    lines: tuple[int, int] | None
    ordinal: int
    """Position of the passage, from 0."""
    start: int
    end: int
    """Characters of the passage's text."""


def find(passages: Iterable[Passage], query: str, *, limit: int = MAX_HITS) -> Iterator[Hit]:
    """Where the query's words stand one after the other, whatever their case and line breaks."""
    words = query.split()
    if not words:
        return
    pattern = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
    count = 0
    for passage in passages:
        for match in pattern.finditer(passage.text):
            span = match.span()
            yield Hit(
                quote_rects(passage, *span), quote_lines(passage, *span), passage.ordinal, *span
            )
            count += 1
            if count == limit:
                return
