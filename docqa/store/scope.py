"""What a question is about: its documents, and what of them is in a pack version.

In scope are documents whose current version can be read, is in the pack and is not excluded: all
of the workspace, or those of them that the question names. Where all are, none is listed: what
asking costs must not grow with the corpus.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, case, exists, func, select

from docqa.core.answers import Coverage
from docqa.store.database import Database
from docqa.store.document_rows import documents_query, to_document
from docqa.store.models import DocumentRow, PageRow, SegmentRow, VersionRow
from docqa.store.queries import among
from docqa.store.values import DocumentInfo, PackInfo

_LIVE = (VersionRow.status == "ready", VersionRow.published, ~DocumentRow.excluded)
_CURRENT = VersionRow.id == DocumentRow.current_version_id
MOST_UNREADABLE = 200
"""Pages that a coverage names; the others are counted."""


class ScopeStore:
    """Documents as a question sees them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def in_scope(
        self, workspace_id: int, document_ids: Collection[int]
    ) -> tuple[DocumentInfo, ...]:
        """Those of these documents that can be asked about, in path order."""
        query = (
            documents_query()
            .where(DocumentRow.workspace_id == workspace_id, *_LIVE)
            .where(among(DocumentRow.id, document_ids))
            .order_by(DocumentRow.path, DocumentRow.id)
        )
        with self._database.read() as connection:
            return tuple(to_document(row) for row in connection.execute(query))

    def any_in_scope(self, workspace_id: int, document_ids: Collection[int] = ()) -> bool:
        """Whether one of these documents, or of all, can be asked about."""
        query = _in_scope(workspace_id, document_ids).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def versions_in_scope(self, version_ids: Collection[int]) -> frozenset[int]:
        """Those of these versions that a question about all documents is about."""
        query = (
            select(VersionRow.id)
            .join(DocumentRow, (DocumentRow.id == VersionRow.document_id) & _CURRENT)
            .where(among(VersionRow.id, version_ids), *_LIVE)
        )
        with self._database.read() as connection:
            return frozenset(connection.scalars(query))

    def coverage(self, pack: PackInfo, document_ids: Collection[int] = ()) -> Coverage:
        """What of the documents in scope is in this pack version; no id stands for all.

        A document that was added after the version was read counts as not in it.
        """
        packed = exists().where(
            SegmentRow.version_id == VersionRow.id,
            SegmentRow.pack_id == pack.id,
            SegmentRow.position < pack.segment_count,
        )
        sums = (
            (1, 1),
            (VersionRow.page_count, VersionRow.readable_pages),
            (VersionRow.passage_count, VersionRow.passage_count),
            (VersionRow.token_count, VersionRow.token_count),
            (VersionRow.page_count - VersionRow.readable_pages, 0),
        )
        scope = _in_scope(pack.workspace_id, document_ids)
        query = scope.with_only_columns(
            *(func.coalesce(func.sum(all_of), 0) for all_of, _ in sums),
            *(func.coalesce(func.sum(case((packed, part), else_=0)), 0) for _, part in sums),
        )
        with self._database.read() as connection:
            row: Sequence[Any] = connection.execute(query).one()
            pages = connection.execute(_unreadable(scope)).all() if row[4] else ()
        return Coverage(
            documents=row[0],
            documents_in_window=row[5],
            pages=row[1],
            pages_in_window=row[6],
            passages=row[2],
            passages_in_window=row[7],
            tokens=row[3],
            tokens_in_window=row[8],
            unreadable_pages=tuple((page[0], page[1], page[2]) for page in pages),
            unreadable_page_count=row[4],
        )


def _in_scope(workspace_id: int, document_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    query = (
        select(DocumentRow.id)
        .join(VersionRow, _CURRENT)
        .where(DocumentRow.workspace_id == workspace_id, *_LIVE)
    )
    return query.where(among(DocumentRow.id, document_ids)) if document_ids else query


def _unreadable(scope: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        scope.with_only_columns(DocumentRow.name, PageRow.number, PageRow.reason)
        .join(PageRow, PageRow.version_id == VersionRow.id)
        .where(VersionRow.readable_pages < VersionRow.page_count, PageRow.status != "text")
        .order_by(DocumentRow.path, DocumentRow.id, PageRow.number)
        .limit(MOST_UNREADABLE)
    )
