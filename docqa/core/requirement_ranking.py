"""Ranking passages for a requirement: its text as a question, its `look_for` as phrases.

A question's words are taken together, a phrase counts as far as a passage has all of it: "right of
first refusal" is one thing to look for, not four. Pure, as `docqa.core.ranking` is. The weights
come from the contracts and NDAs of the bench with phrases written from general knowledge; none of
them is sharp.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docqa.core.checklists import Requirement
from docqa.core.documents import Passage
from docqa.core.extractive import quotable_spans
from docqa.core.ranking import Candidate, Query, Statistics, parse_query, words_score
from docqa.core.terms import search_terms, stemming_language

FOUND_FROM = 0.40
"""The strength from which on evidence counts as found. Fixed on the NDAs of the bench (ContractNLI
dev, rules with evidence against rules that are not mentioned), used unchanged elsewhere."""

_HEADING_WEIGHT = 0.5
"""Of a passage that is only a heading, as in `docqa.core.ranking`."""
_REST_WEIGHT = 0.6
"""Of every phrase but the best one."""
_APART_WEIGHT = 0.5
"""Of a phrase whose words are all there, but nowhere next to each other."""
_SENTENCE_TEXT_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class RequirementQuery:
    """What of a requirement is looked up."""

    text: Query
    phrases: tuple[Query, ...]

    @property
    def terms(self) -> frozenset[str]:
        """All terms."""
        return frozenset(self.text.terms).union(*(phrase.terms for phrase in self.phrases))


@dataclass(frozen=True, slots=True)
class BestSpan:
    """The sentence of a passage that has most of a requirement: text[start:end]."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class _Found:
    """The terms of a passage or sentence."""

    terms: Collection[str]
    pairs: Collection[tuple[str, str]]

    @classmethod
    def of(cls, sequences: Iterable[Sequence[str]]) -> "_Found":
        terms: set[str] = set()
        pairs: set[tuple[str, str]] = set()
        for sequence in sequences:
            terms.update(sequence)
            pairs.update(pairwise(sequence))
        return cls(terms, pairs)


def lookup_text(requirement: Requirement) -> str:
    """The words to find candidates by, as one question."""
    return "\n".join((requirement.text, *requirement.look_for))


def requirement_query(requirement: Requirement, languages: Iterable[str] = ()) -> RequirementQuery:
    """The requirement's terms as the languages of the documents have them."""
    codes = tuple(languages)
    known = parse_query(lookup_text(requirement), codes).terms
    phrases = (_within(parse_query(phrase, codes), known) for phrase in requirement.look_for)
    return RequirementQuery(
        _within(parse_query(requirement.text, codes), known),
        tuple(phrase for phrase in phrases if phrase),
    )


def rank_for(
    query: RequirementQuery, candidates: Sequence[Candidate], statistics: Statistics
) -> list[tuple[float, Candidate]]:
    """The candidates, best first, with their scores, before their sentences are looked at."""
    weights = {term: statistics.weight(term) for term in query.text.terms}
    scored = []
    for candidate in candidates:
        fields = candidate.fields
        found = _Found.of((fields.body.split(), fields.heading.split()))
        score = words_score(query.text, fields, weights, statistics.average_terms)
        score += _phrases_score(query, found, statistics)
        weight = _HEADING_WEIGHT if candidate.passage_kind == "heading" else 1.0
        scored.append((score * weight, candidate))
    return sorted(scored, key=lambda item: (-item[0], item[1].passage_id))


def best_span(
    query: RequirementQuery,
    passage: Passage,
    statistics: Statistics,
    languages: Sequence[str] = (),
) -> BestSpan:
    """The sentence to quote, the first of equals; the score is to be added to the passage's."""
    codes = sorted({stemming_language(language) for language in languages}) or [""]
    best = BestSpan(0, len(passage.text), 0.0)
    for start, end in quotable_spans(passage):
        text = passage.text[start:end]
        found = _Found.of(search_terms(text, code).split() for code in codes)
        score = _phrases_score(query, found, statistics) + _SENTENCE_TEXT_WEIGHT * sum(
            statistics.weight(term) for term in query.text.terms if term in found.terms
        )
        if score > best.score:
            best = BestSpan(start, end, score)
    weight = _HEADING_WEIGHT if passage.kind == "heading" else 1.0
    return BestSpan(best.start, best.end, best.score * weight)


def strength(query: RequirementQuery, score: float, statistics: Statistics) -> float:
    """The best passage's score as a share of what the requirement's words weigh, 0 to 1."""
    possible = _weight(query.text, statistics)
    possible += sum(_weight(phrase, statistics) for phrase in query.phrases)
    return min(1.0, score / possible) if possible else 0.0


def _within(query: Query, known: Collection[str]) -> Query:
    """The query without the terms whose statistics are not known."""
    terms = {term: count for term, count in query.terms.items() if term in known}
    return Query(terms, frozenset(p for p in query.pairs if p[0] in terms and p[1] in terms))


def _weight(query: Query, statistics: Statistics) -> float:
    return sum(statistics.weight(term) for term in query.terms)


def _phrases_score(query: RequirementQuery, found: _Found, statistics: Statistics) -> float:
    scores = sorted(_phrase_score(phrase, found, statistics) for phrase in query.phrases)
    return scores[-1] + _REST_WEIGHT * sum(scores[:-1]) if scores else 0.0


def _phrase_score(phrase: Query, found: _Found, statistics: Statistics) -> float:
    """What the phrase weighs, less the more of it is missing or apart."""
    here = sum(statistics.weight(term) for term in phrase.terms if term in found.terms)
    if not here:
        return 0.0
    share = here / _weight(phrase, statistics)
    together = 1.0
    if phrase.pairs:
        together = sum(pair in found.pairs for pair in phrase.pairs) / len(phrase.pairs)
    return here * share * (_APART_WEIGHT + (1 - _APART_WEIGHT) * together)
