"""Pages of a PDF without a usable text layer, read from their pictures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PIL import Image

from docqa.core.documents import PageInfo
from docqa.errors import OcrError
from docqa.readers.garbled import garbled
from docqa.readers.lines import Line
from docqa.readers.mupdf import pymupdf
from docqa.readers.ocr.scanning import Scan
from docqa.readers.ocr.setup import OcrSetup
from docqa.readers.pdf_pages import MUPDF_ERRORS, ReadPage, grey_picture, said
from docqa.readers.scanner import MOST_PIXELS, ScannedPage, Scanner

SURE = 0.8
"""Mean confidence from which what OCR reads may take the place of text that is there."""
MUCH_MORE = 2
"""How often as many characters it must have then."""
_DOUBTS = {
    "covered": "it has little text, and a picture that was not read",
    "garbled": "its text makes no words, and its picture was not read",
}
"""What is said of a page whose text one may doubt, where nothing can read its picture."""
_MOST_NAMED = 10
"""Pages that a remark names."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """All pages of a document, those among them that are pictures read."""

    infos: tuple[PageInfo, ...]
    lines: tuple[list[Line], ...]
    scans: Mapping[int, Scan]
    """By 1-based page number."""
    notes: tuple[str, ...]


def is_waiting(page: ReadPage, setup: OcrSetup) -> bool:
    """Whether its picture is to be looked at."""
    return page.info.status == "image_only" or bool(page.doubt and setup.engine)


def read_scans(
    document: pymupdf.Document,
    pages: Sequence[ReadPage],
    setup: OcrSetup,
    progress: Callable[[], None],
) -> Scanned:
    """Read the pages that have no usable text; `progress` is called after each."""
    waiting = [page for page in pages if is_waiting(page, setup)]
    found = {page.info.number: _doubted(page, setup) for page in pages}
    scans: dict[int, Scan] = {}
    scanner = Scanner(setup)
    for page, read in zip(waiting, _read(document, waiting, scanner), strict=True):
        number = page.info.number
        if read.scan is not None and (not page.doubt or _is_better(page, read)):
            found[number] = ReadPage(read.info, read.lines)
            scans[number] = read.scan
        elif page.info.status == "image_only":
            found[number] = replace(page, info=read.info)
        progress()
    infos = tuple(found[page.info.number].info for page in pages)
    lines = tuple(found[page.info.number].lines for page in pages)
    return Scanned(infos, lines, scans, scan_notes(infos, setup))


def _doubted(page: ReadPage, setup: OcrSetup) -> ReadPage:
    """The page; where its text may not be all and nothing can tell, it says so."""
    if setup.engine or page.doubt not in _DOUBTS:
        return page
    said = "; ".join(filter(None, (_DOUBTS[page.doubt], setup.mend)))
    return replace(page, info=replace(page.info, reason=said))


def _read(
    document: pymupdf.Document, pages: Sequence[ReadPage], scanner: Scanner
) -> Iterator[ScannedPage]:
    jobs = ((page.info, partial(_draw, document, page.info, scanner.dpi)) for page in pages)
    return scanner.read_all(jobs)


def _draw(document: pymupdf.Document, info: PageInfo, dpi: int) -> Image.Image:
    try:
        return grey_picture(document[info.number - 1], dpi=dpi, most_pixels=MOST_PIXELS)
    except MUPDF_ERRORS as error:
        raise OcrError(f"it cannot be drawn ({said(error)})") from error


def _is_better(page: ReadPage, read: ScannedPage) -> bool:
    """Whether what OCR read may take the place of a text layer that one may doubt."""
    if page.doubt == "unknown":
        return True
    if read.info.confidence is None or read.info.confidence < SURE:
        return False
    if page.doubt == "garbled":
        return not garbled("\n".join(line.text for line in read.lines))
    return read.info.characters > MUCH_MORE * page.info.characters


def scan_notes(infos: Sequence[PageInfo], setup: OcrSetup) -> tuple[str, ...]:
    """What is said of the document: how many pages were read by OCR, and what lacks for that."""
    doubted: dict[str, list[str]] = {}
    for info in infos:
        if info.status == "text" and info.reason:
            doubted.setdefault(info.reason, []).append(str(info.number))
    if doubted:
        return tuple(f"p. {_some(numbers)}: {reason}" for reason, numbers in doubted.items())
    sure = [info.confidence for info in infos if info.status == "ocr" and info.confidence]
    if not sure:
        return ()
    pages = "1 page was" if len(sure) == 1 else f"{len(sure):,} pages were"
    mean = sum(sure) / len(sure)
    notes = [
        f"{pages} read by OCR ({setup.engine}, {setup.languages}), {mean:.0%} sure of the words"
    ]
    if setup.missing:
        notes.append(f"OCR lacks {setup.missing.replace('+', ', ')}; {setup.mend}")
    return tuple(notes)


def _some(numbers: Sequence[str]) -> str:
    return ", ".join((*numbers[:_MOST_NAMED], *["…"] * (len(numbers) > _MOST_NAMED)))
