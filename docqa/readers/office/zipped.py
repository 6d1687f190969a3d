"""Office files that are zip archives: their parts, read within bounds and never unpacked."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path
from typing import IO

from docqa.errors import BrokenFileError, DocumentBombError, ReadError

MOST_PARTS = 50_000
MOST_PART_BYTES = 1_000_000_000
"""Of a part, unpacked; the text of 10,000 pages takes about 200 MB of XML."""
MOST_BYTES = 4_000_000_000
"""Of all parts together, unpacked."""
MOST_RATIO = 200
"""Unpacked to packed size, of a part of more than `SMALL_BYTES` and of all parts together; a dull
table reaches 100."""
SMALL_BYTES = 50_000_000

_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, EOFError, ValueError),
)


class ZippedFile:
    """The parts of an office file. A part's name is matched whatever its case."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._parts = {info.filename.lstrip("/").lower(): info for info in archive.infolist()}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts, in lower case, in the order of the archive."""
        return tuple(self._parts)

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._parts

    def size(self, part: str) -> int:
        """Unpacked bytes of a part; 0 if there is no such part."""
        info = self._parts.get(part.lower())
        return 0 if info is None else info.file_size

    def packed_size(self, part: str) -> int:
        """Bytes of a part as it is in the archive; 0 if there is no such part."""
        info = self._parts.get(part.lower())
        return 0 if info is None else info.compress_size

    def open(self, part: str) -> IO[bytes]:
        """A part as a stream, which gives no more bytes than the archive says.

        Raises:
            BrokenFileError: If there is no such part, or it cannot be unpacked.
            ReadError: If it is encrypted.
        """
        info = self._parts.get(part.lower())
        if info is None:
            raise BrokenFileError(self._name, f"has no part {part!r}")
        if info.flag_bits & 0x1:
            raise ReadError(self._name, f"its part {part!r} is encrypted")
        with translated(self._name):
            return self._archive.open(info)

    def read(self, part: str, most: int = SMALL_BYTES) -> bytes:
        """All bytes of a part that has to be small.

        Raises:
            BrokenFileError: If there is no such part, or it cannot be unpacked.
            DocumentBombError: If it has more than `most` bytes.
            ReadError: If it is encrypted.
        """
        with self.open(part) as stream, translated(self._name):
            data = stream.read(most + 1)
        if len(data) > most:
            raise DocumentBombError(
                self._name, f"its part {part!r} has more than {most / 1e6:,.0f} MB"
            )
        return data


@contextmanager
def opened(path: Path, name: str) -> Iterator[ZippedFile]:
    """The office file at `path`, after a look at what it would unpack to.

    Raises:
        DocumentBombError: If that is beyond the limits above.
        BrokenFileError: If it is no zip archive, or a damaged one.
    """
    with translated(name):
        archive = zipfile.ZipFile(path)
    with archive:
        _refuse_bombs(archive.infolist(), name)
        yield ZippedFile(archive, name)


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Errors of the archive as docqa's.

    Raises:
        BrokenFileError: In place of what `zipfile` raises for damaged archives.
    """
    try:
        yield
    except _ZIP_ERRORS as error:
        raise BrokenFileError(name, f"cannot be unpacked ({error or 'it ends early'})") from error


def _refuse_bombs(parts: list[zipfile.ZipInfo], name: str) -> None:
    if len(parts) > MOST_PARTS:
        raise DocumentBombError(
            name, f"holds {len(parts):,} parts, at most {MOST_PARTS:,} are taken"
        )
    for info in parts:
        packed = max(info.compress_size, 1)
        too_dense = info.file_size > SMALL_BYTES and info.file_size > MOST_RATIO * packed
        if too_dense or info.file_size > MOST_PART_BYTES:
            raise DocumentBombError(
                name,
                f"its part {info.filename[:100]!r} unpacks to {info.file_size / 1e6:,.0f} MB"
                f" from {packed / 1e6:,.2f} MB",
            )
    total = sum(info.file_size for info in parts)
    if total > MOST_BYTES:
        raise DocumentBombError(
            name,
            f"unpacks to {total / 1e6:,.0f} MB, at most {MOST_BYTES / 1e6:,.0f} MB are taken",
        )
    refuse_dense(name, total, sum(info.compress_size for info in parts), SMALL_BYTES)


def refuse_dense(name: str, total: int, packed: int, small: int) -> None:
    """Return if parts of these bytes, unpacked and packed, are no bomb; at most `small` never are.

    Raises:
        DocumentBombError: If they unpack to more than `MOST_RATIO` times their size.
    """
    if total > small and total > MOST_RATIO * max(packed, 1):
        raise DocumentBombError(
            name,
            f"its parts unpack to {total / 1e6:,.0f} MB from {packed / 1e6:,.2f} MB",
        )
