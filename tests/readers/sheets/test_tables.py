from hypothesis import given
from hypothesis import strategies as st

from docqa.core.cells import CellMap
from docqa.core.geometry import quote_place
from docqa.readers.blocks import PASSAGE_BYTES
from docqa.readers.sheets.grid import Cell, Row
from docqa.readers.sheets.numbers import is_number
from docqa.readers.sheets.passages import passages_of
from docqa.readers.sheets.tables import placed_rows

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1)
CELLS = st.dictionaries(
    st.integers(1, 60), WORDS | st.integers(-9_999, 99_999).map(str), min_size=1, max_size=12
)
ROWS = st.dictionaries(st.integers(1, 400), CELLS, max_size=25).map(
    lambda rows: [
        Row(number, tuple(Cell(c, t, is_number(t)) for c, t in sorted(cells.items())))
        for number, cells in sorted(rows.items())
    ]
)


def sheet(*lines, first=1):
    """Rows of lines such as `a, , c`; an empty line is an empty row."""
    found = []
    for number, line in enumerate(lines, first):
        texts = [text.strip() for text in line.split(",")]
        cells = tuple(Cell(c, t, is_number(t)) for c, t in enumerate(texts, 1) if t)
        if cells:
            found.append(Row(number, cells))
    return found


def read(rows, name="Data"):
    return list(passages_of(placed_rows(rows), name))


@given(ROWS)
def test_every_cell_is_in_a_passage_at_its_own_place(rows):
    told = {}
    for passage in read(rows):
        for span in CellMap.from_bytes(passage.geometry).spans:
            text = passage.text[span.start : span.end]
            assert text
            told.setdefault((span.row, span.column), set()).add(text)

    there = {(row.number, cell.column): cell.text for row in rows for cell in row.cells}
    assert set(told) == set(there)
    for place, texts in told.items():
        assert there[place] in texts or "".join(there[place].split()).startswith(min(texts))


@given(ROWS)
def test_passages_are_of_a_good_size_and_cover_the_rows_in_their_columns(rows):
    for number, passage in enumerate(read(rows)):
        at = passage.locator
        assert passage.ordinal == number
        assert len(passage.text.encode()) <= PASSAGE_BYTES
        assert 1 <= at.first <= at.last
        spans = CellMap.from_bytes(passage.geometry).spans
        assert list(spans) == sorted(spans)
        assert any(at.first <= span.row <= at.last for span in spans)


def test_the_header_stands_above_every_part_of_a_long_table():
    rows = sheet("Name, City, Amount", *(f"Customer {n}, Town {n}, {n}.50" for n in range(2, 200)))

    found = read(rows)

    assert len(found) > 3
    assert all(p.text.startswith("Name | City | Amount\n") for p in found)
    assert str(found[0].locator).startswith("Data!A1:C")
    last = found[-1]
    assert last.locator.last == 199
    start = last.text.index("Customer 199")
    assert quote_place(last, start, len(last.text)) == "Data!A199:C199"
    assert quote_place(last, 0, len(last.text)) == f"Data!A{last.locator.first}:C199"
    assert quote_place(last, 0, 4) == "Data!A1"


def test_a_title_above_a_table_is_its_heading_and_no_header():
    rows = sheet("Quarterly report 2024", "", "Region, Q1, Q2", "North, 12, 13", "South, 9, 8")

    title, table = read(rows)

    assert (title.kind, title.text) == ("heading", "Quarterly report 2024")
    assert (table.kind, table.heading) == ("table", "Quarterly report 2024")
    assert table.text == "Region | Q1 | Q2\nNorth | 12 | 13\nSouth | 9 | 8"
    assert str(table.locator) == "Data!A3:C5"


def test_two_tables_on_a_sheet_have_their_own_headers():
    long = [f"Item {n}, {n}" for n in range(90)]
    rows = sheet("Product, Stock", *long, "", "", "City, Country, People", "Bonn, DE, 330000")

    found = read(rows)

    assert found[-1].text.startswith("City | Country | People\n")
    assert all(p.text.startswith("Product | Stock\n") for p in found[:-1])


def test_a_table_that_goes_on_after_an_empty_row_keeps_its_header():
    long = [f"Item {n}, {n}" for n in range(90)]
    rows = sheet("Product, Stock", *long, "", *long)

    assert all(p.text.startswith("Product | Stock\n") for p in read(rows))


def test_a_header_of_two_rows_is_repeated_whole():
    rows = sheet(", 2023, , 2024", "Region, Q1, Q2, Q1, Q2", *["North, 1, 2, 3, 4"] * 90)

    assert all(p.text.startswith("2023 |  | 2024\nRegion | Q1 | Q2 | Q1 | Q2") for p in read(rows))


def test_years_may_name_columns_and_numbers_may_not():
    years = read(sheet("Line, 2022, 2023", *["Sales, 10, 20"] * 120))
    numbers = read(sheet(*["10, 20, 30"] * 200))

    assert all(p.text.startswith("Line | 2022 | 2023\n") for p in years)
    assert all(p.text.startswith("10 | 20 | 30\n10 | 20 | 30") for p in numbers)
    assert "\n".join(p.text for p in numbers).count("10 | 20 | 30") == 200


def test_a_wide_table_is_cut_by_columns_with_the_first_cell_of_each_row():
    names = ["Id", *(f"Measure number {n}" for n in range(120))]
    rows = sheet(
        ",".join(names), *(",".join([f"K{r}", *(str(r * n) for n in range(120))]) for r in (1, 2))
    )

    found = read(rows)

    assert len(found) > 3
    for passage in found:
        lines = passage.text.split("\n")
        assert [line.split(" | ")[0] for line in lines] == ["Id", "K1", "K2"]
    assert found[1].locator.columns != found[0].locator.columns


def test_a_cell_longer_than_a_passage_is_cut_and_stays_in_its_cell():
    text = " ".join(f"Sentence number {n} of a long note." for n in range(200))
    rows = [Row(1, (Cell(1, "Note"), Cell(2, "Text"))), Row(7, (Cell(1, "A"), Cell(2, text)))]

    found = read(rows)

    assert len(found) > 5
    last = found[-1]
    assert quote_place(last, len(last.text) - 10, len(last.text)) == "Data!B7"


def test_a_list_in_one_column_has_no_headings():
    (passage,) = read(sheet("Alpha", "Beta", "Gamma", "Delta", "Epsilon"))

    assert passage.text == "Alpha\nBeta\nGamma\nDelta\nEpsilon"
    assert str(passage.locator) == "Data!A1:A5"


def test_what_is_a_number_is_told_from_words():
    numbers = ["12", "-3.5", "1,234.50", "(1,200)", "$ 12.5", "12 %", "USD 400", "2024-03-01"]
    words = ["Q1", "Net 30", "12 Main Street", "n/a", "", "A1", "x" * 90]

    assert [text for text in numbers if not is_number(text)] == []
    assert [text for text in words if is_number(text)] == []
