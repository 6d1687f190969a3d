"""Scans for the tests: pictures of pages, and programs that take the place of an OCR engine."""

import io
import os
import shutil

import pymupdf
import pytest
from PIL import Image

from docqa.errors import OcrError
from docqa.readers.ocr.base import OcrWord
from docqa.readers.ocr.setup import OcrSetup

SETUP = OcrSetup("tesseract", "eng", timeout_s=60)

needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None and not os.environ.get("CI"),
    reason="needs tesseract (apt-get install tesseract-ocr tesseract-ocr-eng)",
)


def small_page(lines, *, width=320, leading=14):
    """A PDF with one page that is just large enough for these lines: it is drawn fast."""
    with pymupdf.open() as document:
        page = document.new_page(width=width, height=leading * (len(lines) + 2))
        for number, line in enumerate(lines):
            page.insert_text((15, leading * (number + 1.5)), line, fontsize=9)
        return document.tobytes()


def picture_of(data, page=0, *, dpi=150, turns=0, skew=0.0):
    """A page of a PDF as a grey picture, turned clockwise by quarters, then skewed by degrees."""
    with pymupdf.open(stream=data) as document:
        pixmap = document[page].get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
        picture = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    if skew:
        picture = picture.rotate(skew, Image.Resampling.BICUBIC, fillcolor=255)
    return picture.rotate(-90 * turns, expand=True) if turns else picture


def bytes_of(picture, format="PNG", **saved):
    out = io.BytesIO()
    picture.save(out, format, **saved)
    return out.getvalue()


def scanned_pdf(*pictures, dpi=150):
    """A PDF whose pages are these pictures; None is a page of text."""
    document = pymupdf.open()
    for picture in pictures:
        if picture is None:
            document.new_page().insert_text((72, 90), "This page has a text layer of its own.")
            continue
        page = document.new_page(width=picture.width * 72 / dpi, height=picture.height * 72 / dpi)
        page.insert_image(page.rect, stream=bytes_of(picture))
    return document.tobytes()


def tsv(*words):
    """What Tesseract writes of (line, left, top, width, height, confidence, text)."""
    rows = ["level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight"]
    rows[0] += "\tconf\ttext"
    for number, (line, left, top, width, height, confidence, text) in enumerate(words):
        rows.append(
            f"5\t1\t1\t1\t{line}\t{number}\t{left}\t{top}\t{width}\t{height}\t{confidence}\t{text}"
        )
    return "\n".join(rows) + "\n"


def tsv_of(data, page=0, *, dpi=300, confidence=93.0):
    """What Tesseract would write of a page of a PDF, had it read every word right."""
    scale = dpi / 72
    with pymupdf.open(stream=data) as document:
        found = document[page].get_text("words")
    rows = [
        (
            100 * block + line,
            x0 * scale,
            y0 * scale,
            (x1 - x0) * scale,
            (y1 - y0) * scale,
            confidence,
            text,
        )
        for x0, y0, x1, y1, text, block, line, _ in found
    ]
    return tsv(*rows)


def fake_tesseract(folder, monkeypatch, script, languages=("eng",)):
    """Put a program of this name first on the path: `script` is what it does with a picture."""
    listed = "\n".join(("List of languages:", *languages))
    program = folder / "tesseract"
    lists = f"if [ \"$1\" = --list-langs ]; then\n/bin/cat <<'END'\n{listed}\nEND\nexit 0\nfi"
    program.write_text(f"#!/bin/sh\n{lists}\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return program


def said(text):
    """A script that takes the picture and writes this."""
    return f"/bin/cat >/dev/null\n/bin/cat <<'END'\n{text}END"


class FakeEngine:
    """Answers with what a function says of the picture."""

    name, dpi, doubt, tight = "fake", 150, 0.6, True

    def __init__(self, answer):
        self.answer = answer
        self.sizes = []

    def words(self, picture, timeout_s):
        self.sizes.append(picture.size)
        found = self.answer(picture, len(self.sizes))
        if isinstance(found, OcrError):
            raise found
        return found

    def close(self):
        pass


def word(text, x0=10, y0=10, *, width=None, height=10, confidence=0.9, line=0):
    return OcrWord(x0, y0, x0 + (width or 6 * len(text)), y0 + height, text, confidence, line)
