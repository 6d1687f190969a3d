import re

import pytest

from docqa.core.geometry import quote_rects
from docqa.readers.base import ReaderOptions
from docqa.readers.pdf import PdfReader
from tests.readers.pdf_maker import LOREM, lines_at, pdf_of, wrapped


@pytest.fixture
def read(tmp_path):
    def read(data):
        path = tmp_path / "doc.pdf"
        path.write_bytes(data)
        return PdfReader().read(path, "doc.pdf", ReaderOptions(), lambda done, total: None)

    return read


def row(y, *cells):
    return [(x, y, text) for x, text in zip((60, 300, 400, 500), cells, strict=False) if text]


def statement(rows):
    """A page with a financial statement: a title, headings over the figures, so many rows."""
    content = [(60, 60, "STATEMENTS OF OPERATIONS (Unaudited)")]
    content += [(400, 90, "Nine Months Ended")]
    content += row(104, "", "", "2022", "2021")
    for number in range(rows):
        y = 118 + 14 * number
        label = f"Item of cost number {number} of the year"
        content += row(y, label, "", f"{number},110", f"{number},220")
    return content


def test_what_stands_over_the_figures_belongs_to_their_table(read):
    document = read(pdf_of(statement(3)))

    table = next(p for p in document.passages if p.kind == "table")
    assert table.text.splitlines()[:3] == [
        "Nine Months Ended",
        "2022\t2021",
        "Item of cost number 0 of the year\t0,110\t0,220",
    ]


def test_the_title_above_a_table_is_its_heading(read):
    document = read(pdf_of(statement(3)))

    table = next(p for p in document.passages if p.kind == "table")
    assert table.heading == "STATEMENTS OF OPERATIONS (Unaudited)"


def test_each_part_of_a_long_table_has_the_headings_of_its_columns(read):
    document = read(pdf_of(statement(45)))

    tables = [p for p in document.passages if p.kind == "table"]
    assert len(tables) > 1
    assert all(p.text.startswith("Nine Months Ended\n2022\t2021\nItem") for p in tables)
    told = re.findall(r"number (\d+) of", "\n".join(p.text for p in tables))
    assert [int(number) for number in told] == list(range(45))


def test_the_repeated_headings_are_shown_where_they_stand(read):
    document = read(pdf_of(statement(45)))

    tables = [p for p in document.passages if p.kind == "table"]
    places = [quote_rects(p, 0, len("Nine Months Ended")) for p in tables]
    assert len(set(places)) == 1
    last = tables[-1]
    start = last.text.index("Item of cost number 44")
    assert quote_rects(last, start, start + 22)[0].y0 > places[0][0].y1


def test_amounts_that_fill_their_columns_are_cells_of_their_own(read):
    def page(page):
        for y in (100, 114, 128):
            page.insert_text((60, y), "Net sales", fontsize=11)
            for x in (300, 352, 404):
                page.insert_text((x, y), "$", fontsize=11)
                page.insert_text((x + 8, y), "63,355", fontsize=11)

    document = read(pdf_of(page))

    cells = document.passages[0].text.splitlines()[0].split("\t")
    assert [cell.replace(" ", "") for cell in cells] == ["Netsales", *["$63,355"] * 3]


def test_amounts_painted_in_one_run_are_cells_of_their_own(read):
    rows = [
        [(60, 100 + 14 * n, "Net sales"), (300, 100 + 14 * n, "$63,355 $(948) $ 12")]
        for n in range(3)
    ]

    document = read(pdf_of([part for row in rows for part in row]))

    assert document.passages[0].text.splitlines()[0] == "Net sales\t$63,355\t$(948)\t$ 12"


def test_a_footnote_does_not_break_the_sentence_that_goes_on_over_it(read):
    body = wrapped(LOREM * 12, 80)

    def first(page):
        for x, y, text in lines_at(60, 80, body[:40]):
            page.insert_text((x, y), text, fontsize=11)
        page.insert_text((60, 720), "1 As defined in the master agreement of 2019.", fontsize=7)

    document = read(pdf_of(first, lines_at(60, 80, body[40:])))

    texts = [p.text for p in document.passages]
    assert "1 As defined in the master agreement of 2019." in texts
    assert (
        "".join(t for t in texts if not t.startswith("1 As")).replace(" ", "")
        == "".join(LOREM.split()) * 12
    )


def test_a_form_with_boxes_to_tick_is_no_heading(read):
    def form(page):
        page.insert_text((60, 80), "PART ONE", fontsize=11)
        page.insert_text((60, 110), "YES □ NO □", fontsize=11, fontname="china-s")
        for x, y, text in lines_at(60, 140, wrapped(LOREM * 3, 80)):
            page.insert_text((x, y), text, fontsize=11)

    document = read(pdf_of(form))

    assert document.passages[-1].heading == "PART ONE"


def test_columns_with_formulas_and_lists_in_them_are_read_one_after_the_other(read):
    left = wrapped(LOREM * 3, 40)
    right = []
    for number in range(7):
        right += [f"x = {number}", *wrapped(f"Formula {number} holds where the term is small.", 40)]

    def page(page):
        for margin, texts, leading in ((60, left, 13), (320, right, 15)):
            for x, y, text in lines_at(margin, 80, texts, leading):
                page.insert_text((x, y), text, fontsize=10)

    document = read(pdf_of(page))

    told = " ".join(" ".join(p.text for p in document.passages).split())
    assert told.startswith(" ".join((LOREM * 3).split()))
