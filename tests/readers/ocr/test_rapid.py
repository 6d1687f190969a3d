import importlib.util
import sys

import pytest
from PIL import Image

from docqa.errors import OcrError
from docqa.readers.ocr import rapid
from docqa.readers.ocr.rapid import RapidOcr
from tests.readers.ocr.scans import picture_of, small_page

PICTURE = Image.new("L", (30, 20), 255)
READS = """
import json, sys
while line := sys.stdin.buffer.readline():
    head = json.loads(line)
    pixels = sys.stdin.buffer.read(head["width"] * head["height"])
    {answer}
    sys.stdout.flush()
"""
WORD = 'print(json.dumps({"words": [[1, 2, 9, 8, "ok", 0.9, 0]]}))'


def engine(answer):
    return RapidOcr((sys.executable, "-c", READS.replace("{answer}", answer)))


def test_one_process_reads_page_after_page():
    ocr = engine(WORD.replace('"ok"', 'f"{len(pixels)}"'))

    first, second = ocr.words(PICTURE, 20), ocr.words(Image.new("L", (9, 9)), 20)
    ocr.close()

    assert [word.text for word in (*first, *second)] == ["600", "81"]
    assert first[0] == (1, 2, 9, 8, "600", 0.9, 0)


def test_a_page_that_hangs_is_ended_and_the_next_one_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr(rapid, "START_S", 1.0)
    hung = tmp_path / "hung"
    ocr = engine(
        f"import pathlib; hung = pathlib.Path({str(hung)!r})\n"
        "    if not hung.exists(): hung.touch(); sum(iter(int, 1))\n"
        f"    {WORD}"
    )

    with pytest.raises(OcrError, match="OCR took longer than"):
        ocr.words(PICTURE, 0.5)
    monkeypatch.setattr(rapid, "START_S", 60.0)
    found = ocr.words(PICTURE, 20)
    ocr.close()

    assert [word.text for word in found] == ["ok"]


def test_a_process_that_never_takes_the_picture_is_ended(monkeypatch):
    monkeypatch.setattr(rapid, "START_S", 0.5)
    ocr = RapidOcr((sys.executable, "-c", "import time; time.sleep(600)"))

    with pytest.raises(OcrError, match="took longer"):
        ocr.words(Image.new("L", (2_000, 2_000)), 0.5)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("sys.exit(3)", "ended unexpectedly"),
        ("print('nonsense')", "cannot be read"),
        ("print(json.dumps({'words': [[1]]}))", "cannot be read"),
        ("print(json.dumps({'error': 'no model'}))", "no model"),
    ],
)
def test_a_process_that_fails_says_why(answer, said):
    ocr = engine(answer)

    with pytest.raises(OcrError, match=said):
        ocr.words(PICTURE, 20)
    ocr.close()


def test_without_the_program_the_error_says_so():
    with pytest.raises(OcrError, match="cannot be run"):
        RapidOcr(("/nowhere/python",)).words(PICTURE, 20)


@pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None, reason="needs the extra ocr (rapidocr)"
)
def test_the_real_engine_reads_a_page():
    lines = ["Either party may end this agreement", "with ninety days notice in writing."]
    ocr = RapidOcr()

    found = ocr.words(picture_of(small_page(lines, width=220), dpi=200), 120)
    ocr.close()

    assert " ".join(word.text for word in found) == " ".join(lines)
    assert [word.line for word in found] == [0] * 6 + [1] * 6
    assert all(word.x0 < word.x1 and word.y0 < word.y1 for word in found)
