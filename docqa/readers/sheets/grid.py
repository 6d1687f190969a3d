"""What the formats of workbooks have in common: sheets of rows of cells that have text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

MOST_COLUMNS = 16_384
"""Of a row that are read: Excel has no more, and a row without end needs no memory without end."""

Remark = Literal["", "hidden", "a chart", "a sheet of macros", "damaged"]


class Cell(NamedTuple):
    """A cell that is not empty, as the sheet shows it."""

    column: int
    """1-based: 1 is A."""
    text: str
    """White space folded."""
    is_number: bool = False
    """Whether it is a number or a date, and not words."""


class Row(NamedTuple):
    """A row with at least one cell, its cells in the order of the columns."""

    number: int
    """1-based, as the sheet shows it."""
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class Cut:
    """Rows with cells that are not read: beyond the last column, or more than there can be."""

    first: int = 0
    """Number of the first of them; 0 if there is none."""
    last: int = 0
    rows: int = 0

    def add(self, row: int) -> None:
        """Take note of a row, once."""
        if row != self.last:
            self.first, self.last, self.rows = self.first or row, row, self.rows + 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; its rows are read once, while they are asked for."""

    name: str
    """Empty for a file that has no sheets."""
    rows: Iterator[Row]
    remark: Remark = ""
    """What is odd about it; one that is hidden has rows like any other."""
    comments: tuple[Row, ...] = ()
    """Comments, each as the only cell of a row, where the cell stands that it is about."""
    cut: Cut = field(default_factory=Cut)
    """Known when the rows were read."""


def folded(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())
