"""Whether findings, decisions, reviews and cells are what the audit log tells of them."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from docqa.store.review_rows import ERASED, MAX_VALUE, WORDS_ERASED, decision_hash, sha256
from docqa.store.values import AuditProblem

_BATCH = {"yield_per": 500}


def stream(connection: Connection, query: str) -> Iterator[Sequence[Any]]:
    """The rows of the query, a few hundred in memory at a time."""
    yield from connection.exec_driver_sql(query, execution_options=_BATCH)


def _finding_fits(row: Sequence[Any], told: Mapping[str, Any]) -> bool:
    _, cell_id, digest, erased, number, created_at, content, cell_row, document_id = row
    where = (cell_id, cell_row, number, created_at)
    if where != (told["cell"], told["row"], told["number"], told["at"]):
        return False
    if document_id not in (told["document"], None):
        return False
    if digest != told["hash"].encode():
        return False
    if not erased:
        return bool(hashlib.sha256(content).hexdigest() == told["hash"])
    found = _json(content)
    if found.get("status") != told["status"]:
        return False
    return erased != WORDS_ERASED or not any(found.get(name) for name in ("rationale", "raw"))


def _decision_fits(row: Sequence[Any], told: Mapping[str, Any]) -> bool:
    _, cell_id, digest, erased, finding_id, *texts, created_at = row
    try:
        action, verdict, comment, comment_hash, user = (text.decode() for text in texts)
    except ValueError:
        return False
    if comment != ERASED if erased else sha256(comment) != comment_hash:
        return False
    made = decision_hash(cell_id, finding_id, action, verdict, comment_hash, user, created_at)
    return bool(digest == made.encode() and made == told["hash"])


_REVIEWS = (
    "SELECT id, (SELECT count(*) FROM review_cells c WHERE c.review_id = r.id),"
    " CAST(checklist AS BLOB) FROM reviews r"
)
FITS: dict[str, Callable[[Sequence[Any], Mapping[str, Any]], bool]] = {
    "finding": _finding_fits,
    "decision": _decision_fits,
}
# The cell's current finding is its newest, and the newest decision on it is what counts.
_CELLS = (
    "SELECT c.id, c.finding_id, (SELECT max(n.id) FROM findings n WHERE n.cell_id = c.id),"
    " f.erased, CAST(f.content AS BLOB), d.action, d.verdict,"
    " c.value, c.status, c.verdict, c.review_state"
    " FROM review_cells c LEFT JOIN findings f ON f.id = c.finding_id"
    " LEFT JOIN decisions d ON d.id = (SELECT max(e.id) FROM decisions e WHERE"
    " e.cell_id = c.id AND e.finding_id = c.finding_id AND e.action != 'comment') ORDER BY c.id"
)
_STATES = {"approve": "approved", "change": "edited", "reject": "rejected", "reopen": "draft"}


def wrong_review(
    connection: Connection, told: Mapping[int, tuple[int, int, str]]
) -> AuditProblem | None:
    """A review that is not what it was made: gone, without some cells, with other requirements."""
    left = dict(told)
    for review_id, found, checklist in stream(connection, _REVIEWS):
        if review_id not in left:
            return AuditProblem(0, f"no entry tells of review {review_id}")
        entry_id, cells, copy = left.pop(review_id)
        if found != cells:
            return AuditProblem(entry_id, f"review {review_id} has {found:,} of {cells:,} cells")
        if hashlib.sha256(checklist).hexdigest() != copy:
            return AuditProblem(entry_id, f"the checklist of review {review_id} has changed")
    for review_id, (entry_id, _, _) in left.items():
        return AuditProblem(entry_id, f"review {review_id} is not there any more")
    return None


def wrong_cell(connection: Connection) -> AuditProblem | None:
    """A cell that shows another verdict than its finding and its decisions give it."""
    for row in stream(connection, _CELLS):
        if not _cell_fits(row):
            return AuditProblem(0, f"cell {row[0]} shows what its finding and decisions do not say")
    return None


def _cell_fits(row: Sequence[Any]) -> bool:
    _, finding_id, newest, erased, content, action, decided, *shown = row
    if finding_id != (newest or 0):
        return False
    if not finding_id:
        return shown == ["", "", "", "draft"]
    found = _json(content)
    status = str(found.get("status"))
    value = shown[0] if erased else str(found.get("value"))[:MAX_VALUE]
    if action is None:
        return [value, status, status, "draft"] == shown
    if action == "keep":
        return [value, status, decided] == shown[:3] and shown[3] != "draft"
    return [value, status, decided or "needs_person", _STATES.get(action)] == shown


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
