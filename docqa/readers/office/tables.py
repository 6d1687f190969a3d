"""Tables of documents -> rows of text, as a person reads them off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_ACROSS = 1_000
"""Columns that one cell may cover; the HTML standard's number."""
_MOST_HANGING = 64
"""Columns in which cells may reach into the rows below."""
_REPEATED_COLUMNS = 8
_REPEATED_CHARACTERS = 80
"""A cell over several rows is told in each of them when it is no longer, in the first columns."""
_MOST_COLUMNS = 100
"""A table with more is told without its empty cells."""
_HEADER_BYTES = 300
_OPENERS = frozenset(("$", "€", "£", "¥", "US$", "(", "($", "$("))
_CLOSERS = frozenset((")", "%", ")%", "%)"))
_NUMBER = re.compile(r"[\s\d.,%$€£¥()+\-–—/:]*\d[\s\d.,%$€£¥()+\-–—/:]*$")
_YEAR = re.compile(r"(?:19|20)\d\d$")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, its text on one line, and the columns and rows it covers."""

    text: str
    across: int = 1
    down: int = 1
    above: bool = False
    """Whether it is one with the cell above it; then it has no text."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; `header` if the file marks it as one."""

    cells: tuple[Cell, ...]
    header: bool = False


@dataclass(slots=True)
class _Hanging:
    """A cell that reaches into the rows below."""

    rows: int
    text: str


Line = dict[int, tuple[str, bool]]
"""Column -> text, and whether its cell covers several columns."""


def row_texts(rows: Sequence[Row]) -> list[tuple[str, bool]]:
    """The rows that have text, cells joined by ` | `, each with whether it is a header.

    Columns that are empty throughout are left out, and a column of currency signs is one with the
    column of amounts: financial reports in HTML have such.
    """
    grid = _grid(rows)
    columns = sorted({column for line in grid for column in line})
    if len(columns) > _MOST_COLUMNS:
        told = [[text for _, (text, _) in sorted(line.items())] for line in grid]
    else:
        columns = _merged(grid, columns)
        told = [[line[c][0] if c in line else "" for c in columns] for line in grid]
    found = []
    for row, cells in zip(rows, told, strict=True):
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            # Of a first cell that is empty the bar remains.
            found.append((" | ".join(cells).lstrip(), row.header))
    return found


def header_of(rows: Sequence[tuple[str, bool]]) -> str:
    """The rows at the top that name the columns, as one text; empty where none seem to."""
    marked = 0
    while marked < len(rows) and rows[marked][1]:
        marked += 1
    if marked == len(rows):
        return ""
    if marked:
        header = "\n".join(text for text, _ in rows[:marked])
        return header if len(header.encode(errors="replace")) <= _HEADER_BYTES else ""
    return rows[0][0] if len(rows) >= 3 and _names_columns(rows[0][0]) else ""


def _names_columns(text: str) -> bool:
    cells = text.removeprefix("|").split(" | ")
    if len(cells) < 2 or len(text.encode(errors="replace")) > _HEADER_BYTES:
        return False
    return all(
        cell.strip() and (_YEAR.match(cell) or not _NUMBER.match(cell)) for cell in cells[1:]
    )


def _grid(rows: Sequence[Row]) -> list[Line]:
    hanging: dict[int, _Hanging] = {}
    grid: list[Line] = []
    for row in rows:
        grid.append(_line(row, hanging, grid[-1] if grid else {}))
    return grid


def _line(row: Row, hanging: dict[int, _Hanging], above: Line) -> Line:
    line: Line = {}
    for column, cell_above in list(hanging.items()):
        if cell_above.text:
            line[column] = (cell_above.text, False)
        cell_above.rows -= 1
    covered = set(hanging)
    column = 0
    for cell in row.cells:
        while column in covered:
            column += 1
        across = min(max(cell.across, 1), MOST_ACROSS)
        text = " ".join(cell.text.split())
        if cell.above:
            text = above.get(column, ("", False))[0]
            text = text if _is_repeated(column, text) else ""
        if text:
            line[column] = (text, across > 1)
        if cell.down > 1:
            _hang(hanging, column, across, cell.down - 1, text)
        column += across
    for done in [column for column, each in hanging.items() if each.rows <= 0]:
        del hanging[done]
    return line


def _is_repeated(column: int, text: str) -> bool:
    return column < _REPEATED_COLUMNS and len(text) <= _REPEATED_CHARACTERS


def _hang(hanging: dict[int, _Hanging], column: int, across: int, rows: int, text: str) -> None:
    repeated = _is_repeated(column, text)
    for covered in range(column, min(column + across, _MOST_HANGING)):
        first = covered == column
        hanging[covered] = _Hanging(min(rows, MOST_ACROSS), text if first and repeated else "")


def _merged(grid: Sequence[Line], columns: list[int]) -> list[int]:
    """The columns that remain when those of signs alone are put to their amounts."""
    kept = list(columns)
    for column in columns:
        texts = {line[column][0] for line in grid if column in line and not line[column][1]}
        at = kept.index(column)
        if texts and texts <= _OPENERS and at + 1 < len(kept):
            _move(grid, column, kept[at + 1], before=True)
        elif texts and texts <= _CLOSERS and at > 0:
            _move(grid, column, kept[at - 1], before=False)
        else:
            continue
        kept.pop(at)
    return kept


def _move(grid: Sequence[Line], source: int, target: int, *, before: bool) -> None:
    for line in grid:
        if source not in line:
            continue
        text, wide = line.pop(source)
        other, other_wide = line.get(target, ("", False))
        # A title over both columns is no sign: it keeps its distance.
        space = " " if wide and other else ""
        joined = f"{text}{space}{other}" if before else f"{other}{space}{text}"
        line[target] = (joined, wide or other_wide)
