"""What is in a version: its pages and passages. They never change."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Select, func, select

from docqa.core.documents import READABLE_STATUSES, PageInfo, Passage
from docqa.core.packed import PackedPassage
from docqa.errors import UnknownItemError
from docqa.store.database import Database
from docqa.store.document_rows import (
    PAGE_COLUMNS,
    PASSAGE_COLUMNS,
    PASSAGES_AFTER,
    to_page,
    to_passage,
)
from docqa.store.models import DocumentRow, PageRow, PassageRow, VersionRow
from docqa.store.queries import among

_BATCH = 500


class ContentStore:
    """Pages and passages of versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pages(self, version_id: int) -> tuple[PageInfo, ...]:
        """The version's pages; none for text and code."""
        query = select(*PAGE_COLUMNS).where(PageRow.version_id == version_id)
        with self._database.read() as connection:
            return tuple(to_page(row) for row in connection.execute(query.order_by(PageRow.number)))

    def page(self, version_id: int, number: int) -> PageInfo:
        """One page, by its 1-based number.

        Raises:
            UnknownItemError: If the version has no such page.
        """
        query = select(*PAGE_COLUMNS).where(
            PageRow.version_id == version_id, PageRow.number == number
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise UnknownItemError("page", number)
        return to_page(row)

    def unreadable_page_count(
        self, workspace_id: int, document_ids: Collection[int] | None = None
    ) -> int:
        """How many pages of the current versions have no text."""
        query = _current(workspace_id, document_ids).with_only_columns(
            func.coalesce(func.sum(VersionRow.page_count - VersionRow.readable_pages), 0)
        )
        with self._database.read() as connection:
            return int(connection.scalar(query) or 0)

    def unreadable_pages(
        self,
        workspace_id: int,
        document_ids: Collection[int] | None = None,
        *,
        limit: int = 200,
    ) -> tuple[tuple[str, int, str], ...]:
        """(document, 1-based page, reason) of pages of the current versions that have no text."""
        query = (
            _current(workspace_id, document_ids)
            .with_only_columns(DocumentRow.name, PageRow.number, PageRow.reason)
            .join(PageRow, PageRow.version_id == VersionRow.id)
            .where(
                VersionRow.readable_pages < VersionRow.page_count,
                PageRow.status.not_in(READABLE_STATUSES),
            )
            .order_by(DocumentRow.path, DocumentRow.id, PageRow.number)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple((row[0], row[1], row[2]) for row in connection.execute(query))

    def passages(self, version_id: int) -> Iterator[Passage]:
        """The version's passages in order, read in batches; no transaction stays open between."""
        asked = {"version_id": version_id, "after": -1, "most": _BATCH}
        while True:
            with self._database.read() as connection:
                rows = connection.execute(PASSAGES_AFTER, asked).all()
            for row in rows:
                yield to_passage(row)
            if len(rows) < _BATCH:
                return
            asked["after"] = rows[-1][0]

    def passages_by_ordinal(self, version_id: int, ordinals: Collection[int]) -> dict[int, Passage]:
        """Some of the version's passages, by their 0-based position; unknown ones are left out."""
        query = select(*PASSAGE_COLUMNS).where(
            PassageRow.version_id == version_id, among(PassageRow.ordinal, ordinals)
        )
        with self._database.read() as connection:
            return {row[0]: to_passage(row) for row in connection.execute(query)}

    def passage(self, passage_id: int) -> PackedPassage:
        """One passage by its id, with its document; the label is 0.

        Raises:
            UnknownItemError: If there is none.
        """
        found = self.passage_rows((passage_id,)).get(passage_id)
        if found is None:
            raise UnknownItemError("passage", passage_id)
        return found

    def passage_rows(self, passage_ids: Collection[int]) -> dict[int, PackedPassage]:
        """Passages by their ids, with their documents; labels are 0, unknown ids left out."""
        query = (
            select(
                *(PassageRow.id, DocumentRow.id, VersionRow.id, DocumentRow.name),
                *(VersionRow.revision, *PASSAGE_COLUMNS),
            )
            .join(VersionRow, VersionRow.id == PassageRow.version_id)
            .join(DocumentRow, DocumentRow.id == VersionRow.document_id)
            .where(among(PassageRow.id, passage_ids))
        )
        with self._database.read() as connection:
            return {
                row[0]: PackedPassage(*(0, *row[:4], to_passage(row[5:]), row[4]))
                for row in connection.execute(query)
            }


def _current(workspace_id: int, document_ids: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    """Documents and their current versions: these ones, or all that are not excluded."""
    query = (
        select(DocumentRow.id)
        .join(VersionRow, VersionRow.id == DocumentRow.current_version_id)
        .where(DocumentRow.workspace_id == workspace_id, VersionRow.status == "ready")
    )
    if document_ids is None:
        return query.where(~DocumentRow.excluded)
    return query.where(among(DocumentRow.id, document_ids))
