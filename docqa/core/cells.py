"""Which cells of a sheet the characters of a passage come from."""

import struct
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from docqa.core.documents import cell_range

_CELL = struct.Struct("<IIII")


class CellSpan(NamedTuple):
    """Characters `start` up to `end` of a passage's text are those of one cell."""

    start: int
    end: int
    row: int
    """1-based, as the sheet shows it."""
    column: int
    """1-based: 1 is A."""


@dataclass(frozen=True, slots=True)
class CellMap:
    """The cells of a passage, in the order of its text; their spans do not overlap."""

    spans: tuple[CellSpan, ...]

    @classmethod
    def of(cls, spans: Iterable[CellSpan]) -> "CellMap":
        """A map of these spans, put in order."""
        return cls(tuple(sorted(spans)))

    @classmethod
    def from_bytes(cls, packed: bytes) -> "CellMap":
        """What `to_bytes` packed: four little-endian 32-bit numbers a cell."""
        return cls(tuple(CellSpan(*numbers) for numbers in _CELL.iter_unpack(packed)))

    def to_bytes(self) -> bytes:
        """For `Passage.geometry`."""
        return b"".join(_CELL.pack(*span) for span in self.spans)

    def cells(self, start: int, end: int) -> tuple[CellSpan, ...]:
        """The cells that have characters of text[start:end]."""
        first = max(0, bisect_right(self.spans, start, key=lambda span: span.start) - 1)
        found = []
        for span in self.spans[first:]:
            if span.start >= end:
                break
            if span.end > start:
                found.append(span)
        return tuple(found)

    def place(self, sheet: str, start: int, end: int, rows: tuple[int, int] = (1, 1 << 31)) -> str:
        """The smallest range of cells around text[start:end]; empty if no cell has any of it.

        `rows` are the first and last that the passage is about: the header that it repeats counts
        only where nothing else is quoted.
        """
        found = self.cells(start, end)
        cells = [cell for cell in found if rows[0] <= cell.row <= rows[1]] or found
        if not cells:
            return ""
        columns = [cell.column for cell in cells]
        numbers = [cell.row for cell in cells]
        letters = f"{column_letters(min(columns))}:{column_letters(max(columns))}"
        return cell_range(sheet, letters, min(numbers), max(numbers))


def column_letters(number: int) -> str:
    """`A` for 1, `Z` for 26, `AA` for 27."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
