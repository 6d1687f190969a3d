import csv
import json

import openpyxl
import pytest

from docqa.core.coverage import CLASSES
from docqa.core.left_out import LeftOut
from docqa.errors import ExportFormatError, UnknownItemError
from docqa.store.coverage_units import CoverageFilter
from tests.services import parts, placed

HOSTILE = "=HYPERLINK(1).pdf"


@pytest.fixture
def filled(empty):
    """Scans, a sheet and slides, a file that failed, one that is excluded, one left out."""
    document_id, _ = placed.add(empty, "scan.pdf", placed.scan())
    placed.add(empty, "budget.xlsx", placed.sheet())
    slides, _ = placed.add(empty, "harbour.pptx", placed.slides())
    empty.library.exclude(slides)
    where = parts.workspace(empty)
    source_id = empty.store.documents.get(document_id).source_id
    broken = empty.store.documents.add_document(where, source_id, HOSTILE, HOSTILE)
    empty.store.documents.record_failure(broken, "b" * 64, 5, error="the file is encrypted")
    left_out = [LeftOut("+cmd.zip", "@an archive in an archive", "binary")]
    empty.store.left_out.replace(source_id, left_out)
    return empty


def expected():
    named = dict.fromkeys(CLASSES, 0)
    return named | {
        "text": 3,
        "ocr": 2,
        "unreadable": 1,
        "blank": 2,
        "excluded": 3,
        "failed": 1,
        "left_out": 1,
    }


def test_the_sources_add_up_to_the_total(filled):
    ledger = filled.coverage.ledger(parts.workspace(filled))

    assert ledger.total.named() == expected()
    assert (ledger.documents, ledger.reach) == (4, "whole")
    assert ledger.total.in_window(ledger.reach) == 5
    assert "5 of 13 pages can be asked about, 2 of them read by OCR" in ledger.statement()


def test_a_pack_larger_than_the_window_is_not_said_to_be_in_it(open_app, filled):
    small = open_app(filled.settings.home, context_length=6_000)
    placed.add(small, "long.docx", placed.document(400))

    ledger = small.coverage.ledger(parts.workspace(small))

    assert ledger.reach == "select"
    assert ledger.total.in_window(ledger.reach) is None
    assert "more than the engine's window takes" in ledger.statement()


def test_without_a_model_all_is_searched(open_app, filled):
    app = open_app(filled.settings.home, engine="extractive")

    assert app.coverage.ledger(parts.workspace(app)).reach == "quotes"


def test_csv_has_a_row_for_every_page_and_runs_nothing(filled, tmp_path):
    path = filled.coverage.export(parts.workspace(filled), tmp_path / "coverage.csv")

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 13
    by_name = {row["document"]: row for row in rows}
    assert by_name[f"'{HOSTILE}"]["reason"] == "the file is encrypted"
    assert by_name["'+cmd.zip"]["reason"] == "'@an archive in an archive"
    scanned = [row for row in rows if row["document"] == "scan.pdf"]
    assert [row["OCR confidence"] for row in scanned] == ["", "91 %", "62 %", "", ""]
    assert [row["in window"] for row in scanned] == ["yes", "yes", "yes", "no", "no"]


def test_the_workbook_adds_up_and_has_no_formulas(filled, tmp_path):
    path = filled.coverage.export(parts.workspace(filled), tmp_path / "coverage.xlsx")

    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Sources", "Documents", "Pages", "About"]
    header, source, total = book["Sources"].iter_rows(values_only=True)
    assert source[1:] == total[1:]
    assert total[2] == sum(count or 0 for count in total[4:]) == 13
    assert header[:4] == ("source", "documents", "pages", "in window")
    assert book["Pages"].max_row == 14
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_json_has_sums_documents_and_pages(filled, tmp_path):
    path = filled.coverage.export(parts.workspace(filled), tmp_path / "coverage.json")

    said = json.loads(path.read_text())
    assert said["classes"] == expected()
    assert said["pages"] == len(said["page_list"]) == 13
    assert sum(each["pages"] for each in said["document_list"]) == 13
    assert sum(each["pages"] for each in said["sources"]) == 13
    assert said["page_list"][-1]["class"] in CLASSES


def test_an_export_is_whole_or_not_there(filled, tmp_path):
    with pytest.raises(ExportFormatError):
        filled.coverage.export(parts.workspace(filled), tmp_path / "coverage.pdf")
    with pytest.raises(UnknownItemError):
        filled.coverage.export(999, tmp_path / "coverage.csv")
    assert list(tmp_path.glob("*coverage*")) == []


def test_pages_of_a_class_are_listed_in_portions(filled):
    where = parts.workspace(filled)
    only = CoverageFilter(page_class="excluded")

    first = filled.coverage.pages(where, only, most=2)
    rest = filled.coverage.pages(where, only, most=2, after=2)

    assert [page.page for page in (*first, *rest)] == [1, 2, 3]
