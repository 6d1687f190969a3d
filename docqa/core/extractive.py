"""Answers without a model: the one or two sentences that best meet the question, verbatim.

A sentence's score adds what its words (BM25 over the candidates' sentences), its passage's rank,
its heading, the kind of thing it holds and, where there is an embedder, its meaning say. The
weights come from questions over Wikipedia passages, each of them worth a few points there and none
of them sharp.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from docqa.core.answer_types import AnswerType, answer_type, holds
from docqa.core.documents import PassageKind
from docqa.core.packed import PackedPassage
from docqa.core.ranking import Query, parse_query
from docqa.core.sentences import split
from docqa.core.terms import search_terms
from docqa.core.vectors import Likeness

_PASSAGES = 5
_K1, _B = 1.2, 0.3
_PASSAGE_WEIGHT = 2.0
_TYPE_WEIGHT = 0.4
_FIRST_WEIGHT = 0.1
_IN_HEADING_WEIGHT = 0.2
"""Of a word that the heading has too: the whole passage is about it, the sentence not more so."""
_LEAST_COVERAGE = 0.25
"""Share of the question, by its words' weights, that a passage must have to be shown at all."""
_WORD_WEIGHT = 0.7
"""What a word weighs beside its rarity among the best passages. Where all of them have the
question's words (contracts and "terminate"), rarity alone weighs only the words that none has."""
_COMPARED = 10
"""Passages by which the question's words are weighed for that."""
_MEANING_WEIGHT = 1.5
"""Of a sentence's cosine with the question."""
_COMPARED_BY_MEANING = 24
"""Sentences that are, the best by all else: a long table's hundred lines would take a second."""
_LEAST_WITH_MEANING = 0.6
"""Of that coverage and the best cosine together, for anything to be shown."""
_LEAST_COVERAGE_OF_CODE = 0.15
"""As the one above: code says much of what is asked in names of its own."""
_LEAST_SHARE = 0.5
"""Of the best sentence's score, for the second to be shown."""
_CODE_LINES = 6


@dataclass(frozen=True, slots=True)
class ExtractiveQuote:
    """A sentence of a passage: `passage.passage.text[start:end]`."""

    passage: PackedPassage
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """The sentence."""
        return self.passage.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Sentence:
    passage: PackedPassage
    start: int
    end: int
    first: bool
    terms: Sequence[str]
    heading: frozenset[str]
    rank: float
    """Its passage's score as a share of the best one's."""

    @property
    def text(self) -> str:
        return self.passage.passage.text[self.start : self.end]


def best_sentences(
    question: str,
    ranked: Sequence[tuple[float, PackedPassage]],
    limit: int = 2,
    *,
    language: str = "",
    weights: Mapping[str, float] | None = None,
    likeness: Likeness | None = None,
) -> tuple[ExtractiveQuote, ...]:
    """The best sentences of the best passages, best first; none if nothing meets the question.

    `ranked` are passages with their scores, best first; ten are enough. `language` is the
    documents' where known, `weights` how much each of the question's terms tells in all of them
    (`SearchIndex.weights`). With `likeness` sentences count that say it in other words, and what
    only shares words with the question is shown less often.
    """
    query = parse_query(question, [language])
    ranked = [item for item in ranked if item[1].passage.kind != "heading"]
    coverage = _coverage(query, ranked, language, weights)
    scored = _scored(question, query, list(_sentences(ranked[:_PASSAGES], language)))
    cosines = _cosines(scored[:_COMPARED_BY_MEANING], likeness)
    if cosines:
        scored = [
            replace(quote, score=quote.score + _MEANING_WEIGHT * each)
            for quote, each in zip(scored, cosines, strict=False)
        ]
        coverage += max(cosines)
    if not scored or coverage < _least(ranked, with_meaning=bool(cosines)):
        return ()
    best = _differing(sorted(scored, key=lambda quote: -quote.score), limit)
    return tuple(quote for quote in best if quote.score >= _LEAST_SHARE * best[0].score)


def _differing(quotes: Iterable[ExtractiveQuote], limit: int) -> list[ExtractiveQuote]:
    """The first of them that do not say the same, word by word."""
    found: dict[str, ExtractiveQuote] = {}
    for quote in quotes:
        found.setdefault(" ".join(quote.text.casefold().split()), quote)
        if len(found) == limit:
            break
    return list(found.values())


def _least(ranked: Sequence[tuple[float, PackedPassage]], *, with_meaning: bool) -> float:
    if with_meaning:
        return _LEAST_WITH_MEANING
    code = any(packed.passage.kind == "code" for _, packed in ranked[:3])
    return _LEAST_COVERAGE_OF_CODE if code else _LEAST_COVERAGE


def _scored(question: str, query: Query, sentences: Sequence[_Sentence]) -> list[ExtractiveQuote]:
    """The sentences by their words, their passages and what they hold, best first."""
    if not sentences:
        return []
    frequency = Counter(term for sentence in sentences for term in set(sentence.terms))
    rarity = {term: _rarity(len(sentences), frequency[term]) for term in query.terms}
    average = sum(len(sentence.terms) for sentence in sentences) / len(sentences)
    kind = answer_type(question)
    scored = [
        ExtractiveQuote(
            sentence.passage,
            sentence.start,
            sentence.end,
            _words_score(sentence, rarity, average)
            + _PASSAGE_WEIGHT * sentence.rank
            + _FIRST_WEIGHT * sentence.first
            + _TYPE_WEIGHT * _type_score(kind, sentence, query),
        )
        for sentence in sentences
    ]
    return sorted(scored, key=lambda quote: -quote.score)


def _cosines(quotes: Sequence[ExtractiveQuote], likeness: Likeness | None) -> Sequence[float]:
    """Of each sentence with its heading, which says what it is about; empty if nobody can tell."""
    if likeness is None or not quotes:
        return ()
    headings = [quote.passage.passage.heading for quote in quotes]
    return likeness(
        [
            f"{heading}: {quote.text}" if heading else quote.text
            for heading, quote in zip(headings, quotes, strict=True)
        ]
    )


def _sentences(ranked: Sequence[tuple[float, PackedPassage]], language: str) -> Iterator[_Sentence]:
    top = max((score for score, _ in ranked), default=0.0) or 1.0
    for score, packed in ranked:
        passage = packed.passage
        heading = frozenset(search_terms(passage.heading, language).split())
        spans = quotable_spans(passage.text, passage.kind)
        for number, (start, end) in enumerate(spans):
            terms = search_terms(passage.text[start:end], language).split()
            if terms:
                yield _Sentence(packed, start, end, number == 0, terms, heading, score / top)


def quotable_spans(text: str, kind: PassageKind) -> list[tuple[int, int]]:
    """What may be quoted alone: sentences, rows of a table, in code blocks of lines."""
    if kind == "table":
        return _blocks(text, 1)
    return _blocks(text, _CODE_LINES) if kind == "code" else split(text)


def _blocks(text: str, most: int) -> list[tuple[int, int]]:
    """Spans of at most so many lines that belong together: no blank line inside."""
    spans: list[tuple[int, int]] = []
    start = end = lines = at = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if lines and (not stripped or lines == most):
            spans.append((start, end))
            lines = 0
        if stripped:
            if not lines:
                start = at
            end = at + len(line.rstrip())
            lines += 1
        at += len(line)
    return [*spans, (start, end)] if lines else spans


def _coverage(
    query: Query,
    ranked: Sequence[tuple[float, PackedPassage]],
    language: str,
    told: Mapping[str, float] | None,
) -> float:
    """How much of what the question is about the best covering of the three best passages has.

    A share by the words' weights, 0 to 1. Without the weights that terms have in all documents, the
    best passages must do to tell them.
    """
    known = [
        set(search_terms(f"{p.passage.text}\n{p.passage.heading}\n{p.document}", language).split())
        for _, p in ranked[:_COMPARED]
    ]
    frequency = Counter(term for terms in known for term in terms)
    weights = told or {
        term: _WORD_WEIGHT + _rarity(_COMPARED, frequency[term]) for term in query.terms
    }
    total = sum(weights.values())
    found = (sum(w for term, w in weights.items() if term in terms) for terms in known[:3])
    return max(found, default=0.0) / total if total else 0.0


def _words_score(sentence: _Sentence, weights: Mapping[str, float], average: float) -> float:
    counts = Counter(term for term in sentence.terms if term in weights)
    length = _K1 * (1 - _B + _B * len(sentence.terms) / average)
    score = sum(
        weights[term]
        * (_IN_HEADING_WEIGHT if term in sentence.heading else 1.0)
        * count
        * (_K1 + 1)
        / (count + length)
        for term, count in counts.items()
    )
    return score / (sum(weights.values()) or 1.0)


def _type_score(kind: AnswerType | None, sentence: _Sentence, query: Query) -> float:
    return holds(kind, sentence.text, query.terms) if kind else 0.0


def _rarity(total: int, frequency: int) -> float:
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
