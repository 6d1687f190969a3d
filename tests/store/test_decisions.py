import pytest

from docqa.errors import InputError, StaleError
from tests.store.reviewed import recorded, review


@pytest.fixture
def cell(store):
    cell_id = store.reviews.cells(review(store))[0].id
    recorded(store, cell_id)
    return store.reviews.cell(cell_id)


@pytest.fixture
def decide(store, cell):
    def deciding(action, revision=1, user="anna", **fields):
        return store.reviews.decide(cell.id, action, user=user, revision=revision, **fields)

    return deciding


@pytest.mark.parametrize(
    ("action", "given", "verdict", "state", "said"),
    [
        ("approve", "", "met", "approved", "met"),
        ("change", "not_met", "not_met", "edited", "not_met"),
        ("reject", "", "needs_person", "rejected", ""),
        ("reopen", "", "met", "draft", "met"),
        ("comment", "", "met", "draft", ""),
    ],
)
def test_what_counts_is_what_a_person_decided(
    store, cell, decide, action, given, verdict, state, said
):
    decision = decide(action, verdict=given, comment="why not")

    after = store.reviews.cell(cell.id)
    assert (after.verdict, after.review_state, after.status) == (verdict, state, "met")
    assert (decision.verdict, decision.comment, decision.user) == (said, "why not", "anna")
    assert decision.finding_id == cell.finding_id
    assert store.reviews.decisions(cell.id) == (decision,)
    assert (after.revision, cell.revision) == (2, 1)


def test_the_log_has_before_and_after_and_the_comment_as_a_hash(store, decide):
    decision = decide("reject", comment="Umbrageous")

    entry = store.audit.entries()[-1]
    assert entry.action == "review.decision"
    assert entry.detail["before"] == {"verdict": "met", "state": "draft"}
    assert entry.detail["after"] == {"verdict": "needs_person", "state": "rejected"}
    assert entry.detail["hash"] == decision.hash
    assert "Umbrageous" not in str(entry)


def test_two_people_do_not_overwrite_each_other_silently(store, cell, decide):
    decide("approve", user="bert")

    with pytest.raises(StaleError, match="'bert' has approved it"):
        decide("reject")

    assert store.reviews.cell(cell.id).review_state == "approved"
    assert len(store.reviews.decisions(cell.id)) == 1


def test_a_run_in_the_meantime_is_told(store, cell, decide):
    decide("comment", comment="hm")
    recorded(store, cell.id, "not_met")

    with pytest.raises(StaleError, match="run again"):
        decide("approve", revision=2)


def test_looking_at_a_changed_cell_settles_it(store, cell, decide):
    recorded(store, cell.id, "not_met")

    decide("comment", revision=2)
    assert store.reviews.cell(cell.id).changed
    decide("approve", revision=3)

    assert not store.reviews.cell(cell.id).changed


def test_a_person_has_to_give_the_verdict_where_docqa_has_none(store, cell, decide):
    recorded(store, cell.id, "needs_person")

    with pytest.raises(InputError, match="no verdict here"):
        decide("approve", revision=2)
    decide("change", verdict="met", revision=2)

    after = store.reviews.cell(cell.id)
    assert (after.status, after.verdict, after.review_state) == ("needs_person", "met", "edited")


@pytest.mark.parametrize("verdict", ["", "needs_person", "perhaps"])
def test_a_change_needs_a_verdict(store, decide, verdict):
    with pytest.raises(InputError, match="is no verdict"):
        decide("change", verdict=verdict)

    assert store.audit.entries()[-1].action == "review.finding"


@pytest.mark.parametrize("action", ["keep", "delete"])
def test_what_people_cannot_do_is_refused(decide, action):
    with pytest.raises(InputError):
        decide(action)


def test_a_cell_without_a_finding_takes_comments_only(store):
    empty = store.reviews.cells(review(store))[1]

    with pytest.raises(InputError, match="nothing has been found"):
        store.reviews.decide(empty.id, "approve", user="anna", revision=0)
    store.reviews.decide(empty.id, "comment", comment="soon", user="anna", revision=0)

    assert store.reviews.decisions(empty.id)[0].comment == "soon"
