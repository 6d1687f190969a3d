"""Kinds of documents in words, and what their pages are called."""

from collections.abc import Sequence

from docqa.core.citations import percent
from docqa.core.documents import DocumentKind, PageInfo
from docqa.store.values import DocumentInfo
from docqa.ui import messages, state

NAMES: dict[DocumentKind, str] = {
    "pdf": "PDF",
    "image": "picture",
    "text": "text",
    "markdown": "Markdown",
    "code": "code",
    "document": "document",
    "slides": "slides",
    "sheet": "spreadsheet",
    "mail": "e-mail",
    "notebook": "notebook",
    "map": "map",
}
_PAGES: dict[str, str] = {"slides": "slide", "sheet": "sheet", "mail": "part"}
_PASSAGES: dict[str, str] = {"document": "passage", "mail": "passage", "notebook": "passage"}


def page_noun(kind: str) -> str:
    """What a page of such a document is called: `page`, `slide`, `sheet`."""
    return _PAGES.get(kind, "page")


def blank_pages(documents: Sequence[DocumentInfo]) -> dict[int, int]:
    """How many pages with nothing on them the documents of a workspace have, by their version."""
    lacking = next((each for each in documents if each.pages > each.readable_pages), None)
    return state.app().store.coverage.blank_pages(lacking.workspace_id) if lacking else {}


def unreadable(document: DocumentInfo, blank: int) -> str:
    """`3 pages unreadable`, those with nothing on them left out; empty for none."""
    count = document.pages - document.readable_pages - blank
    return f"{messages.count(count, page_noun(document.kind))} unreadable" if count > 0 else ""


def empty(document: DocumentInfo, blank: int) -> str:
    """`1 page blank`, `2 sheets empty`; empty for none."""
    noun = page_noun(document.kind)
    word = "blank" if noun == "page" else "empty"
    return f"{messages.count(blank, noun)} {word}" if blank else ""


def read_by_ocr(pages: Sequence[PageInfo]) -> str:
    """`12 of 24 pages read by OCR, 91 % sure of the words on average.`; empty for none."""
    ocr = [page for page in pages if page.status == "ocr"]
    if not ocr:
        return ""
    said = f"{len(ocr):,} of {messages.count(len(pages), 'page')} read by OCR"
    sure = [page.confidence for page in ocr if page.confidence is not None]
    if sure:
        said += f", {percent(sum(sure) / len(sure))} sure of the words on average"
    return f"{said}."


def length(document: DocumentInfo) -> str:
    """`24 pages`, `30 slides`, `3 sheets`, `130 lines`, `42 passages`."""
    if document.pages:
        return messages.count(document.pages, page_noun(document.kind))
    if document.line_count:
        return messages.count(document.line_count, "line")
    noun = _PASSAGES.get(document.kind, "")
    return messages.count(document.passages, noun) if noun and document.passages else ""
