import time

import psutil
import pytest
from PIL import Image

from docqa.errors import OcrError
from docqa.readers.ocr.tesseract import Tesseract, words_of
from tests.readers.ocr.scans import fake_tesseract, needs_tesseract, picture_of, tsv
from tests.readers.pdf_maker import LOREM, lines_at, pdf_of, wrapped

BLANK = Image.new("L", (40, 30), 255)


def test_words_have_boxes_confidences_and_lines():
    found = words_of(tsv((1, 10, 20, 30, 8, 96.5, "Notice"), (2, 10, 40, 20, 8, 31, "period")))

    assert [(word.text, word.line, word.confidence) for word in found] == [
        ("Notice", 0, 0.965),
        ("period", 1, 0.31),
    ]
    assert found[0][:4] == (10, 20, 40, 28)


def test_rows_that_are_no_words_are_passed_over():
    output = tsv((1, 1, 2, 3, 4, -1, " ")) + "5\tcut off\n5" + "\tx" * 11 + "\nnonsense\n"

    assert words_of(output) == []


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path, monkeypatch):
    fake_tesseract(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/pid\nsleep 600 & sleep 600")

    with pytest.raises(OcrError, match=r"OCR took longer than"):
        Tesseract("eng").words(BLANK, 0.5)

    group = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 20
    while psutil.pid_exists(group) and time.monotonic() < deadline:
        pass
    assert not [p for p in psutil.process_iter(["name", "cmdline"]) if is_child(p, tmp_path)]


def is_child(process, folder):
    return any(str(folder) in part for part in process.info["cmdline"] or ())


def test_a_program_that_fails_says_why(tmp_path, monkeypatch):
    fake_tesseract(tmp_path, monkeypatch, "cat >/dev/null\necho 'no such language' >&2\nexit 1")

    with pytest.raises(OcrError, match="no such language"):
        Tesseract("eng").words(BLANK, 20)


def test_a_program_that_does_not_take_the_picture_fails_alone(tmp_path, monkeypatch):
    fake_tesseract(tmp_path, monkeypatch, "exit 3")

    with pytest.raises(OcrError, match="status 3"):
        Tesseract("eng").words(Image.new("L", (2_000, 2_000), 255), 20)


def test_without_the_program_the_error_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(OcrError, match="cannot be run"):
        Tesseract("eng").words(BLANK, 20)


def test_the_environment_of_the_program_has_no_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCQA_API_KEY", "secret")
    fake_tesseract(tmp_path, monkeypatch, f"cat >/dev/null\nenv > {tmp_path}/seen")

    Tesseract("eng").words(BLANK, 20)

    seen = (tmp_path / "seen").read_text()
    assert "secret" not in seen
    assert "OMP_THREAD_LIMIT=1" in seen


@needs_tesseract
def test_the_real_program_reads_a_page():
    picture = picture_of(pdf_of(lines_at(72, 100, wrapped(LOREM, 60))), dpi=200)

    found = Tesseract("eng").words(picture.crop((0, 200, picture.width, 450)), 60)

    assert " ".join(word.text for word in found) == " ".join(LOREM.split())
    assert min(word.confidence for word in found) > 0.8
    assert len({word.line for word in found}) == len(wrapped(LOREM, 60))
