"""Word documents (.docx): text in order, numbers, tables, notes, headers and comments."""

import posixpath
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from lxml import etree

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.office import building
from docqa.readers.office.building import Blocks, document_of
from docqa.readers.office.docx_events import SKIPPED, DocxEvents, DocxFacts
from docqa.readers.office.docx_numbering import Numbering
from docqa.readers.office.docx_styles import Styles, local_tag
from docqa.readers.office.numerals import note_mark
from docqa.readers.office.xml import Attributes, Handler, feed, tree, value
from docqa.readers.office.zipped import ZippedFile, opened

DOCX_SUFFIXES = frozenset((".docx", ".docm", ".dotx", ".dotm"))

_MAIN = "word/document.xml"
_DIGITS = re.compile(r"\d+")

Relations = dict[str, list[str]]
"""The last word of a relation's type -> the parts it leads to."""


class DocxReader:
    """Reads the document as Word shows it with all changes accepted, and without a layout."""

    name = "docx/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether it is a zip archive that its name or its first part's name says is Word's."""
        if not head.startswith(b"PK\x03\x04"):
            return False
        suffix = PurePosixPath(name.lower()).suffix
        return suffix in DOCX_SUFFIXES or (b"[Content_Types].xml" in head and b"word/" in head)

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document; notes, headers and comments are parts of their own behind the text.

        Raises:
            DocumentBombError: If it unpacks to far more than its size.
            BrokenFileError: If it is damaged, or no Word document.
            EmptyFileError: If there is no text in it.
            ReadError: If it is encrypted, or has too much text.
        """
        with opened(path, name) as parts:
            blocks = Blocks(name)
            facts = _Document(parts, name, blocks).read()
        blocks.notes.extend(facts.unread())
        return document_of(blocks, name, options, reader=self.name, title=facts.title)


class _Document:
    """The parts of one document, read in the order a person would."""

    def __init__(self, parts: ZippedFile, name: str, blocks: Blocks) -> None:
        self._parts = parts
        self._name = name
        self._blocks = blocks
        self._facts = DocxFacts()
        main = self._relations("").get("officeDocument", [_MAIN])[0]
        self._main = main if main in parts else _MAIN
        self._related = self._relations(self._main)
        self._styles = Styles(self._tree("styles"))
        self._numbering = Numbering(self._tree("numbering"))

    def read(self) -> DocxFacts:
        self._feed(self._main, self._events(self._blocks))
        if not self._facts.is_document:
            raise BrokenFileError(self._name, "is a zip archive, but no Word document")
        for kind, part, marks in (
            ("footnotes", building.FOOTNOTES, self._facts.footnotes),
            ("endnotes", building.ENDNOTES, self._facts.endnotes),
        ):
            notes = self._texts(kind)
            self._blocks.enter(part)
            for note_id, count in marks.items():
                if text := notes.get(note_id, ""):
                    mark = note_mark(count, at_end=kind == "endnotes")
                    self._blocks.add(f"{mark} {text}", number=count)
        self._blocks.enter(building.COMMENTS)
        for text in self._texts("comments").values():
            self._blocks.add(text)
        self._edges()
        return self._facts

    def _edges(self) -> None:
        """Headers and footers, each text once, however many sections repeat it."""
        self._blocks.enter(building.EDGES)
        seen = set()
        for kind in ("header", "footer"):
            for part in sorted(self._related.get(kind, []), key=_natural):
                inner = Blocks(self._name)
                self._feed(part, self._events(inner))
                for block in inner.found:
                    # The number of a page changes from page to page.
                    if _DIGITS.sub("", block.text) not in seen:
                        seen.add(_DIGITS.sub("", block.text))
                        self._blocks.add(block.text)

    def _texts(self, kind: str) -> dict[str, str]:
        """The notes or comments of a document, by their ids."""
        notes = _Notes(self._name, self._events)
        for part in self._related.get(kind, []):
            self._feed(part, notes)
        return notes.texts

    def _events(self, blocks: Blocks) -> DocxEvents:
        return DocxEvents(blocks, self._styles, self._numbering, self._facts)

    def _feed(self, part: str, handler: Handler) -> None:
        if part == self._main or part in self._parts:
            with self._parts.open(part) as stream:
                feed(stream, handler, self._name, skipped=SKIPPED)

    def _tree(self, kind: str) -> etree._Element | None:
        part = next(iter(self._related.get(kind, [])), "")
        return tree(self._parts.read(part), self._name) if part in self._parts else None

    def _relations(self, part: str) -> Relations:
        folder, _, base = part.rpartition("/")
        path = posixpath.join(folder, "_rels", f"{base}.rels")
        found: Relations = {}
        if path not in self._parts:
            return found
        for each in tree(self._parts.read(path), self._name):
            if local_tag(each) != "Relationship" or each.get("TargetMode") == "External":
                continue
            kind = each.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", "")))
            found.setdefault(kind, []).append(target.lstrip("/"))
        return found


class _Notes:
    """Takes the notes or comments of a part, one after the other."""

    def __init__(self, name: str, events_for: Callable[[Blocks], Handler]) -> None:
        self._name = name
        self._events_for = events_for
        self._id = ""
        self._before = ""
        self._blocks = Blocks(name)
        self._events: Handler | None = None
        self.texts: dict[str, str] = {}

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag in ("footnote", "endnote", "comment"):
            self._id = value(attributes, "id")
            author = value(attributes, "author")
            self._before = f"{author}: " if author else ""
            self._blocks = Blocks(self._name)
            self._events = self._events_for(self._blocks)
        elif self._events is not None:
            self._events.start(tag, attributes)

    def end(self, tag: str) -> None:
        if tag in ("footnote", "endnote", "comment"):
            self._events = None
            text = "\n".join(block.text for block in self._blocks.found)
            if text:
                self.texts[self._id] = self._before + text
        elif self._events is not None:
            self._events.end(tag)

    def data(self, text: str) -> None:
        if self._events is not None:
            self._events.data(text)


def _natural(part: str) -> tuple[int, str]:
    """Sorts `header2.xml` before `header10.xml`."""
    return len(part), part
