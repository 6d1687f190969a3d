"""Jobs: rows with an owner, a heartbeat, progress and a cancel flag."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update

from docqa.core.escaping import encodable
from docqa.errors import UnknownItemError
from docqa.store.job_items import reopen
from docqa.store.job_queue import COLUMNS, JobQueue, to_job
from docqa.store.models import JobItemRow, JobRow
from docqa.store.queries import among
from docqa.store.values import TERMINAL_JOB_STATUSES, JobInfo, JobStatus

LAST_JOBS = 5_000
"""How far back is looked for the last jobs of a kind, so that it costs little."""


class JobStore(JobQueue):
    """Work for workers of any process; each job has one owner at a time."""

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

    def beat(self, job_ids: Collection[int], owner: str) -> None:
        """Say that the owner is at work on these jobs."""
        beating = (
            update(JobRow)
            .where(among(JobRow.id, job_ids), JobRow.owner == owner, JobRow.status == "running")
            .values(heartbeat_at=time.time())
        )
        with self._database.write() as connection:
            connection.execute(beating)

    def to_stop(self, job_id: int, owner: str) -> bool:
        """Whether the owner is to stop, as `heartbeat` says it, but without writing."""
        asking = select(JobRow.cancel_requested).where(
            JobRow.id == job_id, JobRow.owner == owner, JobRow.status == "running"
        )
        with self._database.read() as connection:
            cancel = connection.scalar(asking)
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
            row = connection.execute(select(*COLUMNS).where(JobRow.id == job_id)).first()
        if row is None:
            raise UnknownItemError("job", job_id)
        return to_job(row)

    def active(self, workspace_id: int | None = None) -> tuple[JobInfo, ...]:
        """Jobs that wait or run, oldest first; of one workspace or of all."""
        query = select(*COLUMNS).where(JobRow.status.in_(("queued", "running")))
        if workspace_id is not None:
            query = query.where(JobRow.workspace_id == workspace_id)
        with self._database.read() as connection:
            return tuple(map(to_job, connection.execute(query.order_by(JobRow.id)).all()))

    def recent(self, workspace_id: int | None = None, limit: int = 20) -> tuple[JobInfo, ...]:
        """The newest jobs, newest first; of one workspace or of all."""
        query = select(*COLUMNS).order_by(JobRow.id.desc()).limit(limit)
        if workspace_id is not None:
            query = query.where(JobRow.workspace_id == workspace_id)
        with self._database.read() as connection:
            return tuple(map(to_job, connection.execute(query).all()))

    def last(
        self,
        kind: str,
        workspace_id: int | None = None,
        *,
        status: JobStatus | None = "done",
        limit: int = 20,
    ) -> tuple[JobInfo, ...]:
        """Jobs of this kind and status, newest first, among the last thousands of all kinds."""
        newest = select(func.max(JobRow.id)).scalar_subquery()
        query = select(*COLUMNS).where(JobRow.id > newest - LAST_JOBS, JobRow.kind == kind)
        if status is not None:
            query = query.where(JobRow.status == status)
        if workspace_id is not None:
            query = query.where(JobRow.workspace_id == workspace_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(JobRow.id.desc()).limit(limit)).all()
        return tuple(map(to_job, rows))


def _change_items(
    connection: Connection,
    job_id: int,
    of: Sequence[str],
    **values: Any,  # noqa: ANN401
) -> None:
    items = update(JobItemRow).where(JobItemRow.job_id == job_id, JobItemRow.status.in_(of))
    connection.execute(items.values(**values))
