"""Folders: the files in them that are read. No link is followed."""

import os
from collections.abc import Collection
from itertools import islice
from pathlib import Path

from docqa.core.left_out import LeftOut, LeftOutCategory
from docqa.readers.ignoring import MAX_RULE_BYTES, RULE_FILES, Rules
from docqa.readers.left_out import HEAD_BYTES
from docqa.readers.listing import (
    SourceFile,
    SourceLimits,
    SourceListing,
    check_counts,
    name_reason,
    path_order,
    shown_name,
)
from docqa.readers.sieve import HIDDEN_FOLDERS, Sieve


def list_folder(
    root: Path, name: str, limits: SourceLimits, put_back: Collection[str] = ()
) -> SourceListing:
    """The files of a folder.

    Raises:
        ReadError: If it has more files than the limits say.
    """
    walk = FolderWalk(root.resolve(), limits, put_back)
    pending = [""]
    folders = 0
    while pending:
        pending.extend(reversed(walk.folder(pending.pop())))
        folders += 1
        check_counts(name, len(walk.files), len(walk.left_out) + folders, limits)
    files = sorted(walk.files, key=lambda file: path_order(file.path))
    left_out = sorted(walk.left_out, key=lambda each: path_order(each.path))
    return SourceListing("folder", name, tuple(files), tuple(left_out))


class FolderWalk:
    """Goes through a folder without following a single link."""

    def __init__(self, root: Path, limits: SourceLimits, put_back: Collection[str]) -> None:
        self._root = root
        self._most = limits.max_files + limits.max_left_out
        self._rules = Rules()
        self.sieve = Sieve(self._rules, limits, put_back)
        self.files: list[SourceFile] = []
        self.left_out: list[LeftOut] = []

    def folder(self, folder: str) -> list[str]:
        """Take the files of one folder; returns the folders in it."""
        try:
            with os.scandir(self._root / folder) as found:
                # One more than is taken, so that a folder without end is refused, not held.
                entries = sorted(islice(found, self._most + 1), key=lambda entry: entry.name)
        except OSError as error:
            reason = f"cannot be opened: {error.strerror or error}"
            self._leave_out(f"{folder}/", reason, "unreadable")
            return []
        self._enter(folder, entries)
        folders = []
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not entry.is_dir(follow_symlinks=False):
                self.take(entry, path)
            elif entry.name in HIDDEN_FOLDERS:
                continue
            elif reason := name_reason(path):
                self._leave_out(f"{path}/", reason, "unsafe")
            elif whole := self.sieve.folder(path):
                self.left_out.append(whole)
            else:
                folders.append(path)
        return folders

    def _enter(self, folder: str, entries: "list[os.DirEntry[str]]") -> None:
        for entry in entries:
            for file in RULE_FILES:
                if entry.name == file and entry.is_file(follow_symlinks=False):
                    self._rules.add(folder, file, _rules(Path(entry.path)))
        self.sieve.enter(folder, {entry.name for entry in entries})

    def take(self, entry: "os.DirEntry[str]", path: str) -> None:
        """Take one file, or leave it out."""
        if reason := name_reason(path):
            self._leave_out(path, reason, "unsafe")
            return
        if entry.is_symlink():
            self._link(Path(entry.path), path)
            return
        if not entry.is_file(follow_symlinks=False):
            self._leave_out(path, "not a regular file", "unreadable")
            return
        try:
            size = entry.stat(follow_symlinks=False).st_size
            found = self.sieve.file(path, size, lambda: _head(entry.path))
        except OSError as error:
            self._leave_out(path, f"cannot be opened: {error.strerror or error}", "unreadable")
            return
        if found is not None:
            self.left_out.append(found)
        else:
            in_code = self.sieve.in_code(path)
            self.files.append(SourceFile(path, size, Path(entry.path), in_code))

    def _link(self, link: Path, path: str) -> None:
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):  # Python 3.11 and 3.12 raise RuntimeError for a loop
            self._leave_out(path, "a symbolic link that leads nowhere or to itself", "link")
            return
        if not target.is_relative_to(self._root):
            self._leave_out(path, "refused: a symbolic link that leaves the folder", "unsafe")
            return
        shown = shown_name(target.relative_to(self._root).as_posix())
        self._leave_out(path, f"a symbolic link to {shown!r}, read there", "link")

    def _leave_out(self, path: str, reason: str, category: LeftOutCategory) -> None:
        self.left_out.append(LeftOut(shown_name(path), reason, category))


def _rules(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_RULE_BYTES).decode(errors="replace")
    except OSError:
        return ""


def _head(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(HEAD_BYTES)
