"""A parsed file becomes an unpublished version: all of it, or nothing."""

import time
from collections.abc import Collection, Iterable
from typing import Any, Protocol

from sqlalchemy import Connection, Row, select

from docqa.core.documents import LineLocator, Locator, PageLocator, ParsedDocument, PlaceLocator
from docqa.core.escaping import encodable
from docqa.core.indexing import IndexFields
from docqa.errors import UnknownItemError
from docqa.store import code_rows
from docqa.store.models import DocumentRow, VersionRow
from docqa.store.queries import add_row, last_id, set_columns
from docqa.store.values import NewVersion

_INSERT_PAGE = (
    "INSERT INTO pages (version_id, number, width, height, status, reason, characters,"
    " confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_PASSAGE = (
    "INSERT INTO passages (id, version_id, ordinal, kind, heading, first_page, last_page,"
    " first_line, last_line, text, geometry, unit, part, columns, confidence)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class PassageIndex(Protocol):
    """What documents need of the search index."""

    def add(
        self,
        connection: Connection,
        workspace_id: int,
        rows: Iterable[tuple[int, IndexFields]],
    ) -> None:
        """Index these passages, given by id and fields."""
        ...

    def remove(
        self, connection: Connection, workspace_id: int, passage_ids: Collection[int]
    ) -> None:
        """Forget these passages."""
        ...


def stage(connection: Connection, index: PassageIndex, new: NewVersion) -> int:
    """Add an unpublished version; the id of the newest one if that is the same already.

    Raises:
        UnknownItemError: If the document is gone.
    """
    parsed = new.parsed
    workspace_id = workspace_of(connection, new.document_id)
    newest = _newest(connection, new.document_id)
    same = (new.content_hash, parsed.reader, new.options_hash, "ready")
    if newest is not None and tuple(newest[2:]) == same:
        return int(newest.id)
    readable = sum(page.readable for page in parsed.pages)
    version_id = _insert_version(
        connection,
        document_id=new.document_id,
        number=newest.number + 1 if newest else 1,
        content_hash=new.content_hash,
        size=new.size,
        reader=parsed.reader,
        options_hash=new.options_hash,
        kind=parsed.kind,
        title=encodable(parsed.title),
        language=parsed.language,
        encoding=parsed.encoding,
        line_count=parsed.line_count,
        page_count=len(parsed.pages),
        readable_pages=readable,
        passage_count=len(parsed.passages),
        status="ready",
        notes=[encodable(note) for note in parsed.notes],
        revision=new.revision,
    )
    code_rows.insert(connection, version_id, parsed)
    first_id = _insert_contents(connection, version_id, parsed)
    ids = range(first_id, first_id + len(parsed.passages))
    index.add(connection, workspace_id, list(zip(ids, new.index_rows, strict=True)))
    return version_id


def record_failure(
    connection: Connection,
    document_id: int,
    *,
    content_hash: str,
    size: int,
    kind: str,
    options_hash: str,
    error: str,
    hint: str,
) -> int:
    """Add a failed version; it is the current one only where there is no readable one."""
    workspace_of(connection, document_id)
    newest = _newest(connection, document_id)
    told = {"error": encodable(error), "error_hint": hint}
    if newest and (newest.content_hash, newest.status) == (content_hash, "failed"):
        set_columns(connection, VersionRow, newest.id, **told, options_hash=options_hash, size=size)
        return int(newest.id)
    version_id = _insert_version(
        connection,
        document_id=document_id,
        number=newest.number + 1 if newest else 1,
        content_hash=content_hash,
        size=size,
        options_hash=options_hash,
        kind=kind,
        status="failed",
        **told,
    )
    current = connection.execute(
        select(VersionRow.status)
        .join(DocumentRow, DocumentRow.current_version_id == VersionRow.id)
        .where(DocumentRow.id == document_id)
    ).scalar()
    if current in (None, "failed"):
        set_columns(connection, DocumentRow, document_id, current_version_id=version_id)
    return version_id


def workspace_of(connection: Connection, document_id: int) -> int:
    """The workspace that the document is in.

    Raises:
        UnknownItemError: If there is no such document.
    """
    query = select(DocumentRow.workspace_id).where(DocumentRow.id == document_id)
    workspace_id = connection.scalar(query)
    if workspace_id is None:
        raise UnknownItemError("document", document_id)
    return workspace_id


def _newest(connection: Connection, document_id: int) -> Row[int, int, str, str, str, str] | None:
    query = (
        select(
            VersionRow.id,
            VersionRow.number,
            VersionRow.content_hash,
            VersionRow.reader,
            VersionRow.options_hash,
            VersionRow.status,
        )
        .where(VersionRow.document_id == document_id)
        .order_by(VersionRow.number.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def _insert_version(connection: Connection, **values: Any) -> int:  # noqa: ANN401 - columns
    empty: dict[str, Any] = {
        "reader": "",
        "title": "",
        "language": "",
        "encoding": "",
        "line_count": 0,
        "page_count": 0,
        "readable_pages": 0,
        "passage_count": 0,
        "token_count": 0,
        "published": False,
        "error": "",
        "error_hint": "",
        "notes": [],
        "created_at": time.time(),
        "revision": "",
    }
    return add_row(connection, VersionRow, **(empty | values))


def _insert_contents(connection: Connection, version_id: int, parsed: ParsedDocument) -> int:
    """Insert pages and passages; the id of the first passage, the others follow it."""
    pages = [
        (
            version_id,
            page.number,
            page.width,
            page.height,
            page.status,
            page.reason,
            page.characters,
            page.confidence,
        )
        for page in parsed.pages
    ]
    if pages:
        connection.exec_driver_sql(_INSERT_PAGE, pages)
    first_id = last_id(connection, "passages") + 1
    passages = []
    for offset, passage in enumerate(parsed.passages):
        if passage.ordinal != offset:
            raise ValueError(f"passage {offset} of the version has ordinal {passage.ordinal}")
        heading, text = encodable(passage.heading), encodable(passage.text)
        place = _place(passage.locator)
        passages.append(
            (
                *(first_id + offset, version_id, passage.ordinal, passage.kind, heading),
                *(*place[:4], text, passage.geometry),
                *(*place[4:], passage.confidence),
            )
        )
    if passages:
        connection.exec_driver_sql(_INSERT_PASSAGE, passages)
    return first_id


def _place(at: Locator) -> tuple[int | str | None, ...]:
    """First and last page, first and last line or place, unit, part and columns."""
    match at:
        case PageLocator(first, last):
            return first, last, None, None, None, "", ""
        case LineLocator(first, last):
            return None, None, first, last, None, "", ""
        case PlaceLocator(unit, first, last, part, columns):
            return None, None, first, last, unit, encodable(part), columns
