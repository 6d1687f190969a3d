"""The full-text tables themselves: made, filled, dropped, and rebuilt from the stored passages."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from docqa.core.documents import LineLocator, Passage
from docqa.core.ranking import IndexFields, index_fields
from docqa.core.terms import SEARCH_TERMS_VERSION
from docqa.store.database import Database

_BATCH = 2_000
_COLUMNS = "body, heading, name"


def table(workspace_id: int) -> str:
    """The name of a workspace's full-text table."""
    return f"fts_w{int(workspace_id)}"


def exists(connection: Connection, workspace_id: int) -> bool:
    """Whether the workspace has an index."""
    return _has_table(connection, table(workspace_id))


def create(connection: Connection, workspace_id: int) -> None:
    """Make the workspace's empty index."""
    _create_table(connection, table(workspace_id))
    _name_terms(connection, table(workspace_id))
    _save_version(connection, workspace_id)


def insert(connection: Connection, name: str, rows: Iterable[tuple[int, IndexFields]]) -> None:
    """Add rows, given by passage id."""
    values = [(passage_id, *fields) for passage_id, fields in rows]
    if values:
        statement = f"INSERT INTO {name} (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?)"
        connection.exec_driver_sql(statement, values)


def drop(connection: Connection, workspace_id: int) -> None:
    """Remove the workspace's index with all of its tables."""
    for name in (f"{table(workspace_id)}_terms", table(workspace_id), _building(workspace_id)):
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
    connection.execute(
        text("DELETE FROM index_state WHERE workspace_id = :workspace"),
        {"workspace": workspace_id},
    )


def rebuild(database: Database, workspace_id: int) -> None:
    """Fill a new table in short transactions, then put it in the old one's place.

    What others add meanwhile is taken along at the end, what they removed is left out.
    """
    building = _building(workspace_id)
    with database.write() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {building}"))
        _create_table(connection, building)
    last = 0
    while rows := _stored(database, workspace_id, after=last):
        fields = [(int(row.id), _fields(row)) for row in rows]
        last = fields[-1][0]
        with database.write() as connection:
            if not _has_table(connection, building):
                return  # another process has rebuilt it, or the workspace is gone
            insert(connection, building, fields)
    with database.write() as connection:
        if _has_table(connection, building):
            _finish(connection, workspace_id, last)


def _finish(connection: Connection, workspace_id: int, last: int) -> None:
    name, building = table(workspace_id), _building(workspace_id)
    late = _select(connection, workspace_id, after=last, limit=-1)
    insert(connection, building, ((int(row.id), _fields(row)) for row in late))
    connection.execute(text(f"DELETE FROM {building} WHERE rowid NOT IN (SELECT id FROM passages)"))
    connection.execute(text(f"INSERT INTO {building} ({building}) VALUES ('optimize')"))
    for old in (f"{name}_terms", name):
        connection.execute(text(f"DROP TABLE IF EXISTS {old}"))
    connection.execute(text(f"ALTER TABLE {building} RENAME TO {name}"))
    _name_terms(connection, name)
    _save_version(connection, workspace_id)


def _stored(database: Database, workspace_id: int, *, after: int) -> Sequence[Row[Any]]:
    with database.read() as connection:
        return _select(connection, workspace_id, after=after, limit=_BATCH)


def _select(
    connection: Connection, workspace_id: int, *, after: int, limit: int
) -> Sequence[Row[Any]]:
    return connection.execute(
        text(
            """
            SELECT p.id, p.text, p.heading, v.kind, v.language, v.title, d.path
            FROM passages p JOIN versions v ON v.id = p.version_id
            JOIN documents d ON d.id = v.document_id
            WHERE d.workspace_id = :workspace AND p.id > :after ORDER BY p.id LIMIT :limit
            """
        ),
        {"workspace": workspace_id, "after": after, "limit": limit},
    ).all()


def _fields(row: Row[Any]) -> IndexFields:
    passage = Passage(0, row.text, LineLocator(1, 1), heading=row.heading)
    return index_fields(row.path, passage, row.kind, row.language, row.title)


def _building(workspace_id: int) -> str:
    return f"{table(workspace_id)}_new"


def _has_table(connection: Connection, name: str) -> bool:
    found = connection.execute(
        text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": name}
    )
    return found.scalar() is not None


def _create_table(connection: Connection, name: str) -> None:
    connection.execute(
        text(
            f"CREATE VIRTUAL TABLE {name} USING fts5({_COLUMNS}, "
            "tokenize = \"ascii tokenchars '_.'\")"
        )
    )


def _name_terms(connection: Connection, name: str) -> None:
    connection.execute(
        text(f"CREATE VIRTUAL TABLE IF NOT EXISTS {name}_terms USING fts5vocab({name}, row)")
    )


def _save_version(connection: Connection, workspace_id: int) -> None:
    connection.execute(
        text(
            "INSERT INTO index_state (workspace_id, terms_version) VALUES (:workspace, :version)"
            " ON CONFLICT (workspace_id) DO UPDATE SET terms_version = excluded.terms_version"
        ),
        {"workspace": workspace_id, "version": SEARCH_TERMS_VERSION},
    )
