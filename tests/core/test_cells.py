from hypothesis import given
from hypothesis import strategies as st

from docqa.core.cells import CellMap, CellSpan, column_letters
from docqa.core.documents import Passage, PlaceLocator
from docqa.core.geometry import quote_lines, quote_page, quote_place, quote_rects

ROWS = "| Region | Q1 |\n| North | 12 |\n"
CELLS = CellMap.of(
    (
        CellSpan(2, 8, 1, 1),
        CellSpan(11, 13, 1, 2),
        CellSpan(18, 23, 4, 1),
        CellSpan(26, 28, 4, 2),
    )
)


def test_a_quote_is_placed_at_the_cells_that_hold_its_words():
    passage = Passage(
        0, ROWS, PlaceLocator("rows", 1, 4, "Q1 2024", "A:B"), "table", geometry=CELLS.to_bytes()
    )

    assert (quote_page(passage, 18, 28), quote_lines(passage, 18, 28)) == (None, None)
    assert quote_rects(passage, 18, 28) == ()
    assert quote_place(passage, 18, 28) == "'Q1 2024'!A4:B4"
    assert quote_place(passage, 26, 28) == "'Q1 2024'!B4"
    assert quote_place(passage, 0, 1) == "'Q1 2024'!A1:B4"


def test_a_map_survives_being_packed():
    assert CellMap.from_bytes(CELLS.to_bytes()) == CELLS


@given(st.integers(1, 20_000))
def test_letters_count_in_base_26_without_a_zero(number):
    value = 0
    for letter in column_letters(number):
        value = value * 26 + ord(letter) - ord("A") + 1

    assert value == number


@given(st.integers(0, 40), st.integers(0, 40))
def test_cells_are_those_that_overlap_the_span(start, end):
    found = CELLS.cells(start, end)

    assert list(found) == [cell for cell in CELLS.spans if cell.start < end and cell.end > start]


def test_places_are_said_as_a_person_would_look_for_them():
    assert str(PlaceLocator("slide", 3, 3)) == "slide 3"
    assert str(PlaceLocator("slide", 3, 4)) == "slides 3-4"
    assert str(PlaceLocator("rows", 5, 20, "Budget", "A:F")) == "Budget!A5:F20"
    assert str(PlaceLocator("rows", 5, 5, "", "A")) == "A5"
    assert str(PlaceLocator("rows", 1, 1, "Bob's 1", "B:B")) == "'Bob''s 1'!B1"
    assert str(PlaceLocator("paragraph", 12, 14)) == "¶ 12-14"
    assert str(PlaceLocator("cell", 4, 4)) == "cell 4"
    assert str(PlaceLocator("page", 2, 3, "offer.pdf")) == "offer.pdf, pp. 2-3"
