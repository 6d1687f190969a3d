"""Picture files: photos and scans of pages, TIFF files with many. Their words are read by OCR."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PIL.Image import Image

from docqa.core.documents import PageInfo, ParsedDocument
from docqa.errors import BrokenFileError, OcrError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.formats import is_picture
from docqa.readers.language import guess_language
from docqa.readers.ocr.placing import put_back
from docqa.readers.paragraphs import passages
from docqa.readers.pdf_scans import scan_notes
from docqa.readers.pictures import MOST_PAGES, Picture, Size, open_picture
from docqa.readers.scanner import MOST_PIXELS, ScannedPage, Scanner

SMALL = 2_000
"""Pixels of the longer side below which a picture is made larger: a photo of a screen."""
MOST_ENLARGED = 3.0


class ImageReader:
    """Reads PNG, JPEG, TIFF, GIF, BMP and WebP files."""

    name = "image/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether it begins as a picture does."""
        return is_picture(head)

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document; a page that cannot be read says why.

        Raises:
            BrokenFileError: If it cannot be opened, or not one page of it can be decoded.
        """
        with open_picture(path, name) as picture:
            broken: dict[int, BrokenFileError] = {}
            scanner = Scanner(options.ocr)
            infos = [_info(picture, page, scanner.dpi, broken) for page in range(picture.pages)]
            pages: list[ScannedPage] = []
            for read in _read(picture, infos, scanner, broken):
                pages.append(read)
                progress(len(pages), len(infos))
            if len(broken) == len(pages):
                raise broken[1]
            notes = _notes(picture)
        scans = {page.info.number: page.scan for page in pages if page.scan is not None}
        found = put_back(passages([page.lines for page in pages]), scans)
        return ParsedDocument(
            kind="image",
            passages=found,
            pages=tuple(page.info for page in pages),
            language=guess_language(" ".join(p.text for p in found[:200])),
            reader=self.name,
            notes=(*notes, *scan_notes([page.info for page in pages], options.ocr)),
        )


def _info(picture: Picture, page: int, dpi: int, broken: dict[int, BrokenFileError]) -> PageInfo:
    """What is known of a page before it is decoded."""
    try:
        size = picture.size(page)
        wanted = _wanted(size, dpi)
        picture.check(page, width=wanted[0], height=wanted[1])
    except BrokenFileError as error:
        broken[page + 1] = error
        return PageInfo(page + 1, 0, 0, "failed", error.detail)
    return PageInfo(page + 1, *size.points, "image_only", "a picture")


def _read(
    picture: Picture,
    infos: Sequence[PageInfo],
    scanner: Scanner,
    broken: dict[int, BrokenFileError],
) -> Iterator[ScannedPage]:
    """The pages in order; those whose pixels cannot be decoded as failed ones."""
    whole = [info for info in infos if info.status != "failed"]
    jobs = ((info, partial(_draw, picture, info, scanner.dpi, broken)) for info in whole)
    reading = scanner.read_all(jobs)
    for info in infos:
        page = ScannedPage(info, []) if info.status == "failed" else next(reading)
        if info.number in broken:
            reason = broken[info.number].detail
            page = ScannedPage(replace(info, status="failed", reason=reason), [])
        yield page


def _draw(picture: Picture, info: PageInfo, dpi: int, broken: dict[int, BrokenFileError]) -> Image:
    """The page in grey, of a size in which OCR reads well."""
    page = info.number - 1
    try:
        size = picture.size(page)
        width, height = _wanted(size, dpi)
        grey = picture.grey(page, width=min(width, size.width), height=min(height, size.height))
    except BrokenFileError as error:
        broken[info.number] = error
        raise OcrError(error.detail) from error
    return grey.resize((width, height)) if width > size.width else grey


def _wanted(size: Size, dpi: int) -> tuple[int, int]:
    """Pixels of the picture that is read: as many an inch as the engine wants, where known."""
    longer = max(size.width, size.height)
    scale = dpi / size.dpi if dpi and size.dpi else max(1.0, SMALL / longer)
    # Many programs write a number of pixels an inch that nobody has measured.
    scale = min(scale, MOST_ENLARGED, max(1.0, 2 * SMALL / longer))
    pixels = size.width * size.height * scale * scale
    if pixels > MOST_PIXELS:
        scale *= (MOST_PIXELS / pixels) ** 0.5
    return max(1, round(size.width * scale)), max(1, round(size.height * scale))


def _notes(picture: Picture) -> tuple[str, ...]:
    if not picture.pages_left:
        return ()
    return (f"only its first {MOST_PAGES:,} pages were read",)
