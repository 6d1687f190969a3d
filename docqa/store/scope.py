"""What a question is about: its documents, and what of them is in a pack version.

In scope are documents whose current version can be read, is in the pack and is not excluded: all
of the workspace, or those of them that the question names. Where all are, none is listed: what
asking costs must not grow with the corpus.
"""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, union

from docqa.core.answers import Coverage
from docqa.core.documents import READABLE_STATUSES
from docqa.store.database import Database
from docqa.store.document_rows import documents_query, to_document
from docqa.store.models import DocumentRow, PageRow, PassageRow, SegmentRow, VersionRow
from docqa.store.queries import among
from docqa.store.values import DocumentInfo, PackInfo

_LIVE = (
    VersionRow.status == "ready",
    VersionRow.published,
    ~DocumentRow.excluded,
    VersionRow.kind != "map",  # has nothing that could be cited
)
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

    def fingerprint(self, workspace_id: int) -> tuple[int, ...]:
        """Changes with everything that is told of the workspace's documents."""
        sums = (
            DocumentRow.id,
            DocumentRow.current_version_id,
            # By its id: of two documents one may come in as the other goes out.
            DocumentRow.id * DocumentRow.excluded,
            DocumentRow.id * func.length(DocumentRow.removed),
            DocumentRow.id * VersionRow.published,
            DocumentRow.id * VersionRow.token_count,
            func.length(VersionRow.error),
        )
        query = (
            select(func.count(), *(func.coalesce(func.sum(each), 0) for each in sums))
            .join(VersionRow, _CURRENT)
            .where(DocumentRow.workspace_id == workspace_id)
        )
        with self._database.read() as connection:
            return tuple(connection.execute(query).one())

    def any_in_scope(self, workspace_id: int, document_ids: Collection[int] = ()) -> bool:
        """Whether one of these documents, or of all, can be asked about."""
        query = _in_scope(workspace_id, document_ids).limit(1) if document_ids else _ANY
        with self._database.read() as connection:
            return connection.execute(query, {"workspace_id": workspace_id}).first() is not None

    def totals(self, workspace_id: int, document_ids: Collection[int] = ()) -> tuple[int, int]:
        """How many of these documents, or of all, can be asked about, and their tokens."""
        query = _in_scope(workspace_id, document_ids).with_only_columns(
            func.count(), func.coalesce(func.sum(VersionRow.token_count), 0)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one()
        return row[0], row[1]

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
        packed = select(SegmentRow.version_id).where(
            SegmentRow.pack_id == pack.id, SegmentRow.position < pack.segment_count
        )
        scope = _in_scope(pack.workspace_id, document_ids)
        each = scope.with_only_columns(
            VersionRow.page_count.label("pages"),
            VersionRow.readable_pages.label("readable"),
            VersionRow.passage_count.label("passages"),
            VersionRow.token_count.label("tokens"),
            VersionRow.id.in_(packed).label("packed"),
        ).subquery()
        found = each.c
        counted = (literal(1), found.pages, found.passages, found.tokens)
        in_window = (literal(1), found.readable, found.passages, found.tokens)
        query = select(
            *(func.coalesce(func.sum(part), 0) for part in counted),
            *(func.coalesce(func.sum(part * found.packed), 0) for part in in_window),
            func.coalesce(func.sum(found.pages - found.readable), 0),
        )
        with self._database.read() as connection:
            row: Sequence[Any] = connection.execute(query).one()
            pages = connection.execute(_unreadable(scope)).all() if row[8] else ()
        return Coverage(
            documents=row[0],
            pages=row[1],
            passages=row[2],
            tokens=row[3],
            documents_in_window=row[4],
            pages_in_window=row[5],
            passages_in_window=row[6],
            tokens_in_window=row[7],
            unreadable_pages=tuple((page[0], page[1], page[2]) for page in pages),
            unreadable_page_count=row[8],
        )

    def swept(
        self, pack: PackInfo, labels: Sequence[tuple[int, int]], document_ids: Collection[int] = ()
    ) -> tuple[int, int, int]:
        """How many documents, pages and passages in scope have labels in these ranges.

        A range is its first label and the one after its last; they do not overlap.
        """
        scope = _in_scope(pack.workspace_id, document_ids)
        ranges = func.json_each(json.dumps(labels)).table_valued("value").alias("ranges")
        label = SegmentRow.first_label + PassageRow.ordinal
        passages = (
            scope.with_only_columns(
                VersionRow.id.label("version"),
                PassageRow.first_page.label("first"),
                PassageRow.last_page.label("last"),
            )
            .join(SegmentRow, SegmentRow.version_id == VersionRow.id)
            .join(PassageRow, PassageRow.version_id == VersionRow.id)
            .join(
                ranges,
                (label >= func.json_extract(ranges.c.value, "$[0]"))
                & (label < func.json_extract(ranges.c.value, "$[1]")),
            )
            .where(SegmentRow.pack_id == pack.id, SegmentRow.position < pack.segment_count)
            .subquery()
        )
        found = passages.c
        pages = union(
            *(
                select(found.version, page).where(page.is_not(None))
                for page in (found.first, found.last)
            )
        ).subquery()
        counted = select(func.count(found.version.distinct()), func.count())
        with self._database.read() as connection:
            documents, total = connection.execute(counted.select_from(passages)).one()
            of_pages = connection.scalar(select(func.count()).select_from(pages))
        return documents, of_pages or 0, total


def _in_scope(workspace_id: int, document_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    query = (
        select(DocumentRow.id)
        .join(VersionRow, _CURRENT)
        .where(DocumentRow.workspace_id == workspace_id, *_LIVE)
    )
    return query.where(among(DocumentRow.id, document_ids)) if document_ids else query


_ANY = (
    select(DocumentRow.id)
    .join(VersionRow, _CURRENT)
    .where(DocumentRow.workspace_id == bindparam("workspace_id"), *_LIVE)
    .limit(1)
)


def _unreadable(scope: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        scope.with_only_columns(DocumentRow.name, PageRow.number, PageRow.reason)
        .join(PageRow, PageRow.version_id == VersionRow.id)
        .where(
            VersionRow.readable_pages < VersionRow.page_count,
            PageRow.status.not_in(READABLE_STATUSES),
        )
        .order_by(DocumentRow.path, DocumentRow.id, PageRow.number)
        .limit(MOST_UNREADABLE)
    )
