"""Ingestion: inputs are listed, their files read by worker processes, then published together."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal

from docqa.services.file_reading import FileReading
from docqa.services.incoming import remove, save_folders
from docqa.services.input_listing import InputListing
from docqa.services.inputs import input_of, is_listed_input, listed_trees
from docqa.services.jobs import JobContext, JobRunner
from docqa.services.ocr import setup_of
from docqa.services.processes import WorkerPool
from docqa.services.publishing import Publisher
from docqa.services.repositories import Repositories
from docqa.services.source_news import SourceNews
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import JobInfo, JobItem, NewJobItem

OnConflict = Literal["ask", "replace", "keep"]


class IngestionService:
    """Adds sources to a workspace, in jobs."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        pool: WorkerPool,
        publisher: Publisher,
        repositories: Repositories,
    ) -> None:
        self._settings = settings
        self._store = store
        self._pool = pool
        self._publisher = publisher
        self._repositories = repositories
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
        """Queue files, folders, archives and repositories; returns the job.

        Raises:
            ReadError: If one of them does not exist, or its address cannot be one.
        """
        items = [input_of(address, {}) for address in dict.fromkeys(map(str, paths))]
        return self.submit_items(workspace_id, items, on_conflict=on_conflict, password=password)

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
        return self.submit_items(workspace_id, items, on_conflict=on_conflict, password=password)

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
        return self.submit_items(workspace_id, items, password=password)

    def submit_items(
        self,
        workspace_id: int,
        items: Sequence[NewJobItem],
        *,
        on_conflict: OnConflict = "keep",
        password: str | None = None,
    ) -> int:
        """Queue inputs and files; returns the job."""
        job_id = self._store.jobs.create(
            "ingest", workspace_id, {"on_conflict": on_conflict}, items
        )
        if password:
            self._passwords[job_id] = password
        self._wake()
        return job_id

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
        listing = InputListing(self._store, self._repositories, context, setup_of(self._settings))
        try:
            for item in self._store.jobs.items(job.id, status="queued"):
                if item.payload["kind"] == "input":
                    context.check()
                    listing.add_files_of(item)
            self._reading().read_all(context)
        finally:
            self._publish(context)
            self._passwords.pop(job.id, None)
            self._remove_incoming(job)
        context.check()
        return {"seconds": round(time.monotonic() - started, 3), "sources": self._told(job)}

    def _wake(self) -> None:
        if self.runner is not None:
            self.runner.wake()

    def _reading(self) -> FileReading:
        return FileReading(
            self._settings,
            self._store,
            self._pool,
            prepare=self._publisher.prepare,
            password=self._password,
        )

    def _password(self, item: JobItem) -> str | None:
        return self._item_passwords.pop(item.id, None) or self._passwords.get(item.job_id)

    def _remove_incoming(self, job: JobInfo) -> None:
        """Dropped folders go when all has been read; a file that failed may be read again."""
        items = self._store.jobs.items(job.id)
        if any(item.status in ("queued", "running", "failed") for item in items):
            return
        for item in items:
            if item.payload["kind"] == "input" and "uri" in item.payload["place"]:
                remove(self._settings, Path(item.payload["place"]["path"]))

    def _publish(self, context: JobContext) -> None:
        """Put what was read into the pack, and take what is gone out of scope."""
        job = context.job
        assert job.workspace_id is not None
        items = self._store.jobs.items(job.id)
        versions = [
            item.result["version_id"]
            for item in items
            if item.status == "done" and item.result.get("status") in ("new", "updated")
        ]
        news = SourceNews(self._store)
        changes = news.apply(items)
        versions += news.to_include
        if versions or any(change.removed or change.returned for change in changes):
            self._publisher.publish(
                job.workspace_id,
                versions,
                changes=changes,
                progress=lambda done, total: context.progress(done, total, "packing"),
            )
        news.finish(items)

    def _told(self, job: JobInfo) -> list[dict[str, Any]]:
        """What came of each folder, archive and repository."""
        return [
            {
                "source_id": item.result["source_id"],
                "source": item.result["source"],
                "revision": item.result["revision"],
                **item.result["counts"],
                "left_out": item.result["left_out"],
            }
            for item in listed_trees(self._store.jobs.items(job.id))
        ]


def file_name(name: str) -> str:
    """The last part of an upload's name, without what cannot be printed."""
    base = Path(name.replace("\\", "/")).name
    return "".join(char if char.isprintable() else "_" for char in base) or "unnamed"
