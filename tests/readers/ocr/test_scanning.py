import pytest
from PIL import Image

from docqa.errors import OcrError
from docqa.readers.ocr.scanning import scan, sureness
from tests.readers.ocr.scans import FakeEngine, picture_of, word
from tests.readers.pdf_maker import LOREM, lines_at, pdf_of, wrapped

PAGE = pdf_of(lines_at(72, 100, wrapped(LOREM * 6, 80)))
SURE = [word(text) for text in ("one", "two", "three", "four", "five", "six")]
UNSURE = [each._replace(confidence=0.35) for each in SURE]


def test_a_page_that_is_read_well_is_read_once():
    engine = FakeEngine(lambda picture, count: SURE)

    found = scan(picture_of(PAGE, dpi=75), engine, 60)

    assert found.confidence == pytest.approx(0.9)
    assert found.lie.is_straight
    assert len(engine.sizes) == 1


def test_a_page_upside_down_is_read_again_the_other_way_up():
    engine = FakeEngine(lambda picture, count: SURE if count == 2 else UNSURE)

    found = scan(picture_of(PAGE, dpi=75, turns=2), engine, 60)

    assert found.lie.turns == 2
    assert found.confidence == pytest.approx(0.9)


def test_a_page_on_its_side_is_turned_first():
    engine = FakeEngine(lambda picture, count: SURE)

    found = scan(picture_of(PAGE, dpi=75, turns=1), engine, 60)

    assert found.lie.turns == 1
    assert engine.sizes == [picture_of(PAGE, dpi=75).size]


def test_the_turn_of_the_page_before_is_tried_first():
    engine = FakeEngine(lambda picture, count: SURE)

    assert scan(picture_of(PAGE, dpi=75, turns=3), engine, 60, likely=3).lie.turns == 3
    assert scan(picture_of(PAGE, dpi=75), engine, 60, likely=3).lie.turns == 0


def test_a_page_that_is_bad_every_way_keeps_the_best():
    worse = [each._replace(confidence=0.3) for each in SURE]
    engine = FakeEngine(lambda picture, count: UNSURE if count == 3 else worse)

    found = scan(picture_of(PAGE, dpi=75), engine, 60)

    assert len(engine.sizes) == 4
    assert found.confidence == pytest.approx(0.35)


def test_a_picture_without_text_is_not_turned_round_and_round():
    engine = FakeEngine(lambda picture, count: [])

    found = scan(Image.new("L", (200, 300), 255), engine, 60)

    assert (found.words, found.confidence, len(engine.sizes)) == ((), 0.0, 2)


def test_few_words_are_looked_at_twice_and_the_surest_are_kept():
    few = [word("Delivery", confidence=0.96), word("on", confidence=0.95)]
    engine = FakeEngine(lambda picture, count: few if count == 2 else [word("uo")])

    found = scan(picture_of(PAGE, dpi=75), engine, 60)

    assert [each.text for each in found.words] == ["Delivery", "on"]
    assert len(engine.sizes) == 2


def test_specks_are_no_words():
    engine = FakeEngine(
        lambda picture, count: [
            *SURE,
            word("~", confidence=0.4),
            word("il", confidence=0.1),
            word("-", confidence=0.7),
        ]
    )

    found = scan(picture_of(PAGE, dpi=75), engine, 60)

    assert [each.text for each in found.words[6:]] == ["-"]


def test_an_engine_that_fails_at_first_fails_the_page():
    engine = FakeEngine(lambda picture, count: OcrError("took too long"))

    with pytest.raises(OcrError, match="took too long"):
        scan(picture_of(PAGE, dpi=75), engine, 60)


def test_an_engine_that_fails_on_a_second_look_leaves_the_first():
    engine = FakeEngine(lambda picture, count: UNSURE if count == 1 else OcrError("no"))

    assert scan(picture_of(PAGE, dpi=75), engine, 60).confidence == pytest.approx(0.35)


def test_no_time_is_left_for_another_look():
    engine = FakeEngine(lambda picture, count: UNSURE)

    scan(picture_of(PAGE, dpi=75), engine, 0)

    assert len(engine.sizes) == 1


def test_words_that_run_up_the_page_are_turned():
    tall = [word(each.text, width=10, height=40) for each in SURE]
    engine = FakeEngine(lambda picture, count: tall if picture.size == (200, 300) else SURE)

    assert scan(Image.new("L", (200, 300), 255), engine, 60).lie.turns == 1


def test_long_words_count_more_than_short_ones():
    assert sureness([word("aaa", confidence=1.0), word("b", confidence=0.0)]) == 0.75
    assert sureness([]) == 0.0
