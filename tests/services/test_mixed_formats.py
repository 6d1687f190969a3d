import dataclasses
import io
from email.message import EmailMessage

import openpyxl
import pytest
from pptx import Presentation

from docqa.core.documents import LineLocator
from docqa.readers.listing import SourceFile
from docqa.readers.ocr.setup import OcrSetup
from docqa.services.source_changes import about_tokens, is_current
from docqa.store.source_files import KnownFile
from docqa.store.values import SourceOptions
from tests.services.parts import documents, ingest, workspace

PAGE = "<html><body><h1>Terms</h1><p>Payment is due within 30 days.</p></body></html>"
TABLE = "City,People\nBonn,330000\nUlm,128000\n"


def workbook():
    book = openpyxl.Workbook()
    book.active.title = "Budget"
    for row in (["Region", "Amount"], ["North", 1200], ["South", 900]):
        book.active.append(row)
    return saved(book)


def slides():
    found = Presentation()
    found.slides.add_slide(found.slide_layouts[5]).shapes.title.text = "Roadmap for orbit"
    found.slides.add_slide(found.slide_layouts[6])
    return saved(found)


def saved(made):
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def mail():
    found = EmailMessage()
    found["Subject"] = "Offer"
    found.set_content("The offer is attached to this message.")
    found.add_attachment(workbook(), maintype="application", subtype="zip", filename="b.xlsx")
    return found.as_bytes()


@pytest.fixture
def folder(tmp_path):
    def folder(**more):
        root = tmp_path / "papers"
        files = {"a.xlsx": workbook(), "b.pptx": slides(), "c.eml": mail()}
        texts = {"d.html": PAGE, "e.csv": TABLE, **more}
        for name, data in {**files, **{n: t.encode() for n, t in texts.items()}}.items():
            root.mkdir(exist_ok=True)
            (root / name).write_bytes(data)
        return root

    return folder


def test_a_folder_of_many_formats_is_read_with_a_place_for_every_passage(empty, folder):
    ingest(empty, folder())

    found = documents(empty)
    assert {name: each.kind for name, each in found.items()} == {
        "a.xlsx": "sheet",
        "b.pptx": "slides",
        "c.eml": "mail",
        "d.html": "document",
        "e.csv": "sheet",
    }
    assert all(each.status == "ready" for each in found.values())
    assert (found["b.pptx"].pages, found["b.pptx"].readable_pages) == (2, 1)
    places = {
        str(passage.locator)
        for each in found.values()
        for passage in empty.store.documents.passages(each.version_id)
    }
    assert {"Budget!A1:B3", "slide 1", "'b.xlsx > Budget'!A1:B3", "A1:B3"} <= places
    (hit, *_) = empty.searching.search(workspace(empty), "Ulm people", k=1)
    assert hit.document == "e.csv"


def test_in_a_codebase_pages_and_tables_are_source_files(empty, folder):
    ingest(empty, folder(**{"setup.py": "import setuptools\n"}))

    found = documents(empty)
    assert found["d.html"].kind == "code"
    assert found["e.csv"].kind == "text"
    assert found["a.xlsx"].kind == "sheet"
    (passage, *_) = empty.store.documents.passages(found["d.html"].version_id)
    assert isinstance(passage.locator, LineLocator)


def test_adding_a_folder_again_reads_nothing_that_is_as_it_was(empty, folder):
    root = folder()
    ingest(empty, root)
    before = {name: each.version_id for name, each in documents(empty).items()}

    ingest(empty, root)

    assert {name: each.version_id for name, each in documents(empty).items()} == before


def test_what_was_read_before_there_was_a_reader_for_it_is_read_anew(tmp_path):
    file = SourceFile("a.csv", 10, tmp_path / "a.csv")
    in_code = dataclasses.replace(file, in_code=True)
    known = KnownFile(1, 1, "hash", 10, "text/2", "", "ready", True, "")

    def current(reader, file):
        read = dataclasses.replace(known, reader=reader)
        return is_current(read, file, SourceOptions(), OcrSetup())

    assert not current("text/2", file)
    assert current("text/2", in_code)
    assert current("csv/1", file)
    assert not current("csv/0", file)


def test_tokens_are_guessed_by_what_a_file_is(tmp_path):
    def tokens(name, **more):
        return about_tokens([SourceFile(name, 60_000, tmp_path, **more)])

    assert tokens("a.pdf") == 1_000
    assert tokens("a.png") == 60
    assert tokens("a.csv") > tokens("a.csv", in_code=True) > tokens("a.docx")
