"""Folders, archives and repositories: looked at first, added, updated, and what they leave out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docqa.core.left_out import LeftOut
from docqa.errors import NotBuiltError
from docqa.services.ingestion import IngestionService
from docqa.services.jobs import JobContext, JobRunner
from docqa.settings import Settings
from docqa.store.source_files import SecretPlace, SourceCounts
from docqa.store.store import Store
from docqa.store.values import Source

PREVIEW = "preview"
"""The kind of the jobs that look at a source and add nothing."""


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A source and how much of it is in the workspace."""

    source: Source
    counts: SourceCounts
    left_out_by_category: Mapping[str, int]

    @property
    def documents(self) -> int:
        """Documents whose files are there."""
        return self.counts.documents

    @property
    def tokens(self) -> int:
        """Of those documents, in the pack's tokenizer."""
        return self.counts.tokens

    @property
    def removed(self) -> int:
        """Documents whose files are gone."""
        return self.counts.removed

    @property
    def secrets(self) -> int:
        """Places that look like a password, key or token."""
        return self.counts.secrets

    @property
    def left_out(self) -> int:
        """Files that were not read."""
        return sum(self.left_out_by_category.values())

    @property
    def can_be_updated(self) -> bool:
        """Whether docqa can read it again by itself: what was uploaded is not there to read."""
        kind, uri = self.source.kind, self.source.uri
        return kind == "git" or (kind in ("folder", "archive") and Path(uri).is_absolute())


class SourceService:
    """Sources of a workspace. What takes long is a job; its number is returned."""

    def __init__(self, settings: Settings, store: Store, ingestion: IngestionService) -> None:
        self._settings = settings
        self._store = store
        self._ingestion = ingestion
        self.runner: JobRunner | None = None

    def preview(
        self, workspace_id: int, address: str, *, ref: str = "", history: bool = False
    ) -> int:
        """Look at a folder, archive or repository without adding it; the job.

        Its result has `name`, `uri`, `kind`, `revision`, `ref`, `files`, `bytes`, `tokens` (an
        estimate), `left_out` (files by category), `left_out_files` (`[path, reason, category,
        bytes]` of the first 2,000), `largest` (`[path, bytes]` of five) and for a repository
        `committed_at`.

        Raises:
            ReadError: If there is no such file or folder, or the address cannot be one.
        """
        raise NotBuiltError("looking at sources")

    def add(
        self,
        workspace_id: int,
        address: str,
        *,
        ref: str = "",
        history: bool = False,
        put_back: Collection[str] = (),
        show_secrets: bool = False,
    ) -> int:
        """Read a folder, archive, file or repository into the workspace; the ingestion job.

        Raises:
            ReadError: If there is no such file or folder, or the address cannot be one.
        """
        raise NotBuiltError("adding sources")

    def update(self, source_id: int) -> int:
        """Read what changed in a source since it was read; the ingestion job.

        Its result has `sources`: `source_id`, `source`, `revision`, `added`, `changed`, `deleted`,
        `unchanged` of each.

        Raises:
            UnknownItemError: If there is no such source.
            ReadError: If it was uploaded, or is not there any more.
        """
        raise NotBuiltError("updating sources")

    def update_preview(self, source_id: int) -> int:
        """Look what an update would bring; the job.

        Its result has `revision`, `added`, `changed`, `deleted`, `unchanged` (files), `paths` (the
        first 200 of each of the first three), `tokens` (an estimate of what is sent) and `commits`
        (`id`, `author`, `at`, `subject`; empty where the history is not there).

        Raises:
            UnknownItemError: If there is no such source.
            ReadError: If it was uploaded, or is not there any more.
        """
        raise NotBuiltError("looking at sources")

    def put_back(self, source_id: int, paths: Collection[str]) -> int:
        """Read these files although they would be left out; the ingestion job."""
        raise NotBuiltError("putting files back")

    def leave_out(self, source_id: int, paths: Collection[str]) -> int:
        """Leave files out again that were put back; the ingestion job."""
        raise NotBuiltError("leaving files out")

    def show_secrets(self, source_id: int, paths: Collection[str], *, shown: bool) -> int:
        """Read these files again with their secrets as they are, or masked; the ingestion job."""
        raise NotBuiltError("showing secrets")

    def sources(self, workspace_id: int) -> tuple[SourceSummary, ...]:
        """The workspace's sources, oldest first."""
        counts = self._store.source_files.source_counts(workspace_id)
        left_out = self._store.left_out.counts(workspace_id)
        return tuple(
            SourceSummary(
                source, counts.get(source.id, SourceCounts()), left_out.get(source.id, {})
            )
            for source in self._store.documents.sources(workspace_id)
        )

    def left_out(self, source_id: int, *, most: int = 10_000) -> tuple[LeftOut, ...]:
        """The files of a source that were not read, with the reasons, in path order."""
        return self._store.left_out.of_source(source_id, most=most)

    def secrets(self, source_id: int, *, most: int = 1_000) -> tuple[SecretPlace, ...]:
        """Where the source has what looks like a password, key or token, in path order."""
        return self._store.source_files.secret_places(source_id, most=most)

    def handle(self, context: JobContext) -> Mapping[str, Any]:
        """Do a `preview` job."""
        raise NotBuiltError("looking at sources")
