import csv
from dataclasses import replace

from docqa.services.exporting.csv_file import COLUMNS, write_csv
from tests.services.exporting import made


def rows_of(packet, path):
    write_csv(packet, path / "review.csv")
    with (path / "review.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_cell_is_a_row_with_what_was_found_and_decided(tmp_path):
    decided = (
        made.cell(1, review_state="approved"),
        made.finding(1),
        (made.decision(1),),
    )

    (row,) = rows_of(made.packet(decided), tmp_path)

    assert tuple(row) == COLUMNS
    assert row["document"] == "agreement.pdf"
    assert row["requirement"] == "28-3-a"
    assert (row["verdict"], row["state"]) == ("Met", "approved")
    assert row["quotes"] == f"“{made.QUOTE}” (agreement.pdf p. 3)"
    assert (row["decided by"], row["decision"]) == ("Ana", "approve: Met")
    assert row["decided at"] == "2023-11-14 22:16:40 UTC"
    assert "Read and agreed." in row["comments"]
    assert row["coverage"].startswith("In the window: 1 of 1 documents, 23 of 24 pages")


def test_the_file_says_that_it_is_utf_8(tmp_path):
    rows_of(made.packet(), tmp_path)

    assert (tmp_path / "review.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(tmp_path):
    hostile = (
        made.cell(1, document="=cmd|'/C calc'!A0.pdf"),
        made.finding(1, rationale="@SUM(A1)", value="-2+3", reasons=("＝1+1",)),
        (),
    )

    (row,) = rows_of(made.packet(hostile), tmp_path)

    assert row["document"].startswith("'=cmd")
    assert (row["rationale"], row["value"], row["reasons"]) == ("'@SUM(A1)", "'-2+3", "'＝1+1")


def test_a_quote_with_quotation_marks_and_lines_stays_one_field(tmp_path):
    quote = 'He said "no";\r\n=1+1,\x00 and\ud800 left'
    hostile = (made.cell(1), made.finding(1, citations=(made.citation(quote=quote),)), ())

    (row,) = rows_of(made.packet(hostile), tmp_path)

    assert row["quotes"] == '“He said "no"; =1+1,\ufffd and\ufffd left” (agreement.pdf p. 3)'


def test_a_cell_without_a_finding_says_how_far_it_is(tmp_path):
    waits = made.cell(1, state="queued", status="", verdict="", finding_id=0)
    failed = made.cell(
        2, state="failed", status="", verdict="", finding_id=0, error="gone", error_hint="Start it."
    )

    waiting, broken = rows_of(made.packet((waits, None, ()), (failed, None, ())), tmp_path)

    assert (waiting["verdict"], waiting["state"], waiting["rationale"]) == ("Waiting", "", "")
    assert (broken["verdict"], broken["reasons"]) == ("Failed", "gone Start it.")


def test_a_value_that_was_asked_for_is_found_rather_than_met(tmp_path):
    asked = (made.cell(3, value="31 May 2027"), made.finding(3, value="31 May 2027"), ())

    (row,) = rows_of(made.packet(asked), tmp_path)

    assert (row["verdict"], row["value"]) == ("Found", "31 May 2027")


def test_cells_that_contradict_name_the_other_documents(tmp_path):
    packet = replace(made.packet(), conflicts={1: (4,), 4: (1,)})

    rows = rows_of(packet, tmp_path)

    assert rows[0]["conflicts with"] == "annex.pdf"
    assert rows[1]["conflicts with"] == ""


def test_a_field_never_outgrows_a_spreadsheet_cell(tmp_path):
    long = (made.cell(1), made.finding(1, rationale="x" * 100_000), ())

    (row,) = rows_of(made.packet(long), tmp_path)

    assert len(row["rationale"]) == 32_000
    assert row["rationale"].endswith("…")
