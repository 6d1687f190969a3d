"""A document as it was in one of its versions: what citations and addresses point to."""

from dataclasses import replace

from docqa.bootstrap import App
from docqa.store.values import DocumentInfo


def document_at(app: App, version_id: int) -> DocumentInfo:
    """The document with this version's facts instead of the current one's.

    Raises:
        UnknownItemError: If there is no such version any more.
    """
    version = app.library.version(version_id)
    document = app.library.document(version.document_id)
    if document.version_id == version_id:
        return document
    return replace(
        document,
        version_id=version.id,
        version=version.number,
        kind=version.kind,
        language=version.language,
        pages=version.pages,
        readable_pages=version.readable_pages,
        passages=version.passages,
        line_count=version.line_count,
        tokens=version.tokens,
        status=version.status,
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
    )
