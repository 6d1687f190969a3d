"""An answer that consists of quotes: verbatim sentences, each with its citation."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from docqa.core.answers import Citation, SentenceCheck
from docqa.core.citations import chips
from docqa.core.citing import cite_span
from docqa.core.packed import PackedPassage


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a passage: `passage.passage.text[start:end]`."""

    passage: PackedPassage
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words, copied from the document."""
        return self.passage.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class QuotedAnswer:
    """Quotes as an answer: `“…” [1]`, one a paragraph."""

    text: str
    citations: tuple[Citation, ...]
    sentences: tuple[SentenceCheck, ...]


def quoted_answer(quotes: Sequence[Quote]) -> QuotedAnswer:
    """The answer that shows these quotes in this order; a passage has one marker."""
    markers: dict[int, int] = {}
    parts: list[str] = []
    citations: list[Citation] = []
    sentences: list[SentenceCheck] = []
    length = 0
    for quote in quotes:
        marker = markers.setdefault(quote.passage.label, len(markers) + 1)
        shown = f"“{' '.join(quote.text.split())}”"
        start, end = length, length + len(shown)
        parts.append(f"{shown} [{marker}]")
        length += len(parts[-1]) + 2
        citations.append(cite(quote, marker, start=start, end=end))
        sentences.append(SentenceCheck(start, end, "supported", (marker,)))
    return QuotedAnswer("\n\n".join(parts), tuple(citations), tuple(sentences))


def cite(quote: Quote, marker: int, *, start: int, end: int) -> Citation:
    """The citation of a quote that stands in an answer's text[start:end]."""
    return cite_span(quote.passage, quote.start, quote.end, marker=marker, claim=(start, end))


def after_quotes(quotes: QuotedAnswer, drafted: Sequence[Citation]) -> dict[int, int]:
    """New markers for a draft that stands under quotes: one passage keeps one number."""
    known = {citation.label: citation.marker for citation in quotes.citations}
    renumbered: dict[int, int] = {}
    for citation in drafted:
        known.setdefault(citation.label, len(known) + 1)
        renumbered[citation.marker] = known[citation.label]
    return renumbered


def renumber(text: str, markers: Mapping[int, int]) -> tuple[str, Callable[[int], int]]:
    """The text with other numbers on its chips, and where an offset of it has moved to."""
    parts: list[str] = []
    starts: list[int] = [0]
    shifts: list[int] = [0]
    length = copied = 0
    for start, end, marker in chips(text):
        parts += [text[copied:start], f"[{markers.get(marker, marker)}]"]
        length += start - copied + len(parts[-1])
        copied = end
        starts.append(end)
        shifts.append(length - end)
    parts.append(text[copied:])

    def moved(offset: int) -> int:
        return offset + shifts[bisect_right(starts, offset) - 1]

    return "".join(parts), moved
