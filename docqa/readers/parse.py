"""One file -> a document: finds the reader, checks the size, says what is odd about the file."""

from dataclasses import replace
from pathlib import Path

from docqa.core.documents import ParsedDocument
from docqa.errors import EmptyFileError, FileTooLargeError, ReadError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.registry import reader_for
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
        reader = reader_for(name, _head(path))
        document = reader.read(path, name, options, progress)
    except OSError as error:
        raise ReadError(name, f"cannot be opened: {error.strerror or error}") from error
    odd = _disguise(name, document)
    return replace(document, notes=(odd, *document.notes)) if odd else document


def reader_name(path: Path, name: str) -> str:
    """Name and version of the reader that `parse_file` would use; part of a version's identity.

    Raises:
        UnsupportedFileError: If there is none.
    """
    return reader_for(name, _head(path)).name


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _disguise(name: str, document: ParsedDocument) -> str:
    named_pdf = name.lower().endswith(".pdf")
    if named_pdf and document.kind != "pdf":
        return "its name ends in .pdf, but it is text and was read as text"
    if document.kind == "pdf" and not named_pdf:
        return "its name does not end in .pdf, but it is a PDF and was read as one"
    return ""
