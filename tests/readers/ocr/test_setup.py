import pytest

from docqa.readers.base import ReaderOptions
from docqa.readers.ocr.setup import NO_OCR, OcrSetup, without_ocr

ENGLISH = OcrSetup("tesseract", "eng")
GERMAN_TOO = OcrSetup("tesseract", "eng+deu")
OTHER = OcrSetup("rapidocr", "eng")


@pytest.mark.parametrize(
    ("noted", "waiting_pages", "now", "same"),
    [
        ("", 0, ENGLISH, True),
        ("", 3, NO_OCR, True),
        ("", 3, ENGLISH, False),
        ("ocr none - 0", 0, ENGLISH, False),
        ("ocr none - 0", 0, NO_OCR, True),
        ("ocr tesseract eng 5", 0, ENGLISH, True),
        ("ocr tesseract eng 5", 2, ENGLISH, True),
        ("ocr tesseract eng 5", 2, NO_OCR, True),
        ("ocr tesseract eng 5", 0, OTHER, True),
        ("ocr tesseract eng 5", 2, OTHER, False),
        ("ocr tesseract eng 5", 0, GERMAN_TOO, False),
        ("ocr tesseract eng+deu 5", 0, ENGLISH, True),
    ],
)
def test_a_document_is_read_again_only_where_that_can_bring_more(noted, waiting_pages, now, same):
    assert ReaderOptions(ocr=now).would_repeat(noted, waiting_pages) is same
    shown = ReaderOptions(ocr=now, mask_secrets=False)
    noted_of_shown = f"secrets shown; {noted}" if noted else "secrets shown"
    assert shown.would_repeat(noted_of_shown, waiting_pages) is same


def test_other_options_are_another_reading():
    assert not ReaderOptions().would_repeat("secrets shown", 0)
    assert not ReaderOptions(ocr=ENGLISH).would_repeat("secrets shown; ocr tesseract eng 1", 0)
    assert not ReaderOptions(mask_secrets=False).would_repeat("ocr tesseract eng 1", 0)


def test_what_concerns_ocr_is_told_apart():
    assert without_ocr("secrets shown; ocr tesseract eng 1") == (
        "secrets shown",
        "ocr tesseract eng 1",
    )
    assert without_ocr("secrets shown") == ("secrets shown", "")
