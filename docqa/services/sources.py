"""Folders, archives and repositories: looked at first, added, updated, and what they leave out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docqa.core.left_out import LeftOut
from docqa.errors import SourceUploadedError
from docqa.services.ingestion import IngestionService, OnConflict
from docqa.services.inputs import existing_path, input_of, part_of
from docqa.services.jobs import JobContext, JobRunner
from docqa.services.ocr import setup_of
from docqa.services.repositories import Repositories
from docqa.services.source_changes import ALL, masks
from docqa.services.source_previews import look, look_for_update
from docqa.settings import Settings
from docqa.store.source_files import SecretPlace, SourceCounts
from docqa.store.store import Store
from docqa.store.values import NewJobItem, Source, SourceOptions

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

    def __init__(
        self,
        settings: Settings,
        store: Store,
        ingestion: IngestionService,
        repositories: Repositories,
    ) -> None:
        self._settings = settings
        self._store = store
        self._ingestion = ingestion
        self._repositories = repositories
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
        asked = {"ref": ref, "history": history}
        input_of(address, asked)
        return self._look(workspace_id, {"address": address, **asked})

    def add(
        self,
        workspace_id: int,
        address: str,
        *,
        ref: str = "",
        history: bool = False,
        put_back: Collection[str] = (),
        show_secrets: bool = False,
        watch: bool = False,
    ) -> int:
        """Read a folder, archive, file or repository into the workspace; the ingestion job.

        Raises:
            ReadError: If there is no such file or folder, or the address cannot be one.
        """
        shown = (ALL,) if show_secrets else ()
        options = SourceOptions(ref, history, tuple(sorted(put_back)), shown, watch)
        return self.add_all(workspace_id, [address], options)

    def add_all(
        self,
        workspace_id: int,
        addresses: Sequence[str],
        options: SourceOptions,
        *,
        on_conflict: OnConflict = "keep",
        password: str | None = None,
    ) -> int:
        """Read several, as `add` does, in one job; returns it.

        Raises:
            ReadError: If one of them cannot be what is asked for.
        """
        chosen = chosen_of(options)
        items = [input_of(address, chosen) for address in dict.fromkeys(addresses)]
        return self._ingestion.submit_items(
            workspace_id, items, on_conflict=on_conflict, password=password
        )

    def update(self, source_id: int) -> int:
        """Read what changed in a source since it was read; the ingestion job.

        Its result has `sources`: `source_id`, `source`, `revision`, `added`, `changed`, `deleted`,
        `unchanged` of each.

        Raises:
            UnknownItemError: If there is no such source.
            ReadError: If it was uploaded, or is not there any more.
        """
        return self._read_again(self._store.documents.source(source_id))

    def update_preview(self, source_id: int) -> int:
        """Look what an update would bring; the job.

        Its result has `revision`, `added`, `changed`, `deleted`, `unchanged` (files), `paths` (the
        first 200 of each of the first three), `tokens` (an estimate of what is sent) and `commits`
        (`id`, `author`, `at`, `subject`; empty where the history is not there).

        Raises:
            UnknownItemError: If there is no such source.
            ReadError: If it was uploaded, or is not there any more.
        """
        source = self._store.documents.source(source_id)
        _check_there(source)
        return self._look(source.workspace_id, {"source_id": source_id})

    def put_back(self, source_id: int, paths: Collection[str]) -> int:
        """Read these files although they would be left out; the ingestion job.

        Raises:
            UnknownItemError: If there is no such source.
            ReadError: If it was uploaded, or is not there any more.
        """
        source = self._store.documents.source(source_id)
        _check_there(source)
        return self._choose(source, put_back={*source.options.put_back, *paths})

    def leave_out(self, source_id: int, paths: Collection[str]) -> int:
        """Leave files out again that were put back; the ingestion job.

        Raises:
            UnknownItemError: If there is no such source.
            ReadError: If it was uploaded, or is not there any more.
        """
        source = self._store.documents.source(source_id)
        _check_there(source)
        return self._choose(source, put_back={*source.options.put_back} - {*paths})

    def show_secrets(self, source_id: int, paths: Collection[str], *, shown: bool) -> int:
        """Read these files again with their secrets as they are, or masked; the ingestion job.

        Raises:
            UnknownItemError: If there is no such source.
        """
        source = self._store.documents.source(source_id)
        before = set(source.options.shown_secrets)
        if not shown and ALL in before:
            before = before - {ALL} | set(self._store.source_files.files(source_id))
        now = before | {*paths} if shown else before - {*paths}
        options = replace(source.options, shown_secrets=tuple(sorted(now)))
        self._store.documents.set_options(source_id, options)
        to_read = {*source.options.shown_secrets, *paths}
        return self._ingestion.submit_items(
            source.workspace_id, self._to_read_again(source, options, to_read)
        )

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

    def clean(self) -> None:
        """Remove repositories that were looked at a day ago and never added."""
        self._repositories.clean(
            source.uri
            for each in self._store.workspaces.all()
            for source in self._store.documents.sources(each.workspace.id)
            if source.kind == "git"
        )

    def handle(self, context: JobContext) -> Mapping[str, Any]:
        """Do a `preview` job."""
        payload = context.job.payload
        if "source_id" in payload:
            source = self._store.documents.source(payload["source_id"])
            return look_for_update(
                self._store, self._repositories, context, source, setup_of(self._settings)
            )
        return look(self._repositories, context, input_of(payload["address"], payload))

    def _look(self, workspace_id: int, payload: dict[str, Any]) -> int:
        job_id = self._store.jobs.create(PREVIEW, workspace_id, payload, ())
        if self.runner is not None:
            self.runner.wake()
        return job_id

    def _choose(self, source: Source, *, put_back: Collection[str]) -> int:
        """Read the same commit again with another choice of files."""
        options = replace(source.options, put_back=tuple(sorted(put_back)))
        self._store.documents.set_options(source.id, options)
        return self._read_again(source, at=source.revision)

    def _read_again(self, source: Source, *, at: str = "") -> int:
        _check_there(source)
        return self._ingestion.submit_items(source.workspace_id, [input_again(source, at=at)])

    def _to_read_again(
        self, source: Source, options: SourceOptions, paths: Collection[str]
    ) -> list[NewJobItem]:
        """Parts of a job that reads kept originals of these paths again, as the options say."""
        files = self._store.source_files.files(source.id)
        versions = self._store.documents.versions_by_id([files[p].version_id for p in files])
        return [
            NewJobItem(
                path,
                {
                    **part_of(source.name, 0, path, files[path].size),
                    "source_id": source.id,
                    "place": {"original": files[path].content_hash},
                    "identity": "path",
                    "revision": versions[files[path].version_id].revision,
                    "mask": masks(options, path),
                },
            )
            for path in sorted(paths)
            if path in files and files[path].version_id in versions and not files[path].removed
        ]


def chosen_of(options: SourceOptions) -> dict[str, Any]:
    """Options as an input carries them."""
    return {
        "ref": options.ref,
        "history": options.history,
        "put_back": list(options.put_back),
        "shown_secrets": list(options.shown_secrets),
        "watch": options.watch,
    }


def input_again(source: Source, *, at: str = "") -> NewJobItem:
    """The input that reads a source again, a repository at this commit if it is given."""
    place = {"git": source.uri} if source.kind == "git" else {"path": source.uri}
    return NewJobItem(
        source.name,
        {"kind": "input", "place": place, "options": {"ref": source.options.ref}, "at": at},
    )


def _check_there(source: Source) -> None:
    """Return if docqa can read the source again by itself.

    Raises:
        SourceUploadedError: If it was uploaded.
        ReadError: If it is not there any more.
    """
    if source.kind == "git":
        return
    if source.kind not in ("folder", "archive") or not Path(source.uri).is_absolute():
        raise SourceUploadedError(source.name)
    existing_path(source.uri)
