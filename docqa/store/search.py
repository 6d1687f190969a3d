"""The full-text index: one FTS5 table per workspace, its rows are passages.

The table keeps search terms, not text: what goes in and what is asked pass through
`docqa.core.terms`, FTS5 only splits at white space. It finds candidates; `docqa.core.ranking` puts
them in order.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, CursorResult, text

from docqa.core.ranking import (
    FIELD_WEIGHTS,
    Candidate,
    IndexFields,
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

_CANDIDATES = 200
_MOST_TERMS = 24
_MOST_ROWS = 30_000
"""Rows that the terms looked up may occur in together: what keeps a query fast."""
_SAMPLE = 500

# CROSS JOIN keeps SQLite from beginning at the documents, which reads every passage of theirs.
_LIVE = """
    SELECT p.id, v.id, d.id, v.kind, d.path, p.kind, p.ordinal
    FROM json_each(:ids) found CROSS JOIN passages p ON p.id = found.value
    CROSS JOIN versions v ON v.id = p.version_id
    CROSS JOIN documents d ON d.id = v.document_id AND d.current_version_id = v.id
    WHERE d.workspace_id = :workspace AND v.published AND NOT d.excluded
"""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A passage that was found; a higher score is better, and comparable within one search."""

    passage_id: int
    document_id: int
    version_id: int
    score: float


@dataclass(frozen=True, slots=True)
class LivePassage:
    """A found passage that may be shown."""

    passage_id: int
    version_id: int
    document_id: int
    kind: Any
    path: str
    passage_kind: Any
    ordinal: int


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


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which passages a search is about; `first` and `last` bound their ids."""

    workspace_id: int
    documents: str | None = None
    """JSON list of ids; None is all."""
    first: int = 0
    last: int = 2**62


class SearchIndex:
    """Finds passages of a workspace's current, published, not excluded versions by words."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._averages: dict[int, tuple[int, float]] = {}

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
        _execute(
            connection,
            f"DELETE FROM {name} WHERE rowid IN (SELECT value FROM json_each(:ids))",
            ids=json.dumps(list(passage_ids)),
        )
        # Deleting leaves marks beside the old entries; merging all of the index drops both.
        _execute(connection, f"INSERT INTO {name} ({name}) VALUES ('optimize')")

    def drop(self, connection: Connection, workspace_id: int) -> None:
        """Remove the workspace's index."""
        reindexing.drop(connection, workspace_id)

    def rebuild(self, workspace_id: int) -> None:
        """Index all stored passages of the workspace anew, while others read and write."""
        reindexing.rebuild(self._database, workspace_id)

    def rebuild_outdated(self) -> tuple[int, ...]:
        """Rebuild the indexes that another version of the search terms made; their workspaces."""
        with self._database.read() as connection:
            found = _execute(
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
            scope = _scope(connection, workspace_id, document_ids)
            if scope is None or not reindexing.exists(connection, workspace_id):
                return FoundCandidates()
            languages = tuple(_languages(connection, workspace_id))
            query = parse_query(question, languages)
            asked = parse_query(f"{question}\n{also}", languages) if also else query
            statistics = self._statistics(connection, workspace_id, asked)
            passages = _spanned(scope, statistics.passages)
            terms = rarest_terms(
                query.terms,
                statistics.frequency,
                most=most_terms,
                rows=_MOST_ROWS * max(1, statistics.passages) // passages,
            )
            if not terms:
                return FoundCandidates(statistics=statistics, languages=languages)
            live = _matches(connection, scope, match_expression(terms), most)
            candidates = _candidates(connection, workspace_id, live)
        return FoundCandidates(tuple(candidates), statistics, languages, live, passages)

    def weights(self, workspace_id: int, question: str) -> dict[str, float]:
        """The question's terms with how much each tells in this workspace: its rarity."""
        with self._database.read() as connection:
            if not reindexing.exists(connection, workspace_id):
                return {}
            query = parse_query(question, _languages(connection, workspace_id))
            statistics = self._statistics(connection, workspace_id, query)
        return {term: statistics.weight(term) for term in query.terms}

    def _statistics(self, connection: Connection, workspace_id: int, query: Query) -> Statistics:
        name = reindexing.table(workspace_id)
        passages = int(_execute(connection, f"SELECT count(*) FROM {name}_docsize").scalar_one())
        whole = [term for term in query.terms if not term.endswith("*")]
        found = _execute(
            connection,
            f"SELECT term, doc FROM {name}_terms WHERE term IN (SELECT value FROM json_each(:t))",
            t=json.dumps(whole),
        )
        frequency = {str(term): int(count) for term, count in found}
        for prefix in set(query.terms).difference(whole):
            frequency[prefix] = _prefix_frequency(connection, name, prefix[:-1])
        return Statistics(passages, self._average(connection, workspace_id, passages), frequency)

    def _average(self, connection: Connection, workspace_id: int, passages: int) -> float:
        known, average = self._averages.get(workspace_id, (0, 0.0))
        if not 0.9 * passages <= known <= 1.1 * passages:
            average = _sampled_average(connection, reindexing.table(workspace_id))
            self._averages[workspace_id] = (passages, average)
        return average


def _execute(
    connection: Connection, statement: str, **values: object
) -> CursorResult[*tuple[Any, ...]]:
    return connection.execute(text(statement), values)


def _scope(
    connection: Connection, workspace_id: int, document_ids: Collection[int] | None
) -> _Scope | None:
    if document_ids is None:
        return _Scope(workspace_id)
    documents = json.dumps([int(document_id) for document_id in document_ids])
    # A version's passages were inserted in one go: its first and last id bound the others.
    first, last = _execute(
        connection,
        """
        SELECT
            min((SELECT id FROM passages p WHERE p.version_id = d.current_version_id
                 ORDER BY ordinal LIMIT 1)),
            max((SELECT id FROM passages p WHERE p.version_id = d.current_version_id
                 ORDER BY ordinal DESC LIMIT 1))
        FROM documents d
        WHERE d.workspace_id = :workspace AND d.id IN (SELECT value FROM json_each(:documents))
        """,
        workspace=workspace_id,
        documents=documents,
    ).one()
    return None if first is None else _Scope(workspace_id, documents, first, last)


def _spanned(scope: _Scope, passages: int) -> int:
    """About how many passages are in scope.

    A search within a few documents reads little of each term: it may look up more of them.
    """
    return max(1, min(passages, scope.last - scope.first + 1))


def _languages(connection: Connection, workspace_id: int) -> Sequence[str]:
    found: Sequence[str] = (
        _execute(
            connection,
            """
            SELECT DISTINCT v.language FROM versions v JOIN documents d ON d.id = v.document_id
            WHERE d.workspace_id = :workspace AND v.kind <> 'code'
            """,
            workspace=workspace_id,
        )
        .scalars()
        .all()
    )
    return found


def _matches(
    connection: Connection, scope: _Scope, expression: str, most: int
) -> dict[int, LivePassage]:
    """By passage id, the best `most` by FTS5's own BM25 that are live and in scope."""
    name = reindexing.table(scope.workspace_id)
    weights = ", ".join(map(str, FIELD_WEIGHTS))
    # Most that is found is live. Only where it is not, everything is looked at.
    for limit in (2 * most, -1):
        found: Sequence[int] = (
            _execute(
                connection,
                f"""
                SELECT rowid FROM {name}
                WHERE {name} MATCH :expression AND rowid BETWEEN :first AND :last
                ORDER BY bm25({name}, {weights}) LIMIT :limit
                """,
                expression=expression,
                first=scope.first,
                last=scope.last,
                limit=limit,
            )
            .scalars()
            .all()
        )
        live = _live(connection, scope, found)
        if len(found) < limit or len(live) >= most:
            break
    kept = [passage_id for passage_id in found if passage_id in live][:most]
    return {passage_id: live[passage_id] for passage_id in kept}


def _live(
    connection: Connection, scope: _Scope, passage_ids: Sequence[int]
) -> dict[int, LivePassage]:
    statement = _LIVE
    values = {"workspace": scope.workspace_id, "ids": json.dumps(list(passage_ids))}
    if scope.documents is not None:
        statement += " AND d.id IN (SELECT value FROM json_each(:documents))"
        values["documents"] = scope.documents
    rows = _execute(connection, statement, **values)
    return {row[0]: LivePassage(*row) for row in rows}


def _candidates(
    connection: Connection, workspace_id: int, live: dict[int, LivePassage]
) -> list[Candidate]:
    rows = _execute(
        connection,
        f"""
        SELECT rowid, body, heading, name FROM {reindexing.table(workspace_id)}
        WHERE rowid IN (SELECT value FROM json_each(:ids))
        """,
        ids=json.dumps(list(live)),
    )
    return [
        Candidate(
            passage_id,
            IndexFields(*fields),
            live[passage_id].kind,
            live[passage_id].path,
            live[passage_id].passage_kind,
            live[passage_id].ordinal,
        )
        for passage_id, *fields in rows
    ]


def _prefix_frequency(connection: Connection, name: str, prefix: str) -> int:
    found = _execute(
        connection,
        f"SELECT coalesce(sum(doc), 0) FROM {name}_terms WHERE term >= :first AND term < :end",
        first=prefix,
        end=prefix + "\U0010ffff",
    )
    return int(found.scalar_one())


def _sampled_average(connection: Connection, name: str) -> float:
    """Terms in a passage's body, from a sample over the whole index."""
    bounds = _execute(connection, f"SELECT min(id), max(id), count(*) FROM {name}_docsize").one()
    first, last, passages = bounds
    if not passages:
        return 1.0
    step = max(1, (last - first) // _SAMPLE)
    found = _execute(
        connection,
        f"""
        SELECT avg(length(body) - length(replace(body, ' ', '')) + 1) FROM {name}
        WHERE rowid IN (SELECT value FROM json_each(:ids))
        """,
        ids=json.dumps(list(range(first, last + 1, step))),
    )
    return float(found.scalar_one() or 1.0)
