import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from docqa.core.citations import WORD_JOINER, Mark, chips, code_spans, display

FRAGMENTS = (
    *(
        "[#41]",
        "[#41, #57]",
        "[#41][#57]",
        "[#41; 57]",
        "[#41-#43]",
        "[#99]",
        "[#0]",
        "[ #41 ]",
        "[#N]",
    ),
    *("[#", "[#4", "[", "]", "1]", "#", "[1]", "[12", "[foo]", "[#foo]", "`", "``", "```", "~~~"),
    *("```py\n", "~~", "\n", "\n\n", " ", "  ", "\t", "\\", "- ", "> ", "1. ", "word ", ".", "**"),
    *("Notify within 72 hours", "(", "🙂", "通知", "\r\n", "\u2028", "\x00", "\ud800"),
)
answers = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=14).map(
    "".join
)


def known(label):
    return label in (1, 2, 41, 42, 43, 57)


def shown(raw, *, final=True):
    return display(raw, known, final=final).text


def test_labels_become_numbers_and_the_same_passage_keeps_its_number():
    displayed = display("Notify [#57]. Delete [#41]! Again [#57][#41].", known, final=True)

    assert displayed.text == "Notify [1]. Delete [2]! Again [1][2]."
    assert displayed.marks == (Mark(1, 57, 7), Mark(2, 41, 19), Mark(1, 57, 30), Mark(2, 41, 33))
    assert displayed.unresolved == 0


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Notify [#41, #57].", "Notify [1][2]."),
        ("Notify [#41,57].", "Notify [1][2]."),
        ("Notify [#41][#57].", "Notify [1][2]."),
        ("Notify [#41] [#41], [#57].", "Notify [1], [2]."),
        ("Notify [#41-#43].", "Notify [1][2][3]."),
        ("Notify [# 41 ].", "Notify [1]."),
        ("Notify [#99].", "Notify."),
        ("Notify [#41, #99].", "Notify [1]."),
        ("Notify [#0].", "Notify."),
        ("Notify [#N].", "Notify."),
        ("Notify [#N][#41].", "Notify [1]."),
        ("Notify [#41", "Notify"),
        ("Notify [#", "Notify"),
        ("a[0] and [#foo] and [", f"a[{WORD_JOINER}0] and [#foo] and ["),
    ],
)
def test_markers_are_understood(raw, expected):
    assert shown(raw) == expected


def test_labels_that_resolve_to_nothing_are_counted():
    assert display("A [#99]. B [#98, #41]. C [#99].", known, final=True).unresolved == 3


@pytest.mark.parametrize(
    "code",
    [
        "`x[#41]`",
        "``a ` [#41]``",
        "```\n[#41] [1]\n```\n",
        "~~~py\nx = [1] # [#41]\n```\n~~~\n",
        "- ```\n  [#41]\n  ```\n",
        "```\n[#41] never closed",
    ],
)
def test_nothing_in_code_is_a_marker(code):
    assert shown(code) == code
    assert chips(code) == ()
    assert code_spans(code)


def test_a_backtick_alone_opens_no_code():
    assert shown("a ` b [#41]\nc ` d [#57]\n\\`[#41]") == "a ` b [1]\nc ` d [2]\n\\`[1]"


def test_a_number_in_brackets_that_the_model_wrote_is_no_chip():
    displayed = display("As in [1] and [#41].", known, final=True)

    assert displayed.text == f"As in [{WORD_JOINER}1] and [1]."
    assert [chip[2] for chip in chips(displayed.text)] == [1]


@given(answers)
@example("[1[#99]]")
@example("[[#99]1]")
@example("[#99]```\n[#41]")
@example("`a [#41] `` b ` [#57]")
def test_chips_of_the_final_text_are_its_marks(raw):
    displayed = display(raw, known, final=True)

    assert [(start, marker) for start, _, marker in chips(displayed.text)] == [
        (mark.position, mark.marker) for mark in displayed.marks
    ]
    by_label = {mark.label: mark.marker for mark in displayed.marks}
    assert sorted(by_label.values()) == list(range(1, len(by_label) + 1))


@given(answers)
@example("`a [#41] ``\n")
@example("```py [#41] `\n[#57]")
def test_every_displayed_text_is_a_beginning_of_the_next(raw):
    texts = [shown(raw[:end], final=False) for end in range(len(raw) + 1)]

    for earlier, later in zip(texts, [*texts[1:], shown(raw)], strict=True):
        assert later.startswith(earlier)


WELL_FORMED = (
    *("[#41]", "[#41, #57]", "[#41][#57]", "[#41; 57]", "[#41-#43]", "[#99]", "[ #41 ]", "[#foo]"),
    *(
        "\n",
        " ",
        "\t",
        "- ",
        "1. ",
        "word ",
        ".",
        "**",
        "Notify within 72 hours",
        "🙂",
        "通知",
        "]",
    ),
)


@given(st.lists(st.sampled_from(WELL_FORMED)).map("".join))
def test_no_half_marker_is_ever_shown(raw):
    for end in range(len(raw) + 1):
        text = shown(raw[:end], final=False)
        assert not re.search(r"\[[ \t]*#[ \t#0-9NM,;]*\Z|\[ ?#[0-9]+\]", text)
    assert not re.search(r"\[#[0-9]*\Z|\[#[0-9]+\]", shown(raw))


@given(answers)
def test_text_outside_of_markers_is_kept(raw):
    without = re.sub(r"\[[ \t]*#[#0-9NM \t,;–-]*\]?|[\[\]0-9\s" + WORD_JOINER + "]", "", raw)
    kept = re.sub(r"\[[ \t]*#[#0-9NM \t,;–-]*\]?|[\[\]0-9\s" + WORD_JOINER + "]", "", shown(raw))

    assert kept == without
