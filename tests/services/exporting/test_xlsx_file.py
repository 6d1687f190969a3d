from dataclasses import replace

import pytest
from openpyxl import load_workbook

from docqa.services.exporting.xlsx_file import write_xlsx
from tests.services.exporting import made


@pytest.fixture
def book_of(tmp_path):
    def write(packet):
        write_xlsx(packet, tmp_path / "review.xlsx")
        return load_workbook(tmp_path / "review.xlsx")

    return write


def test_the_grid_has_documents_down_and_requirements_across(book_of):
    book = book_of(made.packet())

    assert book.sheetnames == ["Grid", "Findings", "Evidence", "Coverage", "About"]
    grid = book["Grid"]
    assert [cell.value for cell in grid[1]] == ["document", "28-3-a", "28-3-f", "end"]
    assert [cell.value for cell in grid[3]] == ["agreement.pdf", "Met", "Met", "Found"]
    assert [cell.value for cell in grid[4]] == ["annex.pdf", "Met", "Met", "Found"]
    assert grid.freeze_panes == "B3"


def test_a_cell_of_the_grid_has_its_quote_with_the_page_as_a_note(book_of):
    note = book_of(made.packet())["Grid"]["B3"].comment.text

    assert note == f"“{made.QUOTE}” (agreement.pdf p. 3)"


def test_a_cell_of_the_grid_says_what_a_person_decided_and_what_contradicts(book_of):
    rows = [(made.cell(n), made.finding(n), ()) for n in range(1, 7)]
    rows[0] = (made.cell(1, review_state="approved"), made.finding(1), (made.decision(1),))
    packet = replace(made.packet(*rows), conflicts={1: (4,), 4: (1,)})

    grid = book_of(packet)["Grid"]

    assert grid["B3"].value == "Met · approved · conflict"
    assert grid["B4"].value == "Met · conflict"


def test_every_quote_is_a_row_of_evidence(book_of):
    first, second = made.citation(), made.citation(page=None, lines=(4, 6), origin="docqa")
    packet = made.packet((made.cell(1), made.finding(1, citations=(first, second)), ()))

    names, *rows = book_of(packet)["Evidence"].iter_rows(values_only=True)
    told = [dict(zip(names, row, strict=True)) for row in rows]

    assert [(row["quote"], row["page"], row["lines"]) for row in told] == [
        (made.QUOTE, 3, None),
        (made.QUOTE, None, "4-6"),
    ]
    assert told[1]["found by"] == "docqa"


def test_coverage_is_a_sheet_of_what_was_read(book_of):
    names, row, *_ = book_of(made.packet())["Coverage"].iter_rows(values_only=True)
    told = dict(zip(names, row, strict=True))

    assert (told["pages"], told["pages read"], told["unreadable pages"]) == (24, 23, 1)


def test_no_text_is_a_formula(book_of):
    hostile = '=HYPERLINK("http://example.org","x")'
    packet = made.packet(
        (
            made.cell(1, document="=1+1"),
            made.finding(1, rationale=hostile, value="@SUM(A1)", reasons=("+1", "#REF!")),
            (),
        )
    )

    book = book_of(packet)

    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    findings = book["Findings"]
    named = {cell.value: cell.column for cell in findings[1]}
    assert findings.cell(2, named["rationale"]).value == hostile
    assert findings.cell(2, named["rationale"]).quotePrefix
    assert book["Grid"]["A3"].value == "=1+1"


def test_characters_that_xml_cannot_have_do_not_break_the_file(book_of):
    bad = "a\x00b\x0bc\ud800d\ufffee_x0041_"
    packet = made.packet(
        (
            made.cell(1),
            made.finding(1, rationale=bad, citations=(made.citation(quote=bad * 9_000),)),
            (),
        )
    )

    book = book_of(packet)

    findings = book["Findings"]
    named = {cell.value: cell.column for cell in findings[1]}
    told = findings.cell(2, named["rationale"]).value
    assert told == "a\ufffdb\ufffdc\ufffdd\ufffde_x005F_x0041_"
    assert len(book["Evidence"]["D2"].value) == 32_767
    assert len(book["Grid"]["B3"].comment.text) == 1_500


def test_the_last_sheet_says_what_it_rests_on(book_of):
    told = {row[0]: row[1] for row in book_of(made.packet())["About"].iter_rows(values_only=True)}

    assert told["Audit head"] == "b" * 64
    assert told["Engine"] == "sglang, model scout: 6 findings"
    assert told["  Prompt version"] == "review/1"
    assert told["  Sampling"] == "temperature=0.0"
    assert told["agreement.pdf"] == f"version 1, SHA-256 {'c' * 64}"
    assert told["  Met"] == 6
