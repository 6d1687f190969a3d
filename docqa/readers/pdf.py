"""PDF files, with PyMuPDF: one text page per page, words only, everything else is derived."""

import itertools
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError, EmptyFileError, PasswordNeededError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.language import guess_language
from docqa.readers.mupdf import pymupdf
from docqa.readers.ocr.placing import put_back
from docqa.readers.paragraphs import passages
from docqa.readers.pdf_pages import DAMAGED, MUPDF_ERRORS, ReadPage, printable, read_page, said
from docqa.readers.pdf_scans import is_waiting, read_scans

logger = logging.getLogger(__name__)

MAX_PAGES = 50_000
_SERIOUS = ("format error", "syntax error")
_NO_TITLE = re.compile(r"(?i)untitled|microsoft word|\.(?:docx?|pdf|xlsx?|pptx?|indd|qxd|dvi|tex)$")

pymupdf.TOOLS.mupdf_display_warnings(False)


class PdfReader:
    """Reads PDF files; words, lines and passages keep their places on the displayed page."""

    name = "pdf/2"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether `%PDF-` stands near the beginning, or the name ends in .pdf."""
        return b"%PDF-" in head[:1024] or name.lower().endswith(".pdf")

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document; a page that cannot be read fails alone and says why.

        Raises:
            PasswordNeededError: If it is encrypted and the password is missing or wrong.
            EmptyFileError: If it has no pages.
            BrokenFileError: If MuPDF cannot open it, or not one page of it, or it claims more
                than `MAX_PAGES` pages.
        """
        pymupdf.TOOLS.reset_mupdf_warnings()
        with open_pdf(path, name, options.password) as document:
            count = document.page_count
            pages: list[ReadPage] = []
            done = 0
            for index in range(count):
                page = read_page(document, index)
                pages.append(page)
                done += not is_waiting(page, options.ocr)
                if index % 8 == 7 or index + 1 == count:
                    progress(done, count)
            if all(page.info.reason.startswith(DAMAGED) for page in pages):
                reason = pages[0].info.reason
                raise BrokenFileError(name, f"none of its pages can be read ({reason})")
            steps = itertools.count(done + 1)
            told = partial(_tell, progress, steps, count)
            scanned = read_scans(document, pages, options.ocr, told)
            notes = (*_notes(document), *scanned.notes)
            title = _title(document)
        found = put_back(passages(scanned.lines), scanned.scans)
        return ParsedDocument(
            kind="pdf",
            passages=found,
            pages=scanned.infos,
            title=title,
            language=guess_language(" ".join(p.text for p in found[:200])),
            reader=self.name,
            notes=notes,
        )


@contextmanager
def open_pdf(path: Path, name: str, password: str | None) -> Iterator[pymupdf.Document]:
    """The open document, with at least one page.

    Raises:
        PasswordNeededError: If it is encrypted and the password is missing or wrong.
        EmptyFileError: If it has no pages.
        BrokenFileError: If MuPDF cannot open it, or it claims more than `MAX_PAGES` pages.
    """
    try:
        document = pymupdf.open(path, filetype="pdf")
    except MUPDF_ERRORS as error:
        raise BrokenFileError(name, f"not a PDF that can be opened ({_cause(error)})") from error
    try:
        if document.needs_pass and not document.authenticate(password or ""):
            raise PasswordNeededError(name, wrong=password is not None)
        document = _with_pages(document, name)
        if document.page_count > MAX_PAGES:
            raise BrokenFileError(name, f"it claims to have {document.page_count:,} pages")
        yield document
    finally:
        document.close()


def _with_pages(document: pymupdf.Document, name: str) -> pymupdf.Document:
    """The document; where its tree of pages is broken, one with the pages that are in the file."""
    try:
        if document.page_count > 0:
            return document
    except MUPDF_ERRORS as error:
        logger.info("%r: the pages cannot be counted: %s", name, error)
    rescued = None
    try:
        found = [xref for xref in range(1, document.xref_length()) if _is_page(document, xref)]
        # Looking at all objects can make MuPDF repair the file by itself.
        if document.page_count > 0:
            return document
        if found:
            rescued = _page_tree(document, found)
    except MUPDF_ERRORS as error:
        raise BrokenFileError(name, f"its pages cannot be found ({said(error)})") from error
    if rescued is None or rescued.page_count < 1:
        raise EmptyFileError(name, "the PDF has no pages")
    document.close()
    return rescued


def _is_page(document: pymupdf.Document, xref: int) -> bool:
    try:
        return bool(document.xref_get_key(xref, "Type") == ("name", "/Page"))
    except MUPDF_ERRORS:
        return False


def _page_tree(document: pymupdf.Document, pages: list[int]) -> pymupdf.Document:
    """A copy of the document whose pages are these objects."""
    root = document.get_new_xref()
    kids = " ".join(f"{xref} 0 R" for xref in pages)
    document.update_object(root, f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>")
    for xref in pages:
        document.xref_set_key(xref, "Parent", f"{root} 0 R")
    document.xref_set_key(document.pdf_catalog(), "Pages", f"{root} 0 R")
    return pymupdf.open(stream=document.tobytes(), filetype="pdf")


def _tell(progress: Progress, steps: Iterator[int], count: int) -> None:
    progress(next(steps), count)


def _notes(document: pymupdf.Document) -> tuple[str, ...]:
    notes = []
    if document.is_repaired or not document.name:
        notes.append("repaired: the file's structure was damaged")
    if document.embfile_count():
        notes.append(f"{document.embfile_count():,} attached files were not read")
    warnings = dict.fromkeys(pymupdf.TOOLS.mupdf_warnings().splitlines())
    serious = [text for text in warnings if text.startswith(_SERIOUS)]
    notes.extend(f"MuPDF: {printable(text)[:200]}" for text in serious[:3])
    return tuple(notes)


def _title(document: pymupdf.Document) -> str:
    title = " ".join(printable((document.metadata or {}).get("title") or "").split())
    return "" if len(title) < 3 or _NO_TITLE.search(title) else title[:300]


def _cause(error: BaseException) -> str:
    """Why a file does not open: PyMuPDF's own message has no more than the path."""
    warnings = pymupdf.TOOLS.mupdf_warnings().splitlines()
    serious = [text for text in warnings if text.startswith(_SERIOUS)]
    if serious:
        return printable(serious[-1])[:200]
    if error.__context__ is not None:
        return said(error.__context__)
    return "damaged, or protected in a way that cannot be opened"
