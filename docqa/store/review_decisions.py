"""What people decide about findings. Each decision is a row of its own and never changes."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from docqa.core.checklists import VERDICTS
from docqa.core.escaping import encodable
from docqa.core.findings import Action, Cell, Decision, FindingStatus, ReviewState
from docqa.errors import InputError, StaleError, UnknownItemError
from docqa.store.audit import append_in
from docqa.store.queries import add_row, set_columns
from docqa.store.review_models import CellRow, DecisionRow, FindingRow
from docqa.store.review_rows import (
    CELL_COLUMNS,
    DECISION_COLUMNS,
    decision_hash,
    sha256,
    to_cell,
    to_decision,
)

_PAST: dict[str, str] = {
    "approve": "has approved it",
    "change": "has changed its verdict",
    "reject": "has rejected it",
    "comment": "has commented on it",
    "reopen": "has reopened it",
    "keep": "has run it again",
}
_CELL = select(*CELL_COLUMNS).where(CellRow.id == bindparam("cell"))
_NEWEST_DECISION = (
    select(*DECISION_COLUMNS)
    .where(DecisionRow.cell_id == bindparam("cell"))
    .order_by(DecisionRow.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a cell is after a decision."""

    verdict: FindingStatus
    review_state: ReviewState


def decide(
    connection: Connection,
    cell_id: int,
    action: Action,
    *,
    verdict: str,
    comment: str,
    user: str,
    revision: int,
) -> Decision:
    """Keep a decision on the cell as it was at this revision, within the caller's transaction."""
    row = connection.execute(_CELL, {"cell": cell_id}).first()
    if row is None:
        raise UnknownItemError("cell", cell_id)
    cell = to_cell(row)
    if cell.revision != revision:
        raise StaleError(_what_happened(connection, cell))
    outcome = _outcome(cell, action, verdict)
    changes: dict[str, Any] = {"revision": cell.revision + 1}
    said: FindingStatus | str = ""
    if outcome is not None:
        changes |= {"verdict": outcome.verdict, "review_state": outcome.review_state}
        changes["changed"] = False
        said = "" if action == "reject" else outcome.verdict
    set_columns(connection, CellRow, cell_id, **changes)
    return add_decision(connection, cell, action, said, outcome=outcome, comment=comment, user=user)


def add_decision(
    connection: Connection,
    cell: Cell,
    action: Action,
    verdict: str,
    *,
    user: str,
    finding_id: int = 0,
    outcome: Outcome | None = None,
    comment: str = "",
) -> Decision:
    """Add the row and its audit entry; the cell is as it was before."""
    comment, user = encodable(comment), encodable(user)
    now = time.time()
    comment_hash = sha256(comment)
    finding_id = finding_id or cell.finding_id
    digest = decision_hash(cell.id, finding_id, action, verdict, comment_hash, user, now)
    decision_id = add_row(
        connection,
        DecisionRow,
        cell_id=cell.id,
        finding_id=finding_id,
        action=action,
        verdict=verdict,
        comment=comment,
        comment_hash=comment_hash,
        user=user,
        hash=digest,
        erased=False,
        created_at=now,
    )
    after = outcome or Outcome(cell.verdict or "needs_person", cell.review_state)
    told = {
        "review": cell.review_id,
        "cell": cell.id,
        "finding": finding_id,
        "decision": decision_id,
        "action": action,
        "before": {"verdict": cell.verdict, "state": cell.review_state},
        "after": {"verdict": after.verdict, "state": after.review_state},
        "comment_sha256": comment_hash if comment else "",
        "hash": digest,
    }
    append_in(connection, user, "review.decision", told)
    stored = (decision_id, cell.id, finding_id, action, verdict, comment, user, now, digest)
    return to_decision(stored)


def _outcome(cell: Cell, action: Action, verdict: str) -> Outcome | None:
    """What the decision makes of the cell; None where it only adds a comment."""
    if action == "comment":
        return None
    if not cell.status:
        raise InputError("nothing has been found for this cell yet, so nothing can be decided")
    if action == "approve":
        if cell.status == "needs_person":
            raise InputError("docqa has no verdict here to approve; give the one that you find")
        return Outcome(cell.status, "approved")
    if action == "change":
        for known in VERDICTS:
            if verdict == known:
                return Outcome(known, "edited")
        raise InputError(f"{verdict!r} is no verdict; the verdicts are {', '.join(VERDICTS)}")
    if action == "reject":
        return Outcome("needs_person", "rejected")
    if action == "reopen":
        return Outcome(cell.status, "draft")
    raise InputError(f"{action!r} is nothing that a person can do with a finding")


def _what_happened(connection: Connection, cell: Cell) -> str:
    """Who changed the cell, and how, for a person who saw it before."""
    row = connection.execute(_NEWEST_DECISION, {"cell": cell.id}).first()
    found = connection.scalar(select(FindingRow.created_at).where(FindingRow.id == cell.finding_id))
    if row is None:
        return "the cell was run again since you opened it"
    decision = to_decision(row)
    if found is not None and found > decision.created_at:
        return "the cell was run again since you opened it"
    return f"{decision.user!r} {_PAST[decision.action]} since you opened the cell"
