"""The full-text index: one FTS5 table per workspace, its rows are passages.

The table keeps search terms, not text: what goes in and what is asked pass through
`docqa.core.terms`, FTS5 only splits at white space. It finds candidates; `docqa.core.ranking` puts
them in order.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from docqa.core.indexing import IndexFields
from docqa.core.ranking import (
    Candidate,
    Query,
    Statistics,
    match_expression,
    parse_query,
    rank,
    rarest_terms,
)
from docqa.core.terms import SEARCH_TERMS_VERSION
from docqa.store import reindexing
from docqa.store.database import Database
from docqa.store.search_queries import (
    LivePassage,
    candidates_of,
    execute,
    languages_of,
    matches,
    prefix_frequency,
    sampled_average,
    scope_of,
    spanned,
)

_CANDIDATES = 200
_MOST_TERMS = 24
_MOST_ROWS = 30_000
"""Rows that the terms looked up may occur in together: what keeps a query fast."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A passage that was found; a higher score is better, and comparable within one search."""

    passage_id: int
    document_id: int
    version_id: int
    score: float


@dataclass(frozen=True, slots=True)
class FoundCandidates:
    """Passages that have words of a question, and what it takes to rank them."""

    candidates: tuple[Candidate, ...] = ()
    statistics: Statistics = field(default_factory=lambda: Statistics(0, 0.0, {}))
    languages: tuple[str, ...] = ()
    """Of the workspace's documents."""
    live: Mapping[int, LivePassage] = field(default_factory=dict)
    """By passage id."""
    passages: int = 0
    """About how many are in scope, with words of the question or without."""


class SearchIndex:
    """Finds passages of a workspace's current, published, not excluded versions by words."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._averages: dict[int, tuple[int, float]] = {}
        self._languages: dict[int, tuple[int, tuple[str, ...]]] = {}
        """By workspace, the newest version when they were looked up, and what they were."""

    def add(
        self, connection: Connection, workspace_id: int, rows: Iterable[tuple[int, IndexFields]]
    ) -> None:
        """Index passages, given by id and fields, in the caller's transaction."""
        if not reindexing.exists(connection, workspace_id):
            reindexing.create(connection, workspace_id)
        reindexing.insert(connection, reindexing.table(workspace_id), rows)

    def remove(
        self, connection: Connection, workspace_id: int, passage_ids: Collection[int]
    ) -> None:
        """Take passages out; no term of theirs is left in the index afterwards."""
        if not passage_ids or not reindexing.exists(connection, workspace_id):
            return
        name = reindexing.table(workspace_id)
        execute(
            connection,
            f"DELETE FROM {name} WHERE rowid IN (SELECT value FROM json_each(:ids))",
            ids=json.dumps(list(passage_ids)),
        )
        # Deleting leaves marks beside the old entries; merging all of the index drops both.
        execute(connection, f"INSERT INTO {name} ({name}) VALUES ('optimize')")

    def drop(self, connection: Connection, workspace_id: int) -> None:
        """Remove the workspace's index."""
        reindexing.drop(connection, workspace_id)

    def rebuild(self, workspace_id: int) -> None:
        """Index all stored passages of the workspace anew, while others read and write."""
        reindexing.rebuild(self._database, workspace_id)

    def rebuild_outdated(self) -> tuple[int, ...]:
        """Rebuild the indexes that another version of the search terms made; their workspaces."""
        with self._database.read() as connection:
            found = execute(
                connection,
                "SELECT workspace_id FROM index_state WHERE terms_version <> :version",
                version=SEARCH_TERMS_VERSION,
            )
            outdated = tuple(int(row[0]) for row in found)
        for workspace_id in outdated:
            self.rebuild(workspace_id)
        return outdated

    def search(
        self,
        workspace_id: int,
        question: str,
        *,
        k: int = 10,
        document_ids: Collection[int] | None = None,
    ) -> list[SearchHit]:
        """The k best passages, best first; of these documents only, if given."""
        found = self.find(
            workspace_id, question, most=max(k, _CANDIDATES), document_ids=document_ids
        )
        query = parse_query(question, found.languages)
        return [
            SearchHit(
                item.passage_id,
                found.live[item.passage_id].document_id,
                found.live[item.passage_id].version_id,
                score,
            )
            for score, item in rank(query, found.candidates, found.statistics)[:k]
        ]

    def find(
        self,
        workspace_id: int,
        question: str,
        *,
        most: int = _CANDIDATES,
        most_terms: int = _MOST_TERMS,
        document_ids: Collection[int] | None = None,
        also: str = "",
    ) -> FoundCandidates:
        """Passages that have words of the question, by its rarest `most_terms`, in no order.

        The statistics are of the words of `also`, too.
        """
        with self._database.read() as connection:
            scope = scope_of(connection, workspace_id, document_ids)
            if scope is None or not reindexing.exists(connection, workspace_id):
                return FoundCandidates()
            languages = self._languages_of(connection, workspace_id)
            query = parse_query(question, languages)
            asked = parse_query(f"{question}\n{also}", languages) if also else query
            statistics = self._statistics(connection, workspace_id, asked)
            passages = spanned(scope, statistics.passages)
            terms = rarest_terms(
                query.terms,
                statistics.frequency,
                most=most_terms,
                rows=_MOST_ROWS * max(1, statistics.passages) // passages,
            )
            if not terms:
                return FoundCandidates(statistics=statistics, languages=languages)
            live = matches(connection, scope, match_expression(terms), most)
            candidates = candidates_of(connection, workspace_id, live)
        return FoundCandidates(tuple(candidates), statistics, languages, live, passages)

    def weights(self, workspace_id: int, question: str) -> dict[str, float]:
        """The question's terms with how much each tells in this workspace: its rarity."""
        with self._database.read() as connection:
            if not reindexing.exists(connection, workspace_id):
                return {}
            query = parse_query(question, self._languages_of(connection, workspace_id))
            statistics = self._statistics(connection, workspace_id, query)
        return {term: statistics.weight(term) for term in query.terms}

    def _statistics(self, connection: Connection, workspace_id: int, query: Query) -> Statistics:
        name = reindexing.table(workspace_id)
        passages = int(execute(connection, f"SELECT count(*) FROM {name}_docsize").scalar_one())
        terms = (*query.terms, *query.about)
        whole = [term for term in terms if not term.endswith("*")]
        found = execute(
            connection,
            f"SELECT term, doc FROM {name}_terms WHERE term IN (SELECT value FROM json_each(:t))",
            t=json.dumps(whole),
        )
        frequency = {str(term): int(count) for term, count in found}
        for prefix in set(query.terms).difference(whole):
            frequency[prefix] = prefix_frequency(connection, name, prefix[:-1])
        return Statistics(passages, self._average(connection, workspace_id, passages), frequency)

    def _languages_of(self, connection: Connection, workspace_id: int) -> tuple[str, ...]:
        """Languages of the documents; one that is gone counts until something is added."""
        newest = int(execute(connection, "SELECT coalesce(max(id), 0) FROM versions").scalar_one())
        known, languages = self._languages.get(workspace_id, (-1, ()))
        if newest != known:
            languages = tuple(languages_of(connection, workspace_id))
            self._languages[workspace_id] = (newest, languages)
        return languages

    def _average(self, connection: Connection, workspace_id: int, passages: int) -> float:
        known, average = self._averages.get(workspace_id, (0, 0.0))
        if not 0.9 * passages <= known <= 1.1 * passages:
            average = sampled_average(connection, reindexing.table(workspace_id))
            self._averages[workspace_id] = (passages, average)
        return average
