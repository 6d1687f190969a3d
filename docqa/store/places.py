"""The parts of files without pages or lines: sheets, slides, chapters, attachments, headings."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from docqa.core.documents import PlaceUnit
from docqa.store.database import Database
from docqa.store.models import PassageRow

MOST = 2_000
"""Parts, slides or headings that are told; the viewer lists them."""


@dataclass(frozen=True, slots=True)
class PartOf:
    """A part of a version; `ordinal` is that of its first passage, from 0."""

    name: str
    """As `PlaceLocator.part`; empty where a file has no parts."""
    unit: PlaceUnit
    ordinal: int
    first: int
    last: int
    """Of its slides, rows, paragraphs, cells or pages."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a version, or a slide with its title."""

    part: str
    number: int
    """Of the slide, paragraph or cell."""
    ordinal: int
    text: str
    """Empty for a slide without a title."""
    above: str
    """Headings above it, joined by ` > `."""


class PlaceStore:
    """What a viewer's list of places is made of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def parts(self, version_id: int) -> tuple[PartOf, ...]:
        """The version's parts in reading order; none for files with pages or lines."""
        query: Select[*tuple[Any, ...]] = (
            _of(version_id)
            .with_only_columns(
                PassageRow.part,
                PassageRow.unit,
                func.min(PassageRow.ordinal).label("at"),
                func.min(PassageRow.first_line),
                func.max(PassageRow.last_line),
            )
            .group_by(PassageRow.part, PassageRow.unit)
            .order_by("at")
        )
        with self._database.read() as connection:
            return tuple(PartOf(*row) for row in connection.execute(query.limit(MOST)))

    def headings(self, version_id: int) -> tuple[Heading, ...]:
        """The version's headings, in reading order."""
        query: Select[*tuple[Any, ...]] = (
            _of(version_id)
            .with_only_columns(
                PassageRow.part,
                PassageRow.first_line,
                PassageRow.ordinal,
                PassageRow.text,
                PassageRow.heading,
            )
            .where(PassageRow.kind == "heading")
            .order_by(PassageRow.ordinal)
        )
        with self._database.read() as connection:
            return tuple(Heading(*row) for row in connection.execute(query.limit(MOST)))

    def slides(self, version_id: int) -> tuple[Heading, ...]:
        """The version's slides that have text, each with its first heading as its title."""
        heads = reversed(self.headings(version_id))
        titles = {(each.part, each.number): each.text for each in heads}
        query: Select[*tuple[Any, ...]] = (
            _of(version_id)
            .with_only_columns(
                PassageRow.part, PassageRow.first_line, func.min(PassageRow.ordinal).label("at")
            )
            .where(PassageRow.unit == "slide")
            .group_by(PassageRow.part, PassageRow.first_line)
            .order_by("at")
        )
        with self._database.read() as connection:
            rows = connection.execute(query.limit(MOST)).all()
        return tuple(
            Heading(part, number, at, titles.get((part, number), ""), "")
            for part, number, at in rows
        )


def _of(version_id: int) -> Select[*tuple[Any, ...]]:
    return select(PassageRow.id).where(
        PassageRow.version_id == version_id, PassageRow.unit.is_not(None)
    )
