import json
from dataclasses import asdict

import pytest

from docqa.core.checklists import Checklist, Requirement
from docqa.core.findings import ReviewCounts
from docqa.errors import UnknownItemError
from docqa.store.review_rows import content_of, sha256
from tests.store.reviewed import CHECKLIST, documents, found, recorded, review


def test_a_review_has_a_cell_per_document_and_requirement_by_document(store):
    review_id = review(store)

    cells = store.reviews.cells(review_id)

    assert [(cell.document, cell.requirement_id, cell.row) for cell in cells] == [
        ("dpa-0.pdf", "a", 0),
        ("dpa-0.pdf", "b", 1),
        ("dpa-0.pdf", "c", 2),
        ("dpa-1.pdf", "a", 0),
        ("dpa-1.pdf", "b", 1),
        ("dpa-1.pdf", "c", 2),
    ]
    assert {(cell.state, cell.status, cell.review_state) for cell in cells} == {
        ("queued", "", "draft")
    }
    assert store.reviews.cell(cells[4].id) == cells[4]


def test_a_review_of_the_workspace_has_a_cell_per_requirement(store):
    cells = store.reviews.cells(review(store, target="workspace"))

    assert [(cell.document_id, cell.document, cell.row) for cell in cells] == [
        (None, "", 0),
        (None, "", 1),
        (None, "", 2),
    ]


def test_a_review_is_what_it_was_made_of(store):
    review_id = review(store)

    got = store.reviews.get(review_id)

    assert got.checklist == CHECKLIST
    assert (got.title, got.status, got.job_id, got.created_by) == (
        "All of them",
        "running",
        0,
        "anna",
    )
    assert got.counts == ReviewCounts(total=6, queued=6)
    assert store.reviews.all(got.workspace_id) == (got,)


def test_reviews_are_listed_newest_first_with_counts_of_their_own(store):
    first, second = review(store, 1), review(store, 1)
    recorded(store, store.reviews.cells(first)[0].id)

    newest, oldest = store.reviews.all(store.workspaces.get("default").id)

    assert (newest.id, newest.counts.done) == (second, 0)
    assert (oldest.id, oldest.counts.done, oldest.counts.unreviewed) == (first, 1, 1)
    assert oldest.counts.queued == 2


def test_surrogates_in_a_checklist_or_a_finding_do_no_harm(store):
    hostile = Checklist("x", "\ud800", "1", "", (Requirement("\udfff", "\ud800?"),))
    review_id = review(store, 1, checklist=hostile)
    (cell,) = store.reviews.cells(review_id)

    recorded(store, cell.id, rationale="a \ud800 lone one", raw="\udfff")

    assert store.reviews.get(review_id).checklist.title == "\ufffd"
    (finding,) = store.reviews.findings(cell.id)
    assert finding.found.rationale == "a \ufffd lone one"


def test_what_is_not_there_is_named(store):
    for ask, kind in (
        (store.reviews.get, "review"),
        (store.reviews.cell, "cell"),
        (store.reviews.finding, "finding"),
    ):
        with pytest.raises(UnknownItemError, match=f"there is no {kind} 9"):
            ask(9)
    with pytest.raises(UnknownItemError):
        store.reviews.set_status(9, "done")
    with pytest.raises(UnknownItemError):
        store.reviews.delete(9, user="anna")
    with pytest.raises(UnknownItemError):
        store.reviews.decide(9, "approve", user="anna", revision=0)


def test_a_status_with_a_user_is_an_act_on_record(store):
    review_id = review(store)

    store.reviews.set_status(review_id, "paused", user="bert")
    store.reviews.set_status(review_id, "running", job_id=12)

    got = store.reviews.get(review_id)
    assert (got.status, got.job_id) == ("running", 12)
    assert [(entry.user, entry.action) for entry in store.audit.entries()] == [
        ("anna", "review.created"),
        ("bert", "review.paused"),
    ]


def test_a_deleted_review_leaves_its_audit_entries_only(store):
    review_id = review(store)
    cell = store.reviews.cells(review_id)[0]
    finding = recorded(store, cell.id)

    store.reviews.delete(review_id, user="anna")

    assert store.reviews.cells(review_id) == ()
    with pytest.raises(UnknownItemError):
        store.reviews.finding(finding.id)
    assert [entry.action for entry in store.audit.entries()] == [
        "review.created",
        "review.finding",
        "review.deleted",
    ]


def test_a_deleted_workspace_takes_its_reviews_along(store):
    review_id = review(store)

    store.workspaces.delete(store.reviews.get(review_id).workspace_id)

    with pytest.raises(UnknownItemError):
        store.reviews.get(review_id)


def test_cells_are_claimed_in_order_under_a_token(store):
    review_id = review(store)
    ids = [cell.id for cell in store.reviews.cells(review_id)]

    first = store.reviews.claim(review_id, "one", 2)
    second = store.reviews.claim(review_id, "two", 9)

    assert [cell.id for cell in first] == ids[:2]
    assert [cell.id for cell in second] == ids[2:]
    assert {cell.state for cell in first} == {"running"}
    assert store.reviews.claim(review_id, "three", 1) == ()
    assert store.reviews.get(review_id).counts.running == 6


def test_running_cells_of_other_tokens_wait_again(store):
    review_id = review(store)
    store.reviews.claim(review_id, "dead", 2)
    mine = store.reviews.claim(review_id, "mine", 2)

    assert store.reviews.requeue_running(review_id, but="mine") == 2

    states = {cell.id: cell.state for cell in store.reviews.cells(review_id)}
    assert [states[cell.id] for cell in mine] == ["running", "running"]
    assert list(states.values()).count("queued") == 4


def test_a_finding_is_kept_whole(store):
    review_id = review(store)
    (cell,) = store.reviews.claim(review_id, "t", 1)

    finding = store.reviews.record(cell.id, "t", found(), user="anna", keep=False)

    assert finding.found == found()
    assert (finding.cell_id, finding.number, finding.erased) == (cell.id, 1, False)
    assert finding.hash == sha256(content_of(found()))
    assert store.reviews.finding(finding.id) == finding
    assert store.reviews.findings(cell.id) == (finding,)
    after = store.reviews.cell(cell.id)
    assert (after.state, after.status, after.verdict) == ("done", "met", "met")
    assert (after.value, after.quotes, after.version_id) == ("72 hours", 1, 7)
    assert (after.finding_id, after.previous_finding_id) == (finding.id, 0)
    assert (after.changed, after.revision, after.unreviewed) == (False, 1, True)


def test_the_audit_log_tells_what_a_finding_was_made_with_and_none_of_its_words(store):
    cell = store.reviews.cells(review(store))[0]

    finding = recorded(store, cell.id)

    entry = store.audit.entries()[-1]
    assert entry.action == "review.finding"
    assert entry.detail["hash"] == finding.hash
    assert (entry.detail["engine"], entry.detail["pack"]) == ("scripted", "p" * 64)
    assert entry.detail["params"] == {"temperature": 0.0, "max_tokens": 900}
    told = str(entry)
    assert not any(word in told for word in ("72 hours", "It says so", "dpa-0", "remark"))


def test_a_finding_without_the_token_is_not_kept(store):
    review_id = review(store)
    (cell,) = store.reviews.claim(review_id, "mine", 1)

    assert store.reviews.record(cell.id, "other", found(), user="anna", keep=False) is None
    assert store.reviews.record(cell.id, "mine", found(), user="anna", keep=False)
    assert store.reviews.record(cell.id, "mine", found(), user="anna", keep=False) is None

    assert len(store.reviews.findings(cell.id)) == 1
    assert store.audit.count() == 2


def test_a_second_finding_makes_the_cell_a_draft_that_has_changed(store):
    cell = store.reviews.cells(review(store))[0]
    first = recorded(store, cell.id)
    store.reviews.decide(cell.id, "approve", user="anna", revision=1)

    second = recorded(store, cell.id, "not_met")

    after = store.reviews.cell(cell.id)
    assert (second.number, after.finding_id, after.previous_finding_id) == (2, second.id, first.id)
    assert (after.verdict, after.review_state, after.changed) == ("not_met", "draft", True)
    assert [decision.action for decision in store.reviews.decisions(cell.id)] == ["approve"]
    assert store.reviews.findings(cell.id) == (second, first)


def test_a_run_that_changes_nothing_keeps_the_decision(store):
    cell = store.reviews.cells(review(store))[0]
    recorded(store, cell.id)
    store.reviews.decide(cell.id, "change", verdict="partly_met", user="anna", revision=1)

    second = recorded(store, cell.id, keep=True, user="bert")

    after = store.reviews.cell(cell.id)
    assert (after.verdict, after.review_state, after.changed) == ("partly_met", "edited", False)
    assert after.finding_id == second.id
    newest = store.reviews.decisions(cell.id)[0]
    assert (newest.action, newest.verdict, newest.finding_id) == ("keep", "partly_met", second.id)
    assert [entry.action for entry in store.audit.entries()][-2:] == [
        "review.finding",
        "review.decision",
    ]


def test_a_changed_cell_that_runs_again_without_change_still_asks_for_a_person(store):
    cell = store.reviews.cells(review(store))[0]
    first = recorded(store, cell.id)
    recorded(store, cell.id, "not_met")

    third = recorded(store, cell.id, "not_met", keep=True)

    after = store.reviews.cell(cell.id)
    assert (after.changed, after.unreviewed, after.verdict) == (True, True, "not_met")
    assert (after.finding_id, after.previous_finding_id) == (third.id, first.id)
    assert store.reviews.decisions(cell.id) == ()


def test_nothing_is_kept_where_there_was_nothing(store):
    cell = store.reviews.cells(review(store))[0]

    recorded(store, cell.id, keep=True)

    after = store.reviews.cell(cell.id)
    assert (after.verdict, after.review_state, after.changed) == ("met", "draft", False)


def test_a_long_value_is_cut_in_the_cell_only(store):
    cell = store.reviews.cells(review(store))[0]

    finding = recorded(store, cell.id, value="x" * 500)

    assert len(store.reviews.cell(cell.id).value) == 200
    assert len(store.reviews.finding(finding.id).found.value) == 500


def test_large_sampling_parameters_stand_in_the_log_as_a_hash(store):
    cell = store.reviews.cells(review(store))[0]

    recorded(store, cell.id, params={"json_schema": "x" * 3_000})

    assert list(store.audit.entries()[-1].detail["params"]) == ["sha256"]


def test_a_failed_run_keeps_the_finding_and_the_decision(store):
    cell = store.reviews.cells(review(store))[0]
    finding = recorded(store, cell.id)
    store.reviews.decide(cell.id, "approve", user="anna", revision=1)
    store.reviews.requeue(cell.review_id, [cell.id], user="anna")
    store.reviews.claim(cell.review_id, "t", 1)

    assert not store.reviews.fail(cell.id, "other", "no", "", "EngineError")
    assert store.reviews.fail(cell.id, "t", "it is down", "start it", "EngineUnavailableError")

    after = store.reviews.cell(cell.id)
    assert (after.state, after.error, after.error_hint) == ("failed", "it is down", "start it")
    assert after.error_type == "EngineUnavailableError"
    assert (after.finding_id, after.verdict, after.review_state) == (finding.id, "met", "approved")


def test_finished_cells_are_queued_again_and_no_others(store):
    review_id = review(store)
    ids = [cell.id for cell in store.reviews.cells(review_id)]
    store.reviews.claim(review_id, "t", 3)
    store.reviews.record(ids[0], "t", found(), user="anna", keep=False)
    store.reviews.fail(ids[1], "t", "broken", "", "")
    other = store.reviews.cells(review(store, 1))[0]

    assert store.reviews.requeue(review_id, [*ids, other.id], user="bert") == 2

    states = [cell.state for cell in store.reviews.cells(review_id)]
    assert states == ["queued", "queued", "running", "queued", "queued", "queued"]
    assert store.reviews.cell(ids[1]).error == ""
    entry = store.audit.entries()[-1]
    assert (entry.user, entry.action, entry.detail["cells"]) == ("bert", "review.rerun", 2)
    assert store.reviews.requeue(review_id, ids, user="bert") == 0
    assert store.audit.entries()[-1] == entry


def test_cells_that_wait_can_be_left_out(store):
    review_id = review(store)
    store.reviews.claim(review_id, "t", 1)

    assert store.reviews.cancel_queued(review_id) == 5

    counts = store.reviews.get(review_id).counts
    assert (counts.cancelled, counts.running, counts.finished) == (5, 1, False)


def test_rows_for_export_come_in_order_with_their_finding_and_decisions(store):
    review_id = review(store)
    cells = store.reviews.cells(review_id)
    finding = recorded(store, cells[1].id)
    store.reviews.decide(cells[1].id, "comment", comment="hm", user="anna", revision=1)
    store.reviews.decide(cells[1].id, "approve", user="bert", revision=2)

    rows = list(store.reviews.export_rows(review_id, batch=2))

    assert [row[0].id for row in rows] == [cell.id for cell in cells]
    assert rows[1][1] == finding
    assert rows[1][2] == store.reviews.decisions(cells[1].id)
    assert [decision.user for decision in rows[1][2]] == ["bert", "anna"]
    assert {row[1:] for row in (rows[0], *rows[2:])} == {(None, ())}


def test_a_document_that_goes_leaves_its_cells(store):
    review_id = review(store, 0)
    assert store.reviews.cells(review_id) == ()
    (document,) = documents(store, 1)
    review_id = store.reviews.create(
        document.workspace_id,
        checklist=CHECKLIST,
        title="",
        target="documents",
        scope=(document.id,),
        documents=[document],
        user="anna",
        pack="",
    )

    store.documents.erase(document.id)

    assert {cell.document_id for cell in store.reviews.cells(review_id)} == {None}
    assert store.reviews.get(review_id).scope == (document.id,)


def test_a_findings_hash_is_of_its_fields_as_json(store):
    told = found(rationale="“72 Stunden”, 鶏", value="72\n73")

    assert content_of(told) == json.dumps(
        asdict(told), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    cell = store.reviews.cells(review(store))[0]
    assert recorded(store, cell.id, rationale=told.rationale, value=told.value).found == told
