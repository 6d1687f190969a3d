"""Where documents came from."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from docqa.core.escaping import encodable
from docqa.errors import UnknownItemError
from docqa.store.database import Database
from docqa.store.models import SourceRow
from docqa.store.queries import add_row, set_columns
from docqa.store.values import Source, SourceKind, SourceOptions

_COLUMNS = (
    SourceRow.id,
    SourceRow.workspace_id,
    SourceRow.kind,
    SourceRow.name,
    SourceRow.uri,
    SourceRow.created_at,
    SourceRow.revision,
    SourceRow.options,
)


class SourceStore:
    """Uploads, files, folders, archives and repositories."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_source(self, workspace_id: int, kind: SourceKind, name: str, uri: str) -> int:
        """A new source of the workspace; its id."""
        with self._database.write() as connection:
            return add_row(
                connection,
                SourceRow,
                workspace_id=workspace_id,
                kind=kind,
                name=encodable(name),
                uri=encodable(uri),
                created_at=time.time(),
            )

    def find_source(self, workspace_id: int, kind: SourceKind, uri: str) -> Source | None:
        """The source with this address, None if there is none."""
        query = select(*_COLUMNS).where(
            SourceRow.workspace_id == workspace_id,
            SourceRow.kind == kind,
            SourceRow.uri == encodable(uri),
        )
        with self._database.read() as connection:
            row = connection.execute(query.order_by(SourceRow.id).limit(1)).first()
        return _to_source(row) if row else None

    def source(self, source_id: int) -> Source:
        """The source with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(select(*_COLUMNS).where(SourceRow.id == source_id)).first()
        if row is None:
            raise UnknownItemError("source", source_id)
        return _to_source(row)

    def find_git(self, workspace_id: int, uri: str, ref: str) -> Source | None:
        """The repository of this address of which that branch, tag or commit is followed."""
        return next(
            (
                source
                for source in self.sources(workspace_id)
                if source.kind == "git" and source.uri == uri and source.options.ref == ref
            ),
            None,
        )

    def set_revision(self, source_id: int, revision: str) -> None:
        """This is the commit that all of the source was read at."""
        with self._database.write() as connection:
            set_columns(connection, SourceRow, source_id, revision=encodable(revision))

    def set_options(self, source_id: int, options: SourceOptions) -> None:
        """What the user chose for the source, from now on."""
        with self._database.write() as connection:
            set_columns(connection, SourceRow, source_id, options=asdict(options))

    def sources(self, workspace_id: int) -> tuple[Source, ...]:
        """The workspace's sources, oldest first."""
        query = select(*_COLUMNS).where(SourceRow.workspace_id == workspace_id)
        with self._database.read() as connection:
            return tuple(
                _to_source(row) for row in connection.execute(query.order_by(SourceRow.id))
            )


def _to_source(row: Sequence[Any]) -> Source:
    source_id, workspace_id, kind, name, uri, created_at, revision, options = row
    return Source(
        source_id, workspace_id, kind, name, uri, created_at, revision, _to_options(options)
    )


def _to_options(stored: dict[str, Any]) -> SourceOptions:
    return SourceOptions(
        ref=stored.get("ref", ""),
        history=stored.get("history", False),
        put_back=tuple(stored.get("put_back", ())),
        shown_secrets=tuple(stored.get("shown_secrets", ())),
        watch=stored.get("watch", False),
    )
