"""Requirements with their mapped procedures, and with those deleted.

Cells are about the whole workspace: 141 procedures of a company, and which of them meet a
requirement of the NIST CSF. Without them, none of them may be cited, and a person decides.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.review.corpus import ReviewCorpus
from docqa.bench.review.report import Figure, share
from docqa.bench.scores import Hits, unique
from docqa.core.checklists import Checklist, Requirement
from docqa.core.findings import Finding
from docqa.services.review_evidence import requirement_evidence

FOLDER = "policy_map"
_ERASED = 3
"""Requirements whose procedures are really erased; that builds the pack anew each time."""
_RANKED = 40


@dataclass(frozen=True, slots=True)
class Mapped:
    """A requirement and the file names of the procedures that meet it."""

    requirement: Requirement
    procedures: frozenset[str]


def requirements(data: Path) -> list[Mapped]:
    """Those of the bundle that have procedures."""
    given = json.loads((data / FOLDER / "bench.json").read_text(encoding="utf-8"))
    files = {key: Path(each["file"]).name for key, each in given["procedures"].items()}
    return [
        Mapped(
            Requirement(each["ref"], each["requirement"]),
            frozenset(files[key] for key in each["gold_procedures"]),
        )
        for each in given["requirements"]["nist_csf"]
        if each["gold_procedures"]
    ]


def measure(name: str, corpus: ReviewCorpus, mapped: Sequence[Mapped]) -> list[Figure]:
    """The figures, first with all procedures, then without the mapped ones."""
    return [
        *_ranked(name, corpus, mapped),
        *_reviewed(name, corpus, mapped),
        *_erased(name, corpus, mapped),
    ]


def _ranked(name: str, corpus: ReviewCorpus, mapped: Sequence[Mapped]) -> list[Figure]:
    plain = PlainBM25(
        [
            (document, packed.passage.text)
            for document in corpus.documents
            for packed in corpus.passages(document)
        ]
    )
    ours, plainly = Hits(), Hits()
    evidence = corpus.evidence()
    for each in mapped:
        found = requirement_evidence(corpus.app.store, evidence, each.requirement, k=_RANKED)
        names = [Path(ranked.passage.document).name for ranked in found.passages]
        ours.count(unique(names), each.procedures)
        plainly.count(plain.ranked(each.requirement.text), each.procedures)
    return [Figure(name, "a mapped procedure ranked", len(mapped), str(ours), str(plainly))]


def _reviewed(name: str, corpus: ReviewCorpus, mapped: Sequence[Mapped]) -> list[Figure]:
    """Each requirement reviewed twice: with all documents, and without the mapped ones."""
    quoted = found = cited = needs_person = false = 0
    for each in mapped:
        with_all = review(corpus, [each.requirement], corpus.documents)[0]
        quoted += bool(_cited(with_all) & each.procedures)
        found += bool(with_all.found.citations)
        without = review(
            corpus, [each.requirement], set(corpus.documents).difference(each.procedures)
        )[0]
        cited += bool(_cited(without) & each.procedures)
        needs_person += without.found.status == "needs_person"
        false += bool(without.found.citations)
    count = len(mapped)
    return [
        Figure(name, "a mapped procedure quoted", count, share(quoted, count)),
        Figure(name, "anything quoted", count, share(found, count)),
        Figure(name, "deleted: a deleted procedure cited", count, str(cited)),
        Figure(name, "deleted: needs a person", count, share(needs_person, count)),
        Figure(name, "deleted: false evidence quoted", count, share(false, count)),
    ]


def _erased(name: str, corpus: ReviewCorpus, mapped: Sequence[Mapped]) -> list[Figure]:
    """The first few with the fewest procedures, these erased for good."""
    chosen = sorted(mapped, key=lambda each: len(each.procedures))[:_ERASED]
    gone = frozenset().union(*(each.procedures for each in chosen))
    for document in sorted(gone):
        corpus.app.library.erase(corpus.documents[document].id)
    left = set(corpus.documents).difference(gone)
    findings = review(corpus, [each.requirement for each in chosen], left)
    cited = sum(bool(_cited(each) & gone) for each in findings)
    persons = sum(each.found.status == "needs_person" for each in findings)
    return [
        Figure(name, "erased: an erased procedure cited", len(chosen), str(cited)),
        Figure(name, "erased: needs a person", len(chosen), share(persons, len(chosen))),
    ]


def review(
    corpus: ReviewCorpus, asked: Sequence[Requirement], documents: Iterable[str]
) -> list[Finding]:
    """What a review of the whole workspace, narrowed to these documents, finds."""
    checklist = Checklist("bench", "Bench", "1", "policy_map", tuple(asked))
    reviewing = corpus.app.reviewing
    review_id = reviewing.submit(
        corpus.workspace_id,
        checklist,
        document_ids=[corpus.documents[name].id for name in sorted(documents)],
        target="workspace",
    )
    reviewing.wait(review_id)
    rows = corpus.app.store.reviews.export_rows(review_id)
    return [finding for _, finding, _ in rows if finding is not None]


def _cited(finding: Finding) -> set[str]:
    return {Path(citation.document).name for citation in finding.found.citations}
