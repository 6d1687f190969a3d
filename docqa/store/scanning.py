"""The stored texts read through, for strings and patterns that no index knows."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from docqa.core.documents import DocumentKind
from docqa.store.database import Database

_FEWEST, _MOST = 16, 512
"""Versions whose texts are looked at together: few at first, for what is found at once."""
_SMALL, _LARGE = 250_000, 1_000_000
"""Bytes of texts that are looked at together."""
_MOST_DEFINITIONS = 200


class LiveFile(NamedTuple):
    """A document whose passages may be shown, with its current version."""

    document_id: int
    version_id: int
    path: str
    kind: DocumentKind


class PassageText(NamedTuple):
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
            SELECT d.id, v.id, d.path, v.kind
            FROM documents d JOIN versions v ON v.id = d.current_version_id
            WHERE d.workspace_id = :workspace AND v.published AND NOT d.excluded
        """
        values: dict[str, Any] = {"workspace": workspace_id}
        if document_ids is not None:
            statement += " AND d.id IN (SELECT value FROM json_each(:documents))"
            values["documents"] = json.dumps([int(each) for each in document_ids])
        with self._database.read() as connection:
            rows = connection.execute(text(f"{statement} ORDER BY d.path, d.id"), values)
            return tuple(map(LiveFile._make, rows.all()))

    def texts(
        self,
        version_ids: Sequence[int],
        needles: Sequence[str],
        may_match: Callable[[bytes], bool],
    ) -> Iterator[list[PassageText]]:
        """Passages with all of the needles, in this order, some files at a time.

        ASCII letters of the needles stand for both cases. Files are passed over where `may_match`
        says no to all of their passages, joined by line feeds. No transaction is open between.
        """
        joined, single = _statements(len(needles))
        values = {f"needle{number}": _like(needle) for number, needle in enumerate(needles)}
        start, count = 0, _FEWEST
        while some := version_ids[start : start + count]:
            start += count
            asked = values | {"versions": json.dumps(list(some))}
            found: list[PassageText] = []
            with self._database.read() as connection:
                together = connection.execute(joined, asked).scalar() or b""
                if together and may_match(together):
                    found = [*map(PassageText._make, connection.execute(single, asked))]
            if found:
                yield found
            if len(together) < _SMALL:
                count = min(2 * count, _MOST)
            elif len(together) > _LARGE:
                count = max(count // 2, 1)

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


def _statements(needles: int) -> tuple[TextClause, TextClause]:
    """What gives the texts of versions in one, and one by one."""
    wanted = [f"p.text LIKE :needle{number} ESCAPE '\\'" for number in range(needles)]
    source = (
        "FROM json_each(:versions) v CROSS JOIN passages p ON p.version_id = v.value"
        f" WHERE {' AND '.join(wanted) or 'true'}"
    )
    return (
        text(f"SELECT CAST(group_concat(p.text, char(10)) AS BLOB) {source}"),
        text(
            f"SELECT p.id, p.version_id, coalesce(p.first_line, 0), p.text {source}"
            " ORDER BY v.key, p.ordinal"
        ),
    )


def _like(needle: str) -> str:
    escaped = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
