"""Who did what. Entries are chained by hash: one that is changed or missing shows."""

import hashlib
import json
import time
from typing import Any

from sqlalchemy import Connection, func, insert, select

from docqa.core.escaping import encodable
from docqa.store.database import Database
from docqa.store.models import AuditRow
from docqa.store.queries import last_id
from docqa.store.values import AuditEntry

_FIRST = "0" * 64
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
_INSERT = insert(AuditRow)


def append_in(connection: Connection, user: str, action: str, detail: dict[str, Any]) -> AuditEntry:
    """Record an act within the caller's transaction: both are kept, or neither."""
    entry_id = last_id(connection, "audit") + 1
    previous = connection.scalar(_NEWEST) or _FIRST
    now = time.time()
    user = encodable(user)
    digest = _hash(previous, entry_id, now, user, action, detail)
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
        """How many people have entries."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count(AuditRow.user.distinct()))) or 0

    def verify(self) -> int | None:
        """The id of the first entry that does not fit the one before it; None if all fit."""
        previous = _FIRST
        for number, entry in enumerate(self.entries(), 1):
            told = (entry.id, entry.at, entry.user, entry.action, entry.detail)
            fits = entry.id == number and entry.previous_hash == previous
            if not fits or entry.hash != _hash(previous, *told):
                return entry.id
            previous = entry.hash
        return None


def _hash(
    previous: str, entry_id: int, at: float, user: str, action: str, detail: dict[str, Any]
) -> str:
    told = json.dumps([previous, entry_id, at, user, action, detail], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
