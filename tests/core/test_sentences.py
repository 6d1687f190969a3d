from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.sentences import split
from tests.core.hostile import texts


def sentences(text):
    return [text[start:end] for start, end in split(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["The fee is due.", "It is paid monthly!", "Is it late?", "No."],
        ["Acme Inc. shall pay $3.5 million (approx. 40%) to Mr. J. Smith by No. 5.", "So be it."],
        ["It is governed by U.S. Government rules.", "The court decides."],
        ["The buyer is Acme Inc.", "The seller is unknown."],
        ['"It is done."', "He said so.", "(See above.)", "Then he left."],
        ["Version 2.0.1 adds e.g. filters, i.e. less noise.", "See Sec. 4.2 and Fig. 3."],
        ["Wait ... there is more.", "Yahoo! announced it."],
        ["Die Frist beträgt ca. 24 Std. nach Kenntnis.", "Sie gilt z.B. für Daten."],
        ["It ends here [1].", "It begins there.", "**Bold.**", "Next."],
    ],
)
def test_sentences_of_prose(parts):
    assert sentences(" ".join(parts)) == parts


def test_sentences_of_scripts_without_spaces():
    assert sentences("本契約は終了する。当事者は通知する！「はい。」次") == [
        "本契約は終了する。",
        "当事者は通知する！",
        "「はい。」",
        "次",
    ]


def test_a_line_feed_inside_wrapped_prose_is_no_end():
    text = (
        "The Processor shall process personal data only on\n"
        "documented instructions from the Controller, and the\n"
        "Controller may audit it. Audits take place once a\nyear."
    )

    assert sentences(text) == [
        text[: text.index(" Audits")],
        "Audits take place once a\nyear.",
    ]


def test_list_items_table_rows_and_headings_are_sentences():
    text = (
        "# Terms\n\nThe parties agree:\n- first item\n- second item, which\n  goes on\n1. One\n"
        "2. Two. Three\n(a) sub item\n| a | b |\n| c | d |"
    )

    assert sentences(text) == [
        "# Terms",
        "The parties agree:",
        "- first item",
        "- second item, which\n  goes on",
        "1. One",
        "2. Two.",
        "Three",
        "(a) sub item",
        "| a | b |",
        "| c | d |",
    ]


def test_lines_of_code_are_sentences():
    text = "def run(x):\n    y = x + 1\n    return y\n\nclass A:\n    pass"

    assert sentences(text) == ["def run(x):", "y = x + 1", "return y", "class A:", "pass"]


@given(st.one_of(texts, st.text(alphabet="aA1 .!?\n\r\t-(\"'。，|#", max_size=80)))
def test_sentences_are_in_order_and_leave_out_nothing_but_white_space(text):
    spans = split(text)

    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(before <= after for (_, before), (after, _) in pairwise(spans))
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
