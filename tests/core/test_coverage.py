from hypothesis import given
from hypothesis import strategies as st

from docqa.core.coverage import (
    CLASS_MEANINGS,
    CLASS_WORDS,
    CLASSES,
    REACH_WORDS,
    Tally,
    statement,
    sum_of,
)

TALLIES = st.builds(
    lambda counts: Tally(tuple(counts), min(counts[0] + counts[1], 3)),
    st.lists(st.integers(0, 9), min_size=len(CLASSES), max_size=len(CLASSES)),
)


def test_every_class_has_words():
    assert set(CLASS_WORDS) == set(CLASS_MEANINGS) == set(CLASSES)
    assert len(set(CLASS_WORDS.values())) == len(CLASSES)
    assert set(REACH_WORDS) == {"whole", "select", "quotes", "unknown"}


@given(st.lists(TALLIES))
def test_the_sum_of_the_parts_is_the_whole(tallies):
    total = sum_of(tallies)

    assert total.total == sum(each.total for each in tallies)
    assert total.packed == sum(each.packed for each in tallies)
    assert total.readable <= total.total
    for name in CLASSES:
        assert total[name] == sum(each[name] for each in tallies)
    assert total.named() == {name: total[name] for name in CLASSES}


@given(TALLIES)
def test_a_tally_comes_back_from_its_names(tally):
    assert Tally.of(tally.named(), tally.packed) == tally


def test_the_statement_names_what_cannot_be_asked_about():
    total = Tally.of({"text": 1272, "ocr": 12, "unreadable": 14, "left_out": 4}, packed=1284)

    assert statement(total, "whole") == (
        "1,284 of 1,302 pages can be asked about, 12 of them read by OCR."
        " 1,284 pages are in the engine's window."
        " The others: 14 unreadable, 4 files left out."
    )
    assert statement(Tally(), "whole") == "There are no documents."


def test_the_window_holds_no_count_of_pages_where_passages_are_chosen():
    total = Tally.of({"text": 5}, packed=4)

    assert total.in_window("whole") == 4
    assert total.in_window("select") is None
    assert "1 page will be once the pack is made" in statement(total, "whole")
    assert "sweep" in statement(total, "select")
    assert "quotes" in statement(total, "quotes")
    assert "not known" in statement(total, "unknown")
