"""Which cells of the grid are shown: by verdict, by what is left to do, by words."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import repeat

from docqa.core.findings import FINDING_STATUSES, Cell
from docqa.core.verdict_words import VERDICT_WORDS
from docqa.services.reviewing import Grid

ALL = "all"
Test = Callable[[Cell, Grid], bool]

NAMES: dict[str, str] = {
    ALL: "All",
    **{str(status): word for status, word in VERDICT_WORDS.items()},
    "unreviewed": "Unreviewed",
    "conflict": "Conflict",
    "changed": "Changed",
    "stale": "Out of date",
    "failed": "Failed",
}
ALWAYS = frozenset((ALL, "met", "not_met", "not_found", "needs_person", "unreviewed"))
"""Filters that are offered whether or not anything matches; the others only where it does."""


def _settled(cell: Cell) -> bool:
    """Whether its verdict is shown: while it is asked again, or has failed, that is."""
    return cell.state in ("done", "cancelled")


def _verdict(name: str) -> Test:
    return lambda cell, _grid: cell.verdict == name and _settled(cell)


_TESTS: dict[str, Test] = {
    ALL: lambda _cell, _grid: True,
    **{name: _verdict(name) for name in FINDING_STATUSES},
    "unreviewed": lambda cell, _grid: cell.unreviewed,
    "conflict": lambda cell, grid: cell.id in grid.conflicts,
    "changed": lambda cell, _grid: cell.changed,
    "stale": lambda cell, grid: cell.id in grid.stale,
    "failed": lambda cell, _grid: cell.state == "failed",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; `text` may stand in a document's name or in a requirement."""

    name: str = ALL
    text: str = ""

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.name == ALL and not self.text.strip()


ALL_CELLS = Filter()


def counts(grid: Grid) -> Mapping[str, int]:
    """How many cells each filter shows."""
    found = Counter(cell.verdict for cell in grid.cells if _settled(cell))
    numbers = {name: found[name] for name in FINDING_STATUSES}
    rest = [name for name in NAMES if name not in numbers and name != ALL]
    return {
        ALL: len(grid.cells),
        **numbers,
        **{name: sum(map(_TESTS[name], grid.cells, repeat(grid))) for name in rest},
    }


def offered(numbers: Mapping[str, int], current: str) -> list[str]:
    """The filters worth showing, in their order."""
    return [name for name in NAMES if name in ALWAYS or numbers[name] or name == current]


def apply(grid: Grid, wanted: Filter) -> Grid:
    """The grid with the cells that match."""
    if wanted.everything:
        return grid
    test = _TESTS.get(wanted.name, _TESTS[ALL])
    words = wanted.text.casefold().split()
    requirements = {r.id: r for r in grid.review.checklist.requirements}
    texts = {key: f"{r.id} {r.section} {r.text}".casefold() for key, r in requirements.items()}

    def matches(cell: Cell) -> bool:
        if not test(cell, grid):
            return False
        if not words:
            return True
        text = f"{cell.document.casefold()} {texts.get(cell.requirement_id, '')}"
        return all(word in text for word in words)

    return replace(grid, cells=tuple(cell for cell in grid.cells if matches(cell)))
