"""Cells of different documents that contradict each other. Derived, never stored."""

from collections.abc import Iterable, Sequence
from itertools import combinations, islice

from docqa.core.checklists import AnswerKind, Checklist
from docqa.core.extracted import Extracted
from docqa.core.findings import Cell

_COMPARED: tuple[AnswerKind, ...] = ("date", "amount", "party", "text")
_STATING = ("met", "partly_met")
_OPPOSITE = {"met": "not_met", "not_met": "met"}
_MOST_VALUES = 200
"""Different values of one requirement that are held against each other, the first ones."""


def conflicts(checklist: Checklist, cells: Iterable[Cell]) -> dict[int, tuple[int, ...]]:
    """Of every cell that contradicts others: the ids of those, in the order of the cells.

    Cells of one requirement contradict each other if its documents are to agree, and one is met
    where the other is not, or if both are met and the values that were extracted differ. What a
    person decided counts before what was found.
    """
    agreeing = {
        requirement.id: requirement.kind
        for requirement in checklist.requirements
        if requirement.across == "agree"
    }
    columns: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.requirement_id in agreeing and cell.verdict in (*_STATING, "not_met"):
            columns.setdefault(cell.requirement_id, []).append(cell)
    found: dict[int, tuple[int, ...]] = {}
    for requirement_id, column in columns.items():
        if len(column) > 1:
            found |= _column(column, agreeing[requirement_id])
    return found


def _column(cells: Sequence[Cell], kind: AnswerKind) -> dict[int, tuple[int, ...]]:
    verdicts: dict[str, list[Cell]] = {}
    for cell in cells:
        verdicts.setdefault(cell.verdict, []).append(cell)
    values = _values(cells) if kind in _COMPARED else {}
    differing = _differing(values, kind)
    if not differing and not ("met" in verdicts and "not_met" in verdicts):
        return {}
    # Cells of one class have the same opponents: one tuple for all of them, however many.
    classes: dict[tuple[str, str], list[int]] = {}
    for cell in cells:
        classes.setdefault((cell.verdict, _spelled(cell)), []).append(cell.id)
    order = {cell.id: place for place, cell in enumerate(cells)}
    found: dict[int, tuple[int, ...]] = {}
    for verdict, value in classes:
        opposite = verdicts.get(_OPPOSITE.get(verdict, ""), ())
        ids = {cell.id for cell in opposite}
        ids |= {each.id for other in differing.get(value, ()) for each in values[other]}
        if ids:
            opponents = tuple(sorted(ids, key=order.__getitem__))
            found |= dict.fromkeys(classes[verdict, value], opponents)
    return found


def _values(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    """Cells that are met, by the value they state."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        if value := _spelled(cell):
            found.setdefault(value, []).append(cell)
    return found


def _spelled(cell: Cell) -> str:
    """The value that a cell states, empty where it is not met."""
    return " ".join(cell.value.split()) if cell.verdict in _STATING else ""


def _differing(values: Iterable[str], kind: AnswerKind) -> dict[str, tuple[str, ...]]:
    """Of every value: those that say something else."""
    compared = [(value, Extracted(value, kind)) for value in islice(values, _MOST_VALUES)]
    differing: dict[str, list[str]] = {}
    for (one, extracted), (other, another) in combinations(compared, 2):
        if not extracted.agrees_with(another):
            differing.setdefault(one, []).append(other)
            differing.setdefault(other, []).append(one)
    return {value: tuple(others) for value, others in differing.items()}
