import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.documents import PageLocator, Passage
from docqa.core.geometry import BACKWARD, VERTICAL, Geometry, Word
from docqa.readers.ocr.base import OcrWord
from docqa.readers.ocr.placing import put_back
from docqa.readers.ocr.scanning import Scan
from docqa.readers.ocr.straight import Lie

WIDTH, HEIGHT = 1_000, 1_400


@st.composite
def lines_of_words(draw):
    """Words on level lines of a page, as boxes in pixels."""
    lines = []
    for top in range(100, 1_200, draw(st.integers(30, 200))):
        left, line = draw(st.integers(0, 200)), []
        while left < 850 and len(line) < 6:
            width = draw(st.integers(20, 120))
            line.append((left, top, min(left + width, WIDTH), top + 22))
            left += width + draw(st.integers(5, 60))
        lines.append(line)
    return lines


def scanned(lines, lie):
    """A passage laid out on the straight page, and the scan it comes from."""
    words, placed, text = [], [], ""
    for number, line in enumerate(lines):
        row = []
        for x0, y0, x1, y1 in line:
            words.append(OcrWord(x0, y0, x1, y1, "word", 0.5 + (number % 5) / 10, number))
            box = (x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT)
            row.append(Word(len(text), len(text) + 4, *box))
            text += "word "
        placed.append((1, 0, row))
    geometry = Geometry.from_words(placed).to_bytes()
    passage = Passage(0, text.rstrip(), PageLocator(1, 1), geometry=geometry)
    return passage, Scan(tuple(words), lie, WIDTH, HEIGHT, 0.7)


@given(lines_of_words(), st.integers(0, 3), st.integers(-30, 30))
def test_every_word_is_marked_where_it_is_displayed(lines, turns, tenths):
    lie = Lie(turns, tenths / 10, HEIGHT / WIDTH)
    passage, scan = scanned(lines, lie)

    (back,) = put_back([passage], {1: scan})

    geometry = Geometry.from_bytes(back.geometry)
    boxes = [box for line in lines for box in line]
    for number, (x0, y0, x1, y1) in enumerate(boxes):
        (rect,) = geometry.rects(5 * number, 5 * number + 4)
        x, y = lie.shown((x0 + x1) / 2 / WIDTH, (y0 + y1) / 2 / HEIGHT)
        assert rect.x0 - 0.001 <= min(max(x, 0), 1) <= rect.x1 + 0.001
        assert rect.y0 - 0.001 <= min(max(y, 0), 1) <= rect.y1 + 0.001
        # No higher than the word and the step that a skewed line may rise within a rectangle.
        across = rect.x1 - rect.x0 if turns % 2 else rect.y1 - rect.y0
        assert across <= (22 / HEIGHT) * 2.2 + 120 * abs(tenths) / 573 / HEIGHT
    assert back.text == passage.text


def test_a_passage_has_the_mean_confidence_of_its_own_words():
    passage, scan = scanned([[(100, 100, 150, 122)], [(100, 200, 150, 222)]], Lie())

    (back,) = put_back([passage], {1: scan})

    assert back.confidence == pytest.approx(0.55)


def test_passages_of_other_pages_stay_as_they_are():
    passage, scan = scanned([[(100, 100, 150, 122)]], Lie(1))

    assert put_back([passage], {2: scan}) == (passage,)
    assert put_back([passage], {}) == (passage,)


def test_lines_of_a_page_on_its_side_run_down_it():
    passage, scan = scanned([[(100, 100, 150, 122), (160, 100, 200, 122)]], Lie(1, 0, 1.4))

    (back,) = put_back([passage], {1: scan})

    (flags,) = Geometry.from_bytes(back.geometry).line_pages
    assert flags % 4 == VERTICAL
    upside_down = put_back([passage], {1: Scan(scan.words, Lie(2), WIDTH, HEIGHT, 0.7)})[0]
    assert Geometry.from_bytes(upside_down.geometry).line_pages[0] % 4 == BACKWARD
