"""OpenDocument texts (.odt): text in order, numbers, tables, notes, headers and comments."""

from pathlib import Path, PurePosixPath

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError, ReadError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.office import building
from docqa.readers.office.building import Blocks, document_of
from docqa.readers.office.odt_events import BODY, EDGES, SKIPPED, OdtEvents, OdtFacts
from docqa.readers.office.odt_styles import OdtStyles, named
from docqa.readers.office.xml import feed
from docqa.readers.office.zipped import ZippedFile, opened

ODT_SUFFIXES = frozenset((".odt", ".ott", ".odm"))

_MIMETYPE = b"mimetypeapplication/vnd.oasis.opendocument.text"


class OdtReader:
    """Reads the document as it stands, with changes accepted, and without a layout."""

    name = "odt/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether the archive says that it is a text, or its name does."""
        if not head.startswith(b"PK\x03\x04"):
            return False
        return _MIMETYPE in head[:120] or PurePosixPath(name.lower()).suffix in ODT_SUFFIXES

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document; notes, comments and headers are parts of their own behind the text.

        Raises:
            DocumentBombError: If it unpacks to far more than its size.
            BrokenFileError: If it is damaged, or no text of OpenDocument.
            EmptyFileError: If there is no text in it.
            ReadError: If it is encrypted, or has too much text.
        """
        blocks, facts = Blocks(name), OdtFacts()
        with opened(path, name) as parts:
            _refuse_encrypted(parts, name)
            styles = OdtStyles()
            for part in ("styles.xml", "content.xml"):
                if part not in parts:
                    continue
                with parts.open(part) as stream:
                    feed(stream, styles, name, named=named, skipped=BODY)
            with parts.open("content.xml") as stream:
                feed(stream, OdtEvents(blocks, styles, facts), name, named=named, skipped=SKIPPED)
            if not facts.is_text:
                raise BrokenFileError(name, "is a zip archive, but no OpenDocument text")
            facts.add_asides(blocks)
            _add_edges(parts, blocks, styles, name)
        blocks.notes.extend(facts.unread())
        return document_of(blocks, name, options, reader=self.name, title=facts.title)


def _refuse_encrypted(parts: ZippedFile, name: str) -> None:
    manifest = "META-INF/manifest.xml"
    if "encrypted-package" in parts or (
        manifest in parts and b"encryption-data" in parts.read(manifest)
    ):
        raise ReadError(name, "is protected by a password; save a copy of it without one")


def _add_edges(parts: ZippedFile, blocks: Blocks, styles: OdtStyles, name: str) -> None:
    """Headers and footers, each text once, however many page styles repeat it."""
    if "styles.xml" not in parts:
        return
    found = Blocks(name)
    with parts.open("styles.xml") as stream:
        events = OdtEvents(found, styles, OdtFacts(), EDGES)
        feed(stream, events, name, named=named, skipped=SKIPPED)
    blocks.enter(building.EDGES)
    for text in dict.fromkeys(block.text for block in found.found):
        blocks.add(text)
