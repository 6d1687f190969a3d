"""What an extractive sweep found, part by part, as one answer in quotes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from docqa.core.answers import Citation, SentenceCheck
from docqa.core.extractive import ExtractiveQuote
from docqa.core.quotes import Quote, QuotedAnswer, cite
from docqa.core.ranking import parse_query
from docqa.core.terms import search_terms

LEAST_SHARE = 0.7
"""Of what the best quote has of the question, for another one to be shown."""
MOST_QUOTES = 100


@dataclass(frozen=True, slots=True)
class Gathered:
    """The quotes of all parts that meet the question."""

    answer: QuotedAnswer
    shown: int
    found: int
    """With those that were left out because there are more than `MOST_QUOTES`."""


def gather(
    question: str, parts: Sequence[Sequence[ExtractiveQuote]], weights: Mapping[str, float]
) -> Gathered:
    """The quotes of the parts that have nearly as much of the question as the best one has.

    In the order of their labels; words that stand in several places stand once and cite all of
    them. `weights` is how much each of the question's terms tells, 1 where it is not known.
    """
    terms = {term: weights.get(term, 1.0) for term in parse_query(question, [""]).terms}
    scored = [(_share(quote, terms), quote) for part in parts for quote in part]
    best = max((share for share, _ in scored), default=0.0)
    met = [(share, quote) for share, quote in scored if share and share >= LEAST_SHARE * best]
    by_words: dict[str, list[tuple[float, ExtractiveQuote]]] = {}
    for share, quote in met:
        by_words.setdefault(_folded(quote.text), []).append((share, quote))
    ranked = sorted(by_words.values(), key=lambda alike: (-alike[0][0], -alike[0][1].score))
    shown = [sorted((quote for _, quote in alike), key=_place) for alike in ranked[:MOST_QUOTES]]
    shown.sort(key=lambda alike: _place(alike[0]))
    return Gathered(_answer(shown), len(shown), len(ranked))


def _share(quote: ExtractiveQuote, terms: Mapping[str, float]) -> float:
    """How much of the question the quote has, with its heading and its document's name."""
    passage = quote.passage
    told = f"{quote.text}\n{passage.passage.heading}\n{passage.document}"
    there = set(search_terms(told, "").split())
    whole = sum(terms.values())
    return sum(weight for term, weight in terms.items() if term in there) / whole if whole else 0.0


def _answer(groups: Sequence[Sequence[ExtractiveQuote]]) -> QuotedAnswer:
    """`“…” [1][2]`, one a paragraph; a passage has one marker."""
    markers: dict[int, int] = {}
    parts: list[str] = []
    citations: list[Citation] = []
    sentences: list[SentenceCheck] = []
    length = 0
    for alike in groups:
        quotes = [Quote(each.passage, each.start, each.end) for each in _once_each(alike)]
        numbers = [markers.setdefault(quote.passage.label, len(markers) + 1) for quote in quotes]
        said = f"“{' '.join(quotes[0].text.split())}”"
        start, end = length, length + len(said)
        parts.append(f"{said} {''.join(f'[{number}]' for number in numbers)}")
        length += len(parts[-1]) + 2
        citations += [
            cite(quote, number, start=start, end=end)
            for quote, number in zip(quotes, numbers, strict=True)
        ]
        sentences.append(SentenceCheck(start, end, "supported", tuple(numbers)))
    return QuotedAnswer("\n\n".join(parts), tuple(citations), tuple(sentences))


def _once_each(alike: Sequence[ExtractiveQuote]) -> Sequence[ExtractiveQuote]:
    """One quote of a passage."""
    return list({quote.passage.label: quote for quote in reversed(alike)}.values())[::-1]


def _place(quote: ExtractiveQuote) -> tuple[int, int]:
    return quote.passage.label, quote.start


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
