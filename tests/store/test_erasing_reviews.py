"""Erasing a document takes its words out of reviews; what was found and decided stays on record."""

from dataclasses import replace

import pytest

from docqa.core.answers import Coverage
from docqa.store.review_rows import ERASED, ERASED_FINDING, ERASED_NAME
from tests.store.reviewed import CHECKLIST, found, quote, recorded
from tests.store.samples import bytes_under, pdf, publish, stage

SECRET = "The quokka of Umbrageous Ltd owes 77,123 dollars since the ninth of Brumaire last year"
PLAIN = {
    "rationale": "It says so.",
    "value": "",
    "raw": "",
    "citations": (),
    "reasons": (),
    "coverage": None,
}


@pytest.fixture
def documents(store):
    """The ids of a secret document and of one that stays."""
    secret, _ = stage(store, "umbrageous-debts.pdf", pdf(SECRET))
    kept, _ = stage(store, "kept.pdf", pdf("A wombat digs."), "b" * 64)
    publish(store)
    return secret, kept


@pytest.fixture
def review_of(store, documents):
    def making(target="documents", title="All of them"):
        workspace_id = store.workspaces.get("default").id
        return store.reviews.create(
            workspace_id,
            checklist=CHECKLIST,
            title=title,
            target=target,
            scope=documents,
            documents=[store.documents.get(document_id) for document_id in documents],
            user="anna",
            pack="",
        )

    return making


def telling(document_id):
    pages = (("umbrageous-debts.pdf", 1, "a picture"), ("kept.pdf", 4, "another picture"))
    return {
        "rationale": "The quokka owes 77,123.",
        "value": "77,123 dollars",
        "citations": (
            replace(quote(document_id, SECRET, "umbrageous-debts.pdf"), missing=("Brumaire",)),
        ),
        "reasons": ("no passage says Brumaire",),
        "coverage": Coverage(1, 1, 2, 2, 3, 3, 4, 4, pages, 2),
        "raw": '{"rationale":"The quokka owes"}',
    }


def test_nothing_of_an_erased_document_is_left_in_a_review(store, documents, review_of):
    secret, kept = documents
    review_id = review_of(title="umbrageous-debts.pdf and others")
    cells = store.reviews.cells(review_id)
    recorded(store, cells[0].id, **telling(secret))
    recorded(store, cells[0].id, "not_met", **telling(secret))
    store.reviews.decide(cells[0].id, "reject", comment="a quokka!", user="anna", revision=2)
    store.reviews.claim(review_id, "t", 1)
    store.reviews.fail(cells[1].id, "t", "'umbrageous-debts.pdf': too long", "a quokka", "")
    recorded(store, cells[3].id, **PLAIN | {"rationale": f"As elsewhere: {SECRET}."})
    recorded(store, cells[4].id, **PLAIN | {"raw": "see umbrageous-debts.pdf", "value": "see it"})
    recorded(store, cells[5].id, citations=(quote(kept, "A wombat digs.", "kept.pdf"),))
    store.reviews.decide(
        cells[5].id, "comment", comment="like umbrageous-debts.pdf", user="anna", revision=1
    )

    store.documents.erase(secret, user="anna")
    store.scrub()

    left = bytes_under(store.home).lower()
    for word in (b"quokka", b"umbrageous", b"brumaire", b"77,123"):
        assert word not in left, word
    assert b"a wombat digs." in left
    assert store.audit.verify() is None
    assert store.audit.entries()[-1].action == "review.erased"
    assert store.reviews.get(review_id).title == ERASED


def test_a_finding_of_an_erased_document_stays_on_record_without_its_words(
    store, documents, review_of
):
    secret, _ = documents
    cell = store.reviews.cells(review_of())[0]
    finding = recorded(store, cell.id, **telling(secret))
    store.reviews.decide(cell.id, "approve", comment="quokka", user="anna", revision=1)

    store.documents.erase(secret)

    blank = store.reviews.finding(finding.id)
    assert (blank.erased, blank.hash, blank.found.status) == (True, finding.hash, "met")
    assert (blank.found.rationale, blank.found.value, blank.found.raw) == ("", "", "")
    assert (blank.found.citations, blank.found.reasons) == ((), (ERASED_FINDING,))
    assert blank.found.coverage.unreadable_pages == ()
    assert blank.found.engine == finding.found.engine
    (decision,) = store.reviews.decisions(cell.id)
    assert (decision.action, decision.user, decision.comment) == ("approve", "anna", ERASED)
    after = store.reviews.cell(cell.id)
    assert (after.document_id, after.document) == (None, ERASED_NAME)
    assert (after.verdict, after.review_state, after.value) == ("met", "approved", "")
    assert (after.quotes, after.revision) == (0, 3)


def test_a_finding_of_the_workspace_keeps_its_quotes_of_other_documents(
    store, documents, review_of
):
    secret, kept = documents
    cell = store.reviews.cells(review_of("workspace"))[0]
    told = telling(secret)
    other = replace(quote(kept, "A wombat digs.", "kept.pdf"), start=3, end=9, missing=("77,123",))
    told["citations"] += (other,)
    finding = recorded(store, cell.id, **told)

    store.documents.erase(secret)

    blank = store.reviews.finding(finding.id)
    assert blank.erased
    assert blank.found.citations == (replace(other, start=0, end=0, missing=()),)
    assert blank.found.coverage.unreadable_pages == (("kept.pdf", 4, "another picture"),)
    assert store.reviews.cell(cell.id).quotes == 1
    assert store.audit.verify() is None


def test_a_finding_that_only_counts_the_document_among_others_keeps_its_words(
    store, documents, review_of
):
    secret, kept = documents
    cell = store.reviews.cells(review_of("workspace"))[0]
    told = telling(secret) | {"rationale": "A wombat.", "value": "", "raw": "", "reasons": ()}
    told["citations"] = (quote(kept, "A wombat digs.", "kept.pdf"),)
    finding = recorded(store, cell.id, **told)

    store.documents.erase(secret)

    left = store.reviews.finding(finding.id)
    assert not left.erased
    assert left.found.rationale == "A wombat."
    assert left.found.coverage.unreadable_pages == (("kept.pdf", 4, "another picture"),)
    assert store.reviews.cell(cell.id).revision == 1
    assert store.audit.verify() is None

    store.documents.erase(kept)

    assert store.reviews.finding(finding.id).erased
    assert store.audit.verify() is None


def test_other_findings_and_comments_are_left_alone(store, documents, review_of):
    secret, kept = documents
    cells = store.reviews.cells(review_of())
    finding = recorded(store, cells[3].id, citations=(quote(kept, "A wombat", "kept.pdf"),))
    store.reviews.decide(cells[3].id, "approve", comment="well", user="anna", revision=1)
    before = store.reviews.cell(cells[3].id), store.reviews.decisions(cells[3].id)

    store.documents.erase(secret)

    coverage = replace(found().coverage, unreadable_pages=(("dpa-0.pdf", 2, "a picture"),))
    assert store.reviews.finding(finding.id).found.coverage == coverage
    assert store.reviews.finding(finding.id) == finding
    assert (store.reviews.cell(cells[3].id), store.reviews.decisions(cells[3].id)) == before
    assert "review.erased" not in {entry.action for entry in store.audit.entries()}


def test_cells_of_an_erased_document_do_not_run_any_more(store, documents, review_of):
    secret, _ = documents
    review_id = review_of()
    running = store.reviews.claim(review_id, "t", 2)

    store.documents.erase(secret)

    states = [cell.state for cell in store.reviews.cells(review_id)]
    assert states == ["cancelled"] * 3 + ["queued"] * 3
    for cell in running:
        assert store.reviews.record(cell.id, "t", found(), user="a", keep=False) is None
