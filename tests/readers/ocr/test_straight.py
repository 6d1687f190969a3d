import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from docqa.readers.ocr.straight import Lie, levelled, lie_of, turned
from tests.readers.ocr.scans import picture_of
from tests.readers.pdf_maker import LOREM, lines_at, pdf_of, wrapped

PAGE = pdf_of(lines_at(72, 100, wrapped(LOREM * 6, 80)))


@pytest.mark.parametrize("skew", [-2.4, -0.7, 0.0, 1.2, 3.0])
@pytest.mark.parametrize("turns", [0, 1])
def test_the_skew_of_a_page_is_found_to_a_tenth_of_a_degree(skew, turns):
    sideways, found = lie_of(picture_of(PAGE, dpi=100, skew=skew, turns=turns))

    assert sideways is (turns == 1)
    assert found == pytest.approx(-skew, abs=0.15)


def test_a_blank_page_is_straight():
    assert lie_of(Image.new("L", (300, 400), 255)) == (False, 0.0)
    assert lie_of(Image.new("L", (1, 1), 0)) == (False, 0.0)


@given(
    turns=st.integers(0, 3),
    skew=st.floats(-4, 4).map(lambda angle: round(angle, 1)),
    x=st.floats(0.3, 0.7),
    y=st.floats(0.3, 0.7),
)
def test_a_point_of_the_straight_page_is_found_on_the_displayed_one(turns, skew, x, y):
    displayed = Image.new("L", (300, 200) if turns % 2 else (200, 300), 0)
    lie = Lie(turns, skew, 300 / 200)
    at = lie.shown(x, y)
    middle = at[0] * displayed.width, at[1] * displayed.height
    ImageDraw.Draw(displayed).circle(middle, 4, fill=255)

    straight = levelled(turned(displayed, turns), skew)

    assert straight.size == (200, 300)
    assert straight.getpixel((round(x * 200), round(y * 300))) == 255
