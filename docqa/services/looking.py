"""A source as it looks now: its files, what is left out, and at which revision."""

import hashlib
import struct
import zlib
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedIOBase
from lzma import LZMAError
from pathlib import Path
from typing import cast
from zipfile import BadZipFile, ZipFile

from docqa.core.left_out import LeftOut
from docqa.errors import EmptyFileError
from docqa.readers.git import working_tree
from docqa.readers.ocr.setup import OcrSetup
from docqa.readers.sources import ArchiveMember, SourceFile, list_source
from docqa.services.source_changes import SourceChanges, compare, is_current
from docqa.store.source_files import KnownFile
from docqa.store.values import SourceKind, SourceOptions

_READ_ERRORS = (
    *(OSError, BadZipFile, zlib.error, LZMAError, struct.error),
    *(RuntimeError, EOFError, ValueError),
)
"""Of a file that is missing or a damaged member of an archive."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A source as it was found."""

    kind: SourceKind
    name: str
    uri: str
    files: tuple[SourceFile, ...]
    """What can be read, in path order."""
    left_out: tuple[LeftOut, ...]
    """What is not read, in path order."""
    revision: str = ""
    """Commit; empty outside of a repository."""
    ref: str = ""
    committed_at: float = 0.0
    dirty: frozenset[str] = frozenset()
    """Paths of a working tree that differ from its commit."""
    repository: Path | None = None
    """Where the commits of a git source are kept."""

    @property
    def size(self) -> int:
        """Bytes of the files."""
        return sum(file.size for file in self.files)

    @property
    def is_whole(self) -> bool:
        """Whether a file that is not in it is gone: what is uploaded may be a part."""
        return self.kind == "git" or Path(self.uri).is_absolute()

    @property
    def moment(self) -> str:
        """What is said of a file that is gone: since this revision, or since this day."""
        return self.revision if self.kind == "git" else datetime.now(UTC).date().isoformat()

    def revision_of(self, path: str) -> str:
        """The commit that has the file as it is; empty if none has."""
        return "" if path in self.dirty else self.revision


def look_at(path: Path, *, name: str = "", uri: str = "", put_back: Collection[str] = ()) -> Looked:
    """What a folder or archive holds; a folder that is a working tree tells its commit.

    Raises:
        ReadError: If it cannot be read, or there is nothing in it.
    """
    name = name or path.name or str(path)
    listing = list_source(path, name=name, put_back=put_back)
    if not listing.files and not listing.left_out:
        raise EmptyFileError(name, "there is nothing in it")
    uri = uri or str(path)
    git = None
    if listing.kind == "folder" and Path(uri).is_absolute():
        git = working_tree(path, [file.path for file in listing.files])
    return Looked(
        kind=listing.kind,
        name=name,
        uri=uri,
        files=listing.files,
        left_out=listing.left_out,
        revision=git.revision if git else "",
        dirty=git.dirty if git else frozenset(),
    )


def changes_by_content(
    looked: Looked, known: Mapping[str, KnownFile], options: SourceOptions, *, ocr: OcrSetup
) -> SourceChanges:
    """What changed in a folder or archive; only files of the same size as before are opened."""
    with ExitStack() as stack:
        archives: dict[Path, ZipFile] = {}

        def same(file: SourceFile, before: KnownFile) -> bool:
            if file.size != before.size or not is_current(before, file, options, ocr):
                return False
            try:
                with _opened(file, archives, stack) as stream:
                    return hashlib.file_digest(stream, "sha256").hexdigest() == before.content_hash
            except _READ_ERRORS:
                return False  # reading it will say what is wrong

        return compare(looked.files, looked.left_out, known, same, whole=looked.is_whole)


def changes_by_commit(
    looked: Looked,
    known: Mapping[str, KnownFile],
    options: SourceOptions,
    differing: frozenset[str] | None,
    *,
    ocr: OcrSetup,
) -> SourceChanges:
    """What may have changed in a repository: paths that differ between its commits.

    `differing` is None where that is not known; then all may have.
    """

    def same(file: SourceFile, before: KnownFile) -> bool:
        return (
            differing is not None
            and file.path not in differing
            and is_current(before, file, options, ocr)
        )

    return compare(looked.files, looked.left_out, known, same)


def changes_by_hash(
    looked: Looked,
    known: Mapping[str, KnownFile],
    options: SourceOptions,
    hashes: Mapping[str, str],
    *,
    ocr: OcrSetup,
) -> SourceChanges:
    """What changed in a repository; `hashes` are those of the files that may have."""

    def same(file: SourceFile, before: KnownFile) -> bool:
        return hashes.get(file.path, before.content_hash) == before.content_hash and is_current(
            before, file, options, ocr
        )

    return compare(looked.files, looked.left_out, known, same)


def _opened(file: SourceFile, archives: dict[Path, ZipFile], stack: ExitStack) -> BufferedIOBase:
    """A file's bytes; an archive is opened once for all of its members."""
    place = file.location
    if not isinstance(place, ArchiveMember):
        assert isinstance(place, Path)
        return place.open("rb")
    if place.archive not in archives:
        archives[place.archive] = stack.enter_context(ZipFile(place.archive))
    return cast("BufferedIOBase", archives[place.archive].open(place.member))
