"""Folders and zip archives -> the files in them that docqa reads; the rest is named, with why.

Nothing outside of the folder or archive is ever read, and nothing is unpacked beyond a limit.
Repositories are listed by `docqa.readers.git`.
"""

import re
from collections.abc import Collection
from pathlib import Path

from docqa.errors import NotBuiltError, ReadError
from docqa.readers.archives import extract_member, is_archive, list_archive
from docqa.readers.folders import list_folder
from docqa.readers.listing import (
    ArchiveMember,
    GitBlob,
    SourceFile,
    SourceLimits,
    SourceListing,
)

__all__ = [
    "ArchiveMember",
    "GitBlob",
    "SourceFile",
    "SourceLimits",
    "SourceListing",
    "extract_member",
    "is_archive",
    "is_remote",
    "list_source",
]

_REMOTE = re.compile(r"(?:[a-z][a-z0-9+.-]*://|git@[\w.-]+:)", re.IGNORECASE)


def is_remote(path: str) -> bool:
    """Whether this is an address rather than a path on this machine."""
    return _REMOTE.match(path) is not None


def list_source(
    path: Path | str,
    *,
    name: str = "",
    limits: SourceLimits | None = None,
    put_back: Collection[str] = (),
) -> SourceListing:
    """The files of a folder or zip archive, or the one file; nothing is unpacked.

    `put_back` has paths that are read although they look generated, vendored, ignored or huge; a
    folder's path ends in `/`.

    Raises:
        NotBuiltError: If it is an address.
        UnsafePathError: If a member of the archive leads outside of it.
        ArchiveBombError: If the archive unpacks to more than the limits.
        BrokenFileError: If the archive cannot be read.
        ReadError: If there is no such path, or it holds more files than the limits say.
    """
    if is_remote(str(path)):
        raise NotBuiltError("reading web addresses")
    limits = limits or SourceLimits()
    path = Path(path)
    name = name or path.name
    if path.is_dir():
        return list_folder(path, name, limits, put_back)
    if not path.is_file():
        raise ReadError(name, "there is no such file or folder")
    if is_archive(path, name):
        return list_archive(path, name, limits, put_back)
    return SourceListing("file", name, (SourceFile(name, path.stat().st_size, path),))
