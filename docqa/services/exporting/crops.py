"""Pictures of the places that quotes stand in, highlighted. For worker processes only."""

import io
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageDraw

from docqa.core.answers import Citation
from docqa.core.documents import Rect
from docqa.errors import DocqaError
from docqa.readers.mupdf import pymupdf
from docqa.readers.pdf import open_pdf
from docqa.readers.pdf_pages import MUPDF_ERRORS

PIXELS_PER_POINT = 2.0
MAX_HEIGHT = 190.0
"""Points of the page; of a longer quote the beginning is shown."""
PAD_X, PAD_Y = 40.0, 22.0
LEAST_SHARE = 0.6
"""Of the page's width: narrower crops would show too little around the quote."""
MAX_PIXELS = 4_000_000
_HIGHLIGHT = (255, 230, 105)
_BORDER = (190, 197, 208)
_COLOURS = 64
_AIR = 0.5


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a page as PNG; sizes are those of the page's part, in points."""

    picture: bytes
    width: float
    height: float


class Cropper:
    """Draws parts of pages; keeps the document that it drew from last open."""

    def __init__(self, file_of: Callable[[int], Path | None]) -> None:
        """`file_of` tells the PDF of a version, None where there is none."""
        self._file_of = file_of
        self._version = 0
        self._document: Any = None
        self._opened = ExitStack()

    def crop(self, citation: Citation) -> Crop | None:
        """The place of a quote on its first page; None where it cannot be drawn."""
        rects = [rect for rect in citation.rects if rect.page == citation.page]
        if citation.page is None or not rects or not self._open(citation.version_id):
            return None
        try:
            return _drawn(self._document[citation.page - 1], rects)
        except (*MUPDF_ERRORS, IndexError, ValueError):
            return None

    def close(self) -> None:
        """Close what is open."""
        self._opened.close()
        self._document, self._version = None, 0

    def _open(self, version_id: int) -> bool:
        if version_id != self._version:
            self.close()
            self._version = version_id
            path = self._file_of(version_id)
            try:
                if path is not None:
                    opened = open_pdf(path, path.name, None)
                    self._document = self._opened.enter_context(opened)
            except DocqaError:
                self._document = None
        return self._document is not None


def _drawn(page: Any, rects: Sequence[Rect]) -> Crop | None:  # noqa: ANN401 - MuPDF has no types
    area = page.rect
    boxes = [
        pymupdf.Rect(
            area.x0 + rect.x0 * area.width,
            area.y0 + rect.y0 * area.height,
            area.x0 + rect.x1 * area.width,
            area.y0 + rect.y1 * area.height,
        )
        for rect in rects
    ]
    clip = _whole_lines(page, _clip(area, boxes))
    if clip.is_empty or clip.width < 1 or clip.height < 1:
        return None
    scale = min(PIXELS_PER_POINT, (MAX_PIXELS / (clip.width * clip.height)) ** 0.5)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), clip=clip, alpha=False)
    picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    marks = Image.new("RGB", picture.size, "white")
    pen = ImageDraw.Draw(marks)
    for box in boxes:
        left, top = (box.x0 - clip.x0) * scale, (box.y0 - clip.y0) * scale
        right, bottom = (box.x1 - clip.x0) * scale, (box.y1 - clip.y0) * scale
        pen.rectangle((left, top, max(left, right), max(top, bottom)), fill=_HIGHLIGHT)
    picture = ImageChops.multiply(picture, marks)
    ImageDraw.Draw(picture).rectangle(
        (0, 0, picture.width - 1, picture.height - 1), outline=_BORDER
    )
    out = io.BytesIO()
    small = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small.save(out, "PNG")
    return Crop(out.getvalue(), clip.width, clip.height)


def _clip(area: Any, boxes: Sequence[Any]) -> Any:  # noqa: ANN401 - MuPDF has no types
    """The quote with some of the page around it, wide enough to be recognised."""
    whole = pymupdf.Rect(boxes[0])
    for box in boxes[1:]:  # in reading order: the next column may begin higher up
        both = whole | box
        if both.height > MAX_HEIGHT - 2 * PAD_Y:
            break
        whole = both
    left, right = whole.x0 - PAD_X, whole.x1 + PAD_X
    short = LEAST_SHARE * area.width - (right - left)
    if short > 0:
        left, right = left - short / 2, right + short / 2
    top, bottom = whole.y0 - PAD_Y, whole.y1 + PAD_Y
    return pymupdf.Rect(left, top, right, min(bottom, top + MAX_HEIGHT)) & area


def _whole_lines(page: Any, clip: Any) -> Any:  # noqa: ANN401 - MuPDF has no types
    """The clip without lines that it would cut in half, and without the space they leave."""
    around = pymupdf.Rect(clip.x0, clip.y0 - PAD_Y, clip.x1, clip.y1 + PAD_Y)
    words = page.get_text("words", clip=around)
    inside = [word for word in words if clip.y0 <= (word[1] + word[3]) / 2 <= clip.y1]
    if not inside:
        return clip
    top = min(word[1] for word in inside) - _AIR
    bottom = max(word[3] for word in inside) + _AIR
    return pymupdf.Rect(clip.x0, top, clip.x1, bottom) & page.rect
