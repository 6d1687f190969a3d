"""Pieces of queries that several stores need."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from docqa.store.models import Row, VersionRow

MAP_PATH = ""
"""Where the map of a codebase stands in its source; no file does."""


def among(column: InstrumentedAttribute[Any], values: Collection[int | str]) -> ColumnElement[bool]:
    """Whether the column has one of these values, however many they are."""
    given = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(given.c.value))


def unreferenced(connection: Connection, hashes: Collection[str]) -> frozenset[str]:
    """Those of these content hashes that no version has any more."""
    used = select(VersionRow.content_hash).where(among(VersionRow.content_hash, hashes))
    return frozenset(hashes) - frozenset(connection.scalars(used))


def last_id(connection: Connection, table: str) -> int:
    """The highest id the table ever gave; inside a writing transaction the next one is free."""
    query = "SELECT seq FROM sqlite_sequence WHERE name = ?"
    return int(connection.exec_driver_sql(query, (table,)).scalar() or 0)


def add_row(connection: Connection, row: type[Row], **values: Any) -> int:  # noqa: ANN401
    """Insert one row; its id."""
    key = connection.execute(insert(row), values).inserted_primary_key
    assert key is not None
    return int(key[0])


def set_columns(connection: Connection, row: type[Any], row_id: int, **values: Any) -> bool:  # noqa: ANN401
    """Change one row by its id; False if there is none."""
    changed = connection.execute(update(row).where(row.id == row_id).values(**values))
    return changed.rowcount > 0
