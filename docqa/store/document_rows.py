"""Rows of documents, versions, pages and passages as the values that leave the store."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from docqa.core.documents import (
    LineLocator,
    Locator,
    PageInfo,
    PageLocator,
    Passage,
    PlaceLocator,
)
from docqa.store.models import DocumentRow, PageRow, PassageRow, VersionRow
from docqa.store.values import DocumentInfo, DocumentStatus, VersionInfo

# Columns of the tables, not of the mapped classes: a query over them is built in a third of the
# time, and these are read once per document when a pack is made.
_VERSION = VersionRow.__table__.c
_PASSAGE = PassageRow.__table__.c
VERSION_COLUMNS = (
    _VERSION.id,
    _VERSION.document_id,
    _VERSION.number,
    _VERSION.content_hash,
    _VERSION.size,
    _VERSION.reader,
    _VERSION.options_hash,
    _VERSION.kind,
    _VERSION.title,
    _VERSION.language,
    _VERSION.encoding,
    _VERSION.line_count,
    _VERSION.page_count,
    _VERSION.readable_pages,
    _VERSION.passage_count,
    _VERSION.token_count,
    _VERSION.status,
    _VERSION.published,
    _VERSION.error,
    _VERSION.error_hint,
    _VERSION.notes,
    _VERSION.created_at,
    _VERSION.revision,
)
PAGE_COLUMNS = (
    PageRow.number,
    PageRow.width,
    PageRow.height,
    PageRow.status,
    PageRow.reason,
    PageRow.characters,
    PageRow.confidence,
)
PASSAGE_COLUMNS = (
    _PASSAGE.ordinal,
    _PASSAGE.text,
    _PASSAGE.first_page,
    _PASSAGE.last_page,
    _PASSAGE.first_line,
    _PASSAGE.last_line,
    _PASSAGE.kind,
    _PASSAGE.heading,
    _PASSAGE.geometry,
    _PASSAGE.unit,
    _PASSAGE.part,
    _PASSAGE.columns,
    _PASSAGE.confidence,
)
_DOCUMENT_COLUMNS = (
    DocumentRow.id,
    DocumentRow.workspace_id,
    DocumentRow.source_id,
    DocumentRow.name,
    DocumentRow.path,
    DocumentRow.excluded,
    DocumentRow.created_at,
    DocumentRow.removed,
)


VERSION_BY_ID = select(*VERSION_COLUMNS).where(_VERSION.id == bindparam("version_id"))
VERSIONS_BY_ID = select(*VERSION_COLUMNS).where(
    _VERSION.id.in_(select(func.json_each(bindparam("ids")).table_valued("value").c.value))
)
PASSAGES_AFTER = (
    select(*PASSAGE_COLUMNS)
    .where(_PASSAGE.version_id == bindparam("version_id"), _PASSAGE.ordinal > bindparam("after"))
    .order_by(_PASSAGE.ordinal)
    .limit(bindparam("most"))
)


def documents_query() -> Select[*tuple[Any, ...]]:
    """Documents with their current versions; for `to_document`."""
    return select(*_DOCUMENT_COLUMNS, *VERSION_COLUMNS).outerjoin(
        VersionRow, VersionRow.id == DocumentRow.current_version_id
    )


def to_document(row: Sequence[Any]) -> DocumentInfo:
    """A row of `documents_query`."""
    document_id, workspace_id, source_id, name, path, excluded, created_at, removed = row[:8]
    version = to_version(row[8:]) if row[8] is not None else _staged(document_id, created_at)
    status: DocumentStatus = version.status if row[8] is not None else "staged"
    if status == "ready" and excluded:
        status = "removed" if removed else "excluded"
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
        revision=version.revision,
        removed=removed,
    )


def _staged(document_id: int, created_at: float) -> VersionInfo:
    """Stands in for the version of a document that has none published yet."""
    nothing = (0, document_id, 0, "", 0, "", "", "text", "", "", "", 0, 0, 0, 0, 0, "ready", False)
    return to_version((*nothing, "", "", [], created_at, ""))


def to_version(row: Sequence[Any]) -> VersionInfo:
    """A row of `VERSION_COLUMNS`."""
    return VersionInfo(*(*row[:20], tuple(row[20]), *row[21:]))


def to_page(row: Sequence[Any]) -> PageInfo:
    """A row of `PAGE_COLUMNS`."""
    return PageInfo(*row)


def to_passage(row: Sequence[Any]) -> Passage:
    """A row of `PASSAGE_COLUMNS`."""
    ordinal, text, first_page, last_page, first, last, kind, heading, geometry = row[:9]
    unit, part, columns, confidence = row[9:]
    locator: Locator
    if unit is not None:
        locator = PlaceLocator(unit, first, last, part, columns)
    elif first_page is None:
        locator = LineLocator(first, last)
    else:
        locator = PageLocator(first_page, last_page)
    return Passage(ordinal, text, locator, kind, heading, geometry, confidence)
