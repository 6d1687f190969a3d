from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.readers.office.tables import Cell, Row, header_of, row_texts


def rows(*lines, header=0):
    return [
        Row(tuple(Cell(text) for text in line), number < header)
        for number, line in enumerate(lines)
    ]


def texts(*lines):
    return [text for text, _ in row_texts(rows(*lines))]


def test_columns_that_are_empty_throughout_are_left_out():
    assert texts(("a", "", "b"), ("c", "", ""), ("", "", "d")) == ["a | b", "c", "| d"]


def test_the_rows_marked_as_header_are_repeated_and_else_the_first_that_names_columns():
    marked = row_texts(rows(("2023", "2022"), ("1", "2"), header=1))
    guessed = row_texts(rows(("Region", "Q1", "2023"), ("North", "1", "2"), ("South", "3", "4")))
    numbers = row_texts(rows(("North", "12"), ("South", "34"), ("West", "5")))
    short = row_texts(rows(("a", "b"), ("c", "d")))
    long = row_texts(rows(("x" * 300, "y"), ("c", "d"), ("e", "f")))

    assert header_of(marked) == "2023 | 2022"
    assert header_of(guessed) == "Region | Q1 | 2023"
    assert [header_of(found) for found in (numbers, short, long, [])] == ["", "", "", ""]
    assert header_of(row_texts(rows(("a", "b"), header=1))) == ""


def test_a_cell_that_is_one_with_the_cell_above_has_its_text_if_that_is_short():
    above = Cell("", above=True)

    found = row_texts([Row((Cell("North"), Cell("1"))), Row((above, Cell("2"))), Row((above,))])

    assert [text for text, _ in found] == ["North | 1", "North | 2", "North"]
    long = row_texts([Row((Cell("x" * 200), Cell("1"))), Row((above, Cell("2")))])
    assert [text for text, _ in long] == [f"{'x' * 200} | 1", "| 2"]


def test_a_table_as_wide_as_it_is_sparse_takes_little():
    lines = [Row((Cell("", across=900), Cell("", across=n + 1), Cell(str(n)))) for n in range(900)]

    assert [text for text, _ in row_texts(lines)] == [str(n) for n in range(900)]


CELLS = st.builds(
    Cell,
    st.text("ab $%()", max_size=6),
    st.integers(-1, 5_000),
    st.integers(-1, 5_000),
    st.just(False),
)


@given(st.lists(st.lists(CELLS, max_size=6).map(tuple).map(Row), max_size=12))
@settings(max_examples=50, deadline=None)
def test_no_text_of_a_cell_is_lost(lines):
    told = " ".join(text for text, _ in row_texts(lines))

    for row in lines:
        for cell in row.cells:
            assert "".join(cell.text.split()) in "".join(told.split())
