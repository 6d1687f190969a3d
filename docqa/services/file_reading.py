"""The files of an ingestion job are read by worker processes, several at a time."""

import dataclasses
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from docqa.errors import DocqaError, ReadError
from docqa.readers.formats import PICTURES
from docqa.services.jobs import JobContext
from docqa.services.processes import Event, ReportedError, WorkerPool
from docqa.services.tasks import FileTask
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import JobInfo, JobItem

BATCH_FILES = 16
SMALL_FILE_BYTES = 50_000
SLOW = (".pdf", *PICTURES)
"""Names of files that take long however small they are."""


class FileReading:
    """Has the files of jobs read; each fails alone."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        pool: WorkerPool,
        *,
        prepare: Callable[[], None],
        password: Callable[[JobItem], str | None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._pool = pool
        self._prepare = prepare
        self._password = password

    def read_all(self, context: JobContext) -> None:
        """Read what waits, until nothing does or the job is to stop."""
        job = context.job
        for item in self._store.jobs.items(job.id, status="queued"):
            if item.payload["kind"] == "skipped":
                self._store.jobs.finish_item(
                    item.id, "skipped", error=item.payload["reason"], error_type="Skipped"
                )
        total = len([i for i in self._store.jobs.items(job.id) if i.payload["kind"] == "file"])
        failed = threading.Event()
        with ThreadPoolExecutor(self._pool.size + 1, thread_name_prefix="docqa-read") as threads:
            threads.submit(self._prepare)
            lines = [
                threads.submit(self._read_line, context, total, failed)
                for _ in range(min(self._pool.size, max(1, total)))
            ]
            for line in lines:
                line.result()

    def _read_line(self, context: JobContext, total: int, failed: threading.Event) -> None:
        """Take files off the queue and have one worker read them, until none is left."""
        jobs = self._store.jobs
        try:
            while not failed.is_set() and not context.cancelled():
                items = jobs.claim_batch(context.job.id, BATCH_FILES, is_small=is_small)
                if not items:
                    return
                self._read_batch(context, items)
                counts = jobs.item_counts(context.job.id)
                left = counts.get("queued", 0) + counts.get("running", 0)
                context.progress(max(0, total - left), total, "reading")
        except DocqaError:
            failed.set()
            raise

    def _read_batch(self, context: JobContext, items: Sequence[JobItem]) -> None:
        """Have a worker read these files; one that crashes or hangs it fails alone."""
        waiting = {item.id: item for item in items}
        while waiting and not context.cancelled():
            current: list[int] = []
            errors: list[ReportedError] = []
            done: dict[int, dict[str, Any]] = {}
            handle = self._event_handler(waiting, current, errors, done)
            name = next(iter(waiting.values())).name
            files = [self._task(context.job, item) for item in waiting.values()]
            try:
                with self._pool.worker() as worker:
                    worker.run(
                        {"task": "read", "files": files},
                        name=name,
                        idle_timeout_s=self._settings.reader_timeout_s,
                        on_event=handle,
                        stopped=context.cancelled,
                    )
            except ReadError as error:
                guilty = waiting.pop(current[-1] if current else next(iter(waiting)), None)
                if guilty is not None:
                    self._fail(guilty, type(error).__name__, error.detail, error.hint)
                continue
            finally:
                self._store.jobs.finish_done(done)
            if errors:
                raise errors[0]

    def _event_handler(
        self,
        waiting: dict[int, JobItem],
        current: list[int],
        errors: list[ReportedError],
        done: dict[int, dict[str, Any]],
    ) -> Callable[[Event], None]:
        jobs = self._store.jobs

        def handle(event: Event) -> None:
            match event["event"]:
                case "begin":
                    current.append(event["item_id"])
                case "progress":
                    jobs.item_progress(event["item_id"], event["done"], event["total"])
                case "read":
                    waiting.pop(event["item_id"])
                    done[event["item_id"]] = event["result"]
                case "failed":
                    item = waiting.pop(event["item_id"])
                    self._fail(item, event["type"], event["message"], event["hint"])
                case "error":
                    errors.append(ReportedError(event, ""))

        return handle

    def _fail(self, item: JobItem, error_type: str, detail: str, hint: str) -> None:
        self._store.jobs.finish_item(
            item.id, "failed", error=detail, error_hint=hint, error_type=error_type
        )

    def _task(self, job: JobInfo, item: JobItem) -> dict[str, Any]:
        assert job.workspace_id is not None
        payload = item.payload
        task = FileTask(
            item_id=item.id,
            workspace_id=job.workspace_id,
            source_id=payload["source_id"],
            path=payload["path"],
            name=payload["path"],
            place=payload["place"],
            identity=payload["identity"],
            on_conflict=payload.get("on_conflict", job.payload["on_conflict"]),
            password=self._password(item),
            revision=payload.get("revision", ""),
            mask_secrets=payload.get("mask", True),
            in_code=payload.get("in_code", False),
            again=payload.get("again", False),
        )
        return dataclasses.asdict(task)


def is_small(item: JobItem) -> bool:
    """Whether reading this file takes about as long as asking a worker to."""
    is_slow = item.payload["path"].lower().endswith(SLOW)
    return bool(item.payload["size"] < SMALL_FILE_BYTES) and not is_slow
