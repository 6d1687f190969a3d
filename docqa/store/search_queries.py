"""What the full-text index is asked: the statements of `docqa.store.search`."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, text

from docqa.core.indexing import FIELD_WEIGHTS, IndexFields
from docqa.core.ranking import Candidate
from docqa.store import reindexing

_SAMPLE = 500

# CROSS JOIN keeps SQLite from beginning at the documents, which reads every passage of theirs.
_LIVE = """
    SELECT p.id, v.id, d.id, v.kind, d.path, p.kind, p.ordinal, p.heading
    FROM json_each(:ids) found CROSS JOIN passages p ON p.id = found.value
    CROSS JOIN versions v ON v.id = p.version_id
    CROSS JOIN documents d ON d.id = v.document_id AND d.current_version_id = v.id
    WHERE d.workspace_id = :workspace AND v.published AND NOT d.excluded
"""


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
    heading: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Which passages a search is about; `first` and `last` bound their ids."""

    workspace_id: int
    documents: str | None = None
    """JSON list of ids; None is all."""
    first: int = 0
    last: int = 2**62


def execute(
    connection: Connection, statement: str, **values: object
) -> CursorResult[*tuple[Any, ...]]:
    """Run one statement."""
    return connection.execute(text(statement), values)


def scope_of(
    connection: Connection, workspace_id: int, document_ids: Collection[int] | None
) -> Scope | None:
    """The scope of these documents, or of all; None where they have no passages."""
    if document_ids is None:
        return Scope(workspace_id)
    documents = json.dumps([int(document_id) for document_id in document_ids])
    # A version's passages were inserted in one go: its first and last id bound the others.
    first, last = execute(
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
    return None if first is None else Scope(workspace_id, documents, first, last)


def spanned(scope: Scope, passages: int) -> int:
    """About how many passages are in scope.

    A search within a few documents reads little of each term: it may look up more of them.
    """
    return max(1, min(passages, scope.last - scope.first + 1))


def languages_of(connection: Connection, workspace_id: int) -> Sequence[str]:
    """Natural languages of the workspace's documents."""
    found: Sequence[str] = (
        execute(
            connection,
            """
            SELECT DISTINCT v.language FROM versions v JOIN documents d ON d.id = v.document_id
            WHERE d.workspace_id = :workspace AND v.kind NOT IN ('code', 'map')
            """,
            workspace=workspace_id,
        )
        .scalars()
        .all()
    )
    return found


def matches(
    connection: Connection, scope: Scope, expression: str, most: int
) -> dict[int, LivePassage]:
    """By passage id, the best `most` by FTS5's own BM25 that are live and in scope."""
    name = reindexing.table(scope.workspace_id)
    weights = ", ".join(map(str, FIELD_WEIGHTS))
    # Most that is found is live. Only where it is not, everything is looked at.
    for limit in (2 * most, -1):
        found: Sequence[int] = (
            execute(
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
    connection: Connection, scope: Scope, passage_ids: Sequence[int]
) -> dict[int, LivePassage]:
    statement = _LIVE
    values = {"workspace": scope.workspace_id, "ids": json.dumps(list(passage_ids))}
    if scope.documents is not None:
        statement += " AND d.id IN (SELECT value FROM json_each(:documents))"
        values["documents"] = scope.documents
    rows = execute(connection, statement, **values)
    return {row[0]: LivePassage(*row) for row in rows}


def candidates_of(
    connection: Connection, workspace_id: int, live: dict[int, LivePassage]
) -> list[Candidate]:
    """The live passages with what is indexed of them."""
    rows = execute(
        connection,
        f"""
        SELECT rowid, {reindexing.COLUMNS} FROM {reindexing.table(workspace_id)}
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
            live[passage_id].heading,
        )
        for passage_id, *fields in rows
    ]


def prefix_frequency(connection: Connection, name: str, prefix: str) -> int:
    """In about how many passages a term with this beginning occurs."""
    found = execute(
        connection,
        f"SELECT coalesce(sum(doc), 0) FROM {name}_terms WHERE term >= :first AND term < :end",
        first=prefix,
        end=prefix + "\U0010ffff",
    )
    return int(found.scalar_one())


def sampled_average(connection: Connection, name: str) -> float:
    """Terms in a passage's body, from a sample over the whole index."""
    bounds = execute(connection, f"SELECT min(id), max(id), count(*) FROM {name}_docsize").one()
    first, last, passages = bounds
    if not passages:
        return 1.0
    step = max(1, (last - first) // _SAMPLE)
    found = execute(
        connection,
        f"""
        SELECT avg(length(body) - length(replace(body, ' ', '')) + 1) FROM {name}
        WHERE rowid IN (SELECT value FROM json_each(:ids))
        """,
        ids=json.dumps(list(range(first, last + 1, step))),
    )
    return float(found.scalar_one() or 1.0)
