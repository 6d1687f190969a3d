"""Where an answer's evidence comes from: passages of a pack version within a question's scope."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from docqa.core.answers import Answer, Coverage
from docqa.core.packed import PackedPassage
from docqa.core.vectors import Likeness
from docqa.services.ranking import PassageRanker
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, PackInfo


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage and its score, higher being better."""

    score: float
    passage: PackedPassage


class PackEvidence:
    """The passages that a question may be answered from (`docqa.core.packed.PassageSource`)."""

    def __init__(
        self,
        store: Store,
        pack: PackInfo,
        documents: Sequence[DocumentInfo] | None = None,
        *,
        ranker: PassageRanker | None = None,
    ) -> None:
        """`documents` are those in scope; None stands for all, and saves asking for them.

        Without a ranker of its own, passages are ranked by words.
        """
        self._store = store
        self._pack = pack
        self._words = PassageRanker(store)
        self._ranker = ranker or self._words
        self.workspace_id = pack.workspace_id
        self.document_ids = None if documents is None else {document.id for document in documents}
        """Those in scope; None stands for all."""
        self._versions = (
            None if documents is None else {document.version_id for document in documents}
        )
        self._live: dict[int, bool] = {}
        """Of versions, whether they are in scope, as far as that was asked."""
        self._by_label: dict[int, PackedPassage | None] = {}

    def by_label(self, label: int) -> PackedPassage | None:
        """The passage with this label; None if the pack has no such label."""
        if label not in self._by_label:
            self._by_label[label] = self._store.packs.passage(self._pack.id, label)
        return self._by_label[label]

    def in_scope(self, label: int) -> bool:
        """Whether the label belongs to a current document that the question was about."""
        packed = self.by_label(label)
        return packed is not None and self._has(packed.version_id)

    def _has(self, version_id: int) -> bool:
        if self._versions is not None:
            return version_id in self._versions
        if version_id not in self._live:
            live = self._store.documents.versions_in_scope((version_id,))
            self._live[version_id] = version_id in live
        return self._live[version_id]

    def search(self, query: str, k: int) -> Sequence[PackedPassage]:
        """At most k passages in scope, best first; by words, which is what a claim is held to."""
        found = self._words.rank(self.workspace_id, query, k, self.document_ids)
        return [ranked.passage for ranked in self.packed(found)]

    def rank(self, query: str, k: int) -> list[Ranked]:
        """At most k passages in scope with their scores, best first."""
        return self.packed(self._ranker.rank(self.workspace_id, query, k, self.document_ids))

    def likeness(self, query: str, ranked: Sequence[Ranked]) -> Likeness | None:
        """How alike texts of these passages are to a question; None where nobody can tell."""
        return self._ranker.likeness(query, [each.passage for each in ranked])

    def packed(self, scored: Sequence[tuple[float, int]]) -> list[Ranked]:
        """These (score, passage id) as they stand in the pack; those that do not are left out."""
        ids = [passage_id for _, passage_id in scored]
        passages = self._store.documents.passage_rows(ids)
        labels = self._store.packs.labels(self._pack.id, ids)
        return [
            Ranked(score, replace(passages[passage_id], label=labels[passage_id]))
            for score, passage_id in scored
            if passage_id in labels and passage_id in passages
        ]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what it is answered from."""

    answer: Answer
    """As it was stored when this was begun."""
    workspace_id: int
    pack: PackInfo
    documents: tuple[DocumentInfo, ...] | None
    """Those that it is about; None stands for all, which are never listed."""
    evidence: PackEvidence

    @property
    def text(self) -> str:
        """What was asked."""
        return self.answer.question

    @property
    def scope(self) -> list[str] | None:
        """Names of the documents that it is about; None where it is about all."""
        if self.documents is None:
            return None
        return [document.name for document in self.documents]

    @property
    def elapsed_s(self) -> float:
        """Seconds since it was submitted."""
        return max(0.0, time.time() - self.answer.created_at)


def in_scope(documents: Sequence[DocumentInfo], scope: Collection[int]) -> tuple[DocumentInfo, ...]:
    """Documents that a question is about: those named, or all.

    Never excluded or failed ones, and no maps of codebases, which have nothing to cite.
    """
    return tuple(
        document
        for document in documents
        if document.status == "ready"
        and document.published
        and document.kind != "map"
        and (not scope or document.id in scope)
    )


def coverage(
    store: Store,
    question: Question,
    *,
    shown: Sequence[PackedPassage] | None = None,
    dropped_turns: int = 0,
    tokens_in_window: int = 0,
) -> Coverage:
    """What was in the window; `shown` is None when the pack was, else it needs its tokens."""
    covered = covering(
        store,
        question.pack,
        [document.id for document in question.documents or ()],
        shown=shown,
        tokens_in_window=tokens_in_window,
    )
    return replace(covered, dropped_turns=dropped_turns)


def covering(
    store: Store,
    pack: PackInfo,
    document_ids: Sequence[int],
    *,
    shown: Sequence[PackedPassage] | None = None,
    tokens_in_window: int = 0,
) -> Coverage:
    """What of these documents, or of all, was in the window; `shown` as for `coverage`."""
    covered = store.documents.coverage(pack, document_ids)
    if shown is None:
        return covered
    return replace(
        covered,
        documents_in_window=len({packed.document_id for packed in shown}),
        pages_in_window=len(_pages(shown)),
        passages_in_window=len(shown),
        tokens_in_window=tokens_in_window,
    )


def _pages(shown: Sequence[PackedPassage]) -> set[tuple[int, int]]:
    return {
        (packed.document_id, page)
        for packed in shown
        if (pages := page_span(packed)) is not None
        for page in range(pages[0], pages[1] + 1)
    }


def page_span(packed: PackedPassage) -> tuple[int, int] | None:
    """First and last page of a PDF's passage, 1-based; None for text and code."""
    locator = packed.passage.locator
    first = getattr(locator, "first_page", None)
    return None if first is None else (first, getattr(locator, "last_page", first))
