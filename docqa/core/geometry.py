"""Where the words of a PDF passage stand on their pages, by character offset of its text.

A passage carries its geometry as bytes; they are decoded only when a quote needs its rectangles.
The layout, all little-endian: version (1 byte), flags (1), number of lines (2), number of words
(4), then one array after the other: per line `page * 4 + flags` (4 bytes each), first word (4),
near and far edge across the line (2 each); per word start and end offset (4 each), near and far
edge along the line (2 each). Edges are fractions of the displayed page in units of 1/65535.
"""

import struct
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docqa.core.cells import CellMap
from docqa.core.documents import LineLocator, PageLocator, Passage, PlaceLocator, Rect

UNIT = 65_535
VERTICAL = 1
"""The line runs down or up the page: its words differ in y, not in x."""
BACKWARD = 2
"""The line runs against its axis: right to left, or bottom to top."""

_FORMAT_VERSION = 1
_CODES = "IIHHIIHH"
"""Type codes of the columns: four of the lines, four of the words."""
_HEADER = struct.Struct("<BBHI")


@dataclass(frozen=True, slots=True)
class Word:
    """A word at text[start:end], in one line; edges in fractions of the displayed page."""

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Geometry:
    """The lines of a passage and the words in them, in the order of the text."""

    line_pages: "array[int]"
    """Per line: page * 4, plus `VERTICAL` and `BACKWARD` where they hold."""
    line_words: "array[int]"
    """Per line: index of its first word."""
    line_near: "array[int]"
    line_far: "array[int]"
    starts: "array[int]"
    ends: "array[int]"
    near: "array[int]"
    far: "array[int]"

    @classmethod
    def from_columns(
        cls,
        lines: Sequence[Sequence[int]],
        words: Sequence[Sequence[int]],
    ) -> "Geometry":
        """From the columns as they are stored: four per line, four per word; see the module."""
        return cls(
            array("I", lines[0]),
            array("I", lines[1]),
            array("H", lines[2]),
            array("H", lines[3]),
            array("I", words[0]),
            array("I", words[1]),
            array("H", words[2]),
            array("H", words[3]),
        )

    @classmethod
    def from_words(cls, lines: Iterable[tuple[int, int, Sequence[Word]]]) -> "Geometry":
        """From (1-based page, flags, words) per line, in the order of the text."""
        pages: list[int] = []
        firsts: list[int] = []
        across: list[tuple[int, int]] = []
        placed: list[tuple[int, int, int, int]] = []
        for page, flags, words in lines:
            if not words:
                continue
            pages.append(page * 4 + flags)
            firsts.append(len(placed))
            boxes = [(w.y0, w.y1, w.x0, w.x1) for w in words]
            if flags & VERTICAL:
                boxes = [(w.x0, w.x1, w.y0, w.y1) for w in words]
            across.append((unit(min(b[0] for b in boxes)), unit(max(b[1] for b in boxes))))
            placed.extend(
                (w.start, w.end, unit(b[2]), unit(b[3])) for w, b in zip(words, boxes, strict=True)
            )
        return cls.from_columns(
            (pages, firsts, [near for near, _ in across], [far for _, far in across]),
            tuple([word[column] for word in placed] for column in range(4)),
        )

    def to_bytes(self) -> bytes:
        """The packed form, the same on every machine."""
        return _packed(self._columns())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Geometry":
        """The inverse of `to_bytes`; empty for no bytes.

        Raises:
            ValueError: If the bytes are of an unknown layout or cut short.
        """
        if not data:
            return cls.from_columns(((),) * 4, ((),) * 4)
        if len(data) < _HEADER.size or data[0] != _FORMAT_VERSION:
            raise ValueError("not a geometry of this version")
        _, _, line_count, word_count = _HEADER.unpack_from(data)
        if len(data) != _HEADER.size + 12 * (line_count + word_count):
            raise ValueError("a geometry of the wrong length")
        columns: list[array[int]] = []
        at = _HEADER.size
        for code, count in zip(_CODES, [line_count] * 4 + [word_count] * 4, strict=True):
            column: array[int] = array(code)
            stop = at + count * column.itemsize
            column.frombytes(data[at:stop])
            columns.append(_little_endian(column))
            at = stop
        return cls(*columns)

    def rects(self, start: int, end: int) -> tuple[Rect, ...]:
        """One rectangle per line touched, around the words of text[start:end] and no others.

        A word that is only partly in the range is covered in proportion to its characters.
        """
        first = bisect_right(self.ends, start)
        stop = bisect_left(self.starts, end)
        if first >= stop or start >= end:
            return ()
        found: list[Rect] = []
        line = bisect_right(self.line_words, first) - 1
        while line < len(self.line_words) and self.line_words[line] < stop:
            low = max(first, self.line_words[line])
            high = min(stop, self._line_stop(line))
            backward = bool(self.line_pages[line] & BACKWARD)
            spans = [self._word_span(word, start, end, backward) for word in range(low, high)]
            near = min(span[0] for span in spans)
            far = max(span[1] for span in spans)
            found.append(self._rect(line, near, far))
            line += 1
        return tuple(found)

    def line_rects(self) -> tuple[Rect, ...]:
        """One rectangle per line of the passage."""
        if not self.starts:
            return ()
        return self.rects(self.starts[0], self.ends[-1])

    def page(self, start: int, end: int) -> int | None:
        """The 1-based page on which text[start:end] begins, None where no word is in it."""
        first = bisect_right(self.ends, start)
        if first >= len(self.starts) or self.starts[first] >= end:
            return None
        return self.line_pages[bisect_right(self.line_words, first) - 1] // 4

    def _columns(self) -> tuple["array[int]", ...]:
        return (
            self.line_pages,
            self.line_words,
            self.line_near,
            self.line_far,
            self.starts,
            self.ends,
            self.near,
            self.far,
        )

    def _line_stop(self, line: int) -> int:
        following = line + 1
        return self.line_words[following] if following < len(self.line_words) else len(self.starts)

    def _word_span(self, word: int, start: int, end: int, backward: bool) -> tuple[float, float]:
        near, far = self.near[word], self.far[word]
        word_start, word_end = self.starts[word], self.ends[word]
        if start <= word_start and word_end <= end:
            return near, far
        step = (far - near) / (word_end - word_start)
        before = max(0, start - word_start) * step
        after = max(0, word_end - end) * step
        return (near + after, far - before) if backward else (near + before, far - after)

    def _rect(self, line: int, near: float, far: float) -> Rect:
        page, flags = divmod(self.line_pages[line], 4)
        along = (near / UNIT, far / UNIT)
        across = (self.line_near[line] / UNIT, self.line_far[line] / UNIT)
        (x0, x1), (y0, y1) = (across, along) if flags & VERTICAL else (along, across)
        return Rect(page, x0, y0, x1, y1)


def packed(lines: Sequence[Sequence[int]], words: Sequence[Sequence[int]]) -> bytes:
    """The packed form of `Geometry.from_columns(lines, words)`, without making one."""
    return _packed(
        [array(code, column) for code, column in zip(_CODES, (*lines, *words), strict=True)]
    )


def _packed(columns: Sequence["array[int]"]) -> bytes:
    header = _HEADER.pack(_FORMAT_VERSION, 0, len(columns[0]), len(columns[4]))
    if sys.byteorder == "little":
        return b"".join([header, *columns])
    return header + b"".join(_little_endian(column).tobytes() for column in columns)


def unit(fraction: float) -> int:
    """A fraction of the page in stored units, kept within the page."""
    return min(max(round(fraction * UNIT), 0), UNIT)


def quote_rects(passage: Passage, start: int, end: int) -> tuple[Rect, ...]:
    """Where passage.text[start:end] stands on its pages; empty for files without pages.

    Marks that touch the quote (a full stop, quotation marks, brackets) are covered with it.
    """
    if not isinstance(passage.locator, PageLocator) or not passage.geometry or start >= end:
        return ()
    text = passage.text
    while start > 0 and _is_mark(text[start - 1]):
        start -= 1
    while end < len(text) and _is_mark(text[end]):
        end += 1
    return Geometry.from_bytes(passage.geometry).rects(start, end)


def quote_page(passage: Passage, start: int, end: int) -> int | None:
    """The 1-based page on which passage.text[start:end] begins; None for text and code."""
    if not isinstance(passage.locator, PageLocator):
        return None
    page = Geometry.from_bytes(passage.geometry).page(start, end)
    return passage.locator.first_page if page is None else page


def quote_lines(passage: Passage, start: int, end: int) -> tuple[int, int] | None:
    """The 1-based first and last line of passage.text[start:end]; None for PDFs."""
    if not isinstance(passage.locator, LineLocator):
        return None
    first = passage.locator.first_line + passage.text.count("\n", 0, start)
    return first, first + passage.text.count("\n", start, max(start, end - 1))


def quote_place(passage: Passage, start: int, end: int) -> str:
    """Where passage.text[start:end] stands in a file without pages or lines; empty for the others.

    Of rows of a sheet, the cells that hold the words.
    """
    at = passage.locator
    if not isinstance(at, PlaceLocator):
        return ""
    if at.unit != "rows" or not passage.geometry:
        return str(at)
    cells = CellMap.from_bytes(passage.geometry)
    return cells.place(at.part, start, end, (at.first, at.last)) or str(at)


def _is_mark(character: str) -> bool:
    return not character.isalnum() and not character.isspace()


def _little_endian(column: "array[int]") -> "array[int]":
    if sys.byteorder == "little":
        return column
    swapped = array(column.typecode, column)
    swapped.byteswap()
    return swapped
