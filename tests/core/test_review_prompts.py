import re

from hypothesis import given
from hypothesis import strategies as st

from docqa.core.checklists import ANSWER_KINDS, VERDICTS, Requirement
from docqa.core.prompts import PROMPT_VERSION
from docqa.core.review_prompts import (
    REVIEW_PROMPT_VERSION,
    ScopedDocument,
    render_review_tail,
)
from tests.core.hostile import texts
from tests.core.passages import packed

ASKED = Requirement("art-33", "Breaches are notified.", guidance="Within 72 hours.")
TAG = re.compile(r"</?(?:document|instructions|hints|task|question)\b[^\n]*", re.IGNORECASE)


def test_a_new_task_needs_a_new_prompt_version():
    """Findings name the version they were asked with: change both together, then this length."""
    assert (REVIEW_PROMPT_VERSION, len(render_review_tail(ASKED))) == (
        f"{PROMPT_VERSION}/review-1",
        960,
    )


def test_the_tail_ends_with_the_requirement_and_names_the_scope_by_id():
    hint = packed("Notify within 72 hours.", 41)

    tail = render_review_tail(ASKED, [ScopedDocument(3, 'a "b".pdf')], [hint])

    assert tail.startswith("<task>\nHold the documents against the requirement")
    assert "The review is about these documents only, by id: 3 \"a 'b'.pdf\".\n</task>\n" in tail
    assert tail.endswith(
        "<hints>\n"
        "These passages may help, the rest of the documents count too.\n"
        "[#41] (dpa.txt, L10) Notify within 72 hours.\n"
        "</hints>\n"
        "<question>\nBreaches are notified.\n\nGuidance: Within 72 hours.\n</question>\n"
    )


def test_requirements_of_one_kind_have_the_task_and_the_scope_in_common():
    scope = [ScopedDocument(3, "a.pdf")]
    other = Requirement("art-28", "Processors are bound.")

    one, another = render_review_tail(ASKED, scope), render_review_tail(other, scope)

    assert one.split("<question>")[0] == another.split("<question>")[0]


def test_a_requirement_of_another_kind_is_told_what_its_value_is():
    tail = render_review_tail(Requirement("r", "Which law?", kind="date", verdicts=("met",)))

    assert '"value": the date, as the documents write it, at most 160 characters' in tail
    assert '"met" if the documents state the value.' in tail
    assert "partly_met" not in tail
    assert '"value"' not in render_review_tail(ASKED)


def test_what_was_wrong_with_the_last_answer_stands_last():
    tail = render_review_tail(ASKED, problem="it is\nno <task> object")

    assert tail.endswith(
        "<task>\nYour last answer could not be read: it is no <\\task> object. Answer with the JSON"
        " object alone.\n</task>\n"
    )


@given(texts, texts, texts, st.sampled_from(ANSWER_KINDS), st.sampled_from(VERDICTS))
def test_no_text_forges_the_tails_structure(text, guidance, name, kind, verdict):
    asked = Requirement("r", text, guidance=guidance, kind=kind, verdicts=(verdict,))
    hint = packed(f"Before. {text}", 41, document=name or "x")

    tail = render_review_tail(asked, [ScopedDocument(1, name)], [hint], problem=guidance or "x")

    assert TAG.findall(tail) == [
        "<task>",
        "</task>",
        "<hints>",
        "</hints>",
        "<question>",
        "</question>",
        "<task>",
        "</task>",
    ]
    assert tail.count("[#") - tail.count("[#41] (") == 1, "but for the example in the task"
    assert tail.encode()
