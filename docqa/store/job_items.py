"""The parts of jobs. Each fails alone; a crash loses at most those that were running."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from docqa.core.escaping import encodable
from docqa.errors import UnknownItemError
from docqa.store.database import Database
from docqa.store.models import JobItemRow, JobRow
from docqa.store.queries import among, last_id, set_columns
from docqa.store.values import (
    TERMINAL_ITEM_STATUSES,
    TERMINAL_JOB_STATUSES,
    JobItem,
    JobItemStatus,
    NewJobItem,
)

_COLUMNS = (
    JobItemRow.id,
    JobItemRow.job_id,
    JobItemRow.position,
    JobItemRow.name,
    JobItemRow.payload,
    JobItemRow.status,
    JobItemRow.error,
    JobItemRow.error_hint,
    JobItemRow.error_type,
    JobItemRow.pages_done,
    JobItemRow.pages_total,
    JobItemRow.result,
)
_FINISH = (
    "UPDATE job_items SET status = 'done', result = ?"
    " WHERE id = ? AND status IN ('queued', 'running')"
)
_FRESH: dict[str, Any] = {
    "status": "queued",
    "error": "",
    "error_hint": "",
    "error_type": "",
    "pages_done": 0,
    "pages_total": 0,
    "result": {},
}


class JobItemStore:
    """The parts of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_items(self, job_id: int, items: Iterable[NewJobItem]) -> tuple[int, ...]:
        """Add parts to a job, after those it has; their ids."""
        with self._database.write() as connection:
            return insert_items(connection, job_id, items)

    def items(self, job_id: int, *, status: JobItemStatus | None = None) -> tuple[JobItem, ...]:
        """The job's parts in order, of this status or all."""
        query = select(*_COLUMNS).where(JobItemRow.job_id == job_id)
        if status is not None:
            query = query.where(JobItemRow.status == status)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(JobItemRow.position)).all()
        return tuple(map(_to_item, rows))

    def item(self, item_id: int) -> JobItem:
        """The part with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(select(*_COLUMNS).where(JobItemRow.id == item_id)).first()
        if row is None:
            raise UnknownItemError("item", item_id)
        return _to_item(row)

    def item_counts(self, job_id: int) -> dict[str, int]:
        """How many parts of the job have each status; none of zero."""
        query = (
            select(JobItemRow.status, func.count())
            .where(JobItemRow.job_id == job_id)
            .group_by(JobItemRow.status)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def claim_items(self, job_id: int, n: int) -> tuple[JobItem, ...]:
        """Take at most n parts that wait, in order; they are running then."""
        waiting = (
            select(JobItemRow.id)
            .where(JobItemRow.job_id == job_id, JobItemRow.status == "queued")
            .order_by(JobItemRow.position)
            .limit(n)
        )
        taking = (
            update(JobItemRow)
            .where(JobItemRow.id.in_(waiting))
            .values(status="running")
            .returning(*_COLUMNS)
        )
        with self._database.write() as connection:
            rows = connection.execute(taking).all()
        return tuple(sorted(map(_to_item, rows), key=lambda item: item.position))

    def claim_batch(
        self, job_id: int, most: int, *, is_small: Callable[[JobItem], bool]
    ) -> tuple[JobItem, ...]:
        """Take the next part that waits, with those after it while they are small.

        At most `most` of them, in order; they are running then.
        """
        waiting = (
            select(*_COLUMNS)
            .where(JobItemRow.job_id == job_id, JobItemRow.status == "queued")
            .order_by(JobItemRow.position)
            .limit(most)
        )
        with self._database.write() as connection:
            taken: list[JobItem] = []
            for item in map(_to_item, connection.execute(waiting).all()):
                if taken and not (is_small(taken[-1]) and is_small(item)):
                    break
                taken.append(item)
            connection.execute(
                update(JobItemRow)
                .where(among(JobItemRow.id, [item.id for item in taken]))
                .values(status="running")
            )
        return tuple(replace(item, status="running") for item in taken)

    def requeue_items(self, job_id: int) -> int:
        """Let running parts wait again, when a job is resumed; how many."""
        running = update(JobItemRow).where(
            JobItemRow.job_id == job_id, JobItemRow.status == "running"
        )
        with self._database.write() as connection:
            return connection.execute(running.values(status="queued")).rowcount

    def requeue_item(self, item_id: int, payload: dict[str, Any] | None = None) -> None:
        """Let a part wait again, as if new; with another payload if one is given.

        Its job goes back into the queue if it had ended.
        """
        values = _FRESH if payload is None else _FRESH | {"payload": payload}
        job = select(JobItemRow.job_id).where(JobItemRow.id == item_id)
        with self._database.write() as connection:
            job_id = connection.scalar(job)
            if job_id is None:
                raise UnknownItemError("item", item_id)
            set_columns(connection, JobItemRow, item_id, **values)
            reopen(connection, job_id)

    def item_progress(self, item_id: int, pages_done: int, pages_total: int) -> None:
        """Say how many pages of the part are done."""
        with self._database.write() as connection:
            connection.execute(
                update(JobItemRow)
                .where(JobItemRow.id == item_id, JobItemRow.status == "running")
                .values(pages_done=pages_done, pages_total=pages_total)
            )

    def finish_item(
        self,
        item_id: int,
        status: JobItemStatus,
        *,
        result: dict[str, Any] | None = None,
        error: str = "",
        error_hint: str = "",
        error_type: str = "",
    ) -> bool:
        """End the part; False, and nothing changed, if it has ended before."""
        if status not in TERMINAL_ITEM_STATUSES:
            raise ValueError(f"{status!r} does not end an item")
        ending = (
            update(JobItemRow)
            .where(JobItemRow.id == item_id, JobItemRow.status.not_in(TERMINAL_ITEM_STATUSES))
            .values(
                status=status,
                result=result or {},
                error=encodable(error),
                error_hint=error_hint,
                error_type=error_type,
            )
        )
        with self._database.write() as connection:
            return connection.execute(ending).rowcount > 0

    def finish_done(self, results: Mapping[int, dict[str, Any]]) -> None:
        """End these parts well, with what came of each; those that have ended stay as they are."""
        rows = [(json.dumps(result), number) for number, result in results.items()]
        if rows:
            with self._database.write() as connection:
                connection.exec_driver_sql(_FINISH, rows)


def reopen(connection: Connection, job_id: int) -> None:
    """Put an ended job back into the queue if parts of it wait."""
    waiting = select(JobItemRow.id).where(
        JobItemRow.job_id == job_id, JobItemRow.status == "queued"
    )
    connection.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.status.in_(TERMINAL_JOB_STATUSES), waiting.exists())
        .values(
            status="queued",
            owner="",
            cancel_requested=False,
            error="",
            error_hint="",
            error_type="",
            finished_at=None,
        )
    )


def insert_items(
    connection: Connection, job_id: int, items: Iterable[NewJobItem]
) -> tuple[int, ...]:
    """Add parts to a job in the caller's transaction; their ids."""
    items = tuple(items)
    if not items:
        return ()
    highest = select(func.max(JobItemRow.position)).where(JobItemRow.job_id == job_id)
    position = connection.scalar(highest)
    start = 0 if position is None else position + 1
    first_id = last_id(connection, "job_items") + 1
    rows = [
        {
            **_FRESH,
            "id": first_id + offset,
            "job_id": job_id,
            "position": start + offset,
            "name": encodable(item.name),
            "payload": item.payload,
        }
        for offset, item in enumerate(items)
    ]
    connection.execute(insert(JobItemRow), rows)
    return tuple(range(first_id, first_id + len(rows)))


def _to_item(row: Sequence[Any]) -> JobItem:
    return JobItem(*row)
