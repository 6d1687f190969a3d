"""What a pack is rendered from, read for many versions at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from docqa.core.documents import Passage
from docqa.core.symbols import Symbol
from docqa.store.code_rows import SYMBOL_COLUMNS, to_symbol
from docqa.store.database import Database
from docqa.store.document_rows import PASSAGE_COLUMNS, documents_query, to_document, to_passage
from docqa.store.models import DocumentRow, PassageRow, SourceRow, SymbolRow, VersionRow
from docqa.store.queries import MAP_PATH, among
from docqa.store.values import DocumentInfo

_BATCH = 200
_TREES = ("folder", "archive", "git")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document belongs."""

    source_id: int
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class TreeSource:
    """A source that is a tree of files, and the document of its map."""

    id: int
    workspace_id: int
    name: str
    revision: str
    map_id: int | None
    """None before it had one."""
    map_excluded: bool


class RenderingStore:
    """Names, passages and symbols of versions, in bulk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def places(self, document_ids: Collection[int]) -> dict[int, Place]:
        """Where these documents belong; unknown ids are left out."""
        query = select(
            DocumentRow.id, DocumentRow.source_id, DocumentRow.path, DocumentRow.name
        ).where(among(DocumentRow.id, document_ids))
        with self._database.read() as connection:
            return {row[0]: Place(*row[1:]) for row in connection.execute(query)}

    def passages(self, version_ids: Collection[int]) -> dict[int, tuple[Passage, ...]]:
        """The passages of each of these versions, in order; at least an empty tuple."""
        query = (
            select(PassageRow.version_id, *PASSAGE_COLUMNS)
            .where(among(PassageRow.version_id, version_ids))
            .order_by(PassageRow.version_id, PassageRow.ordinal)
        )
        found: dict[int, list[Passage]] = {version_id: [] for version_id in version_ids}
        with self._database.read() as connection:
            for row in connection.execute(query):
                found[row[0]].append(to_passage(row[1:]))
        return {version_id: tuple(passages) for version_id, passages in found.items()}

    def symbols(self, version_ids: Sequence[int]) -> Iterator[tuple[Symbol, ...]]:
        """The symbols of each of these versions; no transaction stays open between batches."""
        for first in range(0, len(version_ids), _BATCH):
            batch = version_ids[first : first + _BATCH]
            query = (
                select(SymbolRow.__table__.c.version_id, *SYMBOL_COLUMNS)
                .where(among(SymbolRow.version_id, batch))
                .order_by(SymbolRow.version_id, SymbolRow.ordinal)
            )
            found: dict[int, list[Symbol]] = defaultdict(list)
            with self._database.read() as connection:
                for row in connection.execute(query):
                    found[row[0]].append(to_symbol(row[1:]))
            for version_id in batch:
                yield tuple(found[version_id])

    def trees(
        self, workspace_id: int, source_ids: Collection[int] | None
    ) -> tuple[TreeSource, ...]:
        """The workspace's folders, archives and repositories: those of these ids, or all."""
        query = (
            select(
                *(SourceRow.id, SourceRow.workspace_id, SourceRow.name, SourceRow.revision),
                *(DocumentRow.id, func.coalesce(DocumentRow.excluded, False)),
            )
            .outerjoin(
                DocumentRow,
                (DocumentRow.source_id == SourceRow.id) & (DocumentRow.path == MAP_PATH),
            )
            .where(SourceRow.workspace_id == workspace_id, SourceRow.kind.in_(_TREES))
            .order_by(SourceRow.id)
        )
        if source_ids is not None:
            query = query.where(among(SourceRow.id, source_ids))
        with self._database.read() as connection:
            return tuple(TreeSource(*row) for row in connection.execute(query))

    def documents(self, source_id: int) -> tuple[DocumentInfo, ...]:
        """The source's files that can be asked about, in path order."""
        query = (
            documents_query()
            .where(DocumentRow.source_id == source_id, DocumentRow.path != MAP_PATH)
            .where(VersionRow.status == "ready", VersionRow.published, ~DocumentRow.excluded)
            .order_by(DocumentRow.path, DocumentRow.id)
        )
        with self._database.read() as connection:
            return tuple(to_document(row) for row in connection.execute(query))

    def repacked_tokens(self, workspace_id: int, *, without: int | None = None) -> int:
        """Tokens of the documents that a new pack would have, but for one.

        A new map is taken to be as long as the longest one of its codebase was.
        """
        counted = and_(DocumentRow.workspace_id == workspace_id, ~DocumentRow.excluded)
        files = (
            select(func.coalesce(func.sum(VersionRow.token_count), 0))
            .join(DocumentRow, DocumentRow.current_version_id == VersionRow.id)
            .where(counted, DocumentRow.path != MAP_PATH, VersionRow.status != "failed")
        )
        if without is not None:
            files = files.where(DocumentRow.id != without)
        longest = (
            select(func.max(VersionRow.token_count).label("tokens"))
            .join(DocumentRow, DocumentRow.id == VersionRow.document_id)
            .where(counted, DocumentRow.path == MAP_PATH)
            .group_by(DocumentRow.id)
            .subquery()
        )
        maps = select(func.coalesce(func.sum(longest.c.tokens), 0))
        with self._database.read() as connection:
            return int(connection.scalar(files) or 0) + int(connection.scalar(maps) or 0)

    def code_files(self, source_id: int) -> int:
        """How many of the source's documents that can be asked about are code."""
        query = (
            select(func.count())
            .select_from(DocumentRow)
            .join(VersionRow, VersionRow.id == DocumentRow.current_version_id)
            .where(
                DocumentRow.source_id == source_id,
                *(VersionRow.kind == "code", VersionRow.status == "ready", ~DocumentRow.excluded),
            )
        )
        with self._database.read() as connection:
            return connection.scalar(query) or 0
