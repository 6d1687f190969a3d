"""Which job is next: the oldest of whoever has the fewest at work."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from docqa.store.models import AnswerRow, JobRow

ONE_AT_A_TIME = ("warm",)
"""Kinds of which a workspace has one job at work; the next one waits for its end."""
RECENT_JOBS = 64
"""How far back of the oldest waiting job is looked for whose turn it was last."""
_Other = aliased(JobRow)


def free_jobs(*, kinds: Collection[str] | None = None, named: bool = False) -> Select[int]:
    """Ids of jobs that may be taken, in no order.

    To be given when it is executed: `stale_at`, the time at which an owner must have been heard of,
    and `job_ids`, a JSON list of the jobs that come into question, where they are `named`.
    """
    stale_at = bindparam("stale_at", type_=Float)
    fresh = and_(_Other.status == "running", _Other.heartbeat_at >= stale_at)
    at_work = (
        select(_Other.id)
        .where(fresh, _Other.kind == JobRow.kind, _Other.workspace_id == JobRow.workspace_id)
        .exists()
    )
    query = select(JobRow.id).where(
        or_(
            JobRow.status == "queued",
            and_(JobRow.status == "running", JobRow.heartbeat_at < stale_at),
        ),
        or_(JobRow.kind.not_in(ONE_AT_A_TIME), ~at_work),
    )
    if kinds is not None:
        query = query.where(JobRow.kind.in_(kinds))
    if named:
        given = func.json_each(bindparam("job_ids")).table_valued("value")
        query = query.where(JobRow.id.in_(select(given.c.value)))
    return query


def in_turn(free: Select[int]) -> Select[int]:
    """The one of these jobs whose turn it is.

    Workspaces with the fewest jobs of the kind at work go first, in a workspace its conversations
    with the fewest; where these are equal, those that have waited longest; then the oldest job.
    """
    begun = _begun()
    workspaces = _counts(begun, "workspaces", begun.c.workspace_id)
    conversations = _counts(begun, "conversations", begun.c.conversation_id)
    return (
        free.outerjoin(
            workspaces,
            and_(
                workspaces.c.kind == JobRow.kind,
                workspaces.c.who.is_not_distinct_from(JobRow.workspace_id),
            ),
        )
        .outerjoin(
            conversations,
            and_(
                conversations.c.kind == JobRow.kind,
                conversations.c.who.is_not_distinct_from(_conversation(JobRow.payload)),
            ),
        )
        .order_by(
            func.coalesce(workspaces.c.at_work, 0),
            func.coalesce(conversations.c.at_work, 0),
            func.coalesce(workspaces.c.served_at, 0),
            func.coalesce(conversations.c.served_at, 0),
            JobRow.id,
        )
        .limit(1)
    )


def _begun() -> CTE:
    """Jobs at work, and those of late that were."""
    oldest = select(func.min(JobRow.id)).where(JobRow.status == "queued").scalar_subquery()
    return (
        select(
            JobRow.kind,
            JobRow.workspace_id,
            _conversation(JobRow.payload).label("conversation_id"),
            (JobRow.status == "running").cast(Integer).label("at_work"),
            JobRow.heartbeat_at,
        )
        .where(
            or_(
                JobRow.status == "running",
                and_(JobRow.status != "queued", JobRow.id > oldest - RECENT_JOBS),
            )
        )
        .cte("begun")
    )


def _counts(begun: CTE, name: str, who: ColumnElement[Any]) -> CTE:
    return (
        select(
            begun.c.kind,
            who.label("who"),
            func.sum(begun.c.at_work).label("at_work"),
            func.max(begun.c.heartbeat_at).label("served_at"),
        )
        .group_by(begun.c.kind, who)
        .cte(name)
    )


def _conversation(payload: Any) -> ColumnElement[Any]:  # noqa: ANN401
    """The conversation that a job's answer belongs to, null for other jobs."""
    return (
        select(AnswerRow.conversation_id)
        .where(AnswerRow.id == cast(func.json_extract(payload, "$.answer_id"), Integer))
        .correlate(JobRow)
        .scalar_subquery()
    )
