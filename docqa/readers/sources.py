"""Folders and zip archives -> the files in them that docqa reads; the rest is named, with why.

Nothing outside of the folder or archive is ever read, and nothing is unpacked beyond a limit.
"""

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from pathspec import GitIgnoreSpec

from docqa.errors import (
    ArchiveBombError,
    BrokenFileError,
    FileTooLargeError,
    NotBuiltError,
    ReadError,
    UnsafePathError,
)
from docqa.readers.signatures import HEAD_BYTES, unsupported_reason

_REMOTE = re.compile(r"(?:[a-z][a-z0-9+.-]*://|git@[\w.-]+:)", re.IGNORECASE)
_HIDDEN_FOLDERS = frozenset((".git", ".hg", ".svn", "__pycache__", "__MACOSX"))
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".7z", ".rar", ".jar", ".whl")
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """How much a source may hold; an archive that goes beyond is refused as a whole."""

    max_file_bytes: int = 200_000_000
    """Larger files are skipped, and named."""
    max_files: int = 100_000
    max_unpacked_bytes: int = 4_000_000_000
    max_ratio: int = 150
    """Unpacked to packed size of a member of more than 10 MB; text seldom reaches 20."""


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in an archive."""

    archive: Path
    member: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its path relative to the source (with `/`), and where its bytes are."""

    path: str
    size: int
    location: Path | ArchiveMember


@dataclass(frozen=True, slots=True)
class SourceListing:
    """What a source holds, in path order. `skipped` has (path, reason in words)."""

    kind: Literal["file", "folder", "archive"]
    name: str
    files: tuple[SourceFile, ...]
    skipped: tuple[tuple[str, str], ...] = ()


def is_remote(path: str) -> bool:
    """Whether this is an address rather than a path on this machine."""
    return _REMOTE.match(path) is not None


def is_archive(path: Path, name: str) -> bool:
    """Whether the file at `path`, called `name`, is a zip archive of files to read."""
    suffix = PurePosixPath(name.lower()).suffix
    return suffix in (".zip", "") and path.is_file() and zipfile.is_zipfile(path)


def list_source(
    path: Path | str, *, name: str = "", limits: SourceLimits | None = None
) -> SourceListing:
    """The files of a folder or zip archive, or the one file; nothing is unpacked.

    Raises:
        NotBuiltError: If it is an address.
        UnsafePathError: If a member of the archive leads outside of it.
        ArchiveBombError: If the archive unpacks to more than the limits.
        BrokenFileError: If the archive cannot be read.
        ReadError: If there is no such path.
    """
    if is_remote(str(path)):
        raise NotBuiltError("reading Git repositories and web addresses")
    limits = limits or SourceLimits()
    path = Path(path)
    name = name or path.name
    if path.is_dir():
        return _Folder(path.resolve(), limits).listing(name)
    if not path.is_file():
        raise ReadError(name, "there is no such file or folder")
    if is_archive(path, name):
        return _archive_listing(path, name, limits)
    return SourceListing("file", name, (SourceFile(name, path.stat().st_size, path),))


# Folders


class _Ignored:
    """The rules of `.gitignore` files, the deepest that says something about a path decides."""

    def __init__(self) -> None:
        self._specs: dict[str, GitIgnoreSpec] = {}

    def add(self, folder: str, text: str) -> None:
        """The rules that hold below `folder` (`""` is the top)."""
        try:
            self._specs[folder] = GitIgnoreSpec.from_lines(text.splitlines())
        except ValueError:
            return  # a pattern that git would not understand either: the file is as good as absent

    def __call__(self, path: str) -> bool:
        """Whether git would ignore the path; a folder ends in `/`."""
        if not self._specs:
            return False
        folders = [str(parent) for parent in PurePosixPath(path).parents]
        for folder in folders:
            key = "" if folder == "." else folder
            spec = self._specs.get(key)
            if spec is None:
                continue
            below = path[len(key) + 1 :] if key else path
            decided = spec.check_file(below).include
            if decided is not None:
                return decided
        return False


@dataclass(slots=True)
class _Folder:
    """Walks a folder without following a single link."""

    root: Path
    limits: SourceLimits
    files: list[SourceFile] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    ignored: _Ignored = field(default_factory=_Ignored)

    def listing(self, name: str) -> SourceListing:
        """All that is in the folder, in path order."""
        pending = [""]
        while pending:
            pending.extend(reversed(self._folder(pending.pop())))
            if len(self.files) > self.limits.max_files:
                raise ReadError(name, f"has more than {self.limits.max_files:,} files")
        files = sorted(self.files, key=lambda file: file.path.split("/"))
        return SourceListing("folder", name, tuple(files), tuple(sorted(self.skipped)))

    def _folder(self, folder: str) -> list[str]:
        """Take the files of one folder; returns the folders in it."""
        try:
            with os.scandir(self.root / folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.skipped.append((f"{folder}/", f"cannot be opened: {error.strerror or error}"))
            return []
        rules = next((entry for entry in entries if entry.name == ".gitignore"), None)
        if rules is not None and rules.is_file(follow_symlinks=False):
            self.ignored.add(folder, _rules(Path(rules.path)))
        folders = []
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name in _HIDDEN_FOLDERS:
                    continue
                if not _readable_name(path):
                    self.skipped.append((_shown(path) + "/", "its name is not valid text"))
                elif self.ignored(f"{path}/"):
                    self.skipped.append((f"{path}/", "ignored by .gitignore"))
                else:
                    folders.append(path)
                continue
            reason = self._reason(entry, path)
            if reason:
                self.skipped.append((_shown(path), reason))
            else:
                size = entry.stat(follow_symlinks=False).st_size
                self.files.append(SourceFile(path, size, Path(entry.path)))
        return folders

    def _reason(self, entry: "os.DirEntry[str]", path: str) -> str:
        """Why a file is not read; empty if it is."""
        if not _readable_name(path):
            return "its name is not valid text"
        if entry.is_symlink():
            return self._link_reason(Path(entry.path))
        if not entry.is_file(follow_symlinks=False):
            return "not a regular file"
        if self.ignored(path):
            return "ignored by .gitignore"
        size = entry.stat(follow_symlinks=False).st_size
        return _content_reason(path, size, self.limits, lambda: _file_head(Path(entry.path)))

    def _link_reason(self, path: Path) -> str:
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # Python 3.11 and 3.12 raise RuntimeError for a loop
            return "a symbolic link that leads nowhere or to itself"
        if not target.is_relative_to(self.root):
            return "refused: a symbolic link that leaves the folder"
        return f"a symbolic link to {target.relative_to(self.root).as_posix()!r}, read there"


def _rules(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _file_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _readable_name(path: str) -> bool:
    return path.isprintable() and "\\" not in path


def _shown(path: str) -> str:
    """The path with what cannot be printed escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)


def _content_reason(path: str, size: int, limits: SourceLimits, head: Callable[[], bytes]) -> str:
    """Why a file of this size and beginning is not read; empty if it is."""
    if size == 0:
        return "empty"
    if size > limits.max_file_bytes:
        return f"has {size / 1e6:,.0f} MB, the limit is {limits.max_file_bytes / 1e6:,.0f} MB"
    try:
        begins = head()
    except OSError as error:
        return f"cannot be opened: {error.strerror or error}"
    except _ZIP_ERRORS as error:
        return f"cannot be unpacked: {error}"
    reason = unsupported_reason(path, begins)
    if "archive" in reason and path.lower().endswith(_ARCHIVES):
        return "an archive; unpack it to add what is in it"
    return reason


# Archives


def _archive_listing(path: Path, name: str, limits: SourceLimits) -> SourceListing:
    with _opened(path, name) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        _refuse_dangerous(members, name, limits)
        ignored = _Ignored()
        for info in members:
            if PurePosixPath(info.filename).name == ".gitignore" and info.file_size < 1_000_000:
                folder = info.filename.rpartition("/")[0]
                ignored.add(folder, _start(archive, info, 1_000_000).decode(errors="replace"))
        files: list[SourceFile] = []
        skipped: list[tuple[str, str]] = []
        taken: set[str] = set()
        for info in members:
            if _HIDDEN_FOLDERS.intersection(info.filename.split("/")[:-1]):
                continue
            reason = _member_reason(archive, info, limits, ignored)
            if info.filename in taken:
                reason = "a second member of this name"
            taken.add(info.filename)
            if reason:
                skipped.append((_shown(info.filename), reason))
            else:
                location = ArchiveMember(path, info.filename)
                files.append(SourceFile(info.filename, info.file_size, location))
    files.sort(key=lambda file: file.path.split("/"))
    return SourceListing("archive", name, tuple(files), tuple(sorted(skipped)))


def _opened(path: Path, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (*_ZIP_ERRORS, ValueError) as error:
        raise BrokenFileError(name, f"a zip archive that cannot be read ({error})") from error


def _refuse_dangerous(members: list[zipfile.ZipInfo], name: str, limits: SourceLimits) -> None:
    """Raise for an archive that was made to do harm."""
    if len(members) > limits.max_files:
        raise ArchiveBombError(
            name, f"holds {len(members):,} files, at most {limits.max_files:,} are taken"
        )
    for info in members:
        if _climbs(info.filename):
            raise UnsafePathError(name, f"its member {info.filename!r} leads outside of it")
        if info.file_size > 10_000_000 and info.file_size > limits.max_ratio * max(
            info.compress_size, 1
        ):
            raise ArchiveBombError(
                name,
                f"its member {info.filename!r} unpacks to {info.file_size / 1e6:,.0f} MB"
                f" from {info.compress_size / 1e6:,.2f} MB",
            )
    total = sum(info.file_size for info in members)
    if total > limits.max_unpacked_bytes:
        raise ArchiveBombError(
            name,
            f"unpacks to {total / 1e6:,.0f} MB,"
            f" at most {limits.max_unpacked_bytes / 1e6:,.0f} MB are taken",
        )


def _climbs(member: str) -> bool:
    normal = member.replace("\\", "/")
    return (
        normal.startswith("/")
        or ".." in normal.split("/")
        or re.match(r"[a-zA-Z]:", normal) is not None
    )


def _member_reason(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: SourceLimits, ignored: _Ignored
) -> str:
    """Why a member is not read; empty if it is."""
    if not _readable_name(info.filename):
        return "its name is not valid text"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "refused: a symbolic link in an archive"
    if info.flag_bits & 0x1:
        return "encrypted"
    if _is_ignored(info.filename, ignored):
        return "ignored by .gitignore"
    return _content_reason(
        info.filename, info.file_size, limits, lambda: _start(archive, info, HEAD_BYTES)
    )


def _is_ignored(path: str, ignored: _Ignored) -> bool:
    parts = path.split("/")
    folders = ("/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))
    return ignored(path) or any(ignored(folder) for folder in folders)


def _start(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> bytes:
    with archive.open(info) as member:
        return member.read(size)


def extract_member(archive: Path, member: str, folder: Path, limit: int) -> Path:
    """Unpack one member into the folder, under a name of ours; returns where it lies.

    Raises:
        UnsafePathError: If the member's name leads outside of the archive.
        FileTooLargeError: If more than `limit` bytes come out, whatever the archive claims.
        ReadError: If there is no such member, or it is encrypted.
        BrokenFileError: If it is damaged.
    """
    if _climbs(member):
        raise UnsafePathError(member, "leads outside of the archive")
    with _opened(archive, member) as opened:
        try:
            info = opened.getinfo(member)
        except KeyError as error:
            raise ReadError(member, "is not in the archive any more") from error
        if info.flag_bits & 0x1:
            raise ReadError(member, "is encrypted within the archive")
        target = folder / f"member{PurePosixPath(member).suffix[:16]}"
        size = 0
        try:
            with target.open("wb") as out:
                for chunk in _chunks(opened, info):
                    size += len(chunk)
                    if size > limit:
                        raise FileTooLargeError(member, size, limit)
                    out.write(chunk)
        except _ZIP_ERRORS as error:
            raise BrokenFileError(member, f"cannot be unpacked ({error})") from error
    return target


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(info) as source:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk
