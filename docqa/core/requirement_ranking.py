"""Ranking passages for a requirement: by its text, its `look_for` and, a little, its guidance.

First every candidate by its words, then the best of them by their best sentence, in which a phrase
counts as far as all of it is there: "right of first refusal" is one thing to look for, not four.
Pure, as `docqa.core.ranking` is. The weights come from the contracts and NDAs of the bench with the
checklists that come with docqa; none of them is sharp.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from docqa.core.checklists import Requirement
from docqa.core.documents import Passage
from docqa.core.extractive import quotable_spans
from docqa.core.ranking import Candidate, Query, Statistics, parse_query, words_score
from docqa.core.terms import search_terms, stemming_language

FOUND_FROM = 0.5
"""The strength from which on evidence counts as found: where misses and false evidence cost the
same. `_BASE` and the other constants of `strength` are fitted on the NDAs of the bench alone
(ContractNLI dev: rules that are mentioned against rules that are not) and used unchanged
elsewhere."""

_PHRASES_WEIGHT, _TEXT_WEIGHT, _GUIDANCE_WEIGHT = 1.0, 0.5, 0.2
_SENTENCE_TEXT_WEIGHT = 0.5
_START_WEIGHT = 0.2
"""Of a passage's being the first: names, dates and titles stand where a document begins."""
_HEADING_WEIGHT = 0.5
"""Of a passage that is only a heading, as in `docqa.core.ranking`."""
_APART_WEIGHT = 0.5
"""Of a phrase whose words are all there, but nowhere next to each other."""
_AT_START = ("text", "date", "party", "list")
"""Kinds of answers that documents tend to give at their beginning."""
_BASE, _COVERAGE, _PHRASES = -3.03, 4.18, 5.0
_BASE_OF_TEXT, _COVERAGE_OF_TEXT = -1.51, 7.67
"""Where a requirement has no phrases."""
_SIZE = -0.25
"""By the logarithm of the passages in scope: the best of more passages is better by chance."""
_COMPARED = 5


@dataclass(frozen=True, slots=True)
class RequirementQuery:
    """What of a requirement is looked up."""

    text: Query
    phrases: tuple[Query, ...]
    together: Query
    """All words of it, with their neighbours."""
    parts: tuple[tuple[float, Query], ...]
    """Text, phrases and guidance, and how much each counts."""
    at_start: bool


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase's terms with their weights."""

    terms: Mapping[str, float]
    pairs: frozenset[tuple[str, str]]
    weight: float

    def score(self, found: "_Found") -> float:
        """What the phrase weighs, less the more of it is missing or apart."""
        here = sum([self.terms[term] for term in self.terms.keys() & found.terms])
        if not here:
            return 0.0
        together = len(self.pairs & found.pairs) / len(self.pairs) if self.pairs else 1.0
        return here * here / self.weight * (_APART_WEIGHT + (1 - _APART_WEIGHT) * together)


@dataclass(frozen=True, slots=True)
class WeighedQuery:
    """A requirement's query with what each of its terms tells in one collection."""

    query: RequirementQuery
    statistics: Statistics
    terms: Mapping[str, float]
    """What each term counts in a passage."""
    text: _Phrase
    phrases: tuple[_Phrase, ...]

    @property
    def unit(self) -> float:
        """What a word weighs that is nowhere else."""
        return self.statistics.weight("") or 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the sentences of a passage have of a requirement; text[start:end] is its best one."""

    start: int
    end: int
    score: float
    """To be added to the passage's."""
    coverage: float
    """Share of the requirement's text, by its words' weights, that the best sentence has."""
    phrases: float
    """Phrases that the passage has, in units of a word that is nowhere else."""


class _Found(NamedTuple):
    """The terms of a passage or sentence, and which stand next to each other."""

    terms: frozenset[str]
    pairs: frozenset[tuple[str, str]]


def lookup_text(requirement: Requirement) -> str:
    """The words to find candidates by, as one question."""
    return "\n".join((requirement.text, *requirement.look_for))


@lru_cache(maxsize=256)
def requirement_query(
    requirement: Requirement, languages: tuple[str, ...] = ()
) -> RequirementQuery:
    """The requirement's terms as the languages of the documents have them."""
    asked = parse_query(f"{lookup_text(requirement)}\n{requirement.guidance}", languages)
    text = _within(parse_query(requirement.text, languages), asked.terms)
    bag = _within(parse_query("\n".join(requirement.look_for), languages), asked.terms)
    guidance = _within(parse_query(requirement.guidance, languages), asked.terms)
    phrases = (_within(parse_query(each, languages), asked.terms) for each in requirement.look_for)
    return RequirementQuery(
        text=text,
        phrases=tuple(phrase for phrase in phrases if phrase),
        together=Query(dict.fromkeys(asked.terms, 1), text.pairs | bag.pairs | guidance.pairs),
        parts=((_TEXT_WEIGHT, text), (_PHRASES_WEIGHT, bag), (_GUIDANCE_WEIGHT, guidance)),
        at_start=requirement.kind in _AT_START,
    )


def weigh(query: RequirementQuery, statistics: Statistics) -> WeighedQuery:
    """The query with what its terms tell."""
    weights: dict[str, float] = {}
    for weight, part in query.parts:
        for term, count in part.terms.items():
            told = weight * (1 + math.log(count)) * statistics.weight(term)
            weights[term] = weights.get(term, 0.0) + told
    phrases = tuple(_phrase(phrase, statistics) for phrase in query.phrases)
    return WeighedQuery(query, statistics, weights, _phrase(query.text, statistics), phrases)


def rank_for(
    weighed: WeighedQuery, candidates: Sequence[Candidate]
) -> list[tuple[float, Candidate]]:
    """The candidates, best first, with their scores, before their sentences are looked at."""
    query, average_terms = weighed.query, weighed.statistics.average_terms
    start = query.at_start * _START_WEIGHT * sum(phrase.weight for phrase in weighed.phrases)
    scored = [
        (
            words_score(query.together, candidate.fields, weighed.terms, average_terms)
            * (_HEADING_WEIGHT if candidate.passage_kind == "heading" else 1.0)
            + start / (1 + candidate.ordinal),
            candidate,
        )
        for candidate in candidates
    ]
    return sorted(scored, key=lambda item: (-item[0], item[1].passage_id))


def read_for(weighed: WeighedQuery, passage: Passage, languages: Sequence[str] = ()) -> Reading:
    """What the passage has of the requirement; the first of its equally good sentences."""
    codes = tuple(sorted({stemming_language(language) for language in languages})) or ("",)
    asked = weighed.text.terms
    start, end, score, coverage = 0, len(passage.text), 0.0, 0.0
    sentences, whole = _sentences(passage.text, passage.heading, passage.kind == "code", codes)
    for first, last, found in sentences:
        text = sum([asked[term] for term in asked.keys() & found.terms])
        here = sum([phrase.score(found) for phrase in weighed.phrases])
        here += _SENTENCE_TEXT_WEIGHT * text
        if here > score:
            start, end, score, coverage = first, last, here, text / (weighed.text.weight or 1.0)
    phrases = sum(phrase.score(whole) for phrase in weighed.phrases) / weighed.unit
    return Reading(start, end, score, coverage, phrases)


def strength(query: RequirementQuery, best: Sequence[Reading], passages: int) -> float:
    """How likely it is that the best passages speak of the requirement, 0 to 1.

    `best` are readings of passages, best first; `passages` is how many were in scope.
    """
    coverage = max((reading.coverage for reading in best[:_COMPARED]), default=0.0)
    phrases = max((reading.phrases for reading in best[:_COMPARED]), default=0.0)
    if not coverage and not phrases:
        return 0.0
    if query.phrases:
        odds = _BASE + _COVERAGE * coverage + _PHRASES * (1 - math.exp(-phrases))
    else:
        odds = _BASE_OF_TEXT + _COVERAGE_OF_TEXT * coverage
    return 1 / (1 + math.exp(-odds - _SIZE * math.log(max(1, passages))))


def _within(query: Query, known: Collection[str]) -> Query:
    """The query without the terms whose statistics are not known."""
    terms = {term: count for term, count in query.terms.items() if term in known}
    return Query(terms, frozenset(p for p in query.pairs if p[0] in terms and p[1] in terms))


# One document is read for many requirements, one after the other.
@lru_cache(maxsize=256)
def _sentences(
    text: str, heading: str, code: bool, codes: tuple[str, ...]
) -> tuple[tuple[tuple[int, int, _Found], ...], _Found]:
    """The spans that may be quoted with their terms, and the whole passage's."""
    quotable = quotable_spans(text, "code" if code else "paragraph")
    spans = [(start, end, _terms(text[start:end], codes)) for start, end in quotable]
    parts = [_terms(heading, codes), *(found for _, _, found in spans)]
    whole = _Found(
        frozenset().union(*(part.terms for part in parts)),
        frozenset().union(*(part.pairs for part in parts)),
    )
    return tuple(spans), whole


def _terms(text: str, codes: Iterable[str]) -> _Found:
    sequences = [search_terms(text, code).split() for code in codes]
    return _Found(
        frozenset(chain.from_iterable(sequences)),
        frozenset(chain.from_iterable(pairwise(sequence) for sequence in sequences)),
    )


def _phrase(query: Query, statistics: Statistics) -> _Phrase:
    weights = {term: statistics.weight(term) for term in query.terms}
    return _Phrase(weights, query.pairs, sum(weights.values()))
