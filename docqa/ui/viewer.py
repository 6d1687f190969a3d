"""Documents in their viewers: pages as pictures, text and code by lines, all else by places."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from docqa.core.answers import Citation
from docqa.core.citations import ocr_note, percent
from docqa.core.documents import PAGED_KINDS, PLACED_KINDS, PageInfo
from docqa.errors import DocqaError
from docqa.store.values import DocumentInfo
from docqa.ui import messages, state, support
from docqa.ui.components import code_viewer, pdf_viewer, place_viewer
from docqa.ui.kinds import page_noun


@dataclass(frozen=True, slots=True)
class Target:
    """What a viewer shows first."""

    current: str | None = None
    """The mark that is filled and scrolled to."""
    page: int | None = None
    """Of a file without pages or lines, the position of a passage; 1-based as pages are."""
    lines: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A cited place; `id` comes back when it is pressed."""

    id: str
    citation: Citation
    name: str = ""
    """What it is called; else by the citation's number."""

    @property
    def title(self) -> str:
        """For its tooltip."""
        return self.name or f"Citation {self.citation.marker}"

    @property
    def label(self) -> str:
        """For screen readers."""
        if self.name:
            return f"{self.name}: {self.citation.quote[:160]}"
        return support.label(self.citation)


def page_of(citation: Citation) -> int | None:
    """Where a viewer goes for this citation: its page, else the position of its passage."""
    if citation.page is not None or citation.ordinal is None or not citation.place:
        return citation.page
    return citation.ordinal + 1


def target_of(current: str, citation: Citation) -> Target:
    """The place of a citation, whose mark is called `current`."""
    return Target(current, page_of(citation), citation.lines)


def draw(
    info: DocumentInfo, target: Target, marks: Sequence[Mark] = (), *, height: str, key: str
) -> tuple[str | None, int | None]:
    """Show a document version. Returns the mark that was just pressed, and the page in view."""
    if info.status == "failed" or not info.version_id:
        messages.problem(info.error or "this document could not be read", info.error_hint)
        return None, None
    try:
        if info.kind in PAGED_KINDS:
            return pdf_viewer(_pdf(info, target, marks, height), key=f"{key}-pdf")
        if info.kind in PLACED_KINDS:
            return place_viewer(_placed(info, target, marks, height), key=f"{key}-place")
        return code_viewer(code_data(info, target, marks, height), key=f"{key}-code"), None
    except DocqaError as error:
        messages.problem(str(error), error.hint)
        return None, None


def _pdf(info: DocumentInfo, target: Target, marks: Sequence[Mark], height: str) -> dict[str, Any]:
    pages = state.app().library.pages(info.version_id)
    return {
        "base": f"/doc/{info.version_id}",
        "pages": [[round(page.width), round(page.height)] for page in pages],
        "unreadable": {page.number: page.reason for page in pages if not page.readable},
        "ocr": {page.number: _ocr(page) for page in pages if page.status == "ocr"},
        "marks": [_pdf_mark(mark) for mark in marks],
        "current": target.current,
        "page": target.page or 1,
        "nonce": f"{state.nonce()}-{target.current}-{target.page}",
        "height": height,
        "tell": True,
    }


def _ocr(page: PageInfo) -> str:
    """`Read by OCR, 91 % sure of the words`."""
    if page.confidence is None:
        return "Read by OCR"
    return f"Read by OCR, {percent(page.confidence)} sure of the words"


def _placed(
    info: DocumentInfo, target: Target, marks: Sequence[Mark], height: str
) -> dict[str, Any]:
    pages = state.app().library.pages(info.version_id) if info.pages > info.readable_pages else ()
    noun = page_noun(info.kind)
    return {
        "base": f"/doc/{info.version_id}",
        "kind": info.kind,
        "total": info.passages,
        "noun": noun,
        "unreadable": [
            f"{noun} {page.number}: {page.reason or page.status}"
            for page in pages
            if not page.readable and page.status != "empty"
        ],
        "marks": [_placed_mark(mark) for mark in marks if mark.citation.ordinal is not None],
        "current": target.current,
        "position": target.page or 1,
        "nonce": f"{state.nonce()}-{target.current}-{target.page}",
        "height": height,
    }


def _placed_mark(mark: Mark) -> dict[str, Any]:
    citation = mark.citation
    return {
        "id": mark.id,
        "n": citation.ordinal,
        "start": citation.quote_start,
        "end": citation.quote_end,
        "title": mark.title,
        "label": mark.label,
        "note": ocr_note(citation.confidence),
    }


def _pdf_mark(mark: Mark) -> dict[str, Any]:
    citation = mark.citation
    return {
        "id": mark.id,
        "page": citation.page,
        "rects": [[r.page, r.x0, r.y0, r.x1, r.y1] for r in citation.rects],
        "title": mark.title,
        "label": mark.label,
    }


def code_data(
    info: DocumentInfo, target: Target, marks: Sequence[Mark], height: str
) -> dict[str, Any]:
    """What the code viewer is told of a document, and of the places in it that are cited."""
    first, last = target.lines or (None, None)
    return {
        "base": f"/doc/{info.version_id}",
        "path": info.path,
        "prose": info.kind in {"text", "markdown"},
        "marks": [
            {
                "id": mark.id,
                "first": mark.citation.lines[0],
                "last": mark.citation.lines[1],
                "title": mark.title,
                "label": mark.label,
            }
            for mark in marks
            if mark.citation.lines
        ],
        "current": target.current,
        "first": first,
        "last": last,
        "nonce": f"{state.nonce()}-{target.current}-{first}",
        "height": height,
    }


def pane(
    info: DocumentInfo, target: Target, marks: Sequence[Mark] = (), *, height: str, key: str
) -> None:
    """A document that nobody answers from, redrawn alone when its page turns."""

    @st.fragment
    def shown() -> None:
        _, page = draw(info, target, marks, height=height, key=key)
        if page:
            state.address({**state.library_address(), "p": page})

    shown()
