"""What is known of a source's files: to tell what changed in it without reading them again."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, func, select, update

from docqa.core.documents import PAGED_KINDS, SECRETS_SHOWN
from docqa.store.database import Database
from docqa.store.models import DocumentRow, PageRow, SecretRow, VersionRow
from docqa.store.queries import among

MAP = "map"
"""The kind of the document that docqa writes about a codebase; it is no file of the source."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file of a source as it was read last."""

    document_id: int
    version_id: int
    """0 while no version is published and none failed."""
    content_hash: str
    size: int
    reader: str
    options_hash: str
    status: str
    """Of the version; empty while there is none."""
    published: bool
    removed: str
    """Revision or day in which it was gone; empty while it is there."""
    waiting_pages: int = 0
    """Pages that are pictures and that nothing has read yet."""


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """How much of a source is in the workspace."""

    documents: int = 0
    tokens: int = 0
    removed: int = 0
    """Documents whose files are gone from the source."""
    secrets: int = 0


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where a document's current version has what looks like a password, key or token."""

    document_id: int
    document: str
    """Its name."""
    path: str
    version_id: int
    line: int
    """1-based."""
    kind: str
    """In words."""
    shown: bool
    """Whether it stands in the pack as it is; else it is masked there."""


class SourceFileStore:
    """Documents as the files of their source."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def files(self, source_id: int) -> dict[str, KnownFile]:
        """The source's files by path, gone ones too."""
        waiting = (
            select(func.count())
            .where(PageRow.version_id == VersionRow.id, PageRow.status == "image_only")
            .where(VersionRow.kind.in_(PAGED_KINDS))
            .scalar_subquery()
        )
        query = (
            select(
                DocumentRow.path,
                DocumentRow.id,
                VersionRow.id,
                VersionRow.content_hash,
                VersionRow.size,
                VersionRow.reader,
                VersionRow.options_hash,
                VersionRow.status,
                VersionRow.published,
                DocumentRow.removed,
                case((VersionRow.readable_pages < VersionRow.page_count, waiting), else_=0),
            )
            .outerjoin(VersionRow, VersionRow.id == DocumentRow.current_version_id)
            .where(DocumentRow.source_id == source_id)
            .where(VersionRow.id.is_(None) | (VersionRow.kind != MAP))
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {
            row[0]: KnownFile(
                row[1],
                row[2] or 0,
                row[3] or "",
                row[4] or 0,
                row[5] or "",
                row[6] or "",
                row[7] or "",
                bool(row[8]),
                row[9],
                row[10],
            )
            for row in rows
        }

    def set_removed(self, document_ids: Collection[int], removed: str) -> None:
        """Their files are gone since that revision or day; empty: they are there again.

        What is gone is excluded too; what is there again is not, unless a user excluded it before.
        """
        if not document_ids:
            return
        changing = (
            update(DocumentRow)
            .where(among(DocumentRow.id, document_ids))
            .values(removed=removed, excluded=True if removed else DocumentRow.kept_out)
        )
        with self._database.write() as connection:
            connection.execute(changing)

    def removed_among(self, document_ids: Collection[int]) -> list[int]:
        """Those of these documents that are taken for gone."""
        query = select(DocumentRow.id).where(
            among(DocumentRow.id, document_ids), DocumentRow.removed != ""
        )
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def source_counts(self, workspace_id: int) -> dict[int, SourceCounts]:
        """How much of each source is in the workspace; sources without documents are left out."""
        there = DocumentRow.removed == ""
        counting = (
            select(
                DocumentRow.source_id,
                func.count().filter(there),
                func.coalesce(func.sum(VersionRow.token_count).filter(there), 0),
                func.count().filter(~there),
            )
            .join(VersionRow, VersionRow.id == DocumentRow.current_version_id)
            .where(DocumentRow.workspace_id == workspace_id, VersionRow.kind != MAP)
            .group_by(DocumentRow.source_id)
        )
        secrets = (
            select(DocumentRow.source_id, func.count())
            .join(SecretRow, SecretRow.version_id == DocumentRow.current_version_id)
            .where(DocumentRow.workspace_id == workspace_id, there)
            .group_by(DocumentRow.source_id)
        )
        with self._database.read() as connection:
            found = {row[0]: row[1] for row in connection.execute(secrets)}
            rows = connection.execute(counting).all()
        return {row[0]: SourceCounts(*row[1:], secrets=found.get(row[0], 0)) for row in rows}

    def secret_places(self, source_id: int, *, most: int = 1_000) -> tuple[SecretPlace, ...]:
        """What looks like a secret in the source's documents, in path order, at most so many."""
        query = (
            select(
                DocumentRow.id,
                DocumentRow.name,
                DocumentRow.path,
                SecretRow.version_id,
                SecretRow.line,
                SecretRow.kind,
                VersionRow.options_hash.startswith(SECRETS_SHOWN),
            )
            .join(SecretRow, SecretRow.version_id == DocumentRow.current_version_id)
            .join(VersionRow, VersionRow.id == SecretRow.version_id)
            .where(DocumentRow.source_id == source_id, DocumentRow.removed == "")
            .order_by(DocumentRow.path, SecretRow.line, SecretRow.start)
            .limit(most)
        )
        with self._database.read() as connection:
            return tuple(SecretPlace(*row) for row in connection.execute(query).all())
