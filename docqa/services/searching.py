"""Ranking passages without a model."""

from collections.abc import Collection
from dataclasses import dataclass

from docqa.core.answers import Citation
from docqa.core.documents import Rect
from docqa.core.extractive import best_sentences
from docqa.core.geometry import quote_lines, quote_page, quote_rects
from docqa.core.packed import PackedPassage
from docqa.errors import InputError
from docqa.services.evidence import PackEvidence, in_scope
from docqa.services.publishing import Publisher
from docqa.store.store import Store

MAX_QUERY_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A passage that has words of the query; `rank` counts from 1, a higher score is better."""

    rank: int
    score: float
    label: int
    document: str
    document_id: int
    version_id: int
    page: int | None
    lines: tuple[int, int] | None
    text: str
    rects: tuple[Rect, ...]


class SearchingService:
    """Finds passages of a workspace."""

    def __init__(self, store: Store, publisher: Publisher) -> None:
        self._store = store
        self._publisher = publisher

    def search(
        self,
        workspace_id: int,
        query: str,
        *,
        k: int = 10,
        document_ids: Collection[int] = (),
    ) -> tuple[SearchResult, ...]:
        """At most k passages, best first; of all documents where none is named.

        Raises:
            InputError: If the query is empty or too long.
        """
        if not query.strip():
            raise InputError("the query is empty")
        documents = None
        if document_ids:
            documents = in_scope(self._store.documents.all(workspace_id), document_ids)
        evidence = PackEvidence(self._store, self._publisher.pack(workspace_id), documents)
        ranked = evidence.rank(query[:MAX_QUERY_CHARACTERS], k)
        return tuple(
            _result(number, item.score, item.passage, query)
            for number, item in enumerate(ranked, 1)
        )


def _result(rank: int, score: float, packed: PackedPassage, query: str) -> SearchResult:
    """The passage as found; one that runs over pages is shown where the query's words are."""
    passage = packed.passage
    start, end = 0, len(passage.text)
    if quote_page(passage, 0, end) != quote_page(passage, max(0, end - 1), end):
        for best in best_sentences(query, [(score, packed)], 1):
            start, end = best.start, best.end
    return SearchResult(
        rank=rank,
        score=round(score, 4),
        label=packed.label,
        document=packed.document,
        document_id=packed.document_id,
        version_id=packed.version_id,
        page=quote_page(passage, start, end),
        lines=quote_lines(passage, 0, len(passage.text)),
        text=passage.text,
        rects=quote_rects(passage, start, end),
    )


def as_citation(result: SearchResult, marker: int = 1) -> Citation:
    """A search result as the evidence pane shows it."""
    return Citation(
        marker=marker,
        label=result.label,
        document_id=result.document_id,
        version_id=result.version_id,
        document=result.document,
        page=result.page,
        lines=result.lines,
        quote=result.text,
        quote_start=0,
        quote_end=len(result.text),
        rects=result.rects,
        support="exact",
        origin="docqa",
    )
