"""Holds a claim against the passages it cites: is it there, where, and what of it is not?

Support tells how closely a passage has the claim's words, not whether the claim follows from it.
The thresholds were set on the pairs in `tests/core/test_verification.py` and on ContractNLI's
development set, 519 entailed statements in lawyers' words. Each was held against its evidence,
a random paragraph of another agreement of the kind, and one of a contract of another kind: at 0.4
86, 46 and 11 of 100 reach `weak`, at 0.5 72, 28 and 9.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from docqa.core.answers import Support
from docqa.core.figures import FigureSet, stated_figures
from docqa.core.names import holds_name, stated_names
from docqa.core.packed import PackedPassage
from docqa.core.sentences import Span, split
from docqa.core.wording import NEGATIONS, Squeezed, Word, occurrences, squeezed, substance, words

FUZZY = 88.0
"""Least similarity (0 to 100, by character insertions and deletions) of a claim and one span."""
WEAK = 0.4
"""Least share of a claim's substance that a window of a few sentences must have."""
WEAK_WITHOUT_FIGURES = 0.6
"""The same for a claim of which a number, date or amount is missing."""
CONTRIBUTES = 0.2
"""Least share that a passage must have to count as one of several that support a claim together."""
STRAY_QUOTATION = 90.0
"""A quotation within a claim that is less similar than this to any span is not in the passage."""
_ANOTHER_SENTENCE = 0.12
"""Least share of the claim that another sentence must add to be quoted too."""
_MAX_SENTENCES = 3
_LONG_SENTENCE = 240
_FEWEST_WORDS_FUZZY = 4
_SLACK_WORDS = 3
_CLAUSE_END = re.compile(r"[;:]\s|,\s(?=(?:and|or|but|provided|which|unless|except|if|where)\b)")
_QUOTATION = re.compile(r"[\"“„«]([^\"“”„«»]{12,})[\"”“»]")
_MARKS = tuple(".!?。！？")
_FRAME = " \t\r\n\"'“”‘’„«»*_`.,;:!?…()[]#>-–—•"

RANK: dict[Support, int] = {"unsupported": 0, "weak": 1, "fuzzy": 2, "normalized": 3, "exact": 4}
"""Kinds of support, by how close they are."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The best contiguous span of one cited passage: `passage.text[start:end]`."""

    label: int
    start: int
    end: int
    support: Support
    score: float
    """Share of the claim that it has, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What the cited passages say of a claim. `quotes` are one per passage, in their order."""

    support: Support
    score: float
    quotes: tuple[Quote, ...]
    missing: tuple[str, ...] = ()
    """Numbers, dates, amounts, names and quotations of the claim that stand in none of them."""
    missing_figures: bool = False
    """Whether a number, date or amount is among them."""


def verify(claim: str, cited: Sequence[PackedPassage], *, context: str = "") -> Verification:
    """Align a claim with the passages it cites; several count together.

    `context` (the question) helps to find the place of an answer that repeats none of its words,
    such as `Yes.`; it is not checked itself.
    """
    if not cited:
        return Verification("unsupported", 0.0, ())
    figures, others = _missing(claim, cited)
    quotes = [_best_quote(claim, passage, context) for passage in cited]
    least = WEAK_WITHOUT_FIGURES if figures else WEAK
    if figures:
        quotes = [
            _at_most(quote, "weak" if quote.score >= least else "unsupported") for quote in quotes
        ]
    together = _share(
        claim, [_text(passage, quote) for passage, quote in zip(cited, quotes, strict=True)]
    )
    if together >= least:
        quotes = [
            replace(quote, support="weak")
            if quote.support == "unsupported" and CONTRIBUTES <= quote.score < least
            else quote
            for quote in quotes
        ]
    best = max(quotes, key=lambda quote: (RANK[quote.support], quote.score))
    return Verification(
        best.support, max(best.score, together), tuple(quotes), (*figures, *others), bool(figures)
    )


def has_substance(claim: str) -> bool:
    """Whether the claim states anything that could be looked for."""
    return bool(substance(words(claim)) or stated_figures(claim))


def _text(passage: PackedPassage, quote: Quote) -> str:
    return passage.passage.text[quote.start : quote.end]


def _at_most(quote: Quote, support: Support) -> Quote:
    return replace(quote, support=min(support, quote.support, key=RANK.__getitem__))


def _missing(claim: str, cited: Sequence[PackedPassage]) -> tuple[list[str], list[str]]:
    texts = [passage.passage.text for passage in cited]
    around = [f"{passage.passage.heading}\n{passage.document}" for passage in cited]
    held = FigureSet.of([*texts, *around])
    figures = [figure.text for figure in stated_figures(claim) if not held.holds(figure)]
    names = [name for name in stated_names(claim) if not holds_name(name, [*texts, *around])]
    quotations = [
        match[0]
        for match in _QUOTATION.finditer(claim)
        if all(_similarity(match[1], text)[0] < STRAY_QUOTATION for text in texts)
    ]
    return list(dict.fromkeys(figures)), list(dict.fromkeys((*names, *quotations)))


def _best_quote(claim: str, cited: PackedPassage, context: str) -> Quote:
    text = cited.passage.text
    bare = claim.strip(_FRAME)
    support: Support = "exact"
    score = 1.0
    span = _verbatim(bare, text)
    if span is None:
        support, span = "normalized", _normalized(bare, text)
    if span is None and len(words(bare)) >= _FEWEST_WORDS_FUZZY:
        similarity, near = _similarity(bare, text)
        if similarity >= FUZZY:
            support, score, span = "fuzzy", similarity / 100, near
    if span is None:
        return _paraphrased(claim, cited, context)
    start, end = span
    while text[end : end + 1] in _MARKS:
        end += 1
    return _respecting_negation(claim, cited, Quote(cited.label, start, end, support, score))


def _respecting_negation(claim: str, cited: PackedPassage, quote: Quote) -> Quote:
    """The quote, with less support if claim and passage differ in a `not`."""
    text = cited.passage.text
    said = _negations(claim)
    if said != _negations(text[quote.start : quote.end]):
        return replace(quote, support="unsupported")
    # `X may terminate` stands in `In no event X may terminate`, but is not what that says.
    sentence = next(
        (span for span in split(text) if span[0] <= quote.start < span[1]), (quote.start, quote.end)
    )
    if _negations(text[sentence[0] : quote.start]) and quote.start < sentence[1]:
        return _at_most(quote, "weak")
    return quote


def _negations(text: str) -> int:
    return sum(word.form in NEGATIONS for word in words(text))


def _verbatim(bare: str, text: str) -> Span | None:
    start = text.find(bare) if bare else -1
    while start >= 0:
        end = start + len(bare)
        if not (_joined(text, start) or _joined(text, end)):
            return start, end
        start = text.find(bare, start + 1)
    return None


def _joined(text: str, place: int) -> bool:
    """Whether the characters on both sides of a place are of one word or number."""
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if before > "\u3000" or after > "\u3000":
        return False
    return before.isalnum() and after.isalnum()


def _normalized(bare: str, text: str) -> Span | None:
    wanted, held = squeezed(bare), squeezed(text)
    if not wanted.letters:
        return None
    start = held.letters.find(wanted.letters)
    while start >= 0:
        span = _span(held, start, start + len(wanted.letters))
        if not (_joined(text, span[0]) or _joined(text, span[1])):
            return span
        start = held.letters.find(wanted.letters, start + 1)
    return None


def _span(held: Squeezed, start: int, end: int) -> Span:
    return held.places[start], held.places[end - 1] + 1


def _similarity(bare: str, text: str) -> tuple[float, Span]:
    """How similar the claim and the most similar span are, and that span in whole words."""
    claimed, held = words(bare), words(text)
    if not claimed or not held:
        return 0.0, (0, 0)
    one, _ = _spelled(claimed)
    other, places = _spelled(held)
    if len(one) > len(other):
        return fuzz.ratio(one, other), (held[0].start, held[-1].end)
    aligned = fuzz.partial_ratio_alignment(one, other, score_cutoff=FUZZY - 10)
    if aligned is None:
        return 0.0, (0, 0)
    first = places[aligned.dest_start]
    last = places[max(aligned.dest_start, aligned.dest_end - 1)]
    score, first, last = _fitted(claimed, held, first, last)
    return max(score, aligned.score), (held[first].start, held[last].end)


def _fitted(
    claimed: Sequence[Word], held: Sequence[Word], first: int, last: int
) -> tuple[float, int, int]:
    """The window's ends moved by a few words, to where it is most similar."""
    one, _ = _spelled(claimed)
    starts = range(max(0, first - _SLACK_WORDS), min(len(held), first + _SLACK_WORDS + 1))
    ends = range(max(0, last - _SLACK_WORDS), min(len(held), last + _SLACK_WORDS + 1))
    return max(
        (fuzz.ratio(one, _spelled(held[start : end + 1])[0]), start, end)
        for start in starts
        for end in ends
        if start <= end
    )


def _spelled(found: Sequence[Word]) -> tuple[str, list[int]]:
    """The words' forms with spaces between them, and the word that each character belongs to."""
    places: list[int] = []
    for index, word in enumerate(found):
        places += [index] * (len(word.form) + 1)
    return " ".join(word.form for word in found), places[:-1]


def _share(claim: str, texts: Sequence[str]) -> float:
    """How much of the claim's substance the texts have together."""
    wanted = substance(words(claim))
    total = sum(wanted.values())
    if not total:
        return 0.0
    held = {key for text in texts for _, key in occurrences(wanted, words(text))}
    return sum(wanted[key] for key in held) / total


def _paraphrased(claim: str, cited: PackedPassage, context: str) -> Quote:
    """The clause or the few sentences that have most of the claim's substance."""
    text = cited.passage.text
    wanted = substance(words(claim)) or substance(words(context))
    helping = {key: 0.3 for key in substance(words(context)) if key not in wanted}
    sought = {**helping, **wanted}
    units = list(_clauses(text))
    held = words(text)
    hits = occurrences(sought, held)
    keys: list[set[str]] = [
        {key for index, key in hits if start <= held[index].start < end} for start, end in units
    ]
    first, last = _best_window(keys, sought)
    if not units:
        return Quote(cited.label, 0, 0, "unsupported", 0.0)
    total = sum(wanted.values())
    have = set().union(*keys[first : last + 1]) & wanted.keys()
    score = sum(wanted[key] for key in have) / total if total else 0.0
    support: Support = "weak" if score >= WEAK else "unsupported"
    return Quote(cited.label, units[first][0], units[last][1], support, min(score, 1.0))


def _best_window(keys: Sequence[set[str]], weights: dict[str, float]) -> tuple[int, int]:
    total = sum(weights.values()) or 1.0
    best, best_score = (0, 0), -1.0
    for first in range(len(keys)):
        have: set[str] = set()
        for last in range(first, min(first + _MAX_SENTENCES, len(keys))):
            have |= keys[last]
            score = sum(weights[key] for key in have) / total
            score -= _ANOTHER_SENTENCE * (last - first)
            if score > best_score + 1e-9:
                best, best_score = (first, last), score
    return best


def _clauses(text: str) -> list[Span]:
    """The sentences of a text; long ones cut where a clause ends."""
    clauses: list[Span] = []
    for start, end in split(text):
        if end - start > _LONG_SENTENCE:
            for match in _CLAUSE_END.finditer(text, start + 40, end - 40):
                if match.end() - start >= 40:
                    clauses.append((start, match.start()))
                    start = match.end()
        clauses.append((start, end))
    return clauses
