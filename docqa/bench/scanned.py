"""Scans made from PDFs that have text: a little rotated, noisy, and compressed as scanners do."""

import io
import random
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageChops

from docqa.readers.mupdf import pymupdf

MOST_ROTATED = 1.2
"""Degrees, either way."""
NOISE = 24
"""Standard deviation of the grey values."""
JPEG_QUALITY = 60


@dataclass(frozen=True, slots=True)
class ScannedFrom:
    """A page (0-based) of an open document, to be scanned with so many pixels an inch."""

    document: pymupdf.Document
    page: int
    dpi: int


def scanned(pages: Iterable[ScannedFrom | pymupdf.Page], *, seed: int = 1) -> bytes:
    """A PDF of these pages: scanned ones as pictures, the others as they are."""
    chance = random.Random(seed)
    made = pymupdf.open()
    for each in pages:
        if not isinstance(each, ScannedFrom):
            made.insert_pdf(each.parent, from_page=each.number, to_page=each.number)
            continue
        box = each.document[each.page].rect
        page = made.new_page(width=box.width, height=box.height)
        page.insert_image(page.rect, stream=_picture(each, chance))
    data: bytes = made.tobytes(garbage=1)
    made.close()
    return data


def _picture(scan: ScannedFrom, chance: random.Random) -> bytes:
    pixmap = scan.document[scan.page].get_pixmap(dpi=scan.dpi, colorspace=pymupdf.csGRAY)
    clean = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    angle = chance.uniform(-MOST_ROTATED, MOST_ROTATED)
    turned = clean.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    noisy = ImageChops.add(turned, Image.effect_noise(turned.size, NOISE), 1, -128)
    out = io.BytesIO()
    noisy.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
