"""Rows of documents, versions, pages and passages as the values that leave the store."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from docqa.core.documents import LineLocator, Locator, PageInfo, PageLocator, Passage
from docqa.store.models import DocumentRow, PageRow, PassageRow, VersionRow
from docqa.store.values import DocumentInfo, DocumentStatus, VersionInfo

VERSION_COLUMNS = (
    VersionRow.id,
    VersionRow.document_id,
    VersionRow.number,
    VersionRow.content_hash,
    VersionRow.size,
    VersionRow.reader,
    VersionRow.options_hash,
    VersionRow.kind,
    VersionRow.title,
    VersionRow.language,
    VersionRow.encoding,
    VersionRow.line_count,
    VersionRow.page_count,
    VersionRow.readable_pages,
    VersionRow.passage_count,
    VersionRow.token_count,
    VersionRow.status,
    VersionRow.published,
    VersionRow.error,
    VersionRow.error_hint,
    VersionRow.notes,
    VersionRow.created_at,
)
PAGE_COLUMNS = (
    PageRow.number,
    PageRow.width,
    PageRow.height,
    PageRow.status,
    PageRow.reason,
    PageRow.characters,
)
PASSAGE_COLUMNS = (
    PassageRow.ordinal,
    PassageRow.text,
    PassageRow.first_page,
    PassageRow.last_page,
    PassageRow.first_line,
    PassageRow.last_line,
    PassageRow.kind,
    PassageRow.heading,
    PassageRow.geometry,
)
_DOCUMENT_COLUMNS = (
    DocumentRow.id,
    DocumentRow.workspace_id,
    DocumentRow.source_id,
    DocumentRow.name,
    DocumentRow.path,
    DocumentRow.excluded,
    DocumentRow.created_at,
)


def documents_query() -> Select[*tuple[Any, ...]]:
    """Documents with their current versions; for `to_document`."""
    return select(*_DOCUMENT_COLUMNS, *VERSION_COLUMNS).outerjoin(
        VersionRow, VersionRow.id == DocumentRow.current_version_id
    )


def to_document(row: Sequence[Any]) -> DocumentInfo:
    """A row of `documents_query`."""
    document_id, workspace_id, source_id, name, path, excluded, created_at = row[:7]
    version = to_version(row[7:]) if row[7] is not None else _staged(document_id, created_at)
    status: DocumentStatus = version.status if row[7] is not None else "staged"
    if status == "ready" and excluded:
        status = "excluded"
    return DocumentInfo(
        id=document_id,
        workspace_id=workspace_id,
        source_id=source_id,
        name=name,
        path=path,
        version_id=version.id,
        version=version.number,
        kind=version.kind,
        language=version.language,
        pages=version.pages,
        readable_pages=version.readable_pages,
        passages=version.passages,
        line_count=version.line_count,
        tokens=version.tokens,
        status=status,
        excluded=excluded,
        published=version.published,
        content_hash=version.content_hash,
        size=version.size,
        title=version.title,
        encoding=version.encoding,
        error=version.error,
        error_hint=version.error_hint,
        notes=version.notes,
        created_at=version.created_at,
    )


def _staged(document_id: int, created_at: float) -> VersionInfo:
    """Stands in for the version of a document that has none published yet."""
    nothing = (0, document_id, 0, "", 0, "", "", "text", "", "", "", 0, 0, 0, 0, 0, "ready", False)
    return to_version((*nothing, "", "", [], created_at))


def to_version(row: Sequence[Any]) -> VersionInfo:
    """A row of `VERSION_COLUMNS`."""
    return VersionInfo(*(*row[:20], tuple(row[20]), row[21]))


def to_page(row: Sequence[Any]) -> PageInfo:
    """A row of `PAGE_COLUMNS`."""
    return PageInfo(*row)


def to_passage(row: Sequence[Any]) -> Passage:
    """A row of `PASSAGE_COLUMNS`."""
    ordinal, text, first_page, last_page, first_line, last_line, kind, heading, geometry = row
    locator: Locator = (
        LineLocator(first_line, last_line)
        if first_page is None
        else PageLocator(first_page, last_page)
    )
    return Passage(ordinal, text, locator, kind, heading, geometry)
