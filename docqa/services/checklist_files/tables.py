"""A checklist as a table: a row per requirement, under a row that names the columns.

What belongs to the checklist as a whole stands in rows above it, `#title` and the like in their
first cell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import PurePath

from docqa.core.checklist_fields import short
from docqa.core.checklists import (
    FIELDS,
    MAX_REQUIREMENTS,
    REQUIREMENT_FIELDS,
    Checklist,
    Requirement,
    checklist_from,
)
from docqa.errors import ChecklistError

MAX_ROWS = 20_000
MAX_COLUMNS = 64
WHOLE_FIELDS = tuple(name for name in FIELDS if name != "requirements")
JOINED = "; "

_NAMES = {
    "id": (
        "#",
        "number",
        "no",
        "nr",
        "ref",
        "reference",
        "requirement id",
        "control id",
        "control",
    ),
    "section": ("category", "group", "chapter", "area", "domain", "topic"),
    "text": ("requirement", "question", "requirement text", "control text"),
    "guidance": ("notes", "note", "help", "criteria", "what counts"),
    "kind": ("type", "answer", "answer kind", "kind of answer"),
    "verdicts": ("verdicts allowed", "allowed verdicts", "answers allowed"),
    "look_for": ("look for", "keywords", "phrases", "search terms"),
    "across": ("across documents",),
}
_COLUMNS = {alias: name for name, aliases in _NAMES.items() for alias in (name, *aliases)}
Row = Sequence[str]


def rows_of(checklist: Checklist) -> Iterator[tuple[str, ...]]:
    """The names of the columns, then the requirements."""
    yield REQUIREMENT_FIELDS
    for item in checklist.requirements:
        yield _row_of(item)


def whole_rows_of(checklist: Checklist) -> Iterator[tuple[str, str]]:
    """What belongs to the checklist as a whole."""
    yield "#id", checklist.id
    yield "#title", checklist.title
    yield "#version", checklist.version
    if checklist.source:
        yield "#source", checklist.source
    if checklist.description:
        yield "#description", checklist.description


def column_of(name: str) -> str:
    """The field that a column of this name holds; empty for an unknown one."""
    return _COLUMNS.get(_simple(name)) or _COLUMNS.get(_simple(name).replace(" ", "_"), "")


def checklist_of(
    rows: Iterable[Row], name: str, whole: Mapping[str, str] | None = None
) -> Checklist:
    """The checklist that a table tells; what it lacks as a whole is made of the file's name.

    Raises:
        ChecklistError: With all that is wrong, row by row as a spreadsheet counts them.
    """
    numbered = _numbered(rows)
    fields = _defaults(name) | dict(whole or {})
    columns: list[str] = []
    for number, row in numbered:
        marked = _simple(row[0]).removeprefix("#")
        if row[0].strip().startswith("#") and marked in WHOLE_FIELDS:
            fields[marked] = row[1] if len(row) > 1 else ""
            continue
        columns = _columns(number, row)
        break
    if not columns:
        raise ChecklistError(["it has no requirements"])
    return _checklist(numbered, columns, fields)


def _checklist(
    numbered: Iterator[tuple[int, Row]], columns: Sequence[str], fields: Mapping[str, str]
) -> Checklist:
    numbers, items, problems = list[int](), list[dict[str, str]](), list[str]()
    for number, row in numbered:
        if len(row) > len(columns):
            text = f"it has {len(row)} cells, and there are {len(columns)} columns"
            problems.append(f"row {number:,}: {text}")
        item = {name: cell for name, cell in zip(columns, row, strict=False) if name}
        numbers.append(number)
        items.append(item if "id" in columns else {"id": str(len(items) + 1), **item})
    if len(items) > MAX_REQUIREMENTS:
        text = f"it has {len(items):,} requirements, at most {MAX_REQUIREMENTS:,} are taken"
        raise ChecklistError([text])
    if problems:
        raise ChecklistError(problems)
    return checklist_from({**fields, "requirements": items}, rows=numbers)


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    """Rows that have something in them, without empty cells at their ends."""
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise ChecklistError([f"it has more than {MAX_ROWS:,} rows"])
        filled = [at for at, cell in enumerate(row) if cell.strip()]
        if filled:
            yield number, row[: filled[-1] + 1]


def _columns(number: int, row: Row) -> list[str]:
    """The fields that the columns hold, empty for a column without a name."""
    columns = [column_of(cell) for cell in row]
    problems = [
        f"row {number:,}: there is no column {short(cell)!r}; the columns are "
        f"{', '.join(REQUIREMENT_FIELDS)}"
        for cell, column in zip(row, columns, strict=True)
        if cell.strip() and not column
    ]
    named = sorted(column for column in columns if column)
    twice = sorted({one for one, other in pairwise(named) if one == other})
    problems += [f"row {number:,}: the column {name!r} is there twice" for name in twice]
    if "text" not in columns and not problems:
        problems.append(f"row {number:,}: no column is named text, requirement or question")
    if problems:
        raise ChecklistError(problems)
    return columns


def _row_of(item: Requirement) -> tuple[str, ...]:
    return (
        item.id,
        item.section,
        item.text,
        item.guidance,
        item.kind,
        JOINED.join(item.verdicts),
        JOINED.join(item.look_for),
        item.across,
    )


def _defaults(name: str) -> dict[str, str]:
    stem = PurePath(name.replace("\\", "/")).stem
    identity = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:64]
    title = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", stem).strip()[:200]
    return {"id": identity or "checklist", "title": title or "Checklist"}


def _simple(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip(" :*.").casefold()


def first(rows: Iterable[Row], count: int) -> list[Row]:
    """The first rows that have something in them."""
    return [row for _, row in islice(_numbered(rows), count)]
