"""Ranking by words: what of a passage is indexed, what of a question is looked up, and the score.

The store finds candidates with a full-text query of the question's rarest words; the score here,
BM25 over weighted fields with the question's neighbouring words as pairs, puts them in order. Pure:
the same candidates and statistics give the same order anywhere.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docqa.core.code_ranking import (
    AUXILIARY_WEIGHT,
    CODE_PAIR_WEIGHT,
    REST_WEIGHT,
    file_shares,
    is_auxiliary,
    name_score,
    wanted_aside,
)
from docqa.core.documents import DocumentKind, PassageKind
from docqa.core.indexing import ABOUT, FIELD_WEIGHTS, IndexFields, about_terms
from docqa.core.statements import (
    DENSITY_WEIGHT,
    LESSER_WEIGHT,
    is_about_statements,
    number_density,
    other_names,
)
from docqa.core.stopwords import stop_words
from docqa.core.terms import TOKEN, search_terms, stemming_language

_K1, _B = 1.2, 0.75
"""Term saturation and length normalisation, the usual constants of BM25 (Robertson, 1994)."""
_PAIR_WEIGHT = 0.5
_ABOUT_WEIGHT = 4.0
"""Of a name in the question that the document opens with: which of many alike is meant."""
_HEADING_WEIGHT = 0.5
"""Of a passage that is only a heading: what is under it has its words too, as a field."""
_LEAST_CODE = 0.1
"""Share of the candidates from which on a question counts as one about code."""
_MAX_QUESTION_TERMS = 200
_FIRST_END = re.compile(r"[.?!](?=\s)|\n")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that has words of the question."""

    passage_id: int
    fields: IndexFields
    kind: DocumentKind
    path: str
    passage_kind: PassageKind = "paragraph"
    ordinal: int = 0
    """0-based position in its document."""
    heading: str = ""
    """As it is stored; of code, the path of the definition."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 knows about the collection."""

    passages: int
    average_terms: float
    """Terms in an average passage's body."""
    frequency: Mapping[str, int]
    """In how many passages a term occurs; terms that are missing occur in none."""

    def weight(self, term: str) -> float:
        """How much the term tells: the logarithm of its rarity, at least 0."""
        frequency = self.frequency.get(term, 0)
        return math.log(1 + (self.passages - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, slots=True)
class Query:
    """A question's terms with how often it has them, and its neighbouring terms."""

    terms: Mapping[str, int]
    pairs: frozenset[tuple[str, str]]
    first: frozenset[str] = frozenset()
    """Terms of its first sentence or line."""
    about: frozenset[str] = frozenset()
    """Names and numbers in it, as the documents are marked that are about them."""
    lesser: frozenset[str] = frozenset()
    """Terms that it does not say itself: other names of what it asks for."""
    statements: bool = False
    """Whether it is about financial statements."""

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.terms)


def parse_query(question: str, languages: Iterable[str] = ()) -> Query:
    """The question's terms as the languages of the documents have them; English if none is given.

    Function words of any of the languages are left out. Of a very long question the first 200
    different terms count.
    """
    codes = sorted({stemming_language(language) for language in languages}) or ["en"]
    ignored = frozenset().union(*(stop_words(code) for code in {*codes, "en"}))
    told = unicodedata.normalize("NFKC", question).strip()
    words = _without(told, ignored)
    first = _without(_FIRST_END.split(told, maxsplit=1)[0], ignored)
    terms: Counter[str] = Counter()
    pairs: set[tuple[str, str]] = set()
    begun: set[str] = set()
    for code in codes:
        sequence = search_terms(words, code, question=True).split()
        counted = Counter(sequence)
        for term in list(counted)[:_MAX_QUESTION_TERMS]:
            terms[term] = max(terms[term], counted[term])
        pairs.update((a, b) for a, b in pairwise(sequence) if a != b)
        begun.update(search_terms(first, code, question=True).split())
    lesser = _every(codes, other_names(told)).difference(terms)
    terms.update(dict.fromkeys(lesser, 1))
    return Query(
        terms,
        frozenset(pairs),
        frozenset(begun),
        about=frozenset(about_terms(_every(codes, _names(told)))),
        lesser=lesser,
        statements=is_about_statements(told),
    )


def _every(codes: Iterable[str], text: str) -> frozenset[str]:
    return frozenset(term for code in codes for term in search_terms(text, code).split())


def _names(text: str) -> str:
    """Words that are written like names or hold a digit; none where most words are."""
    words = TOKEN.findall(text)
    names = [word for word in words if word != word.lower() or not word.isalpha()]
    # The first word, and all of a title or of a language that writes nouns so, tell nothing.
    names = [word for word in names if word != words[0] or not word.istitle()]
    return " ".join(names) if 2 * len(names) <= len(words) else ""


def _without(text: str, ignored: Collection[str]) -> str:
    return TOKEN.sub(lambda match: "" if match[0].casefold() in ignored else match[0], text)


def rarest_terms(
    terms: Collection[str], frequency: Mapping[str, int], *, most: int, rows: int
) -> tuple[str, ...]:
    """The terms to find candidates by: the rarest, at most `most` that occur in `rows` together.

    The rarest one is always among them; terms that occur nowhere are not.
    """
    found = sorted((frequency[term], term) for term in terms if frequency.get(term, 0))
    chosen: list[str] = []
    for count, term in found[:most]:
        rows -= count
        if chosen and rows < 0:
            break
        chosen.append(term)
    return tuple(chosen)


def match_expression(terms: Iterable[str]) -> str:
    """The FTS5 expression that finds passages with any of the terms."""
    return " OR ".join(f'"{term[:-1]}"*' if term.endswith("*") else f'"{term}"' for term in terms)


def rank(
    query: Query, candidates: Sequence[Candidate], statistics: Statistics
) -> list[tuple[float, Candidate]]:
    """The candidates, best first, with their scores (higher is better, 0 is none of the words)."""
    weights = {term: statistics.weight(term) for term in (*query.terms, *query.about)}
    weights.update({term: LESSER_WEIGHT * weights[term] for term in query.lesser})
    if not _is_about_code(candidates):
        scored = [
            (_score(query, each, weights, statistics.average_terms), each) for each in candidates
        ]
    else:
        scored = _scored_code(query, candidates, weights, statistics.average_terms)
    return sorted(scored, key=lambda item: (-item[0], item[1].passage_id))


def _is_about_code(candidates: Sequence[Candidate]) -> bool:
    """Whether some of what was found is code: then the question is about a codebase."""
    code = sum(candidate.kind == "code" for candidate in candidates)
    return code > 0 and code >= _LEAST_CODE * len(candidates)


def _score(
    query: Query,
    candidate: Candidate,
    weights: Mapping[str, float],
    average_terms: float,
    pair_weight: float = _PAIR_WEIGHT,
) -> float:
    score = words_score(query, candidate.fields, weights, average_terms, pair_weight)
    if query.statements:
        score *= 1 + DENSITY_WEIGHT * number_density(candidate.fields.body.split())
    score += _ABOUT_WEIGHT * _about_score(candidate.fields, weights)
    return score * (_HEADING_WEIGHT if candidate.passage_kind == "heading" else 1.0)


def _scored_code(
    query: Query,
    candidates: Sequence[Candidate],
    weights: Mapping[str, float],
    average_terms: float,
) -> list[tuple[float, Candidate]]:
    """Scores in a codebase: names count more, tests and documentation less, files as a whole."""
    weights = {
        term: weights[term] * (1.0 if term in query.first else REST_WEIGHT) for term in query.terms
    }
    wanted = wanted_aside(query.terms)
    files: dict[str, list[tuple[float, Candidate]]] = {}
    for each in candidates:
        score = _score(query, each, weights, average_terms, CODE_PAIR_WEIGHT)
        if each.kind == "code":
            score += name_score(each.heading, weights)
        if is_auxiliary(each.path, each.kind, wanted):
            score *= AUXILIARY_WEIGHT
        files.setdefault(each.path, []).append((score, each))
    return [
        (score + share, each)
        for scored in files.values()
        for (score, each), share in zip(scored, file_shares([s for s, _ in scored]), strict=True)
    ]


def _about_score(fields: IndexFields, weights: Mapping[str, float]) -> float:
    """What a passage gains by being in a document that is about the question's words."""
    marked = (term for term in fields.name.split() if term.startswith(ABOUT))
    return sum(weights.get(term, 0.0) for term in marked)


def words_score(
    query: Query,
    fields: IndexFields,
    weights: Mapping[str, float],
    average_terms: float,
    pair_weight: float = _PAIR_WEIGHT,
) -> float:
    """BM25 over the fields for terms of these weights, and what their pairs add."""
    sequences = [field.split() for field in fields]
    counts: dict[str, float] = {}
    prefixes = [term for term in query.terms if term.endswith("*")]
    for sequence, weight in zip(sequences, FIELD_WEIGHTS, strict=True):
        for term in sequence:
            if term in query.terms:
                counts[term] = counts.get(term, 0.0) + weight
        for prefix in prefixes:
            if count := sum(term.startswith(prefix[:-1]) for term in sequence):
                counts[prefix] = counts.get(prefix, 0.0) + weight * count
    length = _K1 * (1 - _B + _B * len(sequences[0]) / max(average_terms, 1.0))
    score = sum(
        weights[term] * (1 + math.log(query.terms[term])) * count * (_K1 + 1) / (count + length)
        for term, count in counts.items()
    )
    return score + pair_weight * _pairs_score(query, sequences[:2], counts, weights)


def _pairs_score(
    query: Query,
    sequences: Sequence[Sequence[str]],
    counts: Mapping[str, float],
    weights: Mapping[str, float],
) -> float:
    if len(counts) < 2:
        return 0.0
    found = {pair for sequence in sequences for pair in pairwise(sequence) if pair in query.pairs}
    return sum((weights.get(a, 0.0) + weights.get(b, 0.0)) / 2 for a, b in found)
