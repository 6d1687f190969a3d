"""One file -> a document: finds the reader, checks the size, says what is odd about the file."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from docqa.core.documents import ParsedDocument
from docqa.errors import EmptyFileError, FileTooLargeError, ReadError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.formats import (
    WHAT,
    Format,
    format_of,
    named_format,
    reads_otherwise_in_code,
)
from docqa.readers.registry import entry_for, reader_for
from docqa.readers.signatures import HEAD_BYTES


def parse_file(path: Path, name: str, options: ReaderOptions, progress: Progress) -> ParsedDocument:
    """The document in the file at `path`, called `name` by the user.

    Raises:
        ReadError: If it cannot be read: empty, too large, of an unknown kind, encrypted, broken.
    """
    try:
        size = path.stat().st_size
        if size == 0:
            raise EmptyFileError(name)
        if size > options.max_file_bytes:
            raise FileTooLargeError(name, size, options.max_file_bytes)
        head = _head(path)
        reader = reader_for(name, head, in_code=options.in_code)
        document = reader.read(path, name, options, progress)
    except OSError as error:
        raise ReadError(name, f"cannot be opened: {error.strerror or error}") from error
    odd = _disguise(name, head, options)
    return replace(document, notes=(odd, *document.notes)) if odd else document


def reader_name(path: Path, name: str, *, in_code: bool = False) -> str:
    """Name and version of the reader that `parse_file` would use; part of a version's identity.

    Raises:
        UnsupportedFileError: If there is none.
    """
    return entry_for(name, _head(path), in_code=in_code).name


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _disguise(name: str, head: bytes, options: ReaderOptions) -> str:
    """What to say of a file that is not what its name says."""
    named = named_format(name)
    found = format_of(name, head, in_code=options.in_code)
    if found is None or found == named or (options.in_code and reads_otherwise_in_code(name)):
        return ""
    suffix = PurePosixPath(name).suffix.lower()
    if named is not None:
        return f"its name ends in {suffix}, but it is {WHAT[found]} and was read as {_as(found)}"
    if found == "text":
        return ""
    ending = f".{found}" if found == "pdf" else "what such a file's does"
    return f"its name does not end in {ending}, but it is {WHAT[found]} and was read as one"


def _as(found: Format) -> str:
    return "text" if found == "text" else "one"
