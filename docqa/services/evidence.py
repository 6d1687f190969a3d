"""Where an answer's evidence comes from: passages of a pack version within a question's scope."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from docqa.core.answers import Coverage
from docqa.core.packed import PackedPassage
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
        self, store: Store, pack: PackInfo, documents: Sequence[DocumentInfo] | None = None
    ) -> None:
        """`documents` are those in scope; None stands for all, and saves asking for them."""
        self._store = store
        self._pack = pack
        self._documents = documents
        self._document_ids = None if documents is None else {document.id for document in documents}
        self._versions: frozenset[int] | None = None
        self._by_label: dict[int, PackedPassage | None] = {}

    def by_label(self, label: int) -> PackedPassage | None:
        """The passage with this label; None if the pack has no such label."""
        if label not in self._by_label:
            self._by_label[label] = self._store.packs.passage(self._pack.id, label)
        return self._by_label[label]

    def in_scope(self, label: int) -> bool:
        """Whether the label belongs to a current document that the question was about."""
        packed = self.by_label(label)
        return packed is not None and packed.version_id in self._version_ids()

    def _version_ids(self) -> frozenset[int]:
        if self._versions is None:
            documents = self._documents
            if documents is None:
                documents = in_scope(self._store.documents.all(self._pack.workspace_id), ())
            self._versions = frozenset(document.version_id for document in documents)
        return self._versions

    def search(self, query: str, k: int) -> Sequence[PackedPassage]:
        """At most k passages in scope, best first."""
        return [ranked.passage for ranked in self.rank(query, k)]

    def rank(self, query: str, k: int) -> list[Ranked]:
        """At most k passages in scope with their scores, best first."""
        hits = self._store.search.search(
            self._pack.workspace_id, query, k=k, document_ids=self._document_ids
        )
        ids = [hit.passage_id for hit in hits]
        passages = self._store.documents.passage_rows(ids)
        labels = self._store.packs.labels(self._pack.id, ids)
        return [
            Ranked(hit.score, replace(passages[hit.passage_id], label=labels[hit.passage_id]))
            for hit in hits
            if hit.passage_id in labels and hit.passage_id in passages
        ]


def in_scope(documents: Sequence[DocumentInfo], scope: Collection[int]) -> tuple[DocumentInfo, ...]:
    """Documents that a question is about: those named, or all; never excluded or failed ones."""
    return tuple(
        document
        for document in documents
        if document.status == "ready" and document.published and (not scope or document.id in scope)
    )


def coverage(
    store: Store,
    workspace_id: int,
    documents: Sequence[DocumentInfo],
    *,
    shown: Sequence[PackedPassage] | None = None,
    dropped_turns: int = 0,
    tokens_in_window: int | None = None,
) -> Coverage:
    """What was in the window; `shown` is None when all of these documents were."""
    ids = {document.id for document in documents}
    tokens = sum(document.tokens for document in documents)
    passages = sum(document.passages for document in documents)
    pages = sum(document.pages for document in documents)
    readable = sum(document.readable_pages for document in documents)
    if shown is None:
        in_window = (len(ids), readable, passages, tokens)
    else:
        in_window = (
            len({packed.document_id for packed in shown}),
            len(_pages(shown)),
            len(shown),
            tokens_in_window or 0,
        )
    return Coverage(
        documents=len(ids),
        documents_in_window=in_window[0],
        pages=pages,
        pages_in_window=in_window[1],
        passages=passages,
        passages_in_window=in_window[2],
        tokens=tokens,
        tokens_in_window=in_window[3],
        unreadable_pages=store.documents.unreadable_pages(workspace_id, ids),
        unreadable_page_count=store.documents.unreadable_page_count(workspace_id, ids),
        dropped_turns=dropped_turns,
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
