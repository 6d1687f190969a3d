"""The grid as a table: rows, columns and the cell behind each place. Nothing is drawn here."""

from collections.abc import Sequence
from dataclasses import dataclass

from docqa.core.findings import Cell
from docqa.services.reviewing import Grid

FEW_DOCUMENTS = 6
"""Up to so many documents the requirements are the rows: they are what there is to read."""
WORKSPACE = "The whole workspace"
MAX_NAME = 300


@dataclass(frozen=True, slots=True)
class Axis:
    """A row or a column: its short name, what stands under the pointer, and its cells."""

    name: str
    help: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A grid turned the way it is shown. `cells[row][column]` is None where nothing is shown."""

    rows: tuple[Axis, ...]
    columns: tuple[Axis, ...]
    cells: tuple[tuple[Cell | None, ...], ...]
    requirements_first: bool
    """Whether the rows are the requirements."""

    def at(self, row: int, column: int) -> Cell | None:
        """The cell at a place, None where there is none."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.columns):
            return self.cells[row][column]
        return None

    def place(self, cell_id: int) -> tuple[int, int] | None:
        """Row and column of a cell, None where it is not shown."""
        for row, cells in enumerate(self.cells):
            for column, cell in enumerate(cells):
                if cell is not None and cell.id == cell_id:
                    return row, column
        return None


def document_name(cell: Cell) -> str:
    """What a cell is about."""
    return cell.document or WORKSPACE


def requirements_first(grid: Grid, *, turned: bool) -> bool:
    """Whether the requirements are the rows: with few documents, or when it was turned."""
    return (len(set(_documents(grid.cells).values())) <= FEW_DOCUMENTS) != turned


def table(grid: Grid, *, rows_are_requirements: bool) -> Table:
    """The grid's cells by row and column; rows and columns without a cell are left out."""
    texts = {r.id: r.text for r in grid.review.checklist.requirements}
    owner = _documents(grid.cells)
    documents: dict[object, list[Cell]] = {}
    requirements: dict[str, list[Cell]] = {}
    for cell in grid.cells:
        documents.setdefault(owner[cell.id], []).append(cell)
        requirements.setdefault(cell.requirement_id, []).append(cell)
    rows = sorted(requirements.items(), key=lambda item: item[1][0].row)
    by_requirement = [Axis(key, texts.get(key, ""), tuple(cells)) for key, cells in rows]
    by_document = [
        Axis(document_name(cells[0])[:MAX_NAME], "", tuple(cells)) for cells in documents.values()
    ]
    places = {(owner[cell.id], cell.requirement_id): cell for cell in grid.cells}
    matrix = [[places.get((owner_, key)) for key, _ in rows] for owner_ in documents]
    if rows_are_requirements:
        across = tuple(zip(*matrix, strict=True))
        return Table(tuple(by_requirement), tuple(by_document), across, True)
    return Table(tuple(by_document), tuple(by_requirement), tuple(map(tuple, matrix)), False)


def _documents(cells: Sequence[Cell]) -> dict[int, object]:
    """What tells each cell's document from the others. Erased ones have lost their id."""
    owners: dict[int, object] = {}
    taken: set[tuple[str, int, str]] = set()
    for cell in cells:
        if cell.document_id is not None:
            owners[cell.id] = cell.document_id
            continue
        turn = 0
        while (cell.document, turn, cell.requirement_id) in taken:
            turn += 1
        taken.add((cell.document, turn, cell.requirement_id))
        owners[cell.id] = (cell.document, turn)
    return owners
