from dataclasses import replace

import pytest

from docqa.core.answers import Citation, Coverage
from docqa.core.findings import Finding, NewFinding
from docqa.core.outcomes import as_covered, quoted_only, unchanged, with_evidence


def quote(label, text="Within 72 hours.", origin="docqa", marker=1):
    return Citation(
        marker, label, 1, 7, "dpa.pdf", 3, None, text, 0, len(text), (), "exact", origin=origin
    )


def test_without_a_model_a_person_judges_the_quotes():
    found = quoted_only([quote(5), quote(9)], found=True, why="no model judged")

    assert (found.status, found.proposed) == ("needs_person", "")
    assert [(each.label, each.marker) for each in found.citations] == [(5, 1), (9, 2)]
    assert found.reasons[0] == "no model judged"


def test_weak_evidence_is_said_to_be_none():
    found = quoted_only([quote(5)], found=False, why="no model judged")

    assert found.citations == ()
    assert found.reasons == ("no model judged", "no evidence found")


@pytest.mark.parametrize("status", ["met", "partly_met", "not_met", "not_applicable"])
def test_a_verdict_that_stands_keeps_its_quotes_alone(status):
    judged = NewFinding(status, citations=(quote(5, origin="model"),))

    assert with_evidence(judged, [quote(9)], found=True) == judged


def test_absence_that_the_ranking_doubts_says_so():
    found = with_evidence(NewFinding("not_found"), [quote(9)], found=True)

    assert found.status == "not_found"
    assert [(each.label, each.origin) for each in found.citations] == [(9, "docqa")]
    assert found.reasons == ("docqa found passages that may state it, see the quotes",)


def coverage(passages_in_window):
    return Coverage(1, 1, 24, 24, 120, passages_in_window, 9_000, 900)


def test_absence_is_a_finding_where_all_was_read():
    found = as_covered(NewFinding("not_found", "not_found"), coverage(120))

    assert (found.status, found.reasons, found.coverage) == ("not_found", (), coverage(120))


def test_absence_from_a_part_of_the_document_is_for_a_person_to_judge():
    found = as_covered(NewFinding("not_found", "not_found"), coverage(30))

    assert (found.status, found.proposed) == ("needs_person", "not_found")
    assert found.reasons == (
        "the model found nothing, but only 30 of 120 passages were in the window",
    )


def test_a_verdict_may_rest_on_a_part_of_the_document():
    assert as_covered(NewFinding("met"), coverage(30)).status == "met"


def test_a_person_gets_docqas_quotes_behind_the_models():
    judged = NewFinding("needs_person", citations=(quote(5, origin="model"),), reasons=("why",))

    found = with_evidence(judged, [quote(5), quote(9)], found=True)

    assert [(each.label, each.marker, each.origin) for each in found.citations] == [
        (5, 1, "model"),
        (9, 2, "docqa"),
    ]
    assert found.reasons == ("why",)


def test_nothing_to_show_is_said():
    found = with_evidence(NewFinding("needs_person", reasons=("why",)), (), found=False)

    assert found.reasons == ("why", "no evidence found")


BEFORE = NewFinding("met", "met", "Within three days.", citations=(quote(5, origin="model"),))


def earlier(**changes):
    return Finding(1, 2, 1, BEFORE, "0" * 64, **{"erased": False, "created_at": 0.0} | changes)


@pytest.mark.parametrize(
    ("after", "same"),
    [
        (BEFORE, True),
        (replace(BEFORE, rationale="Otherwise put.", pack="another", version_id=9), True),
        (replace(BEFORE, citations=(quote(77, "Within 72\nhours.", "model"),)), True),
        (replace(BEFORE, status="needs_person"), False),
        (replace(BEFORE, value="72"), False),
        (replace(BEFORE, citations=()), False),
        (replace(BEFORE, citations=(quote(5, "Within 48 hours."),)), False),
    ],
)
def test_a_run_that_says_the_same_leaves_what_was_decided(after, same):
    assert unchanged(earlier(), after) is same


def test_nothing_is_the_same_as_what_was_erased():
    assert not unchanged(earlier(erased=True), BEFORE)
