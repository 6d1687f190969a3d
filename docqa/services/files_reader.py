"""Files become staged versions, in a worker process: small ones several in one transaction."""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from docqa.core.documents import PAGED_KINDS
from docqa.core.indexing import document_fields
from docqa.errors import FileTooLargeError, NameConflictError, ReadError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.ocr.setup import NO_OCR
from docqa.readers.pages import unlock
from docqa.readers.parse import parse_file, reader_name
from docqa.readers.sources import extract_member
from docqa.services.ocr import setup_of
from docqa.services.tasks import FileTask, unlocked_path
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, NewVersion

Event = dict[str, Any]

PROGRESS_S = 0.2
COPIES = 8
"""Files copied at once: each waits for the disk to have it."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file whose bytes are an original now."""

    task: FileTask
    content_hash: str
    size: int
    options: ReaderOptions
    original: Path


class FilesReader:
    """Reads the files of a task; each fails alone, with an event that says so."""

    def __init__(self, settings: Settings, store: Store, say: Callable[[Event], None]) -> None:
        self._settings = settings
        self._store = store
        self._say = say
        self._ocr = NO_OCR

    def read(self, tasks: Sequence[FileTask]) -> None:
        """Read these files, saying what came of each."""
        self._ocr = setup_of(self._settings)
        new: list[tuple[_Kept, DocumentInfo | None]] = []
        for kept in self._kept(tasks):
            try:
                existing = self._existing(kept.task, kept.content_hash)
                if existing and self._unchanged(existing, kept):
                    self._say_unchanged(kept.task, existing)
                else:
                    new.append((kept, existing))
            except ReadError as error:
                self._say(_failure(kept.task, error))
        documents = self._document_ids(new)
        staged: list[tuple[FileTask, str, NewVersion]] = []
        for (kept, existing), document_id in zip(new, documents, strict=True):
            if len(tasks) > 1:  # copied together: says which one is being read now
                self._say({"event": "begin", "item_id": kept.task.item_id})
            try:
                version = self._parsed(kept, document_id)
            except ReadError as error:
                self._say(_failure(kept.task, error))
                continue
            status = "updated" if existing and existing.status != "failed" else "new"
            staged.append((kept.task, status, version))
        version_ids = self._store.documents.stage_many(version for _, _, version in staged)
        for (task, status, version), version_id in zip(staged, version_ids, strict=True):
            self._say(_result(task, status, version, version_id))

    def _kept(self, tasks: Sequence[FileTask]) -> list[_Kept]:
        """The files that could be copied; the others are said to have failed."""
        for task in tasks:
            self._say({"event": "begin", "item_id": task.item_id})
        if len(tasks) > 1:
            outcomes = list(self._threads.map(self._copied, tasks))
        else:
            outcomes = list(map(self._copied, tasks))
        for task, outcome in zip(tasks, outcomes, strict=True):
            if isinstance(outcome, ReadError):
                self._say(_failure(task, outcome))
        return [outcome for outcome in outcomes if isinstance(outcome, _Kept)]

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(COPIES, thread_name_prefix="docqa-copy")

    def _copied(self, task: FileTask) -> _Kept | ReadError:
        try:
            content_hash, size = self._bytes(task)
            limit = self._settings.max_file_mb * 1_000_000
            if size > limit:
                raise FileTooLargeError(task.name, size, limit)
        except ReadError as error:
            return error
        options = ReaderOptions(
            password=task.password,
            max_file_bytes=limit,
            mask_secrets=task.mask_secrets,
            in_code=task.in_code,
            ocr=self._ocr,
        )
        return _Kept(task, content_hash, size, options, self._store.originals.path(content_hash))

    def _document_ids(self, new: Sequence[tuple[_Kept, DocumentInfo | None]]) -> list[int]:
        """The documents of these files, made where there are none, in one transaction a source."""
        made: dict[tuple[int, str], int] = {}
        missing: dict[tuple[int, int], list[tuple[str, str]]] = {}
        for kept, existing in new:
            if existing is None:
                place = (kept.task.workspace_id, kept.task.source_id)
                missing.setdefault(place, []).append((kept.task.path, kept.task.name))
        for (workspace_id, source_id), paths in missing.items():
            ids = self._store.documents.add_documents(workspace_id, source_id, paths)
            made.update(
                {(source_id, path): number for (path, _), number in zip(paths, ids, strict=True)}
            )
        return [
            existing.id if existing else made[kept.task.source_id, kept.task.path]
            for kept, existing in new
        ]

    def _parsed(self, kept: _Kept, document_id: int) -> NewVersion:
        """What is to be stored of a file.

        Raises:
            ReadError: If it cannot be read; that is stored.
        """
        task, options = kept.task, kept.options
        try:
            parsed = parse_file(kept.original, task.name, options, self._progress(task.item_id))
        except ReadError as error:
            self._store.documents.record_failure(
                document_id,
                kept.content_hash,
                kept.size,
                error=error.detail,
                hint=error.hint,
                options_hash=options.identity,
            )
            raise
        if task.password:
            unlocked = unlocked_path(self._settings, kept.content_hash)
            unlock(kept.original, task.password, unlocked)
        rows = document_fields(task.path, parsed)
        return NewVersion(
            *(document_id, kept.content_hash, kept.size, options.identity_of(parsed)),
            *(parsed, rows, task.revision),
        )

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

    def _unchanged(self, existing: DocumentInfo, kept: _Kept) -> bool:
        if existing.content_hash != kept.content_hash or existing.status == "failed":
            return False
        if kept.task.again:
            return False
        version = self._store.documents.version(existing.version_id)
        in_code = kept.options.in_code
        reader = reader_name(kept.original, existing.name, in_code=in_code)
        return version.reader == reader and kept.options.would_repeat(
            version.options_hash, self._waiting_pages(existing)
        )

    def _waiting_pages(self, document: DocumentInfo) -> int:
        """How many pages of the document are pictures that nothing has read."""
        if document.kind not in PAGED_KINDS or document.readable_pages == document.pages:
            return 0
        pages = self._store.documents.pages(document.version_id)
        return sum(page.status == "image_only" for page in pages)

    def _say_unchanged(self, task: FileTask, existing: DocumentInfo) -> None:
        version = self._store.documents.version(existing.version_id)
        said = (version.document_id, version.id, version.pages, version.passages)
        self._say(_read(task, "unchanged", *said))

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


def _failure(task: FileTask, error: ReadError) -> Event:
    return {
        "event": "failed",
        "item_id": task.item_id,
        "type": type(error).__name__,
        "message": error.detail,
        "hint": error.hint,
    }


def _result(task: FileTask, status: str, version: NewVersion, version_id: int) -> Event:
    pages, passages = len(version.parsed.pages), len(version.parsed.passages)
    return _read(task, status, version.document_id, version_id, pages, passages)


def _read(
    task: FileTask, status: str, document_id: int, version_id: int, pages: int, passages: int
) -> Event:
    return {
        "event": "read",
        "item_id": task.item_id,
        "result": {
            "status": status,
            "document_id": document_id,
            "version_id": version_id,
            "path": task.path,
            "pages": pages,
            "passages": passages,
        },
    }
