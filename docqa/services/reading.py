"""What a worker process does: read files into staged versions, draw pages, make reports."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docqa.core.ranking import index_fields
from docqa.errors import FileTooLargeError, NameConflictError, ReadError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.pages import render_page, unlock
from docqa.readers.parse import parse_file, reader_name
from docqa.readers.sources import extract_member
from docqa.services.exporting.collecting import packet_of
from docqa.services.exporting.pdf_report import write_report
from docqa.services.tasks import FileTask, unlocked_path
from docqa.settings import Settings
from docqa.store.disk import disk_errors
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, NewVersion, VersionInfo

Event = dict[str, Any]

PROGRESS_S = 0.2


class TaskReader:
    """Does the tasks that a worker process gets; `docqa.worker` is its only caller."""

    def __init__(self, settings: Settings, say: Callable[[Event], None]) -> None:
        self._settings = settings
        self._say = say
        self._store = Store(settings.home)

    def run(self, task: dict[str, Any]) -> None:
        """Do one task, saying its events.

        Raises:
            DocqaError: If the task as a whole fails; files of a `read` task fail alone.
        """
        if task["task"] == "page":
            self._draw(task)
            return
        if task["task"] == "report":
            self._report(task)
            return
        for item in task["files"]:
            self._read_reported(FileTask(**item))

    def _draw(self, task: dict[str, Any]) -> None:
        out = Path(task["out"])
        picture = render_page(Path(task["path"]), task["page"], width_px=task["width"])
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = out.with_suffix(f".{task['id']}.part")
        temporary.write_bytes(picture)
        temporary.replace(out)

    def _report(self, task: dict[str, Any]) -> None:
        packet = packet_of(self._store, task["review"], user=task["user"])
        with disk_errors(Path(task["out"])):
            write_report(packet, Path(task["out"]), self._pdf_of, self._counted())
        self._say({"event": "reported", "audit_head": packet.audit_head})

    def _counted(self) -> Callable[[int, int], None]:
        """Tell the parent how much is done, at most every `PROGRESS_S` seconds."""
        last = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last >= PROGRESS_S:
                last = time.monotonic()
                self._say({"event": "progress", "done": done, "total": total})

        return progress

    def _pdf_of(self, version_id: int) -> Path | None:
        """The PDF that a version was read from; None for text, and where it was erased."""
        version = self._store.documents.versions_by_id([version_id]).get(version_id)
        if version is None or version.kind != "pdf":
            return None
        unlocked = unlocked_path(self._settings, version.content_hash)
        return unlocked if unlocked.exists() else self._store.originals.path(version.content_hash)

    def _read_reported(self, task: FileTask) -> None:
        self._say({"event": "begin", "item_id": task.item_id})
        try:
            self._say(self._read(task))
        except ReadError as error:
            self._say(
                {
                    "event": "failed",
                    "item_id": task.item_id,
                    "type": type(error).__name__,
                    "message": error.detail,
                    "hint": error.hint,
                }
            )

    def _read(self, task: FileTask) -> Event:
        content_hash, size = self._bytes(task)
        limit = self._settings.max_file_mb * 1_000_000
        if size > limit:
            raise FileTooLargeError(task.name, size, limit)
        original = self._store.originals.path(content_hash)
        existing = self._existing(task, content_hash)
        options = ReaderOptions(
            password=task.password, max_file_bytes=limit, mask_secrets=task.mask_secrets
        )
        if existing and self._unchanged(existing, content_hash, original, options):
            version = self._store.documents.version(existing.version_id)
            return _result(task, "unchanged", version)
        document_id = existing.id if existing else self._add(task)
        try:
            parsed = parse_file(original, task.name, options, self._progress(task.item_id))
        except ReadError as error:
            self._store.documents.record_failure(
                document_id,
                content_hash,
                size,
                error=error.detail,
                hint=error.hint,
                options_hash=options.identity,
            )
            raise
        if task.password:
            unlock(original, task.password, unlocked_path(self._settings, content_hash))
        rows = [
            index_fields(task.path, passage, parsed.kind, parsed.language, parsed.title)
            for passage in parsed.passages
        ]
        version_id = self._store.documents.stage_version(
            NewVersion(
                document_id, content_hash, size, options.identity, parsed, rows, task.revision
            )
        )
        status = "updated" if existing and existing.status != "failed" else "new"
        return _result(task, status, self._store.documents.version(version_id))

    def _bytes(self, task: FileTask) -> tuple[str, int]:
        originals = self._store.originals
        limit = self._settings.max_file_mb * 1_000_000
        if "original" in task.place:
            content_hash = task.place["original"]
            if not originals.contains(content_hash):
                raise ReadError(task.name, "what was uploaded is not there any more")
            return content_hash, originals.path(content_hash).stat().st_size
        if "file" in task.place:
            return self._keep(Path(task.place["file"]), task.name, limit)
        archive = Path(task.place["archive"])
        if not archive.is_file():
            raise ReadError(task.name, "its archive is not there any more")
        originals.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=originals.folder) as folder:
            member = extract_member(archive, task.place["member"], Path(folder), limit)
            return originals.put_file(member, move=True)

    def _keep(self, path: Path, name: str, limit: int) -> tuple[str, int]:
        try:
            file = path.open("rb")
            size = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise ReadError(name, f"cannot be opened: {error.strerror or error}") from error
        with file:
            if size > limit:  # before it is copied
                raise FileTooLargeError(name, size, limit)
            return self._store.originals.put_stream(file)

    def _existing(self, task: FileTask, content_hash: str) -> DocumentInfo | None:
        documents = self._store.documents
        if task.identity == "path":
            return documents.find(task.source_id, task.path)
        namesakes = documents.find_uploads(task.workspace_id, task.name)
        for namesake in namesakes:
            if namesake.content_hash == content_hash:
                return namesake
        taken = [namesake for namesake in namesakes if namesake.status != "failed"]
        if not taken or task.on_conflict == "keep":
            return None
        if task.on_conflict == "replace":
            return taken[0]
        raise NameConflictError(task.name)

    def _unchanged(
        self,
        existing: DocumentInfo,
        content_hash: str,
        original: Path,
        options: ReaderOptions,
    ) -> bool:
        if existing.content_hash != content_hash or existing.status == "failed":
            return False
        version = self._store.documents.version(existing.version_id)
        made_by = (reader_name(original, existing.name), options.identity)
        return (version.reader, version.options_hash) == made_by

    def _add(self, task: FileTask) -> int:
        return self._store.documents.add_document(
            task.workspace_id, task.source_id, task.path, task.name
        )

    def _progress(self, item_id: int) -> Progress:
        """Tell the parent how many pages are done, at most every `PROGRESS_S` seconds."""
        last = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal last
            now = time.monotonic()
            if done == total or now - last >= PROGRESS_S:
                last = now
                self._say({"event": "progress", "item_id": item_id, "done": done, "total": total})

        return progress


def _result(task: FileTask, status: str, version: VersionInfo) -> Event:
    return {
        "event": "read",
        "item_id": task.item_id,
        "result": {
            "status": status,
            "document_id": version.document_id,
            "version_id": version.id,
            "path": task.path,
            "pages": version.pages,
            "passages": version.passages,
        },
    }
