"""From a model's raw text to a checked answer: resolve, verify, attribute, judge."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from docqa.core.answers import AnswerStatus, Citation, CitationOrigin, SentenceCheck, SentenceMark
from docqa.core.citations import code_spans, display
from docqa.core.citing import cite_span
from docqa.core.claims import Claim, Sentence, says_not_found, sentences_of
from docqa.core.packed import PackedPassage, PassageSource
from docqa.core.verification import RANK, Quote, Verification, has_substance, verify

CANDIDATES = 5
"""Passages that are looked at when docqa searches for a claim's support itself."""
ATTRIBUTED = 0.6
"""Least share of a sentence's substance that a passage must have to be named as its support."""
MUCH_BETTER = 0.3
"""How much more of a claim another passage must have for a citation to count as misattributed."""
MAX_SEARCHES = 60
"""Most sentences and citations of one answer for which docqa searches."""

Ending = Literal["truncated", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """An answer as it is stored and shown."""

    text: str
    """Chips `[1]` stand for the citations; those that docqa found stand behind their sentence."""
    citations: tuple[Citation, ...]
    """One per claim and passage, in the order of the text."""
    sentences: tuple[SentenceCheck, ...]
    unresolved: int
    status: AnswerStatus


def check_answer(
    raw: str, source: PassageSource, *, question: str = "", ended: Ending | None = None
) -> CheckedAnswer:
    """Resolve and verify what an answer cites, and look for support of what it does not cite.

    `question` helps to find the place of short answers. `ended` is how the answer ended if the
    model did not end it; it is the status then.
    """
    displayed = display(raw, lambda label: _resolve(source, label) is not None, final=True)
    check = _Check(source, question, {mark.label: mark.marker for mark in displayed.marks})
    sentences = sentences_of(displayed)
    checks = [check.sentence(sentence) for sentence in sentences]
    found = [
        (sentence, attributed)
        for sentence, attributed in zip(sentences, check.attributed, strict=True)
        if attributed
    ]
    code = code_spans(displayed.text)
    added = _Chips(
        (_chip_place(displayed.text, code, sentence.end), f"[{citation.marker}]")
        for sentence, citation in found
    )
    citations = sorted(check.citations, key=lambda citation: (citation.start, citation.end))
    return CheckedAnswer(
        text=added.into(displayed.text),
        citations=tuple(
            replace(one, start=added.start(one.start), end=added.end(one.end)) for one in citations
        ),
        sentences=tuple(
            replace(one, start=added.start(one.start), end=added.end(one.end)) for one in checks
        ),
        unresolved=displayed.unresolved,
        status=ended or _status(raw, checks, check),
    )


def _resolve(source: PassageSource, label: int) -> PackedPassage | None:
    return source.by_label(label) if source.in_scope(label) else None


def _status(raw: str, checks: Sequence[SentenceCheck], check: "_Check") -> AnswerStatus:
    cited = any(
        citation.origin == "model" and RANK[citation.support] > 0 for citation in check.citations
    )
    if says_not_found(raw) and not cited:
        return "not_found"
    supported = any(one.mark in ("supported", "attributed") for one in checks)
    return "answered" if supported and not check.missing_figures else "unsupported"


class _Check:
    """Checks one answer's sentences, one after the other."""

    def __init__(self, source: PassageSource, question: str, markers: dict[int, int]) -> None:
        self._source = source
        self._question = question
        self._markers = markers
        self._searches = 0
        self.citations: list[Citation] = []
        self.attributed: list[Citation | None] = []
        """Per sentence, what docqa found for it."""
        self.missing_figures = False

    def sentence(self, sentence: Sentence) -> SentenceCheck:
        verified = [self._cited(claim) for claim in sentence.claims]
        markers = {mark.marker for claim in sentence.claims for mark in claim.marks}
        attributed = None
        mark: SentenceMark = "no_claim"
        if verified:
            held = all(RANK[one.support] > 0 and not one.missing_figures for one in verified)
            mark = "supported" if held else "unsupported"
        elif sentence.states:
            attributed = self._attribute(sentence)
            mark = "attributed" if attributed else "unsupported"
        if attributed:
            self.citations.append(attributed)
            markers.add(attributed.marker)
        self.attributed.append(attributed)
        return SentenceCheck(sentence.start, sentence.end, mark, tuple(sorted(markers)))

    def _cited(self, claim: Claim) -> Verification:
        labels = list(dict.fromkeys(mark.label for mark in claim.marks))
        passages = [self._source.by_label(label) for label in labels]
        cited = [passage for passage in passages if passage is not None]
        verified = verify(claim.text, cited, context=self._question)
        self.missing_figures |= verified.missing_figures
        better = self._better(claim.text, verified, labels)
        for passage, quote in zip(cited, verified.quotes, strict=True):
            citation = self._citation(passage, quote, claim.start, claim.end, "model")
            self.citations.append(replace(citation, missing=verified.missing, misattributed=better))
        return verified

    def _better(self, text: str, verified: Verification, labels: Sequence[int]) -> int | None:
        """Label of a passage that supports the claim much better than what it cites."""
        weak = RANK[verified.support] <= RANK["weak"]
        if not (weak or verified.missing_figures) or not has_substance(text):
            return None
        for passage, other in self._candidates(text):
            closer = RANK[other.support] > max(RANK[verified.support], RANK["weak"])
            fuller = RANK[other.support] > 0 and other.score >= verified.score + MUCH_BETTER
            if passage.label not in labels and (closer or fuller) and not other.missing_figures:
                return passage.label
        return None

    def _attribute(self, sentence: Sentence) -> Citation | None:
        for passage, verified in self._candidates(sentence.text):
            if RANK[verified.support] > RANK["weak"] or verified.score >= ATTRIBUTED:
                if verified.support == "unsupported" or verified.missing_figures:
                    continue
                quote = verified.quotes[0]
                found = self._citation(passage, quote, sentence.start, sentence.end, "docqa")
                return replace(found, missing=verified.missing)
        return None

    def _candidates(self, text: str) -> list[tuple[PackedPassage, Verification]]:
        """Passages in scope that may support the text, best first."""
        if self._searches >= MAX_SEARCHES:
            return []
        self._searches += 1
        found = [
            (passage, verify(text, [passage], context=self._question))
            for passage in self._source.search(text, CANDIDATES)
            if self._source.in_scope(passage.label)
        ]
        return sorted(
            found,
            key=lambda pair: (not pair[1].missing_figures, RANK[pair[1].support], pair[1].score),
            reverse=True,
        )

    def _citation(
        self, cited: PackedPassage, quote: Quote, start: int, end: int, origin: CitationOrigin
    ) -> Citation:
        return cite_span(
            cited,
            quote.start,
            quote.end,
            marker=self._markers.setdefault(cited.label, len(self._markers) + 1),
            support=quote.support,
            origin=origin,
            claim=(start, end),
        )


def _chip_place(text: str, code: Sequence[tuple[int, int]], place: int) -> int:
    """Where the chip of a sentence that ends here may stand: not in code, inside a table's row."""
    for start, end in code:
        if start < place < end:
            return end
    if text[:place].endswith("|"):
        return len(text[: place - 1].rstrip(" \t"))
    return place


class _Chips:
    """Chips that are put into a text, and how they move what stands behind them."""

    def __init__(self, chips: Iterable[tuple[int, str]]) -> None:
        self._chips = sorted(chips)
        self._places = [place for place, _ in self._chips]

    def into(self, text: str) -> str:
        """The text with all chips."""
        pieces = []
        position = 0
        for place, chip in self._chips:
            pieces += [text[position:place], chip]
            position = place
        return "".join((*pieces, text[position:]))

    def start(self, offset: int) -> int:
        """Where what began at the offset begins now: behind a chip at the same place."""
        return offset + self._before(bisect_right(self._places, offset))

    def end(self, offset: int) -> int:
        """Where what ended at the offset ends now: before a chip at the same place."""
        return offset + self._before(bisect_left(self._places, offset))

    def _before(self, count: int) -> int:
        return sum(len(chip) for _, chip in self._chips[:count])
