"""Documents: where they come from, which version is current, what could be read of it."""

import json
import time
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import aliased

from docqa.core.documents import DocumentKind
from docqa.core.escaping import encodable
from docqa.errors import UnknownItemError
from docqa.store import erasing, staging
from docqa.store.contents import ContentStore
from docqa.store.database import Database
from docqa.store.document_rows import (
    VERSION_BY_ID,
    VERSION_COLUMNS,
    VERSIONS_BY_ID,
    documents_query,
    to_document,
    to_version,
)
from docqa.store.models import DocumentRow, SourceRow, VersionRow
from docqa.store.queries import among, set_columns, unreferenced
from docqa.store.scope import ScopeStore
from docqa.store.sources import SourceStore
from docqa.store.values import DocumentInfo, Erased, NewVersion, VersionInfo


class DocumentStore(SourceStore, ContentStore, ScopeStore):
    """Sources, documents, versions, pages and passages."""

    def __init__(self, database: Database, index: staging.PassageIndex) -> None:
        super().__init__(database)
        self._index = index

    def add_document(self, workspace_id: int, source_id: int, path: str, name: str) -> int:
        """The document at this path of the source, made if it is not there; its id."""
        return self.add_documents(workspace_id, source_id, [(path, name)])[0]

    def add_documents(
        self, workspace_id: int, source_id: int, paths_and_names: Sequence[tuple[str, str]]
    ) -> list[int]:
        """The documents at these paths of the source, made if they are not there; their ids."""
        given = [(encodable(path), encodable(name)) for path, name in paths_and_names]
        known = select(DocumentRow.path, DocumentRow.id).where(
            DocumentRow.source_id == source_id,
            among(DocumentRow.path, [path for path, _ in given]),
        )
        with self._database.write() as connection:
            ids = {row.path: row.id for row in connection.execute(known)}
            missing = {path: name for path, name in given if path not in ids}
            if missing:
                now = time.time()
                connection.execute(
                    insert(DocumentRow),
                    [
                        {
                            "workspace_id": workspace_id,
                            "source_id": source_id,
                            "path": path,
                            "name": name,
                            "excluded": False,
                            "created_at": now,
                        }
                        for path, name in missing.items()
                    ],
                )
                ids = {row.path: row.id for row in connection.execute(known)}
        return [ids[path] for path, _ in given]

    def find(self, source_id: int, path: str) -> DocumentInfo | None:
        """The document at this path of the source; status `staged` before it is published."""
        query = documents_query().where(
            DocumentRow.source_id == source_id, DocumentRow.path == encodable(path)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return to_document(row) if row else None

    def find_uploads(self, workspace_id: int, name: str) -> tuple[DocumentInfo, ...]:
        """Documents that were added one by one under this name, newest first."""
        query = (
            documents_query()
            .join(SourceRow, SourceRow.id == DocumentRow.source_id)
            .where(
                DocumentRow.workspace_id == workspace_id,
                DocumentRow.name == encodable(name),
                SourceRow.kind.in_(("upload", "file")),
                DocumentRow.current_version_id.is_not(None),
            )
            .order_by(DocumentRow.id.desc())
        )
        with self._database.read() as connection:
            return tuple(to_document(row) for row in connection.execute(query))

    def get(self, document_id: int) -> DocumentInfo:
        """The document with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(documents_query().where(DocumentRow.id == document_id)).first()
        if row is None:
            raise UnknownItemError("document", document_id)
        return to_document(row)

    def by_name(self, workspace_id: int, name: str | int) -> DocumentInfo:
        """The workspace's document of this name, path or id; of several the newest.

        Raises:
            UnknownItemError: If there is none.
        """
        text = encodable(str(name))
        matches = or_(DocumentRow.name == text, DocumentRow.path == text)
        if text.isdecimal():
            matches = or_(matches, DocumentRow.id == int(text))
        query = (
            documents_query()
            .where(DocumentRow.workspace_id == workspace_id, matches)
            .order_by(
                DocumentRow.current_version_id.is_(None),
                VersionRow.status == "failed",
                (DocumentRow.name != text) & (DocumentRow.path != text),
                DocumentRow.id.desc(),
            )
        )
        with self._database.read() as connection:
            row = connection.execute(query.limit(1)).first()
        if row is None:
            raise UnknownItemError("document", name)
        return to_document(row)

    def all(self, workspace_id: int, *, include_failed: bool = True) -> tuple[DocumentInfo, ...]:
        """The workspace's documents in path order; not those that are still being added."""
        query = documents_query().where(
            DocumentRow.workspace_id == workspace_id, DocumentRow.current_version_id.is_not(None)
        )
        if not include_failed:
            query = query.where(VersionRow.status != "failed")
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(DocumentRow.path, DocumentRow.id)).all()
        return tuple(to_document(row) for row in rows)

    def versions(self, document_id: int) -> tuple[VersionInfo, ...]:
        """The document's versions, newest first, failed ones among them."""
        query = select(*VERSION_COLUMNS).where(VersionRow.document_id == document_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(VersionRow.number.desc())).all()
        return tuple(to_version(row) for row in rows)

    def version(self, version_id: int) -> VersionInfo:
        """The version with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(VERSION_BY_ID, {"version_id": version_id}).first()
        if row is None:
            raise UnknownItemError("version", version_id)
        return to_version(row)

    def versions_by_id(self, version_ids: Collection[int]) -> dict[int, VersionInfo]:
        """Versions by their ids; unknown ids are left out."""
        with self._database.read() as connection:
            rows = connection.execute(VERSIONS_BY_ID, {"ids": json.dumps(list(version_ids))}).all()
        return {row[0]: to_version(row) for row in rows}

    def unpublished(
        self, workspace_id: int, document_ids: Collection[int] | None = None
    ) -> tuple[VersionInfo, ...]:
        """The newest readable versions that are not in the pack and belong there, in path order.

        Those of documents that were excluded when the pack was built anew are not among them.
        """
        current, other = aliased(VersionRow), aliased(VersionRow)
        newest = (
            select(func.max(other.number))
            .where(other.document_id == VersionRow.document_id, other.status == "ready")
            .scalar_subquery()
        )
        query = (
            select(*VERSION_COLUMNS)
            .join(DocumentRow, DocumentRow.id == VersionRow.document_id)
            .outerjoin(current, current.id == DocumentRow.current_version_id)
            .where(
                DocumentRow.workspace_id == workspace_id,
                VersionRow.status == "ready",
                ~VersionRow.published,
                VersionRow.number == newest,
                or_(
                    current.id.is_(None),
                    current.status == "failed",
                    VersionRow.number > current.number,
                    and_(VersionRow.id == current.id, ~DocumentRow.excluded),
                ),
            )
            .order_by(DocumentRow.source_id, DocumentRow.path)
        )
        if document_ids is not None:
            query = query.where(among(DocumentRow.id, document_ids))
        with self._database.read() as connection:
            return tuple(to_version(row) for row in connection.execute(query).all())

    def stage_version(self, new: NewVersion) -> int:
        """Add an unpublished version, all of it or nothing; its id.

        If the document's newest version has the same bytes, reader and options, that one's id.

        Raises:
            UnknownItemError: If the document is gone.
            StorageFullError: If there is no space for it.
        """
        with self._database.write() as connection:
            return staging.stage(connection, self._index, new)

    def stage_many(self, versions: Iterable[NewVersion]) -> list[int]:
        """Add several unpublished versions in one transaction; for small files."""
        ready = list(versions)
        with self._database.write() as connection:
            return [staging.stage(connection, self._index, new) for new in ready]

    def record_failure(
        self,
        document_id: int,
        content_hash: str,
        size: int,
        *,
        error: str,
        hint: str = "",
        kind: DocumentKind = "text",
        options_hash: str = "",
    ) -> int:
        """Add a version that could not be read; a readable one before it stays the current one."""
        with self._database.write() as connection:
            return staging.record_failure(
                connection,
                document_id,
                content_hash=content_hash,
                size=size,
                kind=kind,
                options_hash=options_hash,
                error=error,
                hint=hint,
            )

    def discard_version(self, version_id: int) -> frozenset[str]:
        """Take back a staged version; the content hashes that nothing refers to any more.

        A document that has no other version goes with it. A published version stays as it is.
        """
        with self._database.write() as connection:
            query = select(
                VersionRow.document_id, VersionRow.content_hash, VersionRow.published
            ).where(VersionRow.id == version_id)
            version = connection.execute(query).first()
            if version is None or version.published:
                return frozenset()
            erasing.delete_version(connection, self._index, version.document_id, version_id)
            return unreferenced(connection, {version.content_hash})

    def set_excluded(self, document_id: int, excluded: bool) -> None:
        """Take the document out of the default scope, or back into it; the pack stays as it is.

        That is kept: a file that is gone and comes back is excluded as it was before.

        Raises:
            UnknownItemError: If there is no such document.
        """
        with self._database.write() as connection:
            if not set_columns(
                connection, DocumentRow, document_id, excluded=excluded, kept_out=excluded
            ):
                raise UnknownItemError("document", document_id)

    def erase(self, document_id: int, *, user: str = "") -> Erased:
        """Remove the document and all that was stored of it: see `docqa.store.erasing`.

        Raises:
            UnknownItemError: If there is no such document.
        """
        with self._database.write() as connection:
            return erasing.erase(connection, self._index, document_id, user=user)

    def content_hashes(self) -> frozenset[str]:
        """The hashes of all originals that some version refers to."""
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(VersionRow.content_hash).distinct()))
