"""The full-text tables themselves: made, filled, dropped, and rebuilt from the stored passages."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, Row, text

from docqa.core.documents import Locator, PageLocator, ParsedDocument, Passage, PlaceLocator
from docqa.core.indexing import IndexFields, document_fields
from docqa.core.terms import SEARCH_TERMS_VERSION
from docqa.store.database import Database

_BATCH = 2_000
COLUMNS = ", ".join(IndexFields._fields)


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
        marks = ", ".join("?" * len(values[0]))
        statement = f"INSERT INTO {name} (rowid, {COLUMNS}) VALUES ({marks})"
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
    while versions := _stored(database, workspace_id, after=last):
        last = versions[-1].id
        fields = [row for version in versions for row in _fields(version)]
        with database.write() as connection:
            if not _has_table(connection, building):
                return  # another process has rebuilt it, or the workspace is gone
            insert(connection, building, fields)
    with database.write() as connection:
        if _has_table(connection, building):
            _finish(connection, workspace_id, last)


def _finish(connection: Connection, workspace_id: int, last: int) -> None:
    name, building = table(workspace_id), _building(workspace_id)
    while versions := _select(connection, workspace_id, after=last):
        last = versions[-1].id
        insert(connection, building, [row for version in versions for row in _fields(version)])
    connection.execute(text(f"DELETE FROM {building} WHERE rowid NOT IN (SELECT id FROM passages)"))
    connection.execute(text(f"INSERT INTO {building} ({building}) VALUES ('optimize')"))
    for old in (f"{name}_terms", name):
        connection.execute(text(f"DROP TABLE IF EXISTS {old}"))
    connection.execute(text(f"ALTER TABLE {building} RENAME TO {name}"))
    _name_terms(connection, name)
    _save_version(connection, workspace_id)


@dataclass(frozen=True, slots=True)
class _Version:
    """A version that is to be indexed, with its passages."""

    id: int
    path: str
    parsed: ParsedDocument
    passage_ids: Sequence[int]


def _stored(database: Database, workspace_id: int, *, after: int) -> list[_Version]:
    with database.read() as connection:
        return _select(connection, workspace_id, after=after)


def _select(connection: Connection, workspace_id: int, *, after: int) -> list[_Version]:
    """The next versions that have about as many passages as are written at once."""
    rows = connection.execute(
        text(
            """
            SELECT v.id, v.kind, v.language, v.title, d.path, v.passage_count
            FROM versions v JOIN documents d ON d.id = v.document_id
            WHERE d.workspace_id = :workspace AND v.id > :after AND v.passage_count
            ORDER BY v.id LIMIT :limit
            """
        ),
        {"workspace": workspace_id, "after": after, "limit": _BATCH},
    ).all()
    before = accumulate((row.passage_count for row in rows), initial=0)
    chosen = [row for row, passages in zip(rows, before, strict=False) if passages < _BATCH]
    return [_version(connection, row) for row in chosen]


def _version(connection: Connection, row: Row[Any]) -> _Version:
    found = connection.execute(
        text(
            "SELECT id, ordinal, kind, text, heading, first_page, part FROM passages"
            " WHERE version_id = :version ORDER BY ordinal"
        ),
        {"version": row.id},
    ).all()
    passages = tuple(_passage(each) for each in found)
    parsed = ParsedDocument(row.kind, passages, title=row.title, language=row.language)
    return _Version(row.id, row.path, parsed, [int(each.id) for each in found])


def _passage(row: Row[Any]) -> Passage:
    """A passage with what of it is indexed."""
    at: Locator = PlaceLocator("paragraph", 1, 1, row.part)
    if row.first_page is not None:
        at = PageLocator(row.first_page, row.first_page)
    return Passage(row.ordinal, row.text, at, row.kind, row.heading)


def _fields(version: _Version) -> Iterator[tuple[int, IndexFields]]:
    fields = document_fields(version.path, version.parsed)
    return zip(version.passage_ids, fields, strict=True)


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
            f"CREATE VIRTUAL TABLE {name} USING fts5({COLUMNS}, "
            "tokenize = \"ascii tokenchars '_.~'\")"
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
