import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.checklists import ANSWER_KINDS, VERDICTS, Requirement
from docqa.core.judging import judge, unread
from docqa.core.verification import RANK
from tests.core.hostile import texts
from tests.core.passages import Passages, packed

BREACH = (
    "The Supplier shall notify the Customer of a personal data breach without undue delay and in"
    " any event within 72 hours after becoming aware of it."
)
BACKUPS = "Nightly backups are kept for 35 days in two separate data centres in Dublin."
PAYMENT = "Invoices are payable within 30 days of receipt to Acme Ltd."
SECRET = "The Supplier shall notify breaches of personal data within 24 hours."
SOURCE = Passages(
    [
        packed(BREACH, 1),
        packed(BACKUPS, 2),
        packed(PAYMENT, 3),
        packed(SECRET, 4, document="other.txt", document_id=2),
    ],
    excluded=[2],
)
ASKED = Requirement(
    "art-33",
    "The processor notifies the controller of personal data breaches.",
    guidance="A time limit or the words without undue delay.",
)


def judged(verdict="met", citations=(1,), rationale=BREACH, requirement=ASKED, **more):
    answer = {"citations": list(citations), "rationale": rationale, "verdict": verdict} | more
    return judge(json.dumps(answer), requirement, SOURCE)


@pytest.mark.parametrize("verdict", ["met", "partly_met", "not_met", "not_applicable"])
def test_a_verdict_stands_with_a_quote_that_has_its_words(verdict):
    found = judged(verdict, rationale="The Supplier shall notify breaches within 72 hours.")

    assert (found.status, found.proposed) == (verdict, verdict)
    assert [citation.label for citation in found.citations] == [1]
    assert found.citations[0].quote in BREACH
    assert found.citations[0].origin == "model"
    assert found.reasons == ()


@pytest.mark.parametrize("verdict", ["met", "partly_met", "not_met", "not_applicable"])
@pytest.mark.parametrize("citations", [[], [99, 1_000_000], [4], [99, 4], ["dpa.txt"]])
def test_no_verdict_stands_without_a_passage_in_scope(verdict, citations):
    found = judged(verdict, citations)

    assert (found.status, found.proposed, found.citations) == ("needs_person", verdict, ())
    assert found.unresolved == len(citations)
    assert f"the model says {verdict!r} and points at no passage" in found.reasons


def test_labels_that_resolve_to_nothing_are_named():
    found = judged(citations=[1, 99, 4])

    assert found.status == "met"
    assert found.unresolved == 2
    assert found.reasons == (
        "label 99 is not in the documents",
        "label 4 belongs to a document that was not asked about",
    )


def test_a_rationale_that_the_passage_does_not_hold_needs_a_person():
    found = judged(citations=[3])

    assert found.status == "needs_person"
    assert "the passages pointed at do not say what the rationale says" in found.reasons
    assert [citation.support for citation in found.citations] == ["unsupported"]
    assert found.citations[0].quote in PAYMENT


def test_a_number_that_no_passage_has_needs_a_person():
    found = judged(rationale="The Supplier shall notify a personal data breach within 48 hours.")

    assert found.status == "needs_person"
    assert "“48”: in none of the passages pointed at" in found.reasons


def test_a_denied_passage_does_not_bear_out_its_opposite():
    found = judged(
        rationale="The Supplier shall not notify the Customer of a personal data breach."
    )

    assert found.status == "needs_person"


@pytest.mark.parametrize("rationale", ["", "Yes.", "It does.", "The documents do not say."])
def test_a_rationale_without_substance_carries_no_verdict(rationale):
    assert judged(rationale=rationale).status == "needs_person"


def test_words_about_something_else_carry_no_verdict():
    found = judged(citations=[3], rationale=PAYMENT)

    assert found.status == "needs_person"
    assert found.reasons == ("the passages pointed at have no word of the requirement",)


def test_passages_that_do_not_help_are_counted_and_left_out():
    found = judged(citations=[1, 2])

    assert found.status == "met"
    assert [citation.label for citation in found.citations] == [1]
    assert found.reasons == ("does not support the rationale: 1 passage pointed at",)


def test_a_sentence_of_the_rationale_that_stands_nowhere_is_named():
    found = judged(rationale=f"{BREACH} Fines are borne by the parent company alone.")

    assert found.status == "met"
    assert found.reasons == (
        "not in the passages quoted: “Fines are borne by the parent company alone.”",
    )


def test_absence_is_a_finding_and_points_at_nothing():
    found = judged("not_found", [], "The documents do not say.")

    assert (found.status, found.citations, found.reasons) == ("not_found", (), ())


def test_absence_drops_what_it_points_at_and_says_so():
    found = judged("not_found", [1, 2, 99], "The documents do not say.")

    assert (found.status, found.citations) == ("not_found", ())
    assert found.reasons == (
        "label 99 is not in the documents",
        "the model found nothing, yet pointed at 2 passages",
    )


KEPT = Requirement("r", "How long are backups kept, and where?", kind="text")


@pytest.mark.parametrize(
    ("kind", "value", "stands"),
    [
        ("amount", "35 days", True),
        ("amount", "36 days", False),
        ("amount", "thirty-five days", True),
        ("text", "two separate data centres", True),
        ("text", "two separate data centers in Berlin", False),
        ("party", "Dublin", True),
        ("party", "Globex Corporation", False),
        ("date", "1 May 2024", False),
        ("list", ["35 days", "Dublin"], True),
        ("list", ["35 days", "Paris"], False),
    ],
)
def test_a_value_has_to_stand_in_the_passages(kind, value, stands):
    asked = Requirement("r", "How long are backups kept, and where?", kind=kind)

    found = judged("met", [2], BACKUPS, asked, value=value)

    assert found.status == ("met" if stands else "needs_person")
    assert found.value == ("\n".join(value) if kind == "list" else value)


def test_a_value_in_a_passage_that_is_not_pointed_at_does_not_count():
    asked = Requirement("r", "How long are backups kept?", kind="amount")

    found = judged("met", [2], BACKUPS, asked, value="72 hours")

    assert found.status == "needs_person"
    assert found.reasons == ("the value “72 hours” does not stand in the passages pointed at",)


@pytest.mark.parametrize("verdict", ["met", "partly_met"])
def test_a_value_that_is_missing_needs_a_person(verdict):
    found = judged(verdict, [2], BACKUPS, KEPT, value="")

    assert (found.status, found.reasons) == ("needs_person", ("no value was extracted",))


def test_a_value_is_quoted_where_it_stands():
    long = packed(f"{BREACH} {PAYMENT} Copies stay in Dublin. {BACKUPS}", 1)
    answer = {"citations": [1], "rationale": PAYMENT, "value": "35 days", "verdict": "met"}
    asked = Requirement("r", "How long after receipt are invoices payable?", kind="amount")

    found = judge(json.dumps(answer), asked, Passages([long]))

    assert found.status == "met"
    assert [citation.quote for citation in found.citations] == [PAYMENT, "35 days"]
    assert {citation.marker for citation in found.citations} == {1}


def test_an_answer_that_cannot_be_read_is_kept_for_a_person():
    found = judge("I think it is met.", ASKED, SOURCE)

    assert found == unread("I think it is met.", "it is not a JSON object")
    assert (found.status, found.raw) == ("needs_person", "I think it is met.")
    assert found.reasons == ("the model's answer could not be read: it is not a JSON object",)


def test_what_the_model_wrote_is_kept():
    assert judged().raw.startswith('{"citations": [1]')


LABELS = st.lists(st.sampled_from([1, 2, 3, 4, 99, 0, "#1", "[#4]"]), max_size=6)
RATIONALES = st.one_of(
    st.sampled_from([BREACH, BACKUPS, PAYMENT, SECRET, "Yes.", "Within 24 hours."]),
    st.lists(st.sampled_from((BREACH + " " + SECRET + " 48 not").split()), max_size=12).map(
        " ".join
    ),
    texts,
)


@given(
    st.sampled_from(VERDICTS),
    st.sampled_from(ANSWER_KINDS),
    LABELS,
    RATIONALES,
    st.sampled_from(["", "72 hours", "24 hours", "Acme Ltd", "Globex"]) | texts,
)
def test_whatever_a_model_answers_no_verdict_stands_without_verified_words_in_scope(
    verdict, kind, labels, rationale, value
):
    answer = {"citations": labels, "rationale": rationale, "value": value, "verdict": verdict}
    asked = Requirement("r", f"{ASKED.text} {BACKUPS} {PAYMENT}", kind=kind)

    found = judge(json.dumps(answer), asked, SOURCE)

    assert found.status in (verdict, "needs_person")
    for citation in found.citations:
        passage = SOURCE.by_label(citation.label)
        assert SOURCE.in_scope(citation.label)
        assert citation.quote == passage.passage.text[citation.quote_start : citation.quote_end]
        assert citation.quote
    if found.status not in ("needs_person", "not_found"):
        assert found.citations
        assert all(RANK[citation.support] > 0 for citation in found.citations)
        assert "24" not in found.rationale.split()
        assert "Globex" not in found.value
    if found.status == "not_found":
        assert (found.citations, found.value) == ((), "")
    if found.status == "needs_person" and found.rationale:
        assert found.reasons
