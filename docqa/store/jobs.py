"""Jobs: rows with an owner, a heartbeat, progress and a cancel flag."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from docqa.core.escaping import encodable
from docqa.errors import UnknownItemError
from docqa.store.database import Database
from docqa.store.job_items import JobItemStore, insert_items, reopen
from docqa.store.models import JobItemRow, JobRow
from docqa.store.queries import add_row, among
from docqa.store.values import TERMINAL_JOB_STATUSES, JobInfo, JobStatus, NewJobItem

STALE_S = 30.0
_COLUMNS = (
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


class JobStore(JobItemStore):
    """Work for workers of any process; each job has one owner at a time."""

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
            job_id = add_row(
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
            insert_items(connection, job_id, items)
        return job_id

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
        """Take the oldest job that waits, or whose owner has not been heard of for `stale_s`.

        `pid` and `started` tell the owner's process from a later one that has its number.
        """
        now = time.time()
        free = or_(
            JobRow.status == "queued",
            and_(JobRow.status == "running", JobRow.heartbeat_at < now - stale_s),
        )
        waiting = select(JobRow.id).where(free).order_by(JobRow.id).limit(1)
        if kinds is not None:
            waiting = waiting.where(JobRow.kind.in_(kinds))
        if job_ids is not None:
            waiting = waiting.where(among(JobRow.id, job_ids))
        with self._database.read() as connection:
            if connection.scalar(waiting) is None:  # asking often must not hold up writers
                return None
        taking = (
            update(JobRow)
            .where(JobRow.id == waiting.scalar_subquery())
            .values(
                status="running",
                owner=owner,
                owner_pid=pid,
                owner_started=started,
                heartbeat_at=now,
                attempts=JobRow.attempts + 1,
            )
            .returning(*_COLUMNS)
        )
        with self._database.write() as connection:
            row = connection.execute(taking).first()
        return _to_job(row) if row else None

    def release_dead(self, alive: Callable[[int, float], bool]) -> tuple[int, ...]:
        """Put jobs whose owner's process is gone back into the queue; their ids.

        `alive` is asked with the process's number and start time. Jobs that were to be cancelled
        are cancelled.
        """
        running = select(
            JobRow.id, JobRow.owner, JobRow.owner_pid, JobRow.owner_started, JobRow.cancel_requested
        ).where(JobRow.status == "running")
        with self._database.read() as connection:
            jobs = connection.execute(running).all()
        released = []
        for job in jobs:
            if alive(job.owner_pid, job.owner_started):
                continue
            if job.cancel_requested:
                self.finish(job.id, "cancelled", owner=job.owner)
            elif self.requeue(job.id, job.owner):
                released.append(job.id)
        return tuple(released)

    def requeue(self, job_id: int, owner: str) -> bool:
        """Give a running job back to the queue with its running items; False if not the owner's."""
        giving = (
            update(JobRow)
            .where(JobRow.id == job_id, JobRow.owner == owner, JobRow.status == "running")
            .values(status="queued", owner="", owner_pid=0, owner_started=0.0)
        )
        with self._database.write() as connection:
            given = connection.execute(giving).rowcount > 0
            if given:
                _change_items(connection, job_id, ("running",), status="queued")
        return given

    def heartbeat(self, job_id: int, owner: str) -> bool:
        """Say that the owner is at work; True if it is to stop.

        That is when the job is to be cancelled, is finished, or has another owner.
        """
        beating = (
            update(JobRow)
            .where(JobRow.id == job_id, JobRow.owner == owner, JobRow.status == "running")
            .values(heartbeat_at=time.time())
            .returning(JobRow.cancel_requested)
        )
        with self._database.write() as connection:
            cancel = connection.execute(beating).scalar()
        return cancel is None or cancel

    def progress(self, job_id: int, done: int, total: int, text: str = "") -> None:
        """Say how far the job is; a sign of life too."""
        telling = (
            update(JobRow)
            .where(JobRow.id == job_id, JobRow.status == "running")
            .values(
                progress_done=done,
                progress_total=total,
                progress_text=encodable(text),
                heartbeat_at=time.time(),
            )
        )
        with self._database.write() as connection:
            connection.execute(telling)

    def cancel(self, job_id: int) -> None:
        """Cancel a waiting job, ask a running one to stop; a finished one stays as it is."""
        with self._database.write() as connection:
            connection.execute(
                update(JobRow)
                .where(JobRow.id == job_id, JobRow.status == "running")
                .values(cancel_requested=True)
            )
            cancelling = (
                update(JobRow)
                .where(JobRow.id == job_id, JobRow.status == "queued")
                .values(status="cancelled", cancel_requested=True, finished_at=time.time())
            )
            if connection.execute(cancelling).rowcount:
                _change_items(connection, job_id, ("queued", "running"), status="cancelled")

    def finish(
        self,
        job_id: int,
        status: JobStatus,
        *,
        owner: str | None = None,
        result: dict[str, Any] | None = None,
        error: str = "",
        error_hint: str = "",
        error_type: str = "",
    ) -> bool:
        """End the job; False, and nothing changed, if it has ended or has another owner.

        Items that are still open end with a job that failed or was cancelled. A job that is done
        but has items waiting (one was put back meanwhile) goes back into the queue instead.
        """
        if status not in TERMINAL_JOB_STATUSES:
            raise ValueError(f"{status!r} does not end a job")
        told = {"error": encodable(error), "error_hint": error_hint, "error_type": error_type}
        ending = (
            update(JobRow)
            .where(JobRow.id == job_id, JobRow.status.not_in(TERMINAL_JOB_STATUSES))
            .values(status=status, result=result or {}, finished_at=time.time(), **told)
        )
        if owner is not None:
            ending = ending.where(JobRow.owner == owner)
        with self._database.write() as connection:
            ended = connection.execute(ending).rowcount > 0
            if ended and status != "done":
                _change_items(connection, job_id, ("queued", "running"), status=status, **told)
            elif ended:
                reopen(connection, job_id)
        return ended

    def get(self, job_id: int) -> JobInfo:
        """The job with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(select(*_COLUMNS).where(JobRow.id == job_id)).first()
        if row is None:
            raise UnknownItemError("job", job_id)
        return _to_job(row)

    def active(self, workspace_id: int | None = None) -> tuple[JobInfo, ...]:
        """Jobs that wait or run, oldest first; of one workspace or of all."""
        query = select(*_COLUMNS).where(JobRow.status.in_(("queued", "running")))
        if workspace_id is not None:
            query = query.where(JobRow.workspace_id == workspace_id)
        with self._database.read() as connection:
            return tuple(map(_to_job, connection.execute(query.order_by(JobRow.id)).all()))

    def recent(self, workspace_id: int | None = None, limit: int = 20) -> tuple[JobInfo, ...]:
        """The newest jobs, newest first; of one workspace or of all."""
        query = select(*_COLUMNS).order_by(JobRow.id.desc()).limit(limit)
        if workspace_id is not None:
            query = query.where(JobRow.workspace_id == workspace_id)
        with self._database.read() as connection:
            return tuple(map(_to_job, connection.execute(query).all()))


def _change_items(
    connection: Connection,
    job_id: int,
    of: Sequence[str],
    **values: Any,  # noqa: ANN401
) -> None:
    items = update(JobItemRow).where(JobItemRow.job_id == job_id, JobItemRow.status.in_(of))
    connection.execute(items.values(**values))


def _to_job(row: Sequence[Any]) -> JobInfo:
    return JobInfo(*row)
