"""What a source holds: the values that the listings of folders, archives and repositories share."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from docqa.core.left_out import LeftOut
from docqa.errors import ReadError

MAX_PATH = 1_000
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """How much a source may hold; a source that goes beyond is refused as a whole."""

    max_file_bytes: int = 200_000_000
    """Larger files are left out, and named."""
    max_files: int = 100_000
    max_left_out: int = 500_000
    max_unpacked_bytes: int = 4_000_000_000
    max_ratio: int = 150
    """Unpacked to packed size of a member of more than 10 MB; text seldom reaches 20."""


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in an archive."""

    archive: Path
    member: str


@dataclass(frozen=True, slots=True)
class GitBlob:
    """A file in a repository that docqa keeps; `blob_id` is git's hash of its bytes."""

    repository: Path
    blob_id: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its path relative to the source (with `/`), and where its bytes are."""

    path: str
    size: int
    location: Path | ArchiveMember | GitBlob
    in_code: bool = False
    """Whether it stands among code; see `docqa.readers.formats`."""


@dataclass(frozen=True, slots=True)
class SourceListing:
    """What a source holds, in path order; a folder that is left out as a whole ends in `/`."""

    kind: Literal["file", "folder", "archive", "git"]
    name: str
    files: tuple[SourceFile, ...]
    left_out: tuple[LeftOut, ...] = ()
    revision: str = ""
    """Commit that was listed, for a repository."""

    @property
    def skipped(self) -> tuple[tuple[str, str], ...]:
        """Path and reason, in words, of all that is left out."""
        return tuple((each.path, each.reason) for each in self.left_out)


def path_order(path: str) -> list[str]:
    """The key by which paths are sorted: a folder's files stand together."""
    return path.split("/")


def name_reason(path: str) -> str:
    """Why no file of this path is read; empty if one can be."""
    if not path.isprintable() or "\\" in path:
        return "its name is not valid text"
    if len(path) > MAX_PATH or path.count("/") > MAX_DEPTH:
        return "its path is too long"
    return ""


def shown_name(path: str) -> str:
    """The path with what cannot be printed escaped, shortened where it is endless."""
    path = path if len(path) <= MAX_PATH else f"{path[:MAX_PATH]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)


def climbs(path: str) -> bool:
    """Whether a path that should lie in a source leads out of it."""
    normal = path.replace("\\", "/")
    return (
        normal.startswith("/")
        or ".." in normal.split("/")
        or re.match(r"[a-zA-Z]:", normal) is not None
    )


def check_counts(name: str, files: int, left_out: int, limits: SourceLimits) -> None:
    """Stop a listing that is too long.

    Raises:
        ReadError: If the source has more files than the limits say.
    """
    if files > limits.max_files:
        raise ReadError(
            name,
            f"has more than {limits.max_files:,} files to read; name what is not wanted in a"
            " .docqaignore, or add folders of it",
        )
    if left_out > limits.max_left_out:
        raise ReadError(
            name, f"has more than {limits.max_left_out:,} folders and files that are left out"
        )
