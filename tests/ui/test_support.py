from dataclasses import replace

import pytest

from docqa.core.answers import Citation
from docqa.core.citations import ocr_note, percent, place, place_label
from docqa.services.conversations import place_of
from docqa.services.exporting.packet import quote_line
from docqa.services.reports import citation_json
from docqa.ui import support, viewer

CITED = Citation(1, 4, 2, 3, "budget.xlsx", None, None, "12", 4, 6, (), "exact")
AT = replace(CITED, place="Budget!B12", ordinal=7)


def test_a_place_is_said_wherever_a_page_would_be():
    assert place(AT) == "budget.xlsx, Budget!B12"
    assert (support.place(AT), place_of(AT)) == ("Budget!B12", "Budget!B12")
    assert quote_line(AT) == "“12” (budget.xlsx Budget!B12)"
    assert citation_json(AT)["place"] == "Budget!B12"
    assert support.label(AT) == "Citation 1, Budget!B12: 12"


def test_a_citation_without_a_place_says_that_it_has_none():
    assert place(CITED) == "budget.xlsx"
    assert support.place(CITED) == "place unknown"
    assert citation_json(CITED)["place"] is None
    assert not CITED.located


def test_pages_and_lines_are_said_as_before():
    assert place_label(3, None, "") == "p. 3"
    assert place_label(None, (10, 24), "") == "L10-L24"
    assert place(replace(CITED, lines=(4, 4), revision="abcdef0123")) == "budget.xlsx:L4@abcdef0"


@pytest.mark.parametrize(("sure", "said"), [(None, ""), (0.8, ""), (0.97, ""), (0.79, "79 %")])
def test_readers_are_told_where_ocr_was_not_sure(sure, said):
    assert ocr_note(sure) == (f"read by OCR, {said} sure of the words" if said else "")


def test_little_sure_words_are_marked_on_the_chip_and_in_exports():
    faint = replace(AT, confidence=0.62)

    chip = support.chip(faint, quoted=True)

    assert chip["doubtful"]
    assert chip["short"] == "exact words, OCR 62 % sure"
    assert chip["notes"] == ["Read by OCR, 62 % sure of the words: compare with the original."]
    assert quote_line(faint) == "“12” (budget.xlsx Budget!B12, read by OCR, 62 % sure of the words)"
    assert not support.chip(AT, quoted=True)["doubtful"]


def test_a_share_is_rounded_down():
    assert [percent(share) for share in (0.0, 0.29, 0.996, 1.0)] == ["0 %", "29 %", "99 %", "100 %"]


def test_a_viewer_goes_to_the_page_else_to_the_passage():
    assert viewer.page_of(AT) == 8
    assert viewer.page_of(replace(AT, page=3)) == 3
    assert viewer.page_of(CITED) is None
