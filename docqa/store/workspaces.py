"""Workspaces by name."""

import time
import unicodedata
from typing import Protocol

from sqlalchemy import Connection, delete, func, select, update

from docqa.errors import InvalidNameError, NameTakenError, UnknownItemError
from docqa.store.audit import append_in
from docqa.store.database import Database
from docqa.store.models import DocumentRow, PackRow, PreferenceRow, VersionRow, WorkspaceRow
from docqa.store.queries import add_row, unreferenced
from docqa.store.review_models import ReviewRow
from docqa.store.values import Workspace, WorkspaceSummary

MAX_NAME_LENGTH = 80


class WorkspaceIndex(Protocol):
    """What deleting a workspace needs of the search index."""

    def drop(self, connection: Connection, workspace_id: int) -> None:
        """Forget the workspace."""
        ...


class WorkspaceStore:
    """Workspaces by name."""

    def __init__(self, database: Database, index: WorkspaceIndex) -> None:
        self._database = database
        self._index = index

    def all(self) -> tuple[WorkspaceSummary, ...]:
        """All workspaces by name, with their sizes."""
        documents = (
            select(DocumentRow.workspace_id, func.count().label("documents"))
            .join(VersionRow, VersionRow.id == DocumentRow.current_version_id)
            .where(VersionRow.status != "failed", VersionRow.kind != "map")
            .group_by(DocumentRow.workspace_id)
            .subquery()
        )
        query = (
            select(
                WorkspaceRow.id,
                WorkspaceRow.name,
                WorkspaceRow.created_at,
                func.coalesce(documents.c.documents, 0),
                PackRow.segment_count,
                PackRow.token_count,
                PackRow.hash,
            )
            .outerjoin(documents, documents.c.workspace_id == WorkspaceRow.id)
            .outerjoin(PackRow, (PackRow.workspace_id == WorkspaceRow.id) & ~PackRow.retired)
            .order_by(func.lower(WorkspaceRow.name), WorkspaceRow.id)
        )
        with self._database.read() as connection:
            return tuple(
                WorkspaceSummary(
                    Workspace(row[0], row[1], row[2]),
                    documents=row[3],
                    tokens=row[5] if row[4] else 0,
                    pack=row[6] if row[4] else "",
                )
                for row in connection.execute(query)
            )

    def get(self, name: str) -> Workspace:
        """The workspace of this name.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            found = _by_name(connection, name)
        if found is None:
            raise UnknownItemError("workspace", name)
        return found

    def by_id(self, workspace_id: int) -> Workspace:
        """The workspace with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        query = select(WorkspaceRow.id, WorkspaceRow.name, WorkspaceRow.created_at)
        with self._database.read() as connection:
            row = connection.execute(query.where(WorkspaceRow.id == workspace_id)).first()
        if row is None:
            raise UnknownItemError("workspace", workspace_id)
        return Workspace(row.id, row.name, row.created_at)

    def create(self, name: str) -> Workspace:
        """A new, empty workspace.

        Raises:
            InvalidNameError: If the name has slashes or control characters, or is empty or long.
            NameTakenError: If there is one of this name.
        """
        name = _valid(name)
        with self._database.write() as connection:
            if _by_name(connection, name):
                raise NameTakenError("workspace", name)
            return _create(connection, name)

    def get_or_create(self, name: str) -> Workspace:
        """The workspace of this name, made if there is none.

        Raises:
            InvalidNameError: If there is none and the name cannot be given.
        """
        with self._database.read() as connection:
            found = _by_name(connection, name)
        if found:
            return found
        name = _valid(name)
        with self._database.write() as connection:
            return _by_name(connection, name) or _create(connection, name)

    def rename(self, workspace_id: int, new: str) -> Workspace:
        """The workspace under its new name.

        Raises:
            InvalidNameError: If the name cannot be given.
            NameTakenError: If another workspace has it.
            UnknownItemError: If there is no such workspace.
        """
        new = _valid(new)
        with self._database.write() as connection:
            other = _by_name(connection, new)
            if other and other.id != workspace_id:
                raise NameTakenError("workspace", new)
            connection.execute(
                update(WorkspaceRow).where(WorkspaceRow.id == workspace_id).values(name=new)
            )
        return self.by_id(workspace_id)

    def delete(self, workspace_id: int, *, user: str = "") -> frozenset[str]:
        """Delete it with all that is in it; the content hashes that nothing refers to any more.

        The audit log tells that its reviews went with it.

        Raises:
            UnknownItemError: If there is no such workspace.
        """
        hashes = (
            select(VersionRow.content_hash)
            .join(DocumentRow, DocumentRow.id == VersionRow.document_id)
            .where(DocumentRow.workspace_id == workspace_id)
        )
        reviews = select(ReviewRow.id).where(ReviewRow.workspace_id == workspace_id)
        with self._database.write() as connection:
            used = frozenset(connection.scalars(hashes))
            reviewed = sorted(connection.scalars(reviews))
            self._index.drop(connection, workspace_id)
            connection.execute(
                delete(PreferenceRow).where(PreferenceRow.workspace_id == workspace_id)
            )
            gone = connection.execute(delete(WorkspaceRow).where(WorkspaceRow.id == workspace_id))
            if not gone.rowcount:
                raise UnknownItemError("workspace", workspace_id)
            told = {"workspace": workspace_id, "reviews": reviewed}
            append_in(connection, user, "workspace.deleted", told)
            return unreferenced(connection, used)


def _valid(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    bad = any(
        char in "/\\" or unicodedata.category(char) in ("Cc", "Cs", "Cf", "Zl", "Zp")
        for char in name
    )
    if not name or len(name) > MAX_NAME_LENGTH or bad or set(name) == {"."}:
        raise InvalidNameError(name)
    return name


def _by_name(connection: Connection, name: str) -> Workspace | None:
    name = unicodedata.normalize("NFC", name).strip()
    query = select(WorkspaceRow.id, WorkspaceRow.name, WorkspaceRow.created_at)
    row = connection.execute(query.where(WorkspaceRow.name == name)).first()
    return Workspace(row.id, row.name, row.created_at) if row else None


def _create(connection: Connection, name: str) -> Workspace:
    now = time.time()
    return Workspace(add_row(connection, WorkspaceRow, name=name, created_at=now), name, now)
