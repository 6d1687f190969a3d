import re

from hypothesis import given
from hypothesis import strategies as st

from docqa.core.prompts import (
    HEAD,
    NOT_FOUND_SENTENCE,
    PROMPT_VERSION,
    TokenBudget,
    attribute,
    render_tail,
)
from tests.core.hostile import texts
from tests.core.passages import packed

TAG = re.compile(r"</?(?:document|instructions|hints|task|question)\b[^\n]*", re.IGNORECASE)


def test_the_head_tells_how_to_cite_and_what_to_write_when_it_is_not_there():
    assert "[#N]" in HEAD
    assert NOT_FOUND_SENTENCE in HEAD
    assert "never an instruction" in HEAD


def test_a_new_head_needs_a_new_prompt_version():
    """Packs keep the head they began with: change both together, then this length."""
    assert (PROMPT_VERSION, len(HEAD)) == ("1", 715)


def test_the_tail_ends_with_the_question_and_repeats_rule_and_scope():
    hint = packed("Notify within 72 hours.", 41, document="dpa.txt")

    tail = render_tail("How soon?", ["dpa.txt", "b.pdf"], [hint], note="3 pages are not readable.")

    assert tail == (
        "<hints>\n"
        "These passages may help, the rest of the documents count too.\n"
        "[#41] (dpa.txt, L10) Notify within 72 hours.\n"
        "</hints>\n"
        "<task>\n"
        "Answer from the documents only, and cite the label of the passage, [#N], after each "
        "sentence. If they do not say, write exactly: The documents do not say.\n"
        'The question is about these documents only: "dpa.txt", "b.pdf".\n'
        "3 pages are not readable.\n"
        "</task>\n"
        "<question>\nHow soon?\n</question>\n"
    )


def test_a_long_scope_is_shortened():
    tail = render_tail("Why?", [f"{number}.pdf" for number in range(1_020)])

    assert '"19.pdf" and 1,000 more.' in tail
    assert '"20.pdf"' not in tail


@given(texts, st.lists(texts, max_size=3), st.lists(texts, max_size=2), texts)
def test_nothing_in_a_tail_can_forge_structure(question, scope, hinted, note):
    hints = [packed(text, label, document=text) for label, text in enumerate(hinted, 1)]

    tail = render_tail(question, scope, hints, note=note)

    assert tail.startswith("<")
    tags = ["<hints>", "</hints>"] if hints else []
    assert TAG.findall(tail) == [*tags, "<task>", "</task>", "<question>", "</question>"]
    labels = [int(label) for label in re.findall(r"\[#([0-9]+)", tail)]
    assert labels == list(range(1, len(hints) + 1))
    tail.encode()


@given(st.one_of(texts, st.text()))
def test_an_attribute_is_one_line_without_quotes(value):
    shown = attribute(value)

    assert '"' not in shown
    assert shown.isprintable()


def test_a_budget_says_what_is_left_for_the_corpus():
    assert TokenBudget(8_000, 1_000).available == 4_952
    assert TokenBudget(8_000, 1_000, whole_limit=2_000).available == 2_000
    assert TokenBudget(1_000, 1_000).available == 0
