"""Inputs of an ingestion job become the files that they hold."""

import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from docqa.errors import EmptyFileError, ReadError
from docqa.readers.sources import is_archive, is_remote, list_source
from docqa.store.store import Store
from docqa.store.values import JobInfo, JobItem, NewJobItem, SourceKind


class InputListing:
    """Turns the inputs of jobs into parts of those jobs, one per file."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_files_of(self, job: JobInfo, item: JobItem) -> None:
        """Turn an input into the files it holds; a single file is read as it is."""
        place = item.payload["place"]
        try:
            path = self._input_path(place, item.name)
            if path.is_dir():
                self._add_files(job, item, path, "folder", place.get("uri", str(path)))
            elif is_archive(path, item.name):
                self._add_files(job, item, path, "archive", place.get("path", item.name))
            else:
                kind: SourceKind = "upload" if "original" in place else "file"
                uri = place.get("path", item.name)
                source_id = self._source(job, kind, item.name, uri)
                file_place = place if "original" in place else {"file": str(path)}
                payload = {
                    "kind": "file",
                    "source_id": source_id,
                    "path": item.name,
                    "place": file_place,
                    "identity": "upload",
                    "input": item.name,
                    "input_id": item.id,
                    "size": size_of(path, item.name),
                }
                self._store.jobs.add_items(
                    job.id, self._not_added(job, [NewJobItem(item.name, payload)])
                )
            self._store.jobs.finish_item(item.id, "done", result={"status": "listed"})
        except ReadError as error:
            self._store.jobs.finish_item(
                item.id,
                "failed",
                error=error.detail,
                error_hint=error.hint,
                error_type=type(error).__name__,
            )

    def _input_path(self, place: Mapping[str, str], name: str) -> Path:
        if "path" in place:
            return Path(place["path"])
        if not self._store.originals.contains(place["original"]):
            raise ReadError(name, "what was uploaded is not there any more")
        return self._store.originals.path(place["original"])

    def _add_files(
        self,
        job: JobInfo,
        item: JobItem,
        path: Path,
        kind: SourceKind,
        uri: str,
    ) -> None:
        listing = list_source(path, name=item.name)
        source_id = self._source(job, kind, item.name, uri)
        new = []
        for file in listing.files:
            place = (
                {"file": str(path / file.path)}
                if kind == "folder"
                else {"archive": str(path), "member": file.path}
            )
            payload = {
                "kind": "file",
                "source_id": source_id,
                "path": file.path,
                "place": place,
                "identity": "path",
                "input": item.name,
                "input_id": item.id,
                "size": file.size,
            }
            new.append(NewJobItem(file.path, payload))
        for skipped, reason in listing.skipped:
            payload = {
                "kind": "skipped",
                "input": item.name,
                "input_id": item.id,
                "path": skipped,
                "reason": reason,
            }
            new.append(NewJobItem(skipped, payload))
        if not listing.files and not listing.skipped:
            raise EmptyFileError(item.name, "there is nothing in it")
        self._store.jobs.add_items(job.id, self._not_added(job, new))

    def _source(self, job: JobInfo, kind: SourceKind, name: str, uri: str) -> int:
        assert job.workspace_id is not None
        documents = self._store.documents
        found = documents.find_source(job.workspace_id, kind, uri)
        if found is not None and kind in ("folder", "archive"):
            return found.id
        return documents.add_source(job.workspace_id, kind, name, uri)

    def _not_added(self, job: JobInfo, new: Sequence[NewJobItem]) -> list[NewJobItem]:
        """Leave out what was added before an interruption."""
        have = {
            (item.payload.get("input_id"), item.payload.get("path"))
            for item in self._store.jobs.items(job.id)
            if item.payload["kind"] != "input"
        }
        return [
            item for item in new if (item.payload["input_id"], item.payload["path"]) not in have
        ]


def is_listed_input(item: JobItem) -> bool:
    """Whether this item only stood for the files that it turned out to hold."""
    return item.payload.get("kind") == "input" and item.status == "done"


def existing_path(path: str | Path) -> Path:
    """The absolute path of a file or folder of this machine.

    Raises:
        NotBuiltError: If it is the address of a git repository.
        ReadError: If there is no such file or folder.
    """
    if is_remote(str(path)):
        list_source(str(path))
    absolute = Path(path).expanduser().absolute()
    try:
        absolute.stat()
    except (OSError, ValueError) as error:
        raise ReadError(str(path), "there is no such file or folder") from error
    return absolute


def size_of(path: Path, name: str) -> int:
    """Bytes of the file.

    Raises:
        ReadError: If it is not there any more, or is a device or a pipe, which may never end.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise ReadError(name, f"cannot be opened: {error.strerror or error}") from error
    if not stat.S_ISREG(found.st_mode):
        raise ReadError(name, "not a regular file")
    return found.st_size
