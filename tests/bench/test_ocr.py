import json

import pymupdf
import pytest

from docqa.bench import ocr
from docqa.bench.scanned import ScannedFrom, scanned
from tests.readers.ocr.scans import fake_tesseract, said, small_page, tsv_of

LINES = ["Either party may end this agreement with ninety days notice.", "It renews in June."]
PAGE = small_page(LINES * 12)


@pytest.fixture
def data(tmp_path):
    """A bundle with one contract of one page and two clauses."""
    (tmp_path / "cuad25").mkdir()
    (tmp_path / "cuad25" / "one.pdf").write_bytes(PAGE)
    clause = {"page": 0, "page_end": 0}
    clauses = {"Termination": [{**clause, "text": LINES[0]}], "Short": [{**clause, "text": "It"}]}
    gold = [{"pdf": "cuad25/one.pdf", "clauses": clauses}]
    (tmp_path / "cuad25" / "gold.json").write_text(json.dumps(gold))
    return tmp_path


def test_what_is_read_right_has_no_errors_and_all_its_clauses(data, monkeypatch):
    fake_tesseract(data, monkeypatch, said(tsv_of(PAGE)))

    (row,) = ocr.measure(data, ["tesseract"], [100], 2)

    assert (row["engine"], row["dpi"], row["pages"]) == ("tesseract", 100, 1)
    assert (row["character_error_rate"], row["clauses"], row["clauses_on_their_page"]) == (0, 1, 1)


def test_what_is_read_wrong_is_counted(data, monkeypatch):
    fake_tesseract(data, monkeypatch, said(tsv_of(PAGE).replace("ninety", "xxxxxx")))

    (row,) = ocr.measure(data, ["tesseract"], [100], 1)

    assert row["character_error_rate"] == pytest.approx(6 / 82, abs=0.01)


def test_of_the_mixed_file_every_page_is_accounted_for(data, monkeypatch):
    monkeypatch.setattr(ocr, "MIXED_PAGES", 11)
    monkeypatch.setattr(ocr, "MIXED_SCANS", 7)
    fake_tesseract(data, monkeypatch, said(tsv_of(PAGE)))

    read, unread = ocr.mixed(data, "tesseract", 60), ocr.mixed(data, "off", 60)

    assert (read["pages"], read["text"], read["ocr"], read["lost"]) == (11, 4, 7, 0)
    assert (unread["text"], unread["image_only"], unread["named"], unread["lost"]) == (4, 7, 7, 0)


def test_the_same_scans_are_made_in_every_run_but_for_their_noise():
    with pymupdf.open(stream=PAGE) as document:
        made = pymupdf.open(stream=scanned([ScannedFrom(document, 0, 60), document[0]]))

    assert [bool(page.get_text()) for page in made] == [False, True]
    assert made[0].rect == made[1].rect
