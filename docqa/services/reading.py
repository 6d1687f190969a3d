"""What a worker process does: read files into staged versions, draw pages, make reports."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docqa.readers.pages import render_page
from docqa.services.exporting.collecting import packet_of
from docqa.services.exporting.pdf_report import write_report
from docqa.services.files_reader import PROGRESS_S, Event, FilesReader
from docqa.services.tasks import FileTask, unlocked_path
from docqa.settings import Settings
from docqa.store.disk import disk_errors
from docqa.store.store import Store


class TaskReader:
    """Does the tasks that a worker process gets; `docqa.worker` is its only caller."""

    def __init__(self, settings: Settings, say: Callable[[Event], None]) -> None:
        self._settings = settings
        self._say = say
        self._store = Store(settings.home)
        self._files = FilesReader(settings, self._store, say)

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
        self._files.read([FileTask(**item) for item in task["files"]])

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
