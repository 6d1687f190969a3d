from docqa.core.checklists import Requirement
from docqa.services.evidence import PackEvidence
from docqa.services.publishing import Publisher
from docqa.services.review_evidence import RequirementEvidence, requirement_evidence
from tests.services import parts

BREACHES = Requirement(
    "breach",
    "The supplier notifies personal data breaches.",
    look_for=("notify of a personal data breach", "within 72 hours"),
)
GARDENS = Requirement("gardens", "Tulips are watered.", look_for=("watering can", "tulip beds"))


def evidence_of(app, documents=None):
    workspace_id = parts.workspace(app)
    return PackEvidence(app.store, Publisher(app.store).pack(workspace_id), documents)


def documents_of(app):
    return {info.name: info for info in app.store.documents.all(parts.workspace(app))}


def test_the_best_sentence_is_quoted_verbatim_with_its_place(app):
    source = evidence_of(app)

    found = requirement_evidence(app.store, source, BREACHES)

    best = found.quotes[0]
    packed = source.by_label(best.label)
    assert found.found
    assert best.quote == parts.BREACH
    assert packed.passage.text[best.quote_start : best.quote_end] == best.quote
    assert (best.page, best.support, best.origin) == (1, "exact", "docqa")
    assert best.rects
    assert [quote.marker for quote in found.quotes] == list(range(1, len(found.quotes) + 1))


def test_scores_fall_and_no_more_than_k_passages_come(app):
    found = requirement_evidence(app.store, evidence_of(app), BREACHES, k=2)

    scores = [ranked.score for ranked in found.passages]
    assert len(scores) <= 2
    assert scores == sorted(scores, reverse=True)
    assert 0.0 <= found.strength <= 1.0


def test_what_no_document_speaks_of_is_not_found(app):
    found = requirement_evidence(app.store, evidence_of(app), GARDENS)

    assert not found.found
    assert found.quotes == ()


def test_documents_out_of_scope_are_never_quoted(app):
    documents = documents_of(app)
    others = [info for name, info in documents.items() if not name.endswith(".pdf")]

    found = requirement_evidence(app.store, evidence_of(app, others), BREACHES)

    assert all(ranked.passage.document.endswith(".pdf") is False for ranked in found.passages)
    assert not found.found


def test_nothing_in_scope_is_no_evidence(app):
    found = requirement_evidence(app.store, evidence_of(app, []), BREACHES)

    assert found == RequirementEvidence()
