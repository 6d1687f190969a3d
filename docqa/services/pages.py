"""Pages as pictures: drawn on demand by a worker process, kept on disk."""

import uuid
from pathlib import Path

from docqa.errors import ReadError, UnknownItemError
from docqa.services.library import LibraryService, pictures_path
from docqa.services.processes import Event, ReportedError, WorkerPool
from docqa.settings import Settings

WIDTHS = (160, 800, 1200, 1600, 2400)
"""Pixels. Few sizes, so that a cached picture serves most requests."""
TIMEOUT_S = 60.0


class PageService:
    """Draws pages of PDFs."""

    def __init__(self, settings: Settings, library: LibraryService, pool: WorkerPool) -> None:
        self._settings = settings
        self._library = library
        self._pool = pool

    def picture(self, version_id: int, page: int, width: int) -> Path:
        """The WebP picture of a page (1-based), at least `width` pixels wide where sizes allow.

        Raises:
            UnknownItemError: If there is no such version or page.
            ReadError: If it cannot be drawn.
        """
        version = self._library.version(version_id)
        if not 1 <= page <= version.pages:
            raise UnknownItemError("page", page)
        wide = next((size for size in WIDTHS if size >= width), WIDTHS[-1])
        folder = pictures_path(self._settings, version.content_hash)
        picture = folder / f"{page}-{wide}.webp"
        if not picture.exists():
            self._draw(version_id, page, wide, picture)
        return picture

    def _draw(self, version_id: int, page: int, width: int, picture: Path) -> None:
        name = self._library.document(self._library.version(version_id).document_id).name
        task = {
            "task": "page",
            "path": str(self._library.drawable(version_id)),
            "page": page,
            "width": width,
            "out": str(picture),
            "id": uuid.uuid4().hex,
        }
        errors: list[Event] = []

        def note(event: Event) -> None:
            if event["event"] == "error":
                errors.append(event)

        with self._pool.worker() as worker:
            worker.run(
                task, name=name, idle_timeout_s=TIMEOUT_S, on_event=note, stopped=lambda: False
            )
        if errors:
            raise ReportedError(errors[0], name)
        if not picture.exists():
            raise ReadError(name, f"page {page} could not be drawn")
