"""Inputs of ingestion jobs: paths and addresses that users give, as parts of a job."""

import stat
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from docqa.errors import ReadError
from docqa.readers.git import GitAddress, is_git_address
from docqa.readers.home_paths import expanded
from docqa.readers.sources import is_archive, is_remote, list_source
from docqa.store.values import JobItem, NewJobItem, SourceOptions

_OPTIONS = ("ref", "history", "put_back", "shown_secrets", "watch")


def input_of(address: str, chosen: Mapping[str, Any]) -> NewJobItem:
    """The part of a job that stands for a path or address that is to be read.

    A folder of which a branch, tag, commit or the history is asked for is read as a repository.

    Raises:
        GitAddressError: If it looks like the address of a repository, and cannot be one.
        NotBuiltError: If it is the address of something else.
        ReadError: If there is no such file or folder.
    """
    options = {name: value for name, value in chosen.items() if name in _OPTIONS}
    if is_repository(address, wanted=bool(options.get("ref") or options.get("history"))):
        git = GitAddress.parse(address)
        options["ref"] = options.get("ref") or git.ref
        place, name = {"git": git.display}, git.name
    else:
        if is_remote(address):
            list_source(address)
        path = existing_path(address)
        place, name = {"path": str(path)}, path.name or str(path)
    return NewJobItem(name, {"kind": "input", "place": place, "options": options})


def is_repository(address: str, *, wanted: bool = False) -> bool:
    """Whether this is read as a repository; `wanted` where a commit or its history is."""
    try:
        if is_git_address(address):
            return True
        if is_remote(address):
            return PurePosixPath(address.rstrip("/")).suffix in ("", ".git")
        return wanted and (expanded(address) / ".git").exists()
    except (OSError, ValueError):  # no path at all, for example one that is too long
        return False


def is_tree(address: str, options: SourceOptions) -> bool:
    """Whether this is a folder, an archive or a repository, which hold many files."""
    if is_repository(address, wanted=bool(options.ref or options.history)):
        return True
    try:
        path = existing_path(address)
        return path.is_dir() or is_archive(path, path.name)
    except (OSError, ReadError):
        return False


def existing_path(path: str | Path) -> Path:
    """The absolute path of a file or folder of this machine.

    Raises:
        ReadError: If there is no such file or folder.
    """
    absolute = expanded(path).absolute()
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


def part_of(input_name: str, input_id: int, path: str, size: int) -> dict[str, Any]:
    """The payload that every part of an input begins with; 0 is the id of no input."""
    return {
        "kind": "file",
        "input": input_name,
        "input_id": input_id,
        "path": path,
        "size": size,
    }


def is_listed_input(item: JobItem) -> bool:
    """Whether this item only stood for the files that it turned out to hold."""
    return item.payload.get("kind") == "input" and item.status == "done"


def listed_trees(items: Iterable[JobItem]) -> list[JobItem]:
    """The inputs among these that are folders, archives or repositories and were listed."""
    return [item for item in items if is_listed_input(item) and "source_id" in item.result]
