"""Scanned pages in the Library: what would read them, and reading them again."""

import pytest

from docqa.readers.ocr import registry
from docqa.ui.state import Key
from tests.pages.test_pages import button, has_button, said
from tests.readers.ocr import scans
from tests.readers.pdf_maker import wrapped

PAGE = scans.small_page(wrapped("Either party may end this agreement with ninety days notice.", 50))


@pytest.fixture(autouse=True)
def no_programs(tmp_path, monkeypatch):
    """A machine without OCR; what is written to this folder is installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    registry._listed.cache_clear()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("DOCQA_OCR", "tesseract")
    yield folder
    registry._listed.cache_clear()


@pytest.fixture
def scan(no_programs, app, workspace, tmp_path):
    path = tmp_path / "scan.pdf"
    path.write_bytes(scans.scanned_pdf(scans.picture_of(PAGE, dpi=75), dpi=75))
    assert app.ingestion.wait(app.ingestion.submit_paths(workspace.id, [path])).status == "done"
    return path


def test_unread_scans_are_listed_with_what_would_read_them_and_read_once_it_is_there(
    open_page, app, workspace, scan, no_programs, monkeypatch
):
    test = open_page("library")
    assert "apt-get install tesseract-ocr tesseract-ocr-eng" in said(test).replace("\\", "")
    assert not has_button(test, "read-scans")

    scans.fake_tesseract(no_programs, monkeypatch, scans.said(scans.tsv_of(PAGE)))
    test = open_page("library")
    button(test, "read-scans").click().run()
    (job,) = test.session_state[Key.JOBS]
    app.ingestion.wait(job)

    (document,) = app.library.documents(workspace.id)
    assert [page.status for page in app.library.pages(document.version_id)] == ["ocr"]
    assert not has_button(open_page("library"), "read-scans")
