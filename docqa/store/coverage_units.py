"""What coverage counts: a row for each page of a workspace, or what counts as one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from docqa.core.coverage import READABLE_CLASSES, PageClass
from docqa.core.documents import READABLE_STATUSES
from docqa.store.database import folded
from docqa.store.models import DocumentRow, LeftOutRow, PageRow, SourceRow, VersionRow


@dataclass(frozen=True, slots=True)
class CoverageFilter:
    """Which pages are meant; what is empty leaves nothing out."""

    source_id: int | None = None
    document_id: int | None = None
    page_class: PageClass | None = None
    text: str = ""
    """In the path, whatever the case."""


EVERYTHING = CoverageFilter()


def conditions(units: Subquery, wanted: CoverageFilter) -> list[ColumnElement[bool]]:
    """What rows of `units_of` have to fulfil to be meant."""
    each = units.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.source_id is not None:
        conditions.append(each.source_id == wanted.source_id)
    if wanted.document_id is not None:
        conditions.append(each.document_id == wanted.document_id)
    if wanted.page_class is not None:
        conditions.append(each.page_class == wanted.page_class)
    if words := wanted.text.strip():
        conditions.append(func.instr(func.folded(each.path), folded(words)) > 0)
    return conditions


def units_of(workspace_id: int) -> Subquery:
    """One row for each page, and for each thing that counts as one."""
    return union_all(_of_documents(workspace_id), _of_left_out(workspace_id)).subquery("units")


def _of_documents(workspace_id: int) -> Select[*tuple[Any, ...]]:
    current, other = aliased(VersionRow), aliased(VersionRow)
    newest = (
        select(func.max(other.number)).where(other.document_id == DocumentRow.id).scalar_subquery()
    )
    in_use = VersionRow.id == DocumentRow.current_version_id
    # An older version that could not be read was never in use; of newer ones the last is told.
    older = and_(VersionRow.number < current.number, VersionRow.status != "failed")
    newer = and_(VersionRow.number > func.coalesce(current.number, 0), VersionRow.number == newest)
    page_class = _class(in_use, older)
    readable = page_class.in_(READABLE_CLASSES)
    return (
        select(
            DocumentRow.source_id,
            DocumentRow.id.label("document_id"),
            DocumentRow.path,
            VersionRow.id.label("version_id"),
            VersionRow.number.label("version"),
            func.coalesce(VersionRow.kind, "").label("kind"),
            PageRow.number.label("page"),
            page_class.label("page_class"),
            _reason(page_class).label("reason"),
            PageRow.confidence.label("confidence"),
            case((and_(readable, VersionRow.published), 1), else_=0).label("packed"),
        )
        .outerjoin(current, current.id == DocumentRow.current_version_id)
        .outerjoin(VersionRow, VersionRow.document_id == DocumentRow.id)
        .outerjoin(PageRow, PageRow.version_id == VersionRow.id)
        .where(
            DocumentRow.workspace_id == workspace_id,
            or_(VersionRow.id.is_(None), in_use, older, newer),
            func.coalesce(VersionRow.kind, "") != "map",
        )
    )


def _class(in_use: ColumnElement[bool], older: ColumnElement[bool]) -> ColumnElement[str]:
    read = case(
        (PageRow.status == "ocr", "ocr"),
        (PageRow.status.in_(READABLE_STATUSES), "text"),
        (PageRow.status == "empty", "blank"),
        (PageRow.status.is_not(None), "unreadable"),
        (VersionRow.passage_count > 0, "text"),
        else_="blank",
    )
    return case(
        (VersionRow.id.is_(None), "waiting"),
        (older, "superseded"),
        (and_(DocumentRow.excluded, DocumentRow.removed != ""), "removed"),
        (DocumentRow.excluded, "excluded"),
        (VersionRow.status == "failed", "failed"),
        (in_use, read),
        else_="waiting",
    )


def _reason(page_class: ColumnElement[str]) -> ColumnElement[str]:
    """Why a page is where it is, in words; empty where its class says it."""
    return case(
        (page_class == "failed", VersionRow.error),
        (page_class == "removed", "since " + func.substr(DocumentRow.removed, 1, 10)),
        (page_class.in_(("unreadable", "blank")), func.coalesce(PageRow.reason, "")),
        else_="",
    )


def _of_left_out(workspace_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            LeftOutRow.source_id,
            null().label("document_id"),
            LeftOutRow.path,
            null().label("version_id"),
            null().label("version"),
            literal("").label("kind"),
            null().label("page"),
            literal("left_out").label("page_class"),
            LeftOutRow.reason,
            null().label("confidence"),
            literal(0).label("packed"),
        )
        .join(SourceRow, SourceRow.id == LeftOutRow.source_id)
        .where(SourceRow.workspace_id == workspace_id)
    )
