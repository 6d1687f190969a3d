"""Exporting: a review becomes a file, whole or not at all, and the audit log knows of it."""

import hashlib
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar, get_args

from docqa.errors import ExportFormatError
from docqa.services.exporting.collecting import packet_of
from docqa.services.exporting.csv_file import write_csv
from docqa.services.exporting.json_packet import write_json
from docqa.services.exporting.packet import Packet
from docqa.services.processes import Event, ReportedError, WorkerPool
from docqa.settings import Settings
from docqa.store.disk import disk_errors
from docqa.store.store import Store

F = TypeVar("F", bound=str)
Format = Literal["csv", "xlsx", "pdf", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)
IDLE_TIMEOUT_S = 120.0
DOWNLOADS = "exports"
"""Folder of files that are being downloaded, in the cache's."""
LEFT_S = 3_600.0


def _write_xlsx(packet: Packet, path: Path) -> None:
    from docqa.services.exporting.xlsx_file import write_xlsx  # openpyxl takes long to import

    write_xlsx(packet, path)


_WRITERS: dict[str, Callable[[Packet, Path], None]] = {
    "csv": write_csv,
    "xlsx": _write_xlsx,
    "json": write_json,
}


class ExportService:
    """Writes reviews as files. PDF reports are made by a worker process of `pool`."""

    def __init__(self, settings: Settings, store: Store, pool: WorkerPool) -> None:
        self._settings = settings
        self._store = store
        self._pool = pool

    def export(self, review_id: int, format: Format, path: Path, *, user: str = "") -> Path:
        """Write the review to `path`, in place of what is there; a running one says it runs.

        Raises:
            UnknownItemError: If there is no such review.
            StoreError: If the file cannot be written.
            ReadError: If the PDF report cannot be made.
        """
        user = user or self._settings.user
        part = path.with_name(f".{path.name[:40]}.{uuid.uuid4().hex}.part")
        with disk_errors(path):
            part.touch()  # where nothing can be written, nothing is made
            try:
                head = self._write(review_id, format, part, user)
                digest, size = _sha256(part), part.stat().st_size
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        detail = {"review": review_id, "format": format, "sha256": digest, "bytes": size}
        self._store.audit.append(user, "review.exported", {**detail, "audit_head": head})
        return path

    def export_for_download(self, review_id: int, format: Format, *, user: str = "") -> Path:
        """Write the review to a file of its own, for the caller to remove once it was sent.

        Raises:
            DocqaError: As `export`.
        """
        folder = downloads(self._settings)
        return self.export(review_id, format, folder / f"{uuid.uuid4().hex}.{format}", user=user)

    def _write(self, review_id: int, format: Format, part: Path, user: str) -> str:
        """Write the file; returns the audit log's head that it names."""
        if format == "pdf":
            return self._report(review_id, part, user)
        packet = packet_of(self._store, review_id, user=user)
        _WRITERS[format](packet, part)
        return packet.audit_head

    def _report(self, review_id: int, part: Path, user: str) -> str:
        self._store.reviews.get(review_id)  # unknown ones are refused here, not in the worker
        task = {"task": "report", "review": review_id, "user": user, "out": str(part.absolute())}
        last: Event = {}

        def note(event: Event) -> None:
            nonlocal last
            last = event

        name = f"report of review {review_id}"
        with self._pool.worker() as worker:
            worker.run(
                task,
                name=name,
                idle_timeout_s=IDLE_TIMEOUT_S,
                on_event=note,
                stopped=lambda: False,
            )
        self._pool.release()
        if last.get("event") != "reported":
            raise ReportedError(last, name)
        return str(last["audit_head"])


def downloads(settings: Settings) -> Path:
    """The folder of files that are being downloaded; what cut off downloads left in it is removed.

    Raises:
        StoreError: If it cannot be made.
    """
    folder = settings.cache_path / DOWNLOADS
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_old(folder)
    return folder


def _remove_old(folder: Path) -> None:
    """Remove what downloads left that were cut off."""
    for file in folder.iterdir():
        if time.time() - file.stat().st_mtime > LEFT_S:
            file.unlink(missing_ok=True)


def format_of(path: Path) -> Format:
    """The format that a file's name asks for.

    Raises:
        ExportFormatError: If it is none of `FORMATS`.
    """
    return format_among(path, FORMATS)


def format_among(path: Path, formats: tuple[F, ...]) -> F:
    """The one of these formats that a file's name asks for.

    Raises:
        ExportFormatError: If it is none of them.
    """
    ending = path.suffix.lower().removeprefix(".")
    for known in formats:
        if ending == known:
            return known
    raise ExportFormatError(path.name, formats)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
