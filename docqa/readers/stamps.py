"""What a folder looks like from outside: names, sizes and times of its files, none of them opened.

Two equal stamps mean that nothing has changed that docqa would read.
"""

import hashlib
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from docqa.errors import ReadError
from docqa.readers.folders import FolderWalk
from docqa.readers.listing import SourceLimits, check_counts

_NEVER_READ = frozenset(("ignored", "vendored", "generated", "lock"))


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a folder or archive looked at one moment."""

    digest: str
    files: int
    """Files in it that may be read; 1 for an archive."""


def stamp_of(path: Path, put_back: Collection[str] = ()) -> Stamp:
    """The stamp of a folder, or of an archive.

    Raises:
        ReadError: If it is not there, cannot be opened, or has more files than a source may have.
    """
    try:
        found = path.stat()
        if not stat.S_ISDIR(found.st_mode):
            return Stamp(_digest([_line("", found)]), 1)
        with os.scandir(path):  # a folder that may not be opened is not an empty one
            pass
    except OSError as error:
        raise ReadError(path.name or str(path), error.strerror or str(error)) from error
    return _folder(path, put_back)


def _folder(path: Path, put_back: Collection[str]) -> Stamp:
    limits = SourceLimits()
    walk = _Outside(path.resolve(), limits, put_back)
    pending = [""]
    folders = 0
    while pending:
        pending.extend(walk.folder(pending.pop()))
        folders += 1
        check_counts(path.name, len(walk.lines), len(walk.left_out) + folders, limits)
    # A folder that cannot be opened now, and could before, is a change too.
    locked = [f"{each.path}\0{each.reason}" for each in walk.left_out]
    return Stamp(_digest([*sorted(walk.lines), *sorted(locked)]), len(walk.lines))


class _Outside(FolderWalk):
    """Notes each file that may be read, without opening it."""

    def __init__(self, root: Path, limits: SourceLimits, put_back: Collection[str]) -> None:
        super().__init__(root, limits, put_back)
        self.lines: list[str] = []

    def take(self, entry: "os.DirEntry[str]", path: str) -> None:
        """Note name, size and time of one file."""
        if not entry.is_file(follow_symlinks=False):
            return
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            return  # gone since the folder was opened: it is not there
        out = self.sieve.file(path, found.st_size, bytes)
        if out is None or out.category not in _NEVER_READ:
            self.lines.append(_line(path, found))


def _line(path: str, found: os.stat_result) -> str:
    return f"{path}\0{found.st_size}\0{found.st_mtime_ns}"


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()[:32]
