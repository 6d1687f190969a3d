"""Checklists, cells, findings and decisions as rows and back, and what their hashes are of."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from docqa.core.answers import Usage
from docqa.core.checklists import Checklist, Requirement
from docqa.core.escaping import encodable
from docqa.core.findings import Cell, Decision, Finding, NewFinding
from docqa.store.answer_rows import to_citation, to_coverage
from docqa.store.review_models import CellRow, DecisionRow, FindingRow

CELL_COLUMNS = (
    CellRow.id,
    CellRow.review_id,
    CellRow.requirement_id,
    CellRow.row,
    CellRow.document_id,
    CellRow.document,
    CellRow.state,
    CellRow.status,
    CellRow.verdict,
    CellRow.review_state,
    CellRow.value,
    CellRow.quotes,
    CellRow.finding_id,
    CellRow.previous_finding_id,
    CellRow.changed,
    CellRow.version_id,
    CellRow.revision,
    CellRow.error,
    CellRow.error_hint,
    CellRow.error_type,
)
FINDING_COLUMNS = (
    FindingRow.id,
    FindingRow.cell_id,
    FindingRow.number,
    FindingRow.content,
    FindingRow.hash,
    FindingRow.erased,
    FindingRow.created_at,
)
DECISION_COLUMNS = (
    DecisionRow.id,
    DecisionRow.cell_id,
    DecisionRow.finding_id,
    DecisionRow.action,
    DecisionRow.verdict,
    DecisionRow.comment,
    DecisionRow.user,
    DecisionRow.created_at,
    DecisionRow.hash,
)
MAX_VALUE = 200
"""Characters of a value that a cell keeps; its finding has all of it."""
ERASED = "(erased)"
"""In place of words that told of an erased document."""
ERASED_NAME = "(erased document)"
ERASED_FINDING = "This finding rested on a document that has been erased."
WORDS_ERASED = 1
"""`FindingRow.erased`: the finding is blank."""
NAMES_ERASED = 2
"""`FindingRow.erased`: its coverage lost a name, its own words are there."""
FRESH_CELL: dict[str, Any] = {
    "state": "queued",
    "token": "",
    "status": "",
    "verdict": "",
    "review_state": "draft",
    "value": "",
    "quotes": 0,
    "finding_id": 0,
    "previous_finding_id": 0,
    "changed": False,
    "version_id": 0,
    "revision": 0,
    "error": "",
    "error_hint": "",
    "error_type": "",
}


def canonical(value: object) -> str:
    """The value as JSON, always in the same bytes: sorted keys, no white space, UTF-8.

    Dataclasses are objects of their fields, as `dataclasses.asdict` has them.
    """
    told = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_fields
    )
    return encodable(told)


def sha256(text: str) -> str:
    """The hash of the text's UTF-8 bytes, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(found: NewFinding) -> str:
    """What a finding's hash is of: the canonical JSON of its fields."""
    return canonical(found)


def decision_hash(
    cell_id: int,
    finding_id: int,
    action: str,
    verdict: str,
    comment_hash: str,
    user: str,
    created_at: float,
) -> str:
    """The hash of a decision, from its columns."""
    told = [cell_id, finding_id, action, verdict, comment_hash, user, created_at]
    return sha256(canonical(told))


def to_cell(row: Sequence[Any]) -> Cell:
    """A row of `CELL_COLUMNS`."""
    return Cell(*row)


def to_finding(row: Sequence[Any]) -> Finding:
    """A row of `FINDING_COLUMNS`."""
    finding_id, cell_id, number, content, digest, erased, created_at = row
    found = to_found(json.loads(content))
    gone = erased == WORDS_ERASED
    return Finding(finding_id, cell_id, number, found, digest, gone, created_at)


def to_found(stored: Mapping[str, Any]) -> NewFinding:
    """What `content_of` was given."""
    coverage = stored["coverage"]
    changed = {
        "citations": tuple(map(to_citation, stored["citations"])),
        "reasons": tuple(stored["reasons"]),
        "coverage": to_coverage(coverage) if coverage else None,
        "usage": Usage(**stored["usage"]),
    }
    return NewFinding(**{**stored, **changed})


def to_decision(row: Sequence[Any]) -> Decision:
    """A row of `DECISION_COLUMNS`."""
    return Decision(*row)


def checklist_json(checklist: Checklist) -> str:
    """The checklist as canonical JSON."""
    return canonical(checklist)


@lru_cache(maxsize=16)
def to_checklist(content: str) -> Checklist:
    """What `checklist_json` was given. Kept, for each look at a review needs it again."""
    stored = json.loads(content)
    requirements = tuple(map(_to_requirement, stored["requirements"]))
    return Checklist(**(stored | {"requirements": requirements}))


def _to_requirement(stored: dict[str, Any]) -> Requirement:
    tuples = {name: tuple(stored[name]) for name in ("verdicts", "look_for")}
    return Requirement(**(stored | tuples))


def _fields(value: object) -> dict[str, Any]:
    # Copies nothing, unlike `asdict`, which takes longer than SQLite does.
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no value that a finding has")
