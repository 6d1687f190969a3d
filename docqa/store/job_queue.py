"""The queue of jobs: putting them in, and taking the one whose turn it is."""

import json
import time
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from docqa.store.claiming import free_jobs, in_turn
from docqa.store.database import Database
from docqa.store.job_items import JobItemStore, insert_items
from docqa.store.models import JobRow
from docqa.store.queries import add_row, set_columns
from docqa.store.values import JobInfo, NewJobItem

STALE_S = 30.0
COLUMNS = (
    JobRow.id,
    JobRow.workspace_id,
    JobRow.kind,
    JobRow.payload,
    JobRow.status,
    JobRow.owner,
    JobRow.owner_pid,
    JobRow.owner_started,
    JobRow.heartbeat_at,
    JobRow.progress_done,
    JobRow.progress_total,
    JobRow.progress_text,
    JobRow.cancel_requested,
    JobRow.error,
    JobRow.error_hint,
    JobRow.error_type,
    JobRow.result,
    JobRow.attempts,
    JobRow.created_at,
    JobRow.finished_at,
)


class JobQueue(JobItemStore):
    """Work that waits for a worker of any process."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)

    def create(
        self,
        kind: str,
        workspace_id: int | None,
        payload: dict[str, Any],
        items: Iterable[NewJobItem] = (),
    ) -> int:
        """Put a job into the queue; its id."""
        with self._database.write() as connection:
            job_id = _add(connection, kind, workspace_id, payload)
            insert_items(connection, job_id, items)
        return job_id

    def create_single(self, kind: str, workspace_id: int, payload: dict[str, Any]) -> int:
        """Put a job into the queue unless the workspace has one of this kind there; its id.

        One that waits takes over the payload; one that is at work with the same payload will do.
        """
        theirs = (JobRow.kind == kind, JobRow.workspace_id == workspace_id)
        query = select(JobRow.id, JobRow.status, JobRow.payload).where(
            *theirs, JobRow.status.in_(("queued", "running")), ~JobRow.cancel_requested
        )
        with self._database.write() as connection:
            active = connection.execute(query.order_by(JobRow.id)).all()
            for job in active:
                if job.status == "queued" or job.payload == payload:
                    set_columns(connection, JobRow, job.id, payload=payload)
                    return int(job.id)
            return _add(connection, kind, workspace_id, payload)

    def claim(
        self,
        owner: str,
        pid: int,
        started: float,
        *,
        kinds: Collection[str] | None = None,
        job_ids: Collection[int] | None = None,
        stale_s: float = STALE_S,
    ) -> JobInfo | None:
        """Take a job that waits, or whose owner has not been heard of for `stale_s`.

        The oldest of whoever has the fewest at work, see `docqa.store.claiming`. `pid` and
        `started` tell the owner's process from a later one that has its number.
        """
        now = time.time()
        named = job_ids is not None
        free, taking = _claiming(None if kinds is None else tuple(kinds), named)
        given: dict[str, Any] = {"stale_at": now - stale_s}
        if job_ids is not None:
            given["job_ids"] = json.dumps(list(job_ids))
        with self._database.read() as connection:
            if connection.scalar(free, given) is None:  # asking often must not hold up writers
                return None
        mine = {"by": owner, "by_pid": pid, "by_started": started, "now": now}
        with self._database.write() as connection:
            row = connection.execute(taking, given | mine).first()
        return to_job(row) if row else None


@cache
def _claiming(
    kinds: tuple[str, ...] | None, named: bool
) -> tuple[Select[int], ReturningUpdate[Any]]:
    """Looking for a job and taking it: made once, since that takes longer than SQLite does."""
    free = free_jobs(kinds=kinds, named=named)
    taking = (
        update(JobRow)
        .where(JobRow.id == in_turn(free).scalar_subquery())
        .values(
            status="running",
            owner=bindparam("by"),
            owner_pid=bindparam("by_pid"),
            owner_started=bindparam("by_started"),
            heartbeat_at=bindparam("now"),
            attempts=JobRow.attempts + 1,
        )
        .returning(*COLUMNS)
    )
    return free.limit(1), taking


def _add(
    connection: Connection, kind: str, workspace_id: int | None, payload: dict[str, Any]
) -> int:
    return add_row(
        connection,
        JobRow,
        workspace_id=workspace_id,
        kind=kind,
        payload=payload,
        status="queued",
        owner="",
        owner_pid=0,
        owner_started=0.0,
        heartbeat_at=0.0,
        progress_done=0,
        progress_total=0,
        progress_text="",
        cancel_requested=False,
        error="",
        error_hint="",
        error_type="",
        result={},
        attempts=0,
        created_at=time.time(),
    )


def to_job(row: Sequence[Any]) -> JobInfo:
    """A row of `COLUMNS` as a value."""
    return JobInfo(*row)
