"""Pages as pictures. Called in worker processes only: MuPDF is not thread-safe."""

import io
import os
from pathlib import Path

from PIL import Image

from docqa.errors import BrokenFileError, UnknownItemError
from docqa.readers.formats import is_picture
from docqa.readers.mupdf import pymupdf
from docqa.readers.pdf import open_pdf
from docqa.readers.pdf_pages import MUPDF_ERRORS
from docqa.readers.pictures import open_picture

MAX_PIXELS = 16_000_000
MAX_WIDTH = 4_096
QUALITY = 80
_HEAD_BYTES = 64


def page_count(path: Path, password: str | None = None) -> int:
    """How many pages the PDF or picture file has.

    Raises:
        ReadError: If it cannot be opened.
    """
    if _is_picture(path):
        with open_picture(path, path.name) as opened:
            return opened.pages
    with open_pdf(path, path.name, password) as document:
        return int(document.page_count)


def render_page(
    path: Path, page: int, *, width_px: int = 1_200, password: str | None = None
) -> bytes:
    """The page (1-based) as a WebP picture of this width, smaller where the page is very long.

    Raises:
        UnknownItemError: If there is no such page.
        ReadError: If the file or the page cannot be drawn.
    """
    if _is_picture(path):
        return _webp(_picture_page(path, page, width_px))
    with open_pdf(path, path.name, password) as document:
        if not 1 <= page <= document.page_count:
            raise UnknownItemError("page", page)
        try:
            drawn = document[page - 1]
            scale = _scale(drawn.rect.width, drawn.rect.height, width_px)
            pixmap = drawn.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False)
        except MUPDF_ERRORS as error:
            raise BrokenFileError(path.name, f"page {page} cannot be drawn ({error})") from error
        picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    return _webp(picture)


def _picture_page(path: Path, page: int, width_px: int) -> Image.Image:
    """A page of a picture file, never larger than it is in the file."""
    with open_picture(path, path.name) as opened:
        if not 1 <= page <= opened.pages:
            raise UnknownItemError("page", page)
        size = opened.size(page - 1)
        scale = min(_scale(size.width, size.height, width_px), 1.0)
        width, height = max(1, round(size.width * scale)), max(1, round(size.height * scale))
        return opened.colour(page - 1, width=width, height=height)


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=2)
    return out.getvalue()


def _is_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_picture(file.read(_HEAD_BYTES))
    except OSError:
        return False


def unlock(path: Path, password: str, target: Path) -> None:
    """Write a copy of an encrypted PDF that needs no password, for drawing its pages.

    Raises:
        ReadError: If the password is wrong or the file cannot be written anew.
    """
    with open_pdf(path, path.name, password) as document:
        if not document.is_encrypted and not document.metadata.get("encryption"):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            document.save(part, encryption=pymupdf.PDF_ENCRYPT_NONE)
            part.chmod(0o600)
            part.replace(target)
        except MUPDF_ERRORS as error:
            part.unlink(missing_ok=True)
            raise BrokenFileError(path.name, f"cannot be decrypted ({error})") from error


def _scale(width: float, height: float, width_px: int) -> float:
    """Pixels per point for the wanted width, within the bounds of pixels and of each side."""
    if not (width > 0 and height > 0):
        raise ValueError("the page has no size")
    scale = min(width_px, MAX_WIDTH) / width
    if width * height * scale * scale > MAX_PIXELS:
        scale = (MAX_PIXELS / (width * height)) ** 0.5
    return min(scale, 16_000 / height)
