"""The reader's protocol."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from docqa.core.documents import OCR_KINDS, SECRETS_SHOWN, ParsedDocument
from docqa.readers.ocr.setup import NO_OCR, OcrSetup, without_ocr

Progress = Callable[[int, int], None]
"""Called with (pages done, pages in all)."""


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """What changes a reading; part of a version's identity."""

    password: str | None = None
    """Never stored."""
    max_file_bytes: int = 1_000_000_000
    mask_secrets: bool = True
    """Whether what looks like a password, key or token is masked in the passages."""
    in_code: bool = False
    """Whether the file stands in a codebase, where web pages and tables are source files.

    The name of the reader that takes it tells, so it is no part of the identity by itself.
    """

    ocr: OcrSetup = NO_OCR
    """What reads pages that are pictures: part of the identity of documents that have such."""

    @property
    def identity(self) -> str:
        """What of this changes the passages: part of a version's identity; empty by default."""
        return "" if self.mask_secrets else SECRETS_SHOWN

    def identity_of(self, document: ParsedDocument) -> str:
        """That of a document read with these: also with what its pictures were read, if it has any.

        It says how many pages that was, so that reading again what failed makes a new version; and
        where nothing could read them, so that it is tried once something can.
        """
        if document.kind not in OCR_KINDS:
            return self.identity
        read = sum(page.status == "ocr" for page in document.pages)
        waits = any(page.has_unread_picture for page in document.pages)
        if not waits and not (read and self.ocr.engine):
            return self.identity
        told = self.ocr.identity_with(read)
        return f"{self.identity}; {told}" if self.identity else told

    def would_repeat(self, identity: str, waiting_pages: int) -> bool:
        """Whether a version of this identity would be the same if it were read again with these.

        `waiting_pages` is how many of its pages are pictures that nothing has read.
        """
        before, told = without_ocr(identity)
        return before == self.identity and self.ocr.would_repeat(told, waiting_pages)


class Reader(Protocol):
    """Turns one file into a document. Two methods; see `docqa.readers.registry` for the choice."""

    name: str
    """Name and version, for example `pdf/1`; a new version means documents may be read anew."""

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether this reader takes a file of this name that begins with these 4,096 bytes."""
        ...

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """Read the file at `path`, called `name` by the user.

        Raises:
            ReadError: If it cannot be read; nothing else but programming errors.
        """
        ...
