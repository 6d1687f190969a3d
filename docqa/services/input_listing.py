"""Inputs of an ingestion job become the files that they hold and that have to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from docqa.errors import GitAddressError, ReadError
from docqa.readers.ocr.setup import OcrSetup
from docqa.readers.sources import ArchiveMember, SourceFile, is_archive
from docqa.services.inputs import part_of, size_of
from docqa.services.jobs import JobContext
from docqa.services.looking import (
    Looked,
    changes_by_commit,
    changes_by_content,
    changes_by_hash,
    look_at,
)
from docqa.services.repositories import Repositories
from docqa.services.source_changes import SourceChanges, masks, options_from
from docqa.store.store import Store
from docqa.store.values import JobItem, NewJobItem, Source, SourceKind, SourceOptions

MOST_SKIPPED = 200
"""Files left out that are parts of the job too; all are in the source's list."""


class InputListing:
    """Turns the inputs of one job into further parts of it, one per file."""

    def __init__(
        self, store: Store, repositories: Repositories, context: JobContext, ocr: OcrSetup
    ) -> None:
        self._store = store
        self._ocr = ocr
        self._repositories = repositories
        self._context = context
        self._job = context.job
        assert context.job.workspace_id is not None
        self._workspace_id = context.job.workspace_id

    def add_files_of(self, item: JobItem) -> None:
        """List an input; a single file is read as it is, and one that cannot be listed fails."""
        place = item.payload["place"]
        try:
            if "git" in place:
                self._add_repository(item, place["git"])
                return
            path = self._input_path(place, item.name)
            if path.is_dir():
                self._add_tree(item, "folder", path, place.get("uri", str(path)))
            elif is_archive(path, item.name):
                self._add_tree(item, "archive", path, place.get("path", item.name))
            else:
                self._add_file(item, path)
        except (ReadError, GitAddressError) as error:
            self._store.jobs.finish_item(
                item.id,
                "failed",
                error=error.detail if isinstance(error, ReadError) else str(error),
                error_hint=error.hint,
                error_type=type(error).__name__,
            )

    def _input_path(self, place: Mapping[str, str], name: str) -> Path:
        if "path" in place:
            return Path(place["path"])
        if not self._store.originals.contains(place["original"]):
            raise ReadError(name, "what was uploaded is not there any more")
        return self._store.originals.path(place["original"])

    def _add_file(self, item: JobItem, path: Path) -> None:
        place = item.payload["place"]
        size = size_of(path, item.name)
        uploaded = "original" in place
        kind: SourceKind = "upload" if uploaded else "file"
        options = options_from(item.payload.get("options", {}), SourceOptions())
        source_id = self._store.documents.add_source(
            self._workspace_id, kind, item.name, place.get("path", item.name)
        )
        if options != SourceOptions():
            self._store.documents.set_options(source_id, options)
        payload = {
            **part_of(item.name, item.id, item.name, size),
            "source_id": source_id,
            "place": place if uploaded else {"file": str(path)},
            "identity": "upload",
            "mask": masks(options, item.name),
        }
        self._add([NewJobItem(item.name, payload)])
        self._store.jobs.finish_item(item.id, "done", result={"status": "listed"})

    def _add_tree(self, item: JobItem, kind: SourceKind, path: Path, uri: str) -> None:
        source = self._store.documents.find_source(self._workspace_id, kind, uri)
        options = self._options(item, source)
        looked = look_at(path, name=item.name, uri=uri, put_back=options.put_back)
        source = self._source(looked, source, options)
        known = self._store.source_files.files(source.id)
        changes = changes_by_content(looked, known, options, ocr=self._ocr)
        self._add_changes(item, source, looked, changes)

    def _add_repository(self, item: JobItem, uri: str) -> None:
        chosen = item.payload.get("options", {})
        ref = chosen.get("ref", "")
        source = self._store.documents.find_git(self._workspace_id, uri, ref)
        options = self._options(item, source)
        at = item.payload.get("at", "")
        looked = self._repositories.look(self._context, uri, options, at=at)
        known = self._store.source_files.files(source.id) if source else {}
        differing = None
        if source and source.revision and not is_being_read(self._store, source.id):
            differing = self._repositories.changed(looked, source.revision)
        first = changes_by_commit(looked, known, options, differing, ocr=self._ocr)
        originals = self._repositories.keep(
            self._context, looked, first.to_read, self._store.originals
        )
        changes = changes_by_hash(looked, known, options, originals, ocr=self._ocr)
        self._add_changes(item, self._source(looked, source, options), looked, changes, originals)

    def _options(self, item: JobItem, source: Source | None) -> SourceOptions:
        before = source.options if source else SourceOptions()
        return options_from(item.payload.get("options", {}), before)

    def _source(self, looked: Looked, source: Source | None, options: SourceOptions) -> Source:
        """The source's row, made if this is its first time."""
        documents = self._store.documents
        if source is None:
            number = documents.add_source(self._workspace_id, looked.kind, looked.name, looked.uri)
            source = documents.source(number)
        if options != source.options:
            documents.set_options(source.id, options)
        return replace(source, options=options)

    def _add_changes(
        self,
        item: JobItem,
        source: Source,
        looked: Looked,
        changes: SourceChanges,
        originals: Mapping[str, str] | None = None,
    ) -> None:
        """Queue what has to be read, and keep what publishing has to know."""
        begin_reading(self._store, source.id, item.id)
        parts = [
            NewJobItem(
                file.path,
                {
                    **part_of(item.name, item.id, file.path, file.size),
                    "source_id": source.id,
                    "place": _place(file, originals or {}),
                    "identity": "path",
                    "revision": looked.revision_of(file.path),
                    "mask": masks(source.options, file.path),
                    "in_code": file.in_code,
                },
            )
            for file in changes.to_read
        ]
        before = self._store.left_out.paths(source.id)
        news = [each for each in looked.left_out if each.path not in before]
        for each in news[:MOST_SKIPPED]:
            skipped = {**part_of(item.name, item.id, each.path, each.size), "kind": "skipped"}
            parts.append(NewJobItem(each.path, {**skipped, "reason": each.reason}))
        self._add(parts)
        self._store.left_out.replace(source.id, looked.left_out)
        self._store.jobs.finish_item(item.id, "done", result=_listed(source, looked, changes))

    def _add(self, parts: Sequence[NewJobItem]) -> None:
        """Add parts to the job, but for those added before an interruption."""
        have = {
            _identity(each.payload)
            for each in self._store.jobs.items(self._job.id)
            if each.payload["kind"] != "input"
        }
        self._store.jobs.add_items(
            self._job.id, [part for part in parts if _identity(part.payload) not in have]
        )


def _identity(payload: Mapping[str, Any]) -> tuple[object, ...]:
    """Bytes of a repository too: fetched again, it may have others at the same path."""
    return payload["input_id"], payload["path"], payload.get("place", {}).get("original")


def _place(file: SourceFile, originals: Mapping[str, str]) -> dict[str, str]:
    if file.path in originals:
        return {"original": originals[file.path]}
    if isinstance(file.location, ArchiveMember):
        return {"archive": str(file.location.archive), "member": file.location.member}
    return {"file": str(file.location)}


def _listed(source: Source, looked: Looked, changes: SourceChanges) -> dict[str, Any]:
    """What is known of an input that was listed, for publishing and for reports."""
    return {
        "status": "listed",
        "source_id": source.id,
        "source": source.name,
        "revision": looked.revision,
        "moment": looked.moment,
        "deleted": list(changes.deleted.values()),
        "restored": [
            [before.document_id, before.version_id] for before in changes.restored.values()
        ],
        "counts": changes.counts(),
        "left_out": len(looked.left_out),
    }


def begin_reading(store: Store, source_id: int, item_id: int) -> None:
    """Note that a source is being read, until `end_reading`."""
    store.preferences.set(_reading(source_id), item_id)


def is_being_read(store: Store, source_id: int, item_id: int | None = None) -> bool:
    """Whether a source was begun to be read and never was to the end; for this input, if given."""
    begun = store.preferences.get(_reading(source_id))
    return begun is not None if item_id is None else begun == item_id


def end_reading(store: Store, source_id: int) -> None:
    """Note that all of the source has been read."""
    store.preferences.delete(_reading(source_id))


def _reading(source_id: int) -> str:
    return f"reading source {source_id}"
