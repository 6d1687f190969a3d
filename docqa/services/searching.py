"""Finding passages without a model: by words, by a string as it stands, by a pattern."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from docqa.core.documents import PlaceLocator, Rect
from docqa.core.escaping import encodable
from docqa.core.extractive import best_sentences
from docqa.core.geometry import quote_lines, quote_page, quote_place, quote_rects
from docqa.core.packed import PackedPassage
from docqa.core.path_globs import path_matcher
from docqa.core.text_patterns import TextPattern, exact_pattern, regex_pattern
from docqa.errors import InputError
from docqa.services.evidence import PackEvidence, in_scope
from docqa.services.publishing import Publisher
from docqa.services.ranking import PassageRanker
from docqa.services.text_search import TextMatch, find_text
from docqa.store.scanning import LiveFile
from docqa.store.store import Store

MAX_QUERY_CHARACTERS = 20_000
_LINES_AROUND = 2

How = Literal["ranked", "exact", "regex"]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A passage that has words of the query; `rank` counts from 1, a higher score is better.

    Of a search by text `lines`, `page` and `rects` are those of the match, and `text` has up to
    two lines around it.
    """

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
    path: str = ""
    symbol: str = ""
    """Of code, the definition that it stands in: `class Flask > def route`."""
    revision: str = ""
    match: tuple[int, int] = (0, 0)
    """Start and end of the match in `text`; empty where words were looked for."""
    place: str = ""
    """Where it stands in a file without pages or lines: `slide 3`, `Budget!A5:F20`."""
    confidence: float | None = None
    """How sure the OCR engine was of the passage, 0 to 1; None where it was not read by one."""
    ordinal: int = 0
    """Position of the passage in its version, from 0."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found, best first."""

    results: tuple[SearchResult, ...] = ()
    unread: int = 0
    """Files that it did not get to: there were too many to read, and nothing narrowed them."""


class SearchingService:
    """Finds passages of a workspace."""

    def __init__(
        self, store: Store, publisher: Publisher, ranker: PassageRanker | None = None
    ) -> None:
        """Without a ranker, passages are ranked by words."""
        self._store = store
        self._publisher = publisher
        self._ranker = ranker or PassageRanker(store)

    def search(
        self,
        workspace_id: int,
        query: str,
        *,
        k: int = 10,
        document_ids: Collection[int] = (),
        how: How = "ranked",
        path: str = "",
    ) -> tuple[SearchResult, ...]:
        """The results of `searched`."""
        return self.searched(
            workspace_id, query, k=k, document_ids=document_ids, how=how, path=path
        ).results

    def searched(
        self,
        workspace_id: int,
        query: str,
        *,
        k: int = 10,
        document_ids: Collection[int] = (),
        how: How = "ranked",
        path: str = "",
    ) -> Searched:
        """At most k results, best first; of all documents where none is named.

        By words (`ranked`), by the string as it stands (`exact`, in either case if it has no
        capital letter), or by a regular expression of RE2 (`regex`). `path` is a pattern such as
        `src/**/*.py`.

        Raises:
            InputError: If the query is empty or too long, or a pattern is none.
        """
        if not query.strip():
            raise InputError("the query is empty")
        pattern = None if how == "ranked" else _pattern(query, how)
        documents = None
        if document_ids:
            documents = in_scope(self._store.documents.all(workspace_id), document_ids)
        evidence = PackEvidence(self._store, self._publisher.pack(workspace_id), documents)
        if pattern is None:
            return self._by_words(evidence, query, path, k)
        return self._by_text(evidence, query, pattern, path, k)

    def _by_words(self, evidence: PackEvidence, query: str, path: str, k: int) -> Searched:
        allowed: Collection[int] | None = evidence.document_ids
        if path:
            allowed = [file.document_id for file in self._files(evidence, path)]
        scored = self._ranker.rank(evidence.workspace_id, query[:MAX_QUERY_CHARACTERS], k, allowed)
        ranked = evidence.packed(scored)
        results = [
            _by_words(number, item.score, item.passage, query)
            for number, item in enumerate(ranked, 1)
        ]
        return Searched(tuple(self._placed(evidence.workspace_id, results)))

    def _by_text(
        self, evidence: PackEvidence, query: str, pattern: TextPattern, path: str, k: int
    ) -> Searched:
        workspace_id = evidence.workspace_id
        defined = self._store.scan.definitions(workspace_id, encodable(query.strip()))
        found = find_text(
            self._store.scan, self._files(evidence, path), pattern, k=k, defined=defined
        )
        ids = {match.passage_id for match in found.matches}
        packed = {
            item.passage.passage_id: item.passage
            for item in evidence.packed([(0.0, passage_id) for passage_id in ids])
        }
        shown = [match for match in found.matches if match.passage_id in packed]
        results = [
            _by_text(number, match, packed[match.passage_id])
            for number, match in enumerate(shown, 1)
        ]
        return Searched(tuple(self._placed(workspace_id, results)), found.unread)

    def _files(self, evidence: PackEvidence, path: str) -> Sequence[LiveFile]:
        files = self._store.scan.files(evidence.workspace_id, evidence.document_ids)
        if not path:
            return files
        matches = path_matcher(path)
        return [file for file in files if matches(file.path)]

    def _placed(self, workspace_id: int, results: Sequence[SearchResult]) -> Iterator[SearchResult]:
        """The results with their paths; only code has symbols."""
        ids = {result.document_id for result in results}
        files = {file.document_id: file for file in self._store.scan.files(workspace_id, ids)}
        for result in results:
            file = files.get(result.document_id)
            symbol = result.symbol if file and file.kind == "code" else ""
            yield replace(result, path=file.path if file else result.document, symbol=symbol)


def _pattern(query: str, how: How) -> TextPattern:
    return exact_pattern(query) if how == "exact" else regex_pattern(query)


def _by_words(rank: int, score: float, packed: PackedPassage, query: str) -> SearchResult:
    """The passage as found; one that runs over pages is shown where the query's words are."""
    passage = packed.passage
    start, end = 0, len(passage.text)
    if quote_page(passage, 0, end) != quote_page(passage, max(0, end - 1), end):
        for best in best_sentences(query, [(score, packed)], 1):
            start, end = best.start, best.end
    lines = quote_lines(passage, 0, len(passage.text))
    found = _result(rank, score, packed, start, end)
    # The header of a sheet is repeated in its passages: their place is that of their rows.
    place = str(passage.locator) if isinstance(passage.locator, PlaceLocator) else ""
    return replace(found, lines=lines, text=passage.text, place=place)


def _by_text(rank: int, match: TextMatch, packed: PackedPassage) -> SearchResult:
    text = packed.passage.text
    first = text.count("\n", 0, match.start)
    last = text.count("\n", 0, max(match.start, match.end - 1))
    lines = text.split("\n")
    above = lines[: max(0, first - _LINES_AROUND)]
    shown = lines[len(above) : last + 1 + _LINES_AROUND]
    before = sum(len(line) + 1 for line in above)
    found = _result(rank, float(1 + match.is_definition), packed, match.start, match.end)
    return replace(found, text="\n".join(shown), match=(match.start - before, match.end - before))


def _result(rank: int, score: float, packed: PackedPassage, start: int, end: int) -> SearchResult:
    """Characters `start` to `end` of the passage."""
    passage = packed.passage
    return SearchResult(
        rank=rank,
        score=round(score, 4),
        label=packed.label,
        document=packed.document,
        document_id=packed.document_id,
        version_id=packed.version_id,
        page=quote_page(passage, start, end),
        lines=quote_lines(passage, start, end),
        text=passage.text[start:end],
        rects=quote_rects(passage, start, end),
        symbol=passage.heading,
        revision=packed.revision,
        place=quote_place(passage, start, end),
        confidence=passage.confidence,
        ordinal=passage.ordinal,
    )
