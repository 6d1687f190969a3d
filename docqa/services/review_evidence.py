"""Evidence for a requirement without a model: ranked passages, their best sentences, how strong."""

from collections.abc import Sequence
from dataclasses import dataclass

from docqa.core.answers import Citation
from docqa.core.checklists import Requirement
from docqa.core.citing import cite_span
from docqa.core.requirement_ranking import (
    FOUND_FROM,
    Reading,
    lookup_text,
    rank_for,
    read_for,
    requirement_query,
    strength,
    weigh,
)
from docqa.services.evidence import PackEvidence, Ranked
from docqa.store.store import Store

_CANDIDATES = 200
_MOST_TERMS = 80
"""More than a question's: phrases are looked for, and a word that many passages have completes
them."""
_READ = 12
"""Of the best candidates, whose sentences are looked at."""
_LEAST_SHARE = 0.5
"""Of the best passage's score, for another one to be quoted."""


@dataclass(frozen=True, slots=True)
class RequirementEvidence:
    """What docqa's ranking has for a requirement within a scope."""

    passages: tuple[Ranked, ...] = ()
    """Best first; also where they are too weak to count as found."""
    quotes: tuple[Citation, ...] = ()
    """The best sentence of each passage that is worth it; none unless `found`."""
    strength: float = 0.0
    """Of the best passage, 0 to 1; comparable between requirements and documents."""
    found: bool = False
    """Whether the strength reaches the threshold; else there is "no evidence found"."""


def requirement_evidence(
    store: Store, evidence: PackEvidence, requirement: Requirement, *, k: int = 3
) -> RequirementEvidence:
    """At most k passages in scope that speak of the requirement, best first."""
    found = store.search.find(
        evidence.workspace_id,
        lookup_text(requirement),
        most=_CANDIDATES,
        most_terms=_MOST_TERMS,
        document_ids=evidence.document_ids,
        also=requirement.guidance,
    )
    query = requirement_query(requirement, found.languages)
    weighed = weigh(query, found.statistics)
    first = rank_for(weighed, found.candidates)[: max(k, _READ)]
    read = []
    for ranked in evidence.packed([(score, candidate.passage_id) for score, candidate in first]):
        reading = read_for(weighed, ranked.passage.passage, found.languages)
        read.append((Ranked(ranked.score + reading.score, ranked.passage), reading))
    best = sorted(read, key=lambda item: -item[0].score)
    reached = strength(query, [reading for _, reading in best], found.passages)
    return RequirementEvidence(
        passages=tuple(ranked for ranked, _ in best[:k]),
        quotes=_quotes(best[:k]) if reached >= FOUND_FROM else (),
        strength=reached,
        found=reached >= FOUND_FROM,
    )


def _quotes(best: Sequence[tuple[Ranked, Reading]]) -> tuple[Citation, ...]:
    worth = [item for item in best if item[0].score >= _LEAST_SHARE * best[0][0].score]
    return tuple(
        cite_span(ranked.passage, reading.start, reading.end, marker=number)
        for number, (ranked, reading) in enumerate(worth, 1)
    )
