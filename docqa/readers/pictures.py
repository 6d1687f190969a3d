"""Picture files, opened within bounds: nothing is decoded whose pixels would not fit."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PIL import Image, ImageOps, JpegImagePlugin, UnidentifiedImageError

from docqa.errors import BrokenFileError

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
MOST_BYTES = 250_000_000
"""That the pixels of one page may take when they are decoded."""
MOST_PAGES = 2_000
DEFAULT_DPI = 150.0
"""Where a file does not say how large its pixels are."""
PICTURE_ERRORS = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError),
    *(RuntimeError, MemoryError, struct.error, zlib.error),
)
"""What Pillow's decoders raise on damaged files: they have no error of their own."""

_REDUCED = 254
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_WIDE_MODES = {"I": 4, "F": 4, "I;16": 2, "I;16B": 2, "I;16L": 2}

# Pillow's own limit is for whole pictures: what is opened here is measured before it is decoded.
Image.MAX_IMAGE_PIXELS = None


class PictureTooLargeError(BrokenFileError):
    """A picture that would take too much memory; it is not decoded."""

    hint = "Save it with fewer pixels, or as a JPEG that is not progressive."


@dataclass(frozen=True, slots=True)
class Size:
    """A page of a picture file as it is displayed."""

    width: int
    height: int
    """In pixels."""
    dpi: float
    """0 where the file does not say."""

    @property
    def points(self) -> tuple[float, float]:
        """Width and height in points."""
        scale = 72 / (self.dpi or DEFAULT_DPI)
        return self.width * scale, self.height * scale


class Picture:
    """An open picture file; its pages are numbered from 0. Animations have their first picture."""

    def __init__(self, image: Image.Image, name: str) -> None:
        self._image = image
        self._name = name
        self._whole = image.size
        self._frames = _frames(image)

    @property
    def pages(self) -> int:
        """How many pages it has, at most `MOST_PAGES`."""
        return min(len(self._frames), MOST_PAGES)

    @property
    def pages_left(self) -> bool:
        """Whether it has more than `MOST_PAGES`."""
        return len(self._frames) > MOST_PAGES

    def size(self, page: int) -> Size:
        """How large a page is.

        Raises:
            PictureTooLargeError: If it would take too much memory.
            BrokenFileError: If it is damaged.
        """
        with _translated(self._name):
            self._image.seek(self._frames[page])
            # A JPEG that was decoded smaller says that it is.
            several = len(self._frames) > 1
            width, height = self._image.size if several else self._whole
            if self._is_sideways():
                width, height = height, width
            return Size(width, height, _dpi(self._image))

    def grey(self, page: int, *, width: int, height: int) -> Image.Image:
        """The page in grey, no larger than asked for; it may be smaller.

        Raises:
            PictureTooLargeError: If it would take too much memory.
            BrokenFileError: If it is damaged.
        """
        return self._drawn(page, "L", width, height)

    def colour(self, page: int, *, width: int, height: int) -> Image.Image:
        """The page in colour, no larger than asked for; it may be smaller.

        Raises:
            PictureTooLargeError: If it would take too much memory.
            BrokenFileError: If it is damaged.
        """
        return self._drawn(page, "RGB", width, height)

    def _drawn(self, page: int, mode: str, width: int, height: int) -> Image.Image:
        with _translated(self._name):
            image = self._image
            image.seek(self._frames[page])
            wanted = self._prepared(mode, width, height)
            drawn = _plain(image, mode)
            drawn.thumbnail(wanted, Image.Resampling.LANCZOS, reducing_gap=2.0)
            return ImageOps.exif_transpose(drawn)

    def check(self, page: int, *, width: int, height: int) -> None:
        """Return if `grey` would decode so much of the page; nothing is decoded.

        Raises:
            PictureTooLargeError: If it would take too much memory.
            BrokenFileError: If it is damaged.
        """
        with _translated(self._name):
            self._image.seek(self._frames[page])
            self._prepared("L", width, height)

    def _prepared(self, mode: str, width: int, height: int) -> tuple[int, int]:
        """The size wanted of the page as it lies in the file, which will be decoded so or larger.

        A JPEG is decoded at a half, a quarter or an eighth; a progressive one is held whole.
        """
        image = self._image
        wanted = (height, width) if self._is_sideways() else (width, height)
        if not _progressive(image):
            image.draft(mode if image.mode != "CMYK" else None, wanted)
        self._check(image)
        return wanted

    def _is_sideways(self) -> bool:
        image = self._image
        if not isinstance(image, JpegImagePlugin.JpegImageFile):
            self._check(image)  # a PNG is decoded to look for it
        return image.getexif().get(_ORIENTATION) in _SIDEWAYS

    def _check(self, image: Image.Image) -> None:
        needed = image.width * image.height * _bytes_per_pixel(image)
        if needed > MOST_BYTES:
            width, height = image.size if len(self._frames) > 1 else self._whole
            raise PictureTooLargeError(
                self._name,
                f"has {width:,} x {height:,} pixels, which take {needed / 1e6:,.0f} MB when"
                f" decoded; docqa decodes at most {MOST_BYTES / 1e6:,.0f} MB",
            )


@contextmanager
def open_picture(path: Path, name: str) -> Iterator[Picture]:
    """The picture file, with at least one page; no pixel is decoded yet.

    Raises:
        BrokenFileError: If it cannot be opened as one.
    """
    with _translated(name):
        image = Image.open(path, formats=FORMATS)
    with image:
        with _translated(name):
            picture = Picture(image, name)
        yield picture


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings(action="ignore"):  # of what it repairs by itself
            yield
    except UnidentifiedImageError as error:
        raise BrokenFileError(name, "not a picture that can be opened") from error
    except PICTURE_ERRORS as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise BrokenFileError(name, f"the picture is damaged ({said})") from error


def _frames(image: Image.Image) -> list[int]:
    """The frames that are pages: those of TIFF files, but for small copies of others."""
    if image.format != "TIFF":
        return [0]
    found: list[int] = []
    frame = 0
    while len(found) <= MOST_PAGES:
        try:
            image.seek(frame)
        except EOFError:
            break
        tags = getattr(image, "tag_v2", {})
        if not (frame and tags.get(_REDUCED, 0) == 1):
            found.append(frame)
        frame += 1
        if frame > 4 * MOST_PAGES:
            break
    return found or [0]


def _dpi(image: Image.Image) -> float:
    """Pixels an inch, where the file says something that can be."""
    told = image.info.get("dpi")
    try:
        dpi = float(told[0]) if told else 0.0
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return 0.0
    return dpi if 50 <= dpi <= 2_400 else 0.0


def _progressive(image: Image.Image) -> bool:
    return bool(image.info.get("progressive") or image.info.get("progression"))


def _bytes_per_pixel(image: Image.Image) -> float:
    """Of the decoded pixels; a progressive JPEG is held as coefficients of two bytes."""
    bands = float(len(image.getbands()))
    if isinstance(image, JpegImagePlugin.JpegImageFile) and _progressive(image):
        return bands * 3
    if image.mode == "RGB":
        bands = 4
    return max(bands, _WIDE_MODES.get(image.mode, 1)) + _has_alpha(image) * 4


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def _plain(image: Image.Image, mode: str) -> Image.Image:
    """The decoded pixels in this mode, transparent ones white, its orientation still to be done."""
    if _has_alpha(image):
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        paper.alpha_composite(clear)
        plain = paper.convert(mode)
    elif image.mode in ("I", "I;16", "I;16B", "I;16L"):
        high = cast("tuple[int, int]", image.getextrema())[1]
        scaled = image.point(lambda value: value * (1 / 256)) if high > 255 else image
        plain = scaled.convert("L").convert(mode)
    else:
        plain = image.convert(mode)
    plain.info.clear()
    plain.getexif().update(image.getexif())
    return plain
