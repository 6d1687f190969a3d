"""Whether the record is as it was written: its chain, and what it tells of findings and decisions.

The chain alone shows a change of one entry, not a log that was rewritten from there to its end, nor
one that lost its last entries together with what they tell of. Those show against a head (the
newest entry's hash) that was noted elsewhere: `expect`.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from docqa.store.queries import last_id
from docqa.store.record_checks import FITS, stream, wrong_cell, wrong_review
from docqa.store.values import AuditProblem

FIRST = "0" * 64
"""What the first entry follows."""

# As bytes: a byte that makes text invalid is to be found, not to end the search.
_ENTRIES = (
    "SELECT id, at, CAST(user AS BLOB), CAST(action AS BLOB), CAST(detail AS BLOB),"
    " CAST(previous_hash AS BLOB), CAST(hash AS BLOB) FROM audit ORDER BY id"
)
_FINDINGS = (
    "SELECT f.id, cell_id, CAST(hash AS BLOB), erased, number, created_at,"
    " CAST(content AS BLOB), c.row, c.document_id"
    " FROM findings f LEFT JOIN review_cells c ON c.id = f.cell_id ORDER BY f.id"
)
_DECISIONS = (
    "SELECT id, cell_id, CAST(hash AS BLOB), erased, finding_id, CAST(action AS BLOB),"
    " CAST(verdict AS BLOB), CAST(comment AS BLOB), CAST(comment_hash AS BLOB),"
    " CAST(user AS BLOB), created_at FROM decisions ORDER BY id"
)


def entry_hash(
    previous: str, entry_id: int, at: float, user: str, action: str, detail: dict[str, Any]
) -> str:
    """The hash of an entry, which covers the one before."""
    told = json.dumps([previous, entry_id, at, user, action, detail], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def verify(connection: Connection, expect: str = "") -> AuditProblem | None:
    """The first thing that is wrong; None if nothing is.

    `expect` is a head that the log once had, and has to contain still.
    """
    record = _Record(connection)
    previous, number = FIRST, 0
    expected = expect.strip().lower() in ("", FIRST)
    for row in stream(connection, _ENTRIES):
        number += 1
        entry = _read_entry(row, number, previous)
        if isinstance(entry, AuditProblem):
            return entry
        previous = entry.hash
        expected = expected or previous == expect.strip().lower()
        problem = record.follow(entry)
        if problem:
            return problem
    if last_id(connection, "audit") > number:
        return AuditProblem(number, "the entries after it are missing")
    if not expected:
        return AuditProblem(number, "the log does not contain the hash that it once ended with")
    return record.rest()


@dataclass(frozen=True, slots=True)
class _Entry:
    id: int
    action: str
    detail: dict[str, Any]
    hash: str


def _read_entry(row: Sequence[Any], number: int, previous: str) -> _Entry | AuditProblem:
    entry_id, at = row[0], row[1]
    if entry_id != number:
        return AuditProblem(entry_id, f"entry {number} before it is missing")
    try:
        user, action, told, before, digest = (part.decode() for part in row[2:])
        detail = json.loads(told)
    except (AttributeError, ValueError, RecursionError):
        return AuditProblem(entry_id, "the entry cannot be read")
    if before != previous:
        return AuditProblem(entry_id, "the entry does not follow the one before it")
    # The hash is of what the JSON says; that its bytes are as written is asked on top.
    if json.dumps(detail) != told or digest != entry_hash(
        previous, entry_id, at, user, action, detail
    ):
        return AuditProblem(entry_id, "the entry is not what was written")
    return _Entry(entry_id, action, detail, digest)


class _Record:
    """Findings and decisions, followed in step with the entries that tell of them.

    Both get their ids in the transactions that write their entries, so they are in the same order:
    one row of each is held at a time.
    """

    def __init__(self, connection: Connection) -> None:
        self._findings = _Rows("finding", stream(connection, _FINDINGS))
        self._decisions = _Rows("decision", stream(connection, _DECISIONS))
        self._connection = connection
        self._reviews: dict[int, tuple[int, int, str]] = {}
        """By id: the entry that tells of it, how many cells it has, its checklist's hash."""

    def follow(self, entry: _Entry) -> AuditProblem | None:
        """What is wrong with what this entry tells of."""
        detail = entry.detail
        if entry.action == "review.finding":
            return self._findings.follow(entry)
        if entry.action == "review.decision":
            return self._decisions.follow(entry)
        if entry.action == "review.created":
            copy = detail["checklist_sha256"]
            self._reviews[detail["review"]] = (entry.id, detail["cells"], copy)
        elif entry.action == "review.deleted":
            self._forget((detail["review"],))
        elif entry.action == "workspace.deleted":
            self._forget(detail["reviews"])
        elif entry.action == "review.erased":
            self._findings.erased(detail["findings"])
            self._decisions.erased(detail["decisions"])
        return None

    def rest(self) -> AuditProblem | None:
        """What is wrong once all entries have been read."""
        return (
            self._findings.rest()
            or self._decisions.rest()
            or wrong_review(self._connection, self._reviews)
            or wrong_cell(self._connection)
        )

    def _forget(self, review_ids: Sequence[int]) -> None:
        for review_id in review_ids:
            self._reviews.pop(review_id, None)
            self._findings.missing.pop(review_id, None)
            self._decisions.missing.pop(review_id, None)


@dataclass(slots=True)
class _Rows:
    """The findings, or the decisions, in the order of their ids."""

    kind: str
    rows: Iterator[Sequence[Any]]
    missing: dict[int, AuditProblem] = field(default_factory=dict)
    """By review: what the log tells of and is gone; sound if the review was deleted later."""
    blank: dict[int, AuditProblem] = field(default_factory=dict)
    """What is blank; sound if an entry tells that it was erased."""
    _next: Sequence[Any] | None = None

    def follow(self, entry: _Entry) -> AuditProblem | None:
        """What is wrong with the row that the entry tells of."""
        wanted = entry.detail[self.kind]
        row = self._next or next(self.rows, None)
        self._next = row
        if row is not None and row[0] < wanted:
            return self._without_entry(row)
        if row is None or row[0] > wanted:
            gone = AuditProblem(entry.id, f"{self.kind} {wanted} is not there any more")
            self.missing.setdefault(entry.detail["review"], gone)
            return None
        self._next = None
        if not FITS[self.kind](row, entry.detail):
            return AuditProblem(entry.id, f"{self.kind} {wanted} is not what was written")
        if row[3]:
            self.blank[wanted] = AuditProblem(
                entry.id, f"{self.kind} {wanted} is blank, and no entry tells that it was erased"
            )
        return None

    def erased(self, ids: Sequence[int]) -> None:
        """An entry tells that these were erased."""
        for row_id in ids:
            self.blank.pop(row_id, None)

    def rest(self) -> AuditProblem | None:
        """What is wrong once all entries have been read."""
        row = self._next or next(self.rows, None)
        if row is not None:
            return self._without_entry(row)
        return next(iter((*self.missing.values(), *self.blank.values())), None)

    def _without_entry(self, row: Sequence[Any]) -> AuditProblem:
        return AuditProblem(0, f"no entry tells of {self.kind} {row[0]}")
