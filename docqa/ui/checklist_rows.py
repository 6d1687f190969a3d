"""A checklist as the editor's table has it, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from docqa.core.checklists import VERDICTS, Checklist, Requirement, checklist_from

JOINED = "; "
Row = Mapping[str, Any]


def rows_of(checklist: Checklist | None) -> list[dict[str, Any]]:
    """Rows to edit; an empty one where there is nothing yet."""
    requirements = checklist.requirements if checklist else ()
    return [_row(item) for item in requirements] or [_row(Requirement("", ""))]


def checklist_of(fields: Mapping[str, str], rows: Sequence[Row]) -> Checklist:
    """The checklist that the editor shows; rows without any text are left out.

    Raises:
        ChecklistError: With all that is wrong, by the numbers that the table shows.
    """
    told = [(number, _plain(row)) for number, row in enumerate(rows, start=1)]
    filled = [(number, row) for number, row in told if row.keys() & {"id", "text", "guidance"}]
    data = {**fields, "requirements": [row for _, row in filled]}
    return checklist_from(data, rows=[number for number, _ in filled])


def _row(item: Requirement) -> dict[str, Any]:
    return {
        "id": item.id,
        "section": item.section,
        "text": item.text,
        "guidance": item.guidance,
        "look_for": JOINED.join(item.look_for),
        "kind": item.kind,
        "verdicts": list(item.verdicts),
        "across": item.across,
    }


def _plain(row: Row) -> dict[str, Any]:
    """The row's fields that say something; a new row's empty cells are None or no number."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name == "verdicts":
            chosen = [str(verdict) for verdict in value] if isinstance(value, Sequence) else []
            if chosen and chosen != list(VERDICTS):
                found[name] = chosen
        elif isinstance(value, str) and value.strip():
            found[name] = value
    return found
