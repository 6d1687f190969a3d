"""The checklists that users made, by their ids. Those that come with docqa are not in here."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from docqa.core.checklists import Checklist
from docqa.core.escaping import encodable
from docqa.errors import NameTakenError, StaleError, UnknownItemError
from docqa.store.audit import append_in
from docqa.store.database import Database
from docqa.store.review_models import ChecklistRow
from docqa.store.review_rows import checklist_json, sha256, to_checklist
from docqa.store.values import StoredChecklist

_COLUMNS = (
    ChecklistRow.id,
    ChecklistRow.content,
    ChecklistRow.revision,
    ChecklistRow.updated_at,
    ChecklistRow.updated_by,
)


class ChecklistStore:
    """The checklists that users made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[StoredChecklist, ...]:
        """All of them, by id."""
        with self._database.read() as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(ChecklistRow.id)).all()
        return tuple(map(_to_stored, rows))

    def get(self, checklist_id: str) -> StoredChecklist:
        """The checklist with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        query = select(*_COLUMNS).where(ChecklistRow.id == encodable(checklist_id))
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise UnknownItemError("checklist", checklist_id)
        return _to_stored(row)

    def save(self, checklist: Checklist, *, user: str, revision: int | None) -> StoredChecklist:
        """Keep the checklist in place of what it was at this revision; with None it is new.

        Raises:
            NameTakenError: If it is to be new, and there is one with its id.
            StaleError: If it is not what it was: someone else saved or deleted it.
        """
        content = checklist_json(checklist)
        checklist_id, user = encodable(checklist.id), encodable(user)
        now = time.time()
        query = select(*_COLUMNS).where(ChecklistRow.id == checklist_id)
        with self._database.write() as connection:
            row = connection.execute(query).first()
            _check(checklist_id, row, revision)
            new = {
                "content": content,
                "revision": (revision or 0) + 1,
                "updated_at": now,
                "updated_by": user,
            }
            saving = insert(ChecklistRow).values(id=checklist_id, **new)
            connection.execute(saving.on_conflict_do_update(index_elements=["id"], set_=new))
            told = {
                "id_sha256": sha256(checklist_id),
                "before_sha256": sha256(row.content) if row else "",
                "sha256": sha256(content),
                "requirements": len(checklist.requirements),
            }
            append_in(connection, user, "checklist.saved", told)
        return StoredChecklist(to_checklist(content), (revision or 0) + 1, now, user)

    def delete(self, checklist_id: str, *, user: str) -> None:
        """Delete the checklist; reviews have copies of their own.

        Raises:
            UnknownItemError: If there is none.
        """
        checklist_id = encodable(checklist_id)
        deleting = (
            delete(ChecklistRow)
            .where(ChecklistRow.id == checklist_id)
            .returning(ChecklistRow.content)
        )
        with self._database.write() as connection:
            content = connection.execute(deleting).scalar()
            if content is None:
                raise UnknownItemError("checklist", checklist_id)
            told = {"id_sha256": sha256(checklist_id), "before_sha256": sha256(content)}
            append_in(connection, user, "checklist.deleted", told)


def _check(checklist_id: str, row: Sequence[Any] | None, revision: int | None) -> None:
    if revision is None:
        if row is not None:
            raise NameTakenError("checklist", checklist_id)
        return
    if row is None:
        raise StaleError(f"the checklist {checklist_id!r} was deleted since you opened it")
    found, updated_by = row[2], row[4]
    if found != revision:
        raise StaleError(f"{updated_by!r} saved the checklist since you opened it")


def _to_stored(row: Sequence[Any]) -> StoredChecklist:
    _, content, revision, updated_at, updated_by = row
    return StoredChecklist(to_checklist(content), revision, updated_at, updated_by)
