"""One page of a PDF: its words as lines, and what of it could be read."""

import logging
import re
from dataclasses import dataclass

from PIL import Image

from docqa.core.documents import PageInfo, PageStatus
from docqa.readers.garbled import garbled
from docqa.readers.lines import Line, MuWord, PageFrame, page_lines
from docqa.readers.mupdf import pymupdf

logger = logging.getLogger(__name__)

FEW_CHARACTERS = 60
"""A page with fewer that is covered by an image counts as scanned."""
NOT_MANY_CHARACTERS = 250
"""A page with fewer that is covered by an image may be a scan under a stamp or a fax header."""
COVERED = 0.6
"""Share of the page that one image covers."""

MUPDF_ERRORS = (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase)
DAMAGED = "the page is damaged"
_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as its text layer tells."""

    info: PageInfo
    lines: list[Line]
    doubt: str = ""
    """Why its picture may have more or better text: `covered` or `garbled`; mostly empty."""


def read_page(document: pymupdf.Document, index: int) -> ReadPage:
    """The page with this 0-based index; one that cannot be read says why."""
    number = index + 1
    width = height = 0.0
    try:
        page = document[index]
        box = page.rect
        width, height = box.width, box.height
        if not (width > 0 and height > 0):
            return ReadPage(PageInfo(number, 0, 0, "failed", f"{DAMAGED}: it has no size"), [])
        words: list[MuWord] = page.get_textpage(flags=_FLAGS).extractWORDS()
        matrix = tuple(page.rotation_matrix) if page.rotation else None
        lines = page_lines(words, PageFrame(number, width, height, matrix))
        characters = sum(len(line.text) for line in lines)
        status, reason, doubt = _status(page, lines, characters)
    except MUPDF_ERRORS as error:
        logger.info("page %d cannot be read: %s", number, error)
        return ReadPage(PageInfo(number, width, height, "failed", f"{DAMAGED}: {said(error)}"), [])
    if doubt == "unknown":
        lines, characters = [], 0
    return ReadPage(PageInfo(number, width, height, status, reason, characters), lines, doubt)


def _status(page: pymupdf.Page, lines: list[Line], characters: int) -> tuple[PageStatus, str, str]:
    """What of the page could be read, why not more, and why one may doubt it."""
    layer = garbled("\n".join([line.text for line in lines])) if lines else ""
    if layer == "unknown":
        return "image_only", "its fonts do not tell which characters they show", layer
    if characters >= NOT_MANY_CHARACTERS:
        return "text", "", "garbled" if layer else ""
    painted = page.get_bboxlog()
    area = page.rect.width * page.rect.height
    images = [box for kind, box in painted if "image" in kind]
    covered = max((abs(pymupdf.Rect(box) & page.rect) for box in images), default=0.0)
    if lines:
        if covered <= COVERED * area:
            return "text", "", ""
        if characters >= FEW_CHARACTERS:
            return "text", "", "covered"
        return "image_only", f"an image with only {characters} characters of text", ""
    if images:
        return "image_only", "an image without text, perhaps scanned", ""
    if any("path" in kind or "shade" in kind for kind, _ in painted):
        return "image_only", "drawn as shapes, without text", ""
    return "empty", "the page is blank", ""


def grey_picture(page: pymupdf.Page, *, dpi: int, most_pixels: int) -> Image.Image:
    """The page as it is displayed, in grey; with fewer pixels an inch where it is very large."""
    scale = dpi / _POINTS_PER_INCH
    pixels = page.rect.width * page.rect.height * scale * scale
    if pixels > most_pixels:
        scale *= (most_pixels / pixels) ** 0.5
    pixmap = page.get_pixmap(
        matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY, alpha=False
    )
    return Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)


def said(error: BaseException) -> str:
    """MuPDF's message without its code."""
    message = re.sub(r"^code=\d+:\s*", "", printable(str(error)).strip())
    return message[:200] or type(error).__name__


def printable(text: str) -> str:
    """The text with spaces for what cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in text)
