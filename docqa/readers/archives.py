"""Zip archives: the files in them that are read, without unpacking them; one member unpacked."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from lzma import LZMAError
from pathlib import Path, PurePosixPath

from docqa.core.left_out import LeftOut
from docqa.errors import (
    ArchiveBombError,
    BrokenFileError,
    FileTooLargeError,
    ReadError,
    UnsafePathError,
)
from docqa.readers.formats import format_of
from docqa.readers.ignoring import MAX_RULE_BYTES, RULE_FILES, Rules
from docqa.readers.left_out import HEAD_BYTES, is_code_root
from docqa.readers.listing import (
    ArchiveMember,
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

_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, EOFError, ValueError),
)
_CHUNK_BYTES = 1 << 20


def is_archive(path: Path, name: str) -> bool:
    """Whether the file at `path`, called `name`, is a zip archive of files to read.

    Office documents are zip files too; they are read, not listed.
    """
    suffix = PurePosixPath(name.lower()).suffix
    if suffix not in (".zip", "") or not path.is_file() or not zipfile.is_zipfile(path):
        return False
    with path.open("rb") as file:
        return format_of(name, file.read(HEAD_BYTES)) is None


def list_archive(
    path: Path, name: str, limits: SourceLimits, put_back: Collection[str] = ()
) -> SourceListing:
    """The files of a zip archive; nothing is unpacked but the first bytes of each.

    Raises:
        UnsafePathError: If a member of the archive leads outside of it.
        ArchiveBombError: If the archive unpacks to more than the limits.
        BrokenFileError: If the archive cannot be read.
    """
    with _opened(path, name) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        _refuse_dangerous(members, name, limits)
        listing = _Members(archive, path, _sieve(archive, members, limits, put_back))
        for info in members:
            listing.take(info)
    check_counts(name, len(listing.files), len(listing.left_out), limits)
    files = sorted(listing.files.values(), key=lambda file: path_order(file.path))
    left_out = sorted(listing.left_out.values(), key=lambda each: path_order(each.path))
    return SourceListing("archive", name, tuple(files), tuple(left_out))


def _sieve(
    archive: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    limits: SourceLimits,
    put_back: Collection[str],
) -> Sieve:
    rules = Rules()
    shallow: set[str] = set()
    for info in members:
        folder, _, base = info.filename.rpartition("/")
        if folder.count("/") <= 1:
            shallow.add(base)
        for file in RULE_FILES:
            if base == file and info.file_size < MAX_RULE_BYTES and not info.flag_bits & 0x1:
                try:
                    text = _start(archive, info, MAX_RULE_BYTES).decode(errors="replace")
                except (*_ZIP_ERRORS, OSError):
                    continue  # as good as absent; its own entry says that it is damaged
                rules.add(folder, file, text)
    return Sieve(rules, limits, put_back, is_code=is_code_root(shallow))


class _Members:
    """Sorts the members of an archive into those that are read and those that are not."""

    def __init__(self, archive: zipfile.ZipFile, path: Path, sieve: Sieve) -> None:
        self._archive = archive
        self._path = path
        self._sieve = sieve
        self._folders: dict[str, LeftOut | None] = {"": None}
        self.files: dict[str, SourceFile] = {}
        self.left_out: dict[str, LeftOut] = {}

    def take(self, info: zipfile.ZipInfo) -> None:
        """Put one member where it belongs."""
        path, folder = info.filename, info.filename.rpartition("/")[0]
        if not HIDDEN_FOLDERS.isdisjoint(folder.split("/")):
            return
        if reason := name_reason(path):
            self._leave_out(LeftOut(shown_name(path), reason, "unsafe", info.file_size))
        elif whole := self._whole_folder(folder):
            known = self.left_out.get(whole.path, whole)
            self.left_out[whole.path] = replace(known, size=known.size + info.file_size)
        elif path in self.files:
            reason = "a second member of this name"
            self._leave_out(LeftOut(path, reason, "unreadable", info.file_size))
        elif found := self._reason(info):
            self._leave_out(found)
        else:
            place = ArchiveMember(self._path, path)
            self.files[path] = SourceFile(path, info.file_size, place, self._sieve.in_code(path))

    def _leave_out(self, found: LeftOut) -> None:
        self.left_out[found.path] = found

    def _whole_folder(self, folder: str) -> LeftOut | None:
        """The outermost folder around a member that is left out as a whole."""
        if folder not in self._folders:
            above = self._whole_folder(folder.rpartition("/")[0])
            self._folders[folder] = above or self._sieve.folder(folder)
        return self._folders[folder]

    def _reason(self, info: zipfile.ZipInfo) -> LeftOut | None:
        path, size = info.filename, info.file_size
        if stat.S_ISLNK(info.external_attr >> 16):
            return LeftOut(path, "refused: a symbolic link in an archive", "link")
        if info.flag_bits & 0x1:
            return LeftOut(path, "encrypted", "unreadable", size)
        try:
            return self._sieve.file(path, size, lambda: _start(self._archive, info, HEAD_BYTES))
        except (*_ZIP_ERRORS, OSError) as error:
            return LeftOut(path, f"cannot be unpacked: {error}", "unreadable", size)


def _opened(path: Path, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _ZIP_ERRORS as error:
        raise BrokenFileError(name, f"a zip archive that cannot be read ({error})") from error


def _refuse_dangerous(members: list[zipfile.ZipInfo], name: str, limits: SourceLimits) -> None:
    """Raise for an archive that was made to do harm."""
    if len(members) > limits.max_files:
        raise ArchiveBombError(
            name, f"holds {len(members):,} files, at most {limits.max_files:,} are taken"
        )
    for info in members:
        if climbs(info.filename):
            raise UnsafePathError(
                name, f"its member {shown_name(info.filename)!r} leads outside of it"
            )
        if info.file_size > 10_000_000 and info.file_size > limits.max_ratio * max(
            info.compress_size, 1
        ):
            raise ArchiveBombError(
                name,
                f"its member {shown_name(info.filename)!r} unpacks to"
                f" {info.file_size / 1e6:,.0f} MB from {info.compress_size / 1e6:,.2f} MB",
            )
    total = sum(info.file_size for info in members)
    if total > limits.max_unpacked_bytes:
        raise ArchiveBombError(
            name,
            f"unpacks to {total / 1e6:,.0f} MB,"
            f" at most {limits.max_unpacked_bytes / 1e6:,.0f} MB are taken",
        )


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
    if climbs(member):
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
        except (*_ZIP_ERRORS, OSError) as error:
            # An error of bzip2 has no number; one of the disk has, and is no fault of the archive.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise BrokenFileError(member, f"cannot be unpacked ({error})") from error
    return target


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(info) as source:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk
