"""Ingestion: inputs are listed, their files read by worker processes, then published together."""

import dataclasses
import logging
import stat
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Literal

from docqa.errors import DocqaError, EmptyFileError, ReadError
from docqa.readers.sources import is_archive, is_remote, list_source
from docqa.services.incoming import remove, save_folders
from docqa.services.jobs import JobContext, JobRunner
from docqa.services.processes import Event, ReportedError, WorkerPool
from docqa.services.publishing import Publisher
from docqa.services.tasks import FileTask
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import JobInfo, JobItem, NewJobItem, SourceKind

logger = logging.getLogger(__name__)

OnConflict = Literal["ask", "replace", "keep"]
BATCH_FILES = 16
SMALL_FILE_BYTES = 50_000


class IngestionService:
    """Adds sources to a workspace, in jobs."""

    def __init__(
        self, settings: Settings, store: Store, pool: WorkerPool, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._pool = pool
        self._publisher = publisher
        self._passwords: dict[int, str] = {}
        """By job, in memory only: a password is never stored."""
        self._item_passwords: dict[int, str] = {}
        """By file, for those that are read again."""
        self.runner: JobRunner | None = None

    def submit_paths(
        self,
        workspace_id: int,
        paths: Iterable[str | Path],
        *,
        on_conflict: OnConflict = "keep",
        password: str | None = None,
    ) -> int:
        """Queue files, folders and archives of this machine; returns the job.

        Raises:
            NotBuiltError: If one of them is the address of a git repository.
            ReadError: If one of them does not exist.
        """
        items = []
        for path in dict.fromkeys(map(existing_path, paths)):
            place = {"path": str(path)}
            items.append(NewJobItem(path.name or str(path), {"kind": "input", "place": place}))
        return self._submit(workspace_id, items, on_conflict, password)

    def submit_uploads(
        self,
        workspace_id: int,
        uploads: Iterable[tuple[str, BinaryIO]],
        *,
        on_conflict: OnConflict = "ask",
        password: str | None = None,
    ) -> int:
        """Store what was uploaded and queue it; returns the job.

        Raises:
            StorageFullError: If the disk is full; nothing is queued then.
        """
        items = []
        for name, stream in uploads:
            base = file_name(name)
            content_hash, _ = self._store.originals.put_stream(stream)
            items.append(NewJobItem(base, {"kind": "input", "place": {"original": content_hash}}))
        return self._submit(workspace_id, items, on_conflict, password)

    def submit_folder(
        self,
        workspace_id: int,
        files: Iterable[tuple[str, BinaryIO]],
        *,
        password: str | None = None,
    ) -> int:
        """Queue a folder dropped in the browser, file by file with its relative path.

        The same folder dropped again brings new versions of the files that changed.

        Raises:
            UnsafePathError: If a path leads out of the folder.
            StorageFullError: If the disk is full; nothing is queued then.
        """
        items = []
        for folder in save_folders(self._settings, files):
            place = {"path": str(folder), "uri": f"upload:{folder.name}"}
            items.append(NewJobItem(folder.name, {"kind": "input", "place": place}))
        return self._submit(workspace_id, items, "keep", password)

    def retry(
        self,
        item_id: int,
        *,
        password: str | None = None,
        on_conflict: OnConflict | None = None,
    ) -> int:
        """Read one file of a job again, perhaps with a password or a decision; returns the job."""
        item = self._store.jobs.item(item_id)
        if password:
            self._item_passwords[item_id] = password
        decision = {"on_conflict": on_conflict} if on_conflict else {}
        self._store.jobs.requeue_item(item_id, {**item.payload, **decision})
        self._wake()
        return item.job_id

    def resolve(self, item_id: int, *, replace: bool) -> int:
        """Decide what a name that is taken means: a new version, or a second document."""
        return self.retry(item_id, on_conflict="replace" if replace else "keep")

    def job(self, job_id: int) -> JobInfo:
        """How far a job is."""
        return self._store.jobs.get(job_id)

    def items(self, job_id: int) -> tuple[JobItem, ...]:
        """The files of a job, inputs that were only listed left out."""
        items = self._store.jobs.items(job_id)
        return tuple(item for item in items if not is_listed_input(item))

    def cancel(self, job_id: int) -> None:
        """Stop a job; what was read already is kept and published."""
        self._store.jobs.cancel(job_id)

    def wait(self, job_id: int) -> JobInfo:
        """Wait until a job has ended."""
        assert self.runner is not None
        return self.runner.wait(job_id)

    def handle(self, context: JobContext) -> Mapping[str, Any]:
        """Do an `ingest` job, from wherever it was left."""
        started = time.monotonic()
        job = context.job
        self._store.jobs.requeue_items(job.id)
        try:
            for item in self._store.jobs.items(job.id, status="queued"):
                if item.payload["kind"] == "input":
                    context.check()
                    self._list_input(job, item)
            self._read_all(context)
        finally:
            self._publish(context)
            self._passwords.pop(job.id, None)
            self._remove_incoming(job)
        context.check()
        return {"seconds": round(time.monotonic() - started, 3)}

    def _submit(
        self,
        workspace_id: int,
        items: Sequence[NewJobItem],
        on_conflict: OnConflict,
        password: str | None,
    ) -> int:
        job_id = self._store.jobs.create(
            "ingest", workspace_id, {"on_conflict": on_conflict}, items
        )
        if password:
            self._passwords[job_id] = password
        self._wake()
        return job_id

    def _wake(self) -> None:
        if self.runner is not None:
            self.runner.wake()

    def _list_input(self, job: JobInfo, item: JobItem) -> None:
        """Turn an input into the files it holds; a single file is read as it is."""
        place = item.payload["place"]
        try:
            path = self._input_path(place, item.name)
            if path.is_dir():
                self._add_files(job, item, path, "folder", place.get("uri", str(path)))
            elif is_archive(path, item.name):
                self._add_files(job, item, path, "archive", place.get("path", item.name))
            else:
                kind: SourceKind = "upload" if "original" in place else "file"
                uri = place.get("path", item.name)
                source_id = self._source(job, kind, item.name, uri)
                file_place = place if "original" in place else {"file": str(path)}
                payload = {
                    "kind": "file",
                    "source_id": source_id,
                    "path": item.name,
                    "place": file_place,
                    "identity": "upload",
                    "input": item.name,
                    "input_id": item.id,
                    "size": size_of(path, item.name),
                }
                self._store.jobs.add_items(
                    job.id, self._not_added(job, [NewJobItem(item.name, payload)])
                )
            self._store.jobs.finish_item(item.id, "done", result={"status": "listed"})
        except ReadError as error:
            self._store.jobs.finish_item(
                item.id,
                "failed",
                error=error.detail,
                error_hint=error.hint,
                error_type=type(error).__name__,
            )

    def _remove_incoming(self, job: JobInfo) -> None:
        """Dropped folders go when all has been read; a file that failed may be read again."""
        items = self._store.jobs.items(job.id)
        if any(item.status in ("queued", "running", "failed") for item in items):
            return
        for item in items:
            if item.payload["kind"] == "input" and "uri" in item.payload["place"]:
                remove(self._settings, Path(item.payload["place"]["path"]))

    def _input_path(self, place: Mapping[str, str], name: str) -> Path:
        if "path" in place:
            return Path(place["path"])
        if not self._store.originals.contains(place["original"]):
            raise ReadError(name, "what was uploaded is not there any more")
        return self._store.originals.path(place["original"])

    def _add_files(
        self,
        job: JobInfo,
        item: JobItem,
        path: Path,
        kind: SourceKind,
        uri: str,
    ) -> None:
        listing = list_source(path, name=item.name)
        source_id = self._source(job, kind, item.name, uri)
        new = []
        for file in listing.files:
            place = (
                {"file": str(path / file.path)}
                if kind == "folder"
                else {"archive": str(path), "member": file.path}
            )
            payload = {
                "kind": "file",
                "source_id": source_id,
                "path": file.path,
                "place": place,
                "identity": "path",
                "input": item.name,
                "input_id": item.id,
                "size": file.size,
            }
            new.append(NewJobItem(file.path, payload))
        for skipped, reason in listing.skipped:
            payload = {
                "kind": "skipped",
                "input": item.name,
                "input_id": item.id,
                "path": skipped,
                "reason": reason,
            }
            new.append(NewJobItem(skipped, payload))
        if not listing.files and not listing.skipped:
            raise EmptyFileError(item.name, "there is nothing in it")
        self._store.jobs.add_items(job.id, self._not_added(job, new))

    def _source(self, job: JobInfo, kind: SourceKind, name: str, uri: str) -> int:
        assert job.workspace_id is not None
        documents = self._store.documents
        found = documents.find_source(job.workspace_id, kind, uri)
        if found is not None and kind in ("folder", "archive"):
            return found.id
        return documents.add_source(job.workspace_id, kind, name, uri)

    def _not_added(self, job: JobInfo, new: Sequence[NewJobItem]) -> list[NewJobItem]:
        """Leave out what was added before an interruption."""
        have = {
            (item.payload.get("input_id"), item.payload.get("path"))
            for item in self._store.jobs.items(job.id)
            if item.payload["kind"] != "input"
        }
        return [
            item for item in new if (item.payload["input_id"], item.payload["path"]) not in have
        ]

    def _read_all(self, context: JobContext) -> None:
        job = context.job
        for item in self._store.jobs.items(job.id, status="queued"):
            if item.payload["kind"] == "skipped":
                self._store.jobs.finish_item(
                    item.id, "skipped", error=item.payload["reason"], error_type="Skipped"
                )
        total = len([i for i in self.items(job.id) if i.payload["kind"] == "file"])
        failed = threading.Event()
        with ThreadPoolExecutor(self._pool.size + 1, thread_name_prefix="docqa-read") as threads:
            threads.submit(self._publisher.prepare)
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
                items = jobs.claim_items(context.job.id, 1)
                if not items:
                    return
                while len(items) < BATCH_FILES and is_small(items[-1]):
                    more = jobs.claim_items(context.job.id, 1)
                    if not more:
                        break
                    items = (*items, *more)
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
            handle = self._event_handler(waiting, current, errors)
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
            if errors:
                raise errors[0]

    def _event_handler(
        self, waiting: dict[int, JobItem], current: list[int], errors: list[ReportedError]
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
                    jobs.finish_item(event["item_id"], "done", result=event["result"])
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
            password=self._item_passwords.pop(item.id, None) or self._passwords.get(job.id),
        )
        return dataclasses.asdict(task)

    def _publish(self, context: JobContext) -> None:
        job = context.job
        assert job.workspace_id is not None
        versions = [
            item.result["version_id"]
            for item in self._store.jobs.items(job.id, status="done")
            if item.result.get("status") in ("new", "updated")
        ]
        if versions:
            self._publisher.publish(
                job.workspace_id,
                versions,
                progress=lambda done, total: context.progress(done, total, "packing"),
            )


def is_small(item: JobItem) -> bool:
    """Whether reading this file takes about as long as asking a worker to."""
    is_pdf = item.payload["path"].lower().endswith(".pdf")
    return bool(item.payload["size"] < SMALL_FILE_BYTES) and not is_pdf


def is_listed_input(item: JobItem) -> bool:
    """Whether this item only stood for the files that it turned out to hold."""
    return item.payload.get("kind") == "input" and item.status == "done"


def file_name(name: str) -> str:
    """The last part of an upload's name, without what cannot be printed."""
    base = Path(name.replace("\\", "/")).name
    return "".join(char if char.isprintable() else "_" for char in base) or "unnamed"


def existing_path(path: str | Path) -> Path:
    """The absolute path of a file or folder of this machine.

    Raises:
        NotBuiltError: If it is the address of a git repository.
        ReadError: If there is no such file or folder.
    """
    if is_remote(str(path)):
        list_source(str(path))
    absolute = Path(path).expanduser().absolute()
    try:
        absolute.stat()
    except (OSError, ValueError) as error:
        raise ReadError(str(path), "there is no such file or folder") from error
    return absolute


def size_of(path: Path, name: str) -> int:
    """Bytes of the file.

    Raises:
        ReadError: If it is not there any more, or is a device or a pipe, which may never end.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise ReadError(name, f"cannot be opened: {error.strerror or error}") from error
    if not stat.S_ISREG(found.st_mode):
        raise ReadError(name, "not a regular file")
    return found.st_size
