"""Coverage: what of a workspace can be asked about, page by page, and what of it cannot and why."""

import uuid
from pathlib import Path
from typing import Literal, get_args

from docqa.core.coverage import Reach
from docqa.services.estimating import EstimatingService
from docqa.services.exporting.coverage_file import WRITERS, CoverageReport
from docqa.services.exporting.service import downloads, format_among
from docqa.services.ledgers import Ledger
from docqa.settings import Settings
from docqa.store.coverage import DocumentTally, PageLine
from docqa.store.coverage_units import EVERYTHING, CoverageFilter
from docqa.store.disk import disk_errors
from docqa.store.store import Store

CoverageFormat = Literal["csv", "xlsx", "json"]
FORMATS: tuple[CoverageFormat, ...] = get_args(CoverageFormat)


class CoverageService:
    """Says of every page of a workspace where it stands."""

    def __init__(self, settings: Settings, store: Store, estimating: EstimatingService) -> None:
        self._settings = settings
        self._store = store
        self._estimating = estimating

    def ledger(self, workspace_id: int, wanted: CoverageFilter = EVERYTHING) -> Ledger:
        """The sums, of all pages or of those that are wanted.

        Raises:
            UnknownItemError: If there is no such workspace.
        """
        met = self._estimating.estimate(workspace_id)
        reach: Reach = "whole" if met.mode == "whole" else "select"
        if met.error:
            reach = "unknown"
        elif not met.window:
            reach = "quotes"
        name = self._store.workspaces.by_id(workspace_id).name
        sources = self._store.coverage.sources(workspace_id, wanted)
        return Ledger(name, sources, reach, met.engine)

    def documents(
        self, workspace_id: int, wanted: CoverageFilter = EVERYTHING, *, most: int | None = None
    ) -> tuple[DocumentTally, ...]:
        """Documents and files left out that have such pages, by source and path."""
        return self._store.coverage.documents(workspace_id, wanted, most=most)

    def pages(
        self,
        workspace_id: int,
        wanted: CoverageFilter = EVERYTHING,
        *,
        most: int = 500,
        after: int = 0,
    ) -> tuple[PageLine, ...]:
        """Such pages, at most so many after the first `after` of them."""
        return self._store.coverage.pages(workspace_id, wanted, most=most, after=after)

    def export(self, workspace_id: int, path: Path) -> Path:
        """Write sums, documents and every page to a .csv, .xlsx or .json file.

        Raises:
            ExportFormatError: If the file's name asks for another format.
            UnknownItemError: If there is no such workspace.
            StoreError: If the file cannot be written.
        """
        format = coverage_format(path)
        report = CoverageReport(
            self.ledger(workspace_id),
            self.documents(workspace_id),
            self._store.coverage.all_pages(workspace_id),
        )
        part = path.with_name(f".{path.name[:40]}.{uuid.uuid4().hex}.part")
        with disk_errors(path):
            part.touch()
            try:
                WRITERS[format](report, part)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        return path

    def export_for_download(self, workspace_id: int, format: CoverageFormat) -> Path:
        """Write it to a file of its own, for the caller to remove once it was sent.

        Raises:
            DocqaError: As `export`.
        """
        folder = downloads(self._settings)
        return self.export(workspace_id, folder / f"{uuid.uuid4().hex}.{format}")


def coverage_format(path: Path) -> CoverageFormat:
    """The format that a file's name asks for.

    Raises:
        ExportFormatError: If it is none of `FORMATS`.
    """
    return format_among(path, FORMATS)
