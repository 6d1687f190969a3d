"""The files of a commit, listed without checking it out; and whether a folder is one."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from docqa.core.left_out import LeftOut
from docqa.errors import GitError
from docqa.readers.git_blobs import MAX_LOOKED_AT, Blobs, check_revision, open_blobs
from docqa.readers.git_process import Git
from docqa.readers.ignoring import MAX_RULE_BYTES, RuleFile, Rules
from docqa.readers.left_out import HEAD_BYTES, by_name
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

BATCH = 1_000
"""Files whose first bytes are held at a time."""
_RULES: tuple[RuleFile, ...] = (".docqaignore", ".gitattributes")
_LINK, _SUBMODULE = "120000", "160000"
_CHUNK = 1 << 20
_MAX_LINK = 4_096
"""Bytes of a link's target; a longer one leads nowhere."""


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
    with open_blobs(git) as blobs:
        rules = Rules()
        for entry in entries:
            folder, _, base = entry.path.rpartition("/")
            is_file = entry.mode not in (_LINK, _SUBMODULE)
            if base in _RULES and is_file and entry.size < MAX_RULE_BYTES:
                file = _RULES[_RULES.index(base)]
                rules.add(folder, file, blobs.read(entry.blob_id).decode(errors="replace"))
        sifted = _Sifted(Sieve(rules, limits, put_back, is_code=True), blobs, repository)
        for first in range(0, len(entries), BATCH):
            sifted.take(entries[first : first + BATCH])
    check_counts(name, len(sifted.files), len(sifted.left_out), limits)
    files = sorted(sifted.files, key=lambda file: path_order(file.path))
    left_out = sorted(sifted.left_out.values(), key=lambda each: path_order(each.path))
    return SourceListing("git", name, tuple(files), tuple(left_out), revision)


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

    def __init__(self, sieve: Sieve, blobs: Blobs, repository: Path) -> None:
        self._sieve = sieve
        self._blobs = blobs
        self._repository = repository
        self._folders: dict[str, LeftOut | None] = {"": None}
        self.files: list[SourceFile] = []
        self.left_out: dict[str, LeftOut] = {}

    def take(self, entries: Sequence[_Entry]) -> None:
        """Put entries where they belong."""
        seen = [e for e in entries if HIDDEN_FOLDERS.isdisjoint(e.path.split("/")[:-1])]
        wanted = dict.fromkeys(each.blob_id for each in seen if self._is_looked_at(each))
        heads = dict(self._blobs.read_all(wanted, keep=HEAD_BYTES))
        for entry in seen:
            self._take(entry, heads)

    def _is_looked_at(self, entry: _Entry) -> bool:
        """Whether its first bytes will probably matter; they are read many at a time."""
        if entry.mode in (_LINK, _SUBMODULE) or not 0 < entry.size <= MAX_LOOKED_AT:
            return False
        if name_reason(entry.path) or by_name(entry.path, entry.size):
            return False
        return self._whole_folder(entry.path.rpartition("/")[0]) is None

    def _take(self, entry: _Entry, heads: Mapping[str, bytes]) -> None:
        path, folder = entry.path, entry.path.rpartition("/")[0]
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
        elif found := self._sieve.file(path, entry.size, lambda: self._head(entry, heads)):
            self.left_out[path] = found
        else:
            location = GitBlob(self._repository, entry.blob_id)
            self.files.append(SourceFile(path, entry.size, location, in_code=True))

    def _head(self, entry: _Entry, heads: Mapping[str, bytes]) -> bytes:
        if entry.size > MAX_LOOKED_AT:
            return b""
        known = heads.get(entry.blob_id)
        return self._blobs.read(entry.blob_id, keep=HEAD_BYTES) if known is None else known

    def _link_reason(self, entry: _Entry) -> str:
        if entry.size > _MAX_LINK:
            return "a symbolic link, not followed"
        target = self._blobs.read(entry.blob_id, keep=200).decode(errors="replace")
        return f"a symbolic link to {shown_name(target)!r}, not followed"

    def _whole_folder(self, folder: str) -> LeftOut | None:
        """The outermost folder around an entry that is left out as a whole."""
        if folder not in self._folders:
            above = self._whole_folder(folder.rpartition("/")[0])
            self._folders[folder] = above or self._sieve.folder(folder)
        return self._folders[folder]


def blob_ids(listing: SourceListing) -> Mapping[str, str]:
    """Git's hash of each file of a repository's listing, by path."""
    return {
        file.path: file.location.blob_id
        for file in listing.files
        if isinstance(file.location, GitBlob)
    }
