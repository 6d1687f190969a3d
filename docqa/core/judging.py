"""From a model's judgement to a finding: what it points at is resolved and verified.

A verdict stands only where passages in scope hold what the model says of them. That the words are
there does not prove the verdict right; that they are missing is reason enough to ask a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from docqa.core.answers import Citation
from docqa.core.checklists import Requirement
from docqa.core.citing import cite_span
from docqa.core.claims import says_not_found
from docqa.core.extracted import held_value
from docqa.core.findings import NewFinding
from docqa.core.judgements import (
    Broken,
    Judgement,
    max_tokens_for,
    read_judgement,
    schema_for,
)
from docqa.core.packed import PackedPassage, PassageSource
from docqa.core.sentences import split
from docqa.core.verification import RANK, Quote, Verification, has_substance, verify
from docqa.core.wording import occurrences, substance, words

__all__ = ["judge", "max_tokens_for", "read_judgement", "schema_for", "unread"]

NO_EVIDENCE = "no evidence found"
NOT_READ = "the model's answer could not be read"
LONGEST_RAW = 20_000
"""Characters of a model's answer that are kept."""
_NAMED = 5
_SHOWN = 120


def judge(raw: str, requirement: Requirement, source: PassageSource) -> NewFinding:
    """The finding that a model's answer makes; `source` says what it may point at.

    Its status is the model's verdict only if at least one passage in scope that it points at has
    the rationale's words, no figure of it is missing there, and an extracted value stands there.
    """
    judgement = read_judgement(raw, requirement)
    if isinstance(judgement, Broken):
        return unread(raw, judgement.problem)
    found = _Case(judgement, requirement, source).finding()
    return replace(found, raw=raw[:LONGEST_RAW])


def unread(raw: str, problem: str) -> NewFinding:
    """The finding of an answer that is no judgement: a person has to look."""
    return NewFinding("needs_person", reasons=(f"{NOT_READ}: {problem}",), raw=raw[:LONGEST_RAW])


@dataclass(frozen=True, slots=True)
class _Resolved:
    """The labels of a judgement: passages in scope, and what is wrong with the others."""

    passages: tuple[PackedPassage, ...]
    unresolved: int
    reasons: tuple[str, ...]


class _Case:
    """One judgement and what can be said about it."""

    def __init__(
        self, judgement: Judgement, requirement: Requirement, source: PassageSource
    ) -> None:
        self._judgement = judgement
        self._requirement = requirement
        self._resolved = _resolve(judgement, source)

    def finding(self) -> NewFinding:
        judgement = self._judgement
        found = NewFinding(
            "needs_person",
            proposed=judgement.verdict,
            rationale=judgement.rationale,
            unresolved=self._resolved.unresolved,
            reasons=self._resolved.reasons,
        )
        if judgement.verdict == "not_found":
            return self._absent(found)
        cited = self._resolved.passages
        found = replace(found, value="\n".join(judgement.values))
        if not cited:
            return _doubted(found, f"the model says {judgement.verdict!r} and points at no passage")
        verified = verify(judgement.rationale, cited, context=self._requirement.text)
        doubts = [*self._doubts(verified), *self._value_doubts()]
        quotes = [*_quotes(verified, cited), *self._value_quotes()]
        if doubts:
            return _doubted(replace(found, citations=_citations(cited, quotes, verified)), *doubts)
        kept = [quote for quote in quotes if RANK[quote.support] > 0]
        return replace(
            found,
            status=judgement.verdict,
            citations=_citations(cited, kept, verified),
            reasons=(*found.reasons, *self._remarks(verified, kept)),
        )

    def _absent(self, found: NewFinding) -> NewFinding:
        """Absence rests on what was read, not on passages."""
        pointed = len(self._resolved.passages)
        remark = f"the model found nothing, yet pointed at {_counted(pointed)}"
        return replace(
            found, status="not_found", reasons=(*found.reasons, remark) if pointed else ()
        )

    def _doubts(self, verified: Verification) -> list[str]:
        """Why the rationale does not carry the verdict."""
        rationale, doubts = self._judgement.rationale, []
        if not has_substance(rationale):
            doubts.append("the rationale states nothing that could be looked for")
        elif says_not_found(rationale):
            doubts.append("the rationale says that the documents do not say")
        if verified.missing_figures:
            doubts.append(f"{_listed(verified.missing)}: in none of the passages pointed at")
        if verified.support == "unsupported":
            doubts.append("the passages pointed at do not say what the rationale says")
        elif not self._on_topic(verified):
            doubts.append("the passages pointed at have no word of the requirement")
        return doubts

    def _value_doubts(self) -> list[str]:
        judgement = self._judgement
        if self._requirement.kind == "verdict":
            return []
        if not judgement.values:
            wanted = judgement.verdict in ("met", "partly_met")
            return ["no value was extracted"] if wanted else []
        return [
            f"the value “{_cut(value)}” does not stand in the passages pointed at"
            for value in judgement.values
            if not held_value(value, self._requirement.kind, self._resolved.passages)
        ]

    def _on_topic(self, verified: Verification) -> bool:
        """Whether a passage that supports the rationale has a word of the requirement."""
        requirement = self._requirement
        asked = " ".join((requirement.text, requirement.guidance, *requirement.look_for))
        wanted = substance(words(asked))
        held = (
            f"{passage.passage.text}\n{passage.passage.heading}\n{passage.document}"
            for passage, quote in zip(self._resolved.passages, verified.quotes, strict=True)
            if RANK[quote.support] > 0
        )
        return not wanted or any(occurrences(wanted, words(text)) for text in held)

    def _value_quotes(self) -> list[Quote]:
        """Where the values stand; at most one place each."""
        found = []
        for value in self._judgement.values:
            quotes = verify(value, self._resolved.passages).quotes
            best = max(quotes, key=lambda quote: (RANK[quote.support], quote.score))
            if RANK[best.support] > RANK["weak"]:
                found.append(best)
        return found

    def _remarks(self, verified: Verification, kept: Sequence[Quote]) -> list[str]:
        """What a person should know of a verdict that stands."""
        remarks = []
        useless = len(self._resolved.passages) - len({quote.label for quote in kept})
        if useless:
            remarks.append(f"does not support the rationale: {_counted(useless)} pointed at")
        if verified.missing:
            remarks.append(f"{_listed(verified.missing)}: in none of the passages quoted")
        rationale = self._judgement.rationale
        parts = [rationale[start:end] for start, end in split(rationale)]
        if len(parts) > 1:
            remarks += [
                f"not in the passages quoted: “{_cut(part)}”"
                for part in parts
                if has_substance(part)
                and verify(part, self._resolved.passages).support == "unsupported"
            ]
        return remarks


def _resolve(judgement: Judgement, source: PassageSource) -> _Resolved:
    passages, reasons = [], []
    for label in judgement.labels:
        passage = source.by_label(label)
        if passage is None:
            reasons.append(f"label {label} is not in the documents")
        elif not source.in_scope(label):
            reasons.append(f"label {label} belongs to a document that was not asked about")
        else:
            passages.append(passage)
    reasons += [f"“{_cut(stray)}” is no label" for stray in judgement.stray]
    return _Resolved(tuple(passages), len(reasons), tuple(reasons))


def _doubted(found: NewFinding, *doubts: str) -> NewFinding:
    return replace(found, status="needs_person", reasons=(*doubts, *found.reasons))


def _quotes(verified: Verification, cited: Sequence[PackedPassage]) -> list[Quote]:
    """The spans worth showing; of a passage that has nothing of the rationale, its beginning."""
    return [
        quote if quote.start < quote.end else replace(quote, start=0, end=_beginning(passage))
        for quote, passage in zip(verified.quotes, cited, strict=True)
    ]


def _beginning(passage: PackedPassage) -> int:
    spans = split(passage.passage.text)
    return spans[0][1] if spans else len(passage.passage.text)


def _citations(
    cited: Sequence[PackedPassage], quotes: Sequence[Quote], verified: Verification
) -> tuple[Citation, ...]:
    """The quotes as citations; a passage has one marker, a span within another is left out."""
    by_label = {passage.label: passage for passage in cited}
    markers: dict[int, int] = {}
    kept: list[Quote] = []
    for quote in quotes:
        if not any(_within(quote, other) for other in kept):
            kept.append(quote)
    return tuple(
        replace(
            cite_span(
                by_label[quote.label],
                quote.start,
                quote.end,
                marker=markers.setdefault(quote.label, len(markers) + 1),
                support=quote.support,
                origin="model",
            ),
            missing=verified.missing,
        )
        for quote in kept
    )


def _within(quote: Quote, other: Quote) -> bool:
    return quote.label == other.label and other.start <= quote.start and quote.end <= other.end


def _listed(missing: Sequence[str]) -> str:
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return ", ".join(f"“{_cut(one)}”" for one in missing[:_NAMED]) + more


def _counted(passages: int) -> str:
    return "1 passage" if passages == 1 else f"{passages} passages"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
