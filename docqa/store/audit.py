"""Who did what. Entries are chained by hash: one that is changed or missing shows."""

import time
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from docqa.core.escaping import encodable
from docqa.store.audit_verification import FIRST, entry_hash, verify
from docqa.store.database import Database
from docqa.store.models import AuditRow
from docqa.store.queries import last_id
from docqa.store.values import AuditEntry, AuditProblem

_COLUMNS = (
    AuditRow.id,
    AuditRow.at,
    AuditRow.user,
    AuditRow.action,
    AuditRow.detail,
    AuditRow.previous_hash,
    AuditRow.hash,
)
_NEWEST = select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
# Asked before each answer: hops over the index from name to name, however long the log is.
_USERS = text(
    "WITH RECURSIVE names(name) AS (SELECT min(user) FROM audit UNION ALL"
    " SELECT (SELECT min(user) FROM audit WHERE user > name) FROM names WHERE name IS NOT NULL)"
    " SELECT count(*) FROM names WHERE name > ''"
)
_INSERT = insert(AuditRow)


def append_in(connection: Connection, user: str, action: str, detail: dict[str, Any]) -> AuditEntry:
    """Record an act within the caller's transaction: both are kept, or neither."""
    entry_id = last_id(connection, "audit") + 1
    previous = connection.scalar(_NEWEST) or FIRST
    now = time.time()
    user = encodable(user)
    digest = entry_hash(previous, entry_id, now, user, action, detail)
    entry = AuditEntry(entry_id, now, user, action, detail, previous, digest)
    connection.execute(
        _INSERT,
        {
            "id": entry_id,
            "at": now,
            "user": user,
            "action": action,
            "detail": detail,
            "previous_hash": previous,
            "hash": digest,
        },
    )
    return entry


class AuditStore:
    """The record of acts. Details are ids, counts and hashes, never contents or names."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, user: str, action: str, detail: dict[str, Any]) -> AuditEntry:
        """Record an act."""
        with self._database.write() as connection:
            return append_in(connection, user, action, detail)

    @staticmethod
    def append_in(
        connection: Connection, user: str, action: str, detail: dict[str, Any]
    ) -> AuditEntry:
        """Record an act within the caller's transaction."""
        return append_in(connection, user, action, detail)

    def entries(self, limit: int | None = None) -> tuple[AuditEntry, ...]:
        """The entries, oldest first; the newest `limit` of them."""
        query = select(*_COLUMNS).order_by(AuditRow.id.desc()).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(
            AuditEntry(row[0], row[1], row[2], row[3], row[4], row[5], row[6])
            for row in reversed(rows)
        )

    def count(self) -> int:
        """How many entries there are."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(AuditRow)) or 0

    def users(self) -> int:
        """How many people have entries; docqa itself, which has no name there, is none."""
        with self._database.read() as connection:
            return connection.scalar(_USERS) or 0

    def head(self) -> str:
        """The newest entry's hash; noted elsewhere, it shows later what the log lost since."""
        with self._database.read() as connection:
            return connection.scalar(_NEWEST) or FIRST

    def verify(self, expect: str = "") -> AuditProblem | None:
        """The first thing that is not as it was written, findings and decisions too; else None.

        `expect` is a head that the log once had, and has to contain still.
        """
        with self._database.read() as connection:
            return verify(connection, expect)
