"""Files of sources that are not read, with the reasons."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select

from docqa.core.escaping import encodable
from docqa.core.left_out import LeftOut
from docqa.store.database import Database
from docqa.store.models import LeftOutRow, SourceRow

_COLUMNS = (LeftOutRow.path, LeftOutRow.reason, LeftOutRow.category, LeftOutRow.size)


class LeftOutStore:
    """What each source has that was not read when it was read last."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, source_id: int, files: Iterable[LeftOut]) -> None:
        """These are the files of the source that are left out now, and no others."""
        rows: dict[str, dict[str, Any]] = {}
        for each in files:
            path = encodable(each.path)
            rows[path] = {
                "source_id": source_id,
                "path": path,
                "reason": encodable(each.reason),
                "category": each.category,
                "size": each.size,
            }
        with self._database.write() as connection:
            connection.execute(delete(LeftOutRow).where(LeftOutRow.source_id == source_id))
            if rows:
                connection.execute(insert(LeftOutRow), list(rows.values()))

    def of_source(self, source_id: int, *, most: int = 10_000) -> tuple[LeftOut, ...]:
        """The files of one source that are left out, in path order, at most so many."""
        query = select(*_COLUMNS).where(LeftOutRow.source_id == source_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(LeftOutRow.path).limit(most)).all()
        return tuple(map(_to_left_out, rows))

    def paths(self, source_id: int) -> frozenset[str]:
        """The paths of the source that are left out."""
        query = select(LeftOutRow.path).where(LeftOutRow.source_id == source_id)
        with self._database.read() as connection:
            return frozenset(connection.scalars(query))

    def counts(self, workspace_id: int) -> dict[int, dict[str, int]]:
        """How many files are left out, by source and category; sources that lack none only."""
        query = (
            select(LeftOutRow.source_id, LeftOutRow.category, func.count())
            .join(SourceRow, SourceRow.id == LeftOutRow.source_id)
            .where(SourceRow.workspace_id == workspace_id)
            .group_by(LeftOutRow.source_id, LeftOutRow.category)
        )
        counts: dict[int, dict[str, int]] = {}
        with self._database.read() as connection:
            for source_id, category, count in connection.execute(query):
                counts.setdefault(source_id, {})[category] = count
        return counts


def _to_left_out(row: Sequence[Any]) -> LeftOut:
    return LeftOut(*row)
