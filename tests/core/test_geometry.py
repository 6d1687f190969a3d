import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.documents import LineLocator, PageLocator, Passage, Rect
from docqa.core.geometry import (
    BACKWARD,
    VERTICAL,
    Geometry,
    Word,
    quote_lines,
    quote_page,
    quote_rects,
)

TEXT = "one two\nthree"
WORDS = [
    (1, 0, [Word(0, 3, 0.1, 0.1, 0.2, 0.15), Word(4, 7, 0.25, 0.09, 0.35, 0.15)]),
    (2, 0, [Word(8, 13, 0.1, 0.2, 0.6, 0.25)]),
]


def passage(text=TEXT, lines=WORDS):
    return Passage(0, text, PageLocator(1, 2), geometry=Geometry.from_words(lines).to_bytes())


def close(rect, page, x0, y0, x1, y1):
    assert rect.page == page
    assert (rect.x0, rect.y0, rect.x1, rect.y1) == pytest.approx((x0, y0, x1, y1), abs=1e-4)


def test_a_quote_of_whole_words_is_covered_line_by_line():
    first, second = quote_rects(passage(), 4, 13)

    close(first, 1, 0.25, 0.09, 0.35, 0.15)
    close(second, 2, 0.1, 0.2, 0.6, 0.25)


def test_a_part_of_a_word_is_covered_in_proportion():
    (rect,) = quote_rects(passage(), 9, 11)

    close(rect, 2, 0.2, 0.2, 0.4, 0.25)


def test_marks_that_touch_a_quote_are_covered_with_it():
    lines = [(1, 0, [Word(0, 2, 0.1, 0.1, 0.2, 0.2), Word(3, 5, 0.3, 0.1, 0.4, 0.2)])]

    (rect,) = quote_rects(passage("in A.", lines), 3, 4)

    close(rect, 1, 0.3, 0.1, 0.4, 0.2)


def test_a_part_of_a_backward_word_is_measured_from_the_right():
    lines = [(1, BACKWARD, [Word(0, 4, 0.2, 0.1, 0.6, 0.2)])]

    (rect,) = quote_rects(passage("abcd", lines), 0, 1)

    close(rect, 1, 0.5, 0.1, 0.6, 0.2)


def test_a_vertical_line_is_cut_along_y():
    lines = [(1, VERTICAL, [Word(0, 1, 0.2, 0.1, 0.3, 0.2), Word(2, 3, 0.2, 0.3, 0.3, 0.4)])]

    (rect,) = quote_rects(passage("a b", lines), 2, 3)

    close(rect, 1, 0.2, 0.3, 0.3, 0.4)


def test_white_space_alone_has_no_rectangle_and_the_passages_page():
    assert quote_rects(passage(), 3, 4) == ()
    assert quote_rects(passage(), 5, 5) == ()
    assert quote_page(passage(), 3, 4) == 1


def test_the_page_is_where_the_quote_begins():
    assert quote_page(passage(), 4, 13) == 1
    assert quote_page(passage(), 8, 13) == 2


def test_all_lines_have_their_rectangles():
    assert [rect.page for rect in Geometry.from_bytes(passage().geometry).line_rects()] == [1, 2]
    assert Geometry.from_bytes(b"").line_rects() == ()


def test_text_has_lines_and_no_rectangles():
    text = Passage(0, "a\nb\nc", LineLocator(10, 12))

    assert quote_lines(text, 0, 5) == (10, 12)
    assert quote_lines(text, 2, 3) == (11, 11)
    assert quote_lines(text, 0, 2) == (10, 10)
    assert quote_rects(text, 0, 5) == ()
    assert quote_page(text, 0, 5) is None
    assert quote_lines(passage(), 0, 3) is None


@pytest.mark.parametrize("data", [b"x", b"\x09" * 40, passage().geometry[:-1]])
def test_damaged_bytes_are_refused(data):
    with pytest.raises(ValueError, match="geometry"):
        Geometry.from_bytes(data)


fractions = st.floats(0, 1)


@st.composite
def worded_lines(draw):
    lines, at = [], 0
    for page in draw(st.lists(st.integers(1, 9_999), min_size=1, max_size=6)):
        words = []
        for _ in range(draw(st.integers(1, 5))):
            length = draw(st.integers(1, 12))
            x0, x1 = sorted((draw(fractions), draw(fractions)))
            y0, y1 = sorted((draw(fractions), draw(fractions)))
            words.append(Word(at, at + length, x0, y0, x1, y1))
            at += length + draw(st.integers(0, 2))
        lines.append((page, draw(st.integers(0, 3)), words))
    return lines


@given(worded_lines(), st.data())
def test_the_rectangles_of_any_quote_lie_within_the_lines_it_touches(lines, data):
    geometry = Geometry.from_bytes(Geometry.from_words(lines).to_bytes())
    last = lines[-1][2][-1].end
    start = data.draw(st.integers(0, last))
    end = data.draw(st.integers(start, last))

    rects = geometry.rects(start, end)

    touched = [
        page for page, _, words in lines if any(w.start < end and w.end > start for w in words)
    ]
    assert [rect.page for rect in rects] == (touched if start < end else [])
    assert all(isinstance(rect, Rect) and 0 <= rect.x0 <= rect.x1 <= 1 for rect in rects)
    assert all(0 <= rect.y0 <= rect.y1 <= 1 for rect in rects)
