"""Is the evidence ranked first, or among the first five? And is it told from no evidence?

docqa and plain BM25 rank the same passages of one document, by the same words of the checklist: the
requirement's text alone, with `look_for`, with `look_for` and guidance.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.review.corpus import ReviewCorpus
from docqa.bench.review.gold import GoldCell, SpanFinder
from docqa.bench.review.report import Figure, share
from docqa.bench.scores import Hits
from docqa.core.checklists import Checklist, Requirement
from docqa.services.review_evidence import RequirementEvidence, requirement_evidence

_FIRST = 5


def _text_alone(requirement: Requirement) -> Requirement:
    return replace(requirement, look_for=(), guidance="")


def _without_guidance(requirement: Requirement) -> Requirement:
    return replace(requirement, guidance="")


WORDS: Mapping[str, Callable[[Requirement], Requirement]] = {
    "text alone": _text_alone,
    "text, look_for": _without_guidance,
    "text, look_for, guidance": lambda requirement: requirement,
}


@dataclass(slots=True)
class _Presence:
    """How evidence is told from its absence, and what is quoted."""

    mentioned: int = 0
    missed: int = 0
    absent: int = 0
    false: int = 0
    quoted: int = 0
    quote_right: int = 0
    page_right: int = 0
    seconds: list[float] = field(default_factory=list)

    def count(self, cell: GoldCell, found: RequirementEvidence, finder: SpanFinder) -> None:
        """Count one cell as docqa shows it without a model."""
        if not cell.mentioned:
            self.absent += 1
            self.false += found.found
            return
        self.mentioned += 1
        self.missed += not found.found
        if found.quotes:
            self.quoted += 1
            first, best = found.quotes[0], found.passages[0].passage
            self.quote_right += finder.touches(cell, best, first.quote_start, first.quote_end)
            self.page_right += first.page in cell.pages


def measure(
    name: str, corpus: ReviewCorpus, checklist: Checklist, cells: Sequence[GoldCell]
) -> list[Figure]:
    """The figures of one set."""
    requirements = {each.id: each for each in checklist.requirements}
    ours = {words: Hits() for words in WORDS}
    plainly = {words: Hits() for words in WORDS}
    presence = _Presence()
    lost = 0

    @cache
    def opened(document: str) -> tuple[SpanFinder, PlainBM25]:
        passages = corpus.passages(document)
        texts = [(str(each.passage.ordinal), each.passage.text) for each in passages]
        return SpanFinder(passages), PlainBM25(texts)

    for cell in cells:
        finder, plain = opened(cell.document)
        right = finder.passages(cell)
        lost += cell.mentioned and not right
        for words, cut in WORDS.items():
            requirement = cut(requirements[cell.requirement_id])
            start = time.process_time()
            found = _found(corpus, cell, requirement)
            if cut is WORDS["text, look_for, guidance"]:
                presence.seconds.append(time.process_time() - start)
                presence.count(cell, found, finder)
            if right:
                ranked = [each.passage.passage.ordinal for each in found.passages]
                ours[words].count(ranked, right)
                asked = "\n".join((requirement.text, *requirement.look_for, requirement.guidance))
                plainly[words].count([int(key) for key in plain.ranked(asked)], right)
    return [
        *(
            Figure(name, f"passage by {words}", ours[words].questions, *_pair(words, ours, plainly))
            for words in WORDS
        ),
        *_shown(name, presence),
        Figure(name, "evidence that was not found in the passages", len(cells), str(lost)),
    ]


def _found(corpus: ReviewCorpus, cell: GoldCell, requirement: Requirement) -> RequirementEvidence:
    evidence = corpus.evidence([cell.document])
    return requirement_evidence(corpus.app.store, evidence, requirement, k=_FIRST)


def _pair(words: str, ours: Mapping[str, Hits], plainly: Mapping[str, Hits]) -> tuple[str, str]:
    return str(ours[words]), str(plainly[words])


def _shown(name: str, presence: _Presence) -> list[Figure]:
    took = 1_000 * sum(presence.seconds) / max(1, len(presence.seconds))
    figures = [
        Figure(
            name,
            "first quote stands in the evidence",
            presence.quoted,
            share(presence.quote_right, presence.quoted),
        ),
        Figure(
            name,
            "missed: mentioned, `no evidence found`",
            presence.mentioned,
            share(presence.missed, presence.mentioned),
        ),
        Figure(
            name,
            "false evidence: not mentioned, but quoted",
            presence.absent,
            share(presence.false, presence.absent),
        ),
        Figure(name, "milliseconds of processor time a cell", len(presence.seconds), f"{took:.1f}"),
    ]
    if presence.page_right:
        page = share(presence.page_right, presence.quoted)
        figures.insert(1, Figure(name, "first quote is on its page", presence.quoted, page))
    return figures
