"""The files of a commit, listed without checking it out; and whether a folder is one."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from docqa.core.left_out import LeftOut
from docqa.errors import FileTooLargeError, GitError
from docqa.readers.git_process import Git, Running
from docqa.readers.ignoring import MAX_RULE_BYTES, RuleFile, Rules
from docqa.readers.left_out import HEAD_BYTES
from docqa.readers.listing import (
    GitBlob,
    SourceFile,
    SourceLimits,
    SourceListing,
    check_counts,
    climbs,
    name_reason,
    path_order,
    shown_name,
)
from docqa.readers.sieve import HIDDEN_FOLDERS, Sieve

MAX_LOOKED_AT = 20_000_000
"""Larger files are told by their names and sizes alone."""
BATCH_TIMEOUT_S = 3_600.0
_REVISION = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_RULES: tuple[RuleFile, ...] = (".docqaignore", ".gitattributes")
_LINK, _SUBMODULE = "120000", "160000"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """A folder that git keeps."""

    revision: str
    """The commit that is checked out."""
    dirty: frozenset[str]
    """Paths, relative to the folder, whose bytes are not those of the commit."""


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    blob_id: str
    size: int
    path: str


def check_revision(name: str, revision: str) -> str:
    """The commit as it is.

    Raises:
        GitError: If it is no full name of a commit.
    """
    if not _REVISION.fullmatch(revision):
        raise GitError(name, f"{revision[:80]!r} is not the full name of a commit")
    return revision


def tree(
    repository: Path,
    revision: str,
    *,
    name: str = "",
    put_back: Collection[str] = (),
    limits: SourceLimits | None = None,
) -> SourceListing:
    """The files of a commit in a repository of docqa's.

    What the repository tracks is not ignored, whatever its `.gitignore` says.

    Raises:
        GitError: If there is no such commit.
        ReadError: If it has more files than the limits say.
    """
    limits = limits or SourceLimits()
    name = name or repository.name
    git = Git(name, repository)
    entries = _entries(git, check_revision(name, revision))
    check_counts(name, 0, len(entries) - limits.max_files, limits)
    with _blobs(git) as blobs:
        rules = Rules()
        for entry in entries:
            folder, _, base = entry.path.rpartition("/")
            if base in _RULES and entry.mode != _LINK and entry.size < MAX_RULE_BYTES:
                file = _RULES[_RULES.index(base)]
                rules.add(folder, file, blobs.read(entry.blob_id).decode(errors="replace"))
        sifted = _Sifted(Sieve(rules, limits, put_back, is_code=True), blobs, repository)
        for entry in entries:
            sifted.take(entry)
    check_counts(name, len(sifted.files), len(sifted.left_out), limits)
    files = sorted(sifted.files, key=lambda file: path_order(file.path))
    left_out = sorted(sifted.left_out.values(), key=lambda each: path_order(each.path))
    return SourceListing("git", name, tuple(files), tuple(left_out), revision)


def read_blobs(
    repository: Path, blob_ids: Iterable[str], *, limit: int = 200_000_000
) -> Iterator[tuple[str, bytes]]:
    """The bytes of files of a repository, in the order asked for, from one process.

    Raises:
        GitError: If one is not there.
        FileTooLargeError: If one has more than `limit` bytes.
    """
    with _blobs(Git(repository.name, repository)) as blobs:
        for blob_id in blob_ids:
            yield blob_id, blobs.read(check_revision(repository.name, blob_id), limit=limit)


def working_tree(folder: Path, paths: Collection[str] | None = None) -> WorkingTree | None:
    """The commit that a folder is checked out at; None if git keeps nothing in it.

    `paths` are the files in question, by default all that the commit has; those that it has not
    count as dirty. Files are compared byte by byte: neither filters nor hooks of the folder run.
    """
    git = Git(folder.name, folder=folder)
    try:
        told = git.output("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        revision = check_revision(folder.name, told.decode(errors="replace").strip())
        entries = _entries(git, revision, whole=False)
    except GitError:
        return None
    if not entries:
        return None
    committed = {entry.path: entry for entry in entries}
    asked = committed if paths is None else paths
    dirty = {path for path in asked if not _is_as_committed(folder / path, committed.get(path))}
    return WorkingTree(revision, frozenset(dirty))


def _is_as_committed(path: Path, entry: _Entry | None) -> bool:
    if entry is None or entry.mode in (_LINK, _SUBMODULE):
        return entry is not None
    algorithm = "sha1" if len(entry.blob_id) == 40 else "sha256"
    try:
        if path.is_symlink() or path.lstat().st_size != entry.size:
            return False
        hashed = hashlib.new(algorithm, b"blob %d\0" % entry.size, usedforsecurity=False)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                hashed.update(chunk)
    except OSError:
        return False
    return hashed.hexdigest() == entry.blob_id


# Listing


def _entries(git: Git, revision: str, *, whole: bool = True) -> list[_Entry]:
    """All entries of a commit that are no folders; of the folder's part of it unless `whole`."""
    options = ("--full-tree",) if whole else ()
    data = git.output("ls-tree", "-r", "-z", "-l", *options, revision, timeout_s=600)
    entries = []
    for record in data.split(b"\0")[:-1]:
        about, _, raw = record.partition(b"\t")
        mode, _, blob_id, size = about.decode("ascii").split()
        # Bytes that are no UTF-8 become lone surrogates, which no name may have.
        path = raw.decode("utf-8", errors="surrogateescape")
        entries.append(_Entry(mode, blob_id, int(size) if size != "-" else 0, path))
    return entries


class _Sifted:
    """Sorts the entries of a commit into those that are read and those that are not."""

    def __init__(self, sieve: Sieve, blobs: "_Blobs", repository: Path) -> None:
        self._sieve = sieve
        self._blobs = blobs
        self._repository = repository
        self._folders: dict[str, LeftOut | None] = {"": None}
        self.files: list[SourceFile] = []
        self.left_out: dict[str, LeftOut] = {}

    def take(self, entry: _Entry) -> None:
        """Put one entry where it belongs."""
        path, folder = entry.path, entry.path.rpartition("/")[0]
        if not HIDDEN_FOLDERS.isdisjoint(folder.split("/")):
            return
        reason = name_reason(path) or ("leads out of the repository" if climbs(path) else "")
        if reason:
            shown = shown_name(path)
            self.left_out[shown] = LeftOut(shown, reason, "unsafe", entry.size)
        elif entry.mode == _SUBMODULE:
            self.left_out[path] = LeftOut(path, "a submodule, not fetched", "submodule")
        elif entry.mode == _LINK:
            self.left_out[path] = LeftOut(path, self._link_reason(entry), "link")
        elif whole := self._whole_folder(folder):
            known = self.left_out.get(whole.path, whole)
            self.left_out[whole.path] = replace(known, size=known.size + entry.size)
        elif found := self._sieve.file(path, entry.size, lambda: self._head(entry)):
            self.left_out[path] = found
        else:
            location = GitBlob(self._repository, entry.blob_id)
            self.files.append(SourceFile(path, entry.size, location))

    def _head(self, entry: _Entry) -> bytes:
        if entry.size > MAX_LOOKED_AT:
            return b""
        return self._blobs.read(entry.blob_id, keep=HEAD_BYTES)

    def _link_reason(self, entry: _Entry) -> str:
        target = self._blobs.read(entry.blob_id, keep=200).decode(errors="replace")
        return f"a symbolic link to {shown_name(target)!r}, not followed"

    def _whole_folder(self, folder: str) -> LeftOut | None:
        """The outermost folder around an entry that is left out as a whole."""
        if folder not in self._folders:
            above = self._whole_folder(folder.rpartition("/")[0])
            self._folders[folder] = above or self._sieve.folder(folder)
        return self._folders[folder]


# Bytes


class _Blobs:
    """One `git cat-file --batch`."""

    def __init__(self, git: Git, running: Running) -> None:
        self._git = git
        self._running = running

    def read(self, blob_id: str, *, keep: int | None = None, limit: int = MAX_LOOKED_AT) -> bytes:
        """The bytes of a file, or the first `keep` of them.

        Raises:
            GitError: If it is not there.
            FileTooLargeError: If it has more than `limit` bytes.
        """
        try:
            self._running.stdin.write(blob_id.encode("ascii") + b"\n")
            self._running.stdin.flush()
            about = self._running.stdout.readline().split()
        except OSError as error:
            raise GitError(self._git.name, f"git ended before it was done: {error}") from error
        if len(about) != 3 or about[1] != b"blob":
            raise GitError(self._git.name, f"the repository has no file {blob_id}")
        size = int(about[2])
        if size > limit:
            raise FileTooLargeError(blob_id, size, limit)
        data = self._running.stdout.read(size + 1)
        if len(data) != size + 1:
            raise GitError(self._git.name, "git ended before it was done")
        return data[: size if keep is None else min(keep, size)]


@contextmanager
def _blobs(git: Git) -> Iterator[_Blobs]:
    with git.started("cat-file", "--batch", timeout_s=BATCH_TIMEOUT_S, with_input=True) as running:
        yield _Blobs(git, running)


def blob_ids(listing: SourceListing) -> Mapping[str, str]:
    """Git's hash of each file of a repository's listing, by path."""
    return {
        file.path: file.location.blob_id
        for file in listing.files
        if isinstance(file.location, GitBlob)
    }
