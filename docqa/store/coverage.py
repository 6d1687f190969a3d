"""Every page of a workspace with its class, and sums of them: counted by the database.

A page is one of a version that is or was in use; what has no pages counts as one, as does a file
of a source that was left out. docqa's own maps of codebases are no documents and are not counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from docqa.core.coverage import PageClass, Tally
from docqa.store.coverage_units import EVERYTHING, CoverageFilter, conditions, units_of
from docqa.store.database import Database
from docqa.store.models import DocumentRow, PageRow, SourceRow, VersionRow

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class SourceTally:
    """The pages of a source."""

    source_id: int
    name: str
    kind: str
    documents: int
    """Those left out are not among them."""
    tally: Tally


@dataclass(frozen=True, slots=True)
class DocumentTally:
    """The pages of a document, those of its older versions among them, or a file left out."""

    source_id: int
    document_id: int | None
    """None for a file that was left out."""
    path: str
    kind: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class PageLine:
    """One page, or what counts as one."""

    source: str
    path: str
    document_id: int | None
    version_id: int | None
    version: int | None
    kind: str
    page: int | None
    """1-based; None where there are no pages."""
    page_class: PageClass
    reason: str
    confidence: float | None
    """Of OCR, 0 to 1."""
    packed: bool
    """Readable, and in the pack."""


class CoverageStore:
    """Counts and lists the pages of workspaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sources(
        self, workspace_id: int, wanted: CoverageFilter = EVERYTHING
    ) -> tuple[SourceTally, ...]:
        """The sources with their sums, in the order in which they came; those without pages too."""
        units = units_of(workspace_id)
        each = units.c
        query = (
            select(each.source_id, each.page_class, func.count(), func.sum(each.packed))
            .where(*conditions(units, wanted))
            .group_by(each.source_id, each.page_class)
        )
        documents = (
            select(each.source_id, func.count(each.document_id.distinct()))
            .where(*conditions(units, wanted))
            .group_by(each.source_id)
        )
        named = (
            select(SourceRow.id, SourceRow.name, SourceRow.kind)
            .where(SourceRow.workspace_id == workspace_id)
            .order_by(SourceRow.id)
        )
        tallies: dict[int, Tally] = {}
        with self._database.read() as connection:
            for source_id, name, count, packed in connection.execute(query):
                mine = Tally.of({name: count}, packed)
                tallies[source_id] = tallies.get(source_id, Tally()) + mine
            counted = {row[0]: row[1] for row in connection.execute(documents)}
            rows = connection.execute(named).all()
        return tuple(
            SourceTally(row.id, row.name, row.kind, counted.get(row.id, 0), tallies[row.id])
            for row in rows
            if row.id in tallies
        )

    def documents(
        self, workspace_id: int, wanted: CoverageFilter = EVERYTHING, *, most: int | None = None
    ) -> tuple[DocumentTally, ...]:
        """The documents that have such pages, in path order; at most so many."""
        units = units_of(workspace_id)
        each = units.c
        query = (
            select(
                *(each.source_id, each.document_id, each.path, func.max(each.kind)),
                *(each.page_class, func.count(), func.sum(each.packed)),
            )
            .where(*conditions(units, wanted))
            .group_by(each.source_id, each.path, each.document_id, each.page_class)
            .order_by(each.source_id, each.path, each.document_id)
        )
        found: list[DocumentTally] = []
        with self._database.read() as connection:
            for source_id, number, path, kind, name, count, packed in connection.execute(query):
                mine = Tally.of({name: count}, packed)
                last = found[-1] if found else None
                if last and (last.source_id, last.document_id, last.path) == (
                    *(source_id, number, path),
                ):
                    kinds = max(kind, last.kind)
                    found[-1] = DocumentTally(source_id, number, path, kinds, last.tally + mine)
                    continue
                if most is not None and len(found) == most:
                    break
                found.append(DocumentTally(source_id, number, path, kind, mine))
        return tuple(found)

    def pages(
        self,
        workspace_id: int,
        wanted: CoverageFilter = EVERYTHING,
        *,
        most: int = _BATCH,
        after: int = 0,
    ) -> tuple[PageLine, ...]:
        """At most so many such pages, the first `after` of them left out."""
        query = _lines(workspace_id, wanted).limit(most).offset(after)
        with self._database.read() as connection:
            return tuple(_to_line(row) for row in connection.execute(query))

    def all_pages(
        self, workspace_id: int, wanted: CoverageFilter = EVERYTHING
    ) -> Iterator[PageLine]:
        """Every such page, source by source; memory stays flat."""
        with self._database.read() as connection:
            found = connection.execution_options(yield_per=_BATCH).execute(
                _lines(workspace_id, wanted)
            )
            for row in found:
                yield _to_line(row)

    def blank_pages(self, workspace_id: int) -> dict[int, int]:
        """How many pages of the versions in use have nothing on them, where there are such."""
        query = (
            select(PageRow.version_id, func.count())
            .join(VersionRow, VersionRow.id == PageRow.version_id)
            .join(DocumentRow, DocumentRow.current_version_id == VersionRow.id)
            .where(
                DocumentRow.workspace_id == workspace_id,
                VersionRow.readable_pages < VersionRow.page_count,
                PageRow.status == "empty",
            )
            .group_by(PageRow.version_id)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}


def _lines(workspace_id: int, wanted: CoverageFilter) -> Select[*tuple[Any, ...]]:
    units = units_of(workspace_id)
    each = units.c
    return (
        select(
            *(SourceRow.name, each.path, each.document_id, each.version_id, each.version),
            *(each.kind, each.page, each.page_class, each.reason, each.confidence, each.packed),
        )
        .join(SourceRow, SourceRow.id == each.source_id)
        .where(*conditions(units, wanted))
        .order_by(each.source_id, each.path, each.document_id, each.version.desc(), each.page)
    )


def _to_line(row: Any) -> PageLine:  # noqa: ANN401 - a row
    return PageLine(*(*row[:10], bool(row[10])))
