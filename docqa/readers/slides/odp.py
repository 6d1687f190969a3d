"""OpenDocument presentations (.odp), streamed."""

from collections.abc import Mapping
from pathlib import Path

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError, EmptyFileError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.office.xml import feed, value
from docqa.readers.office.zipped import opened
from docqa.readers.slides.slide import MOST_CHARACTERS, MOST_SLIDES, Slide, presentation_of

_CONTENT = "content.xml"
_PARAGRAPHS = frozenset(("p", "h"))
_DRAWN = frozenset(("object", "object-ole", "plugin"))
_SPACES = frozenset(("s", "tab", "line-break"))


class OdpReader:
    """Reads the slides in their order: title, texts, tables, notes."""

    name = "odp/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether it is a zip file."""
        return head.startswith(b"PK\x03\x04")

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document, a `PageInfo` for each slide.

        Raises:
            EmptyFileError: If it has no slides.
            BrokenFileError: If it cannot be opened, is protected or damaged.
            DocumentBombError: If it was made to unpack to more than anyone wrote.
        """
        slides = _Slides()
        with opened(path, name) as parts:
            if _CONTENT not in parts:
                raise BrokenFileError(name, "it has no content: it is damaged or protected")
            with parts.open(_CONTENT) as stream:
                feed(stream, slides, name, skipped=("tracked-changes", "annotation"))
        if not slides.found:
            raise EmptyFileError(name, "there are no slides in it")
        progress(len(slides.found), len(slides.found))
        return presentation_of(slides.found, name, options, reader=self.name)


class _Slides:
    """Makes slides of the document's events."""

    def __init__(self) -> None:
        self.found: list[Slide] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._class: list[str] = []
        """Of the frames that are open: `title`, `outline`, ...; `` for others."""
        self._in_notes = 0
        self._text: list[str] | None = None
        self._cells: list[str] | None = None
        self._rows: list[list[str]] = []
        self._items = 0
        self._characters = 0

    @property
    def _slide(self) -> Slide | None:
        return self.found[-1] if self.found else None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take an element's beginning."""
        match tag:
            case "style":
                self._style = value(attributes, "name")
            case "drawing-page-properties":
                if value(attributes, "visibility") == "hidden":
                    self._hidden_styles.add(self._style)
            case "page" if len(self.found) < MOST_SLIDES:
                hidden = value(attributes, "style-name") in self._hidden_styles
                self.found.append(Slide(len(self.found) + 1, hidden=hidden))
            case "notes":
                self._in_notes += 1
            case "frame" | "custom-shape":
                self._class.append(value(attributes, "class"))
            case _ if self._slide is not None:
                self._begin_content(tag, self._slide)

    def _begin_content(self, tag: str, slide: Slide) -> None:
        match tag:
            case "image" if not self._in_notes:
                slide.pictures += 1
            case "table":
                self._rows = []
            case "table-row":
                self._rows.append([])
            case "table-cell":
                self._cells = []
            case "list-item":
                self._items += 1
            case _ if tag in _PARAGRAPHS:
                self._text = []
            case _ if tag in _SPACES and self._text is not None:
                self._text.append(" ")
            case _ if tag in _DRAWN:
                slide.objects += 1

    def end(self, tag: str) -> None:
        """Take an element's end."""
        match tag:
            case "notes":
                self._in_notes -= 1
            case "frame" | "custom-shape":
                self._class.pop()
            case "list-item":
                self._items -= 1
            case "table-cell":
                if self._rows and self._cells is not None:
                    self._rows[-1].append(" ".join(self._cells))
                self._cells = None
            case "table":
                if self._slide is not None:
                    self._slide.add_rows(self._rows)
                    # A picture of the table stands beside it, for programs without tables.
                    self._slide.pictures -= self._slide.pictures > 0
                self._rows = []
            case _ if tag in _PARAGRAPHS:
                self._paragraph()

    def data(self, text: str) -> None:
        """Take text."""
        if self._text is not None:
            self._text.append(text)

    def _paragraph(self) -> None:
        text, self._text = "".join(self._text or []), None
        slide = self._slide
        self._characters += len(text)
        if slide is None or not text.strip():
            return
        if self._characters > MOST_CHARACTERS:
            slide.damage = "there is more text in the presentation than docqa reads of one"
        elif self._in_notes:
            slide.notes.append(text)
        elif self._cells is not None:
            self._cells.append(text)
        elif self._class and self._class[-1] == "title":
            slide.title = f"{slide.title} {text}".strip()
        else:
            slide.add(text, "list" if self._items else "paragraph")
