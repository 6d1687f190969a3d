"""Where in a passage a claim's words stand: verbatim, respelled, nearly, or in other words."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from docqa.core.sentences import Span, split
from docqa.core.wording import Squeezed, Word, squeezed, words

_ANOTHER_SENTENCE = 0.12
"""Least share of the claim that another sentence must add to be quoted too."""
_MAX_SENTENCES = 3
_LONG_SENTENCE = 240
_SLACK_WORDS = 3
_HOPELESS = 75.0
"""Similarity below which no other window is tried."""
_CLAUSE_END = re.compile(r"[;:]\s|,\s(?=(?:and|or|but|provided|which|unless|except|if|where)\b)")


def verbatim(bare: str, text: str) -> Span | None:
    """Where the claim stands in the text as it is, in whole words."""
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


def normalized(bare: str, text: str) -> Span | None:
    """Where it stands but for white space, punctuation, case, accents and ligatures."""
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


def similarity(bare: str, text: str) -> tuple[float, Span]:
    """How similar the claim and the most similar span are, and that span in whole words."""
    claimed, held = words(bare), words(text)
    if not claimed or not held:
        return 0.0, (0, 0)
    one, _ = _spelled(claimed)
    other, places = _spelled(held)
    if len(one) > len(other):
        return fuzz.ratio(one, other), (held[0].start, held[-1].end)
    aligned = fuzz.partial_ratio_alignment(one, other, score_cutoff=_HOPELESS)
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


def best_window(keys: Sequence[set[str]], weights: dict[str, float]) -> tuple[int, int]:
    """First and last of the few neighbouring units that have most of the weight, and no more."""
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


def clauses(text: str) -> list[Span]:
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
