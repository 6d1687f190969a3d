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

from docqa.core.alignment import best_window, clauses, normalized, similarity, verbatim
from docqa.core.answers import Support
from docqa.core.figures import FigureSet, stated_figures
from docqa.core.names import holds_name, stated_names
from docqa.core.packed import PackedPassage
from docqa.core.sentences import split
from docqa.core.wording import NEGATIONS, occurrences, substance, words

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
_FEWEST_WORDS_FUZZY = 4
# A claim with a `not` wants one of these, or a `not`, in what it cites: of 121 entailed ones of
# ContractNLI all but one have it. The other way round nothing can be told: of entailed and of
# contradicted claims without a `not` a third each cite a clause that has one.
_DENIAL = re.compile(
    r"\b(?:only|solely|exclusiv|except|unless|prohibit|restrict|refus|forbid|limit|other than|fail"
    r"|void|cease|avoid|prevent|exclud|confiden|lack|free (?:of|from)|refrain|less than|strict"
    r"|secre|un\w+ed\b|disclaim|waive|den(?:y|ie)|reject|terminat|expire|zero|invalid|decline"
    r"|nur\b|ausgeschlossen|unzul|verboten|untersagt|interdi|prohib)"
    r"|[なぬ]い|ません|不|没|無|非",
    re.IGNORECASE,
)
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
    if _negations(claim) and not _denies(quotes, cited):
        quotes = [
            replace(quote, support="unsupported") if quote.support == "weak" else quote
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
        if all(similarity(match[1], text)[0] < STRAY_QUOTATION for text in texts)
    ]
    return list(dict.fromkeys(figures)), list(dict.fromkeys((*names, *quotations)))


def _best_quote(claim: str, cited: PackedPassage, context: str) -> Quote:
    text = cited.passage.text
    bare = claim.strip(_FRAME)
    support: Support = "exact"
    score = 1.0
    span = verbatim(bare, text)
    if span is None:
        support, span = "normalized", normalized(bare, text)
    if span is None and len(words(bare)) >= _FEWEST_WORDS_FUZZY:
        likeness, near = similarity(bare, text)
        if likeness >= FUZZY:
            support, score, span = "fuzzy", likeness / 100, near
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


def _denies(quotes: Sequence[Quote], cited: Sequence[PackedPassage]) -> bool:
    texts = [_text(passage, quote) for passage, quote in zip(cited, quotes, strict=True)]
    return any(_negations(text) or _DENIAL.search(text) for text in texts)


def _negations(text: str) -> int:
    return sum(word.form in NEGATIONS for word in words(text))


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
    units = list(clauses(text))
    held = words(text)
    hits = occurrences(sought, held)
    keys: list[set[str]] = [
        {key for index, key in hits if start <= held[index].start < end} for start, end in units
    ]
    first, last = best_window(keys, sought)
    if not units:
        return Quote(cited.label, 0, 0, "unsupported", 0.0)
    total = sum(wanted.values())
    have = set().union(*keys[first : last + 1]) & wanted.keys()
    score = sum(wanted[key] for key in have) / total if total else 0.0
    support: Support = "weak" if score >= WEAK else "unsupported"
    return Quote(cited.label, units[first][0], units[last][1], support, min(score, 1.0))
