"""The stored texts read through, for strings and patterns that no index knows."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from docqa.core.documents import DocumentKind
from docqa.store.database import Database

_VERSIONS = 500
"""Versions whose texts are read in one transaction."""
_MOST_DEFINITIONS = 200


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A document whose passages may be shown, with its current version."""

    document_id: int
    version_id: int
    path: str
    kind: DocumentKind
    language: str


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as it is searched; `first_line` is 0 where it has pages."""

    passage_id: int
    version_id: int
    first_line: int
    text: str


class TextScan:
    """Reads the passages of a workspace's current, published, not excluded versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def files(
        self, workspace_id: int, document_ids: Collection[int] | None = None
    ) -> tuple[LiveFile, ...]:
        """The documents that may be searched, in path order; of these ids only, if given."""
        statement = """
            SELECT d.id, v.id, d.path, v.kind, v.language
            FROM documents d JOIN versions v ON v.id = d.current_version_id
            WHERE d.workspace_id = :workspace AND v.published AND NOT d.excluded
        """
        values: dict[str, Any] = {"workspace": workspace_id}
        if document_ids is not None:
            statement += " AND d.id IN (SELECT value FROM json_each(:documents))"
            values["documents"] = json.dumps([int(each) for each in document_ids])
        with self._database.read() as connection:
            rows = connection.execute(text(f"{statement} ORDER BY d.path, d.id"), values)
            return tuple(LiveFile(*row) for row in rows)

    def texts(
        self, version_ids: Sequence[int], needles: Sequence[str]
    ) -> Iterator[list[PassageText]]:
        """Passages with all of the needles, in this order, some files at a time.

        ASCII letters of the needles stand for both cases. No transaction is open between.
        """
        wanted = " AND ".join(
            f"p.text LIKE :needle{number} ESCAPE '\\'" for number in range(len(needles))
        )
        statement = text(
            f"""
            SELECT p.id, p.version_id, coalesce(p.first_line, 0), p.text
            FROM json_each(:versions) v CROSS JOIN passages p ON p.version_id = v.value
            WHERE {wanted or "true"} ORDER BY v.key, p.ordinal
            """
        )
        values = {f"needle{number}": _like(needle) for number, needle in enumerate(needles)}
        for start in range(0, len(version_ids), _VERSIONS):
            some = version_ids[start : start + _VERSIONS]
            with self._database.read() as connection:
                rows = connection.execute(statement, values | {"versions": json.dumps(list(some))})
                found = [PassageText(*row) for row in rows]
            if found:
                yield found

    def definitions(self, workspace_id: int, name: str) -> frozenset[tuple[int, int]]:
        """(version, 1-based line) of the workspace's symbols of this name, 200 at most."""
        statement = text(
            """
            SELECT s.version_id, s.line FROM symbols s
            CROSS JOIN versions v ON v.id = s.version_id
            CROSS JOIN documents d ON d.id = v.document_id AND d.current_version_id = v.id
            WHERE s.name = :name AND d.workspace_id = :workspace
            ORDER BY d.path, s.ordinal LIMIT :most
            """
        )
        values = {"name": name, "workspace": workspace_id, "most": _MOST_DEFINITIONS}
        with self._database.read() as connection:
            return frozenset((row[0], row[1]) for row in connection.execute(statement, values))


def _like(needle: str) -> str:
    escaped = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
