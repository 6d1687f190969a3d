"""What people see of a review: all of its cells, or one with all that is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from docqa.core.checklists import Requirement
from docqa.core.findings import Cell, Decision, Finding, Review


@dataclass(frozen=True, slots=True)
class Grid:
    """A review with all of its cells, in document order and then the checklist's."""

    review: Review
    cells: tuple[Cell, ...]
    conflicts: Mapping[int, tuple[int, ...]]
    """Of cells that contradict others: the ids of those others."""
    stale: frozenset[int]
    """Cells whose document, or whose workspace, has changed since they were answered."""
    added: tuple[str, ...] = ()
    """Names of documents that came after the review was made: they have no cells in it."""


@dataclass(frozen=True, slots=True)
class CellDetail:
    """A cell with all that is known about it."""

    cell: Cell
    review: Review
    requirement: Requirement
    finding: Finding | None
    """The current one; None before the first."""
    previous: Finding | None
    """What the current one is compared with."""
    decisions: tuple[Decision, ...]
    """Newest first."""
    conflicts: tuple[Cell, ...]
    """Cells of other documents that contradict this one."""
    stale: bool


def next_unreviewed(grid: Grid, after: int | None = None) -> int | None:
    """The next cell that a person still has to look at, in the grid's order; it wraps."""
    ids = [cell.id for cell in grid.cells]
    start = ids.index(after) + 1 if after in ids else 0
    for cell in (*grid.cells[start:], *grid.cells[:start]):
        if cell.unreviewed:
            return cell.id
    return None
