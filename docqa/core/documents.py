"""Documents as docqa sees them: sources, versions, pages, passages and where a passage stands."""

from dataclasses import dataclass, field
from typing import Literal

from docqa.core.symbols import NO_FACTS, CodeFacts, Secret

DocumentKind = Literal[
    "pdf",
    "image",
    "text",
    "markdown",
    "code",
    "document",
    "slides",
    "sheet",
    "mail",
    "notebook",
    "map",
]
"""What a file is, and so how it is shown: by pages, by lines, by places; `map` is docqa's own.

A `document` is a DOCX, ODT, RTF, HTML or EPUB file. A map is the tree and symbols of a codebase, or
what changed in it; it has no passages.
"""
PAGED_KINDS: frozenset[str] = frozenset(("pdf", "image"))
"""Kinds whose pages can be drawn."""
OCR_KINDS: frozenset[str] = PAGED_KINDS | {"mail"}
"""Kinds that may have pages which OCR reads: what is attached to a mail may be a scan."""
SECRETS_SHOWN = "secrets shown"
"""How the identity of a version begins in whose passages no secrets are masked."""
PLACED_KINDS: frozenset[str] = frozenset(("document", "slides", "sheet", "mail", "notebook"))
"""Kinds whose passages have a `PlaceLocator`."""
PageStatus = Literal["text", "ocr", "image_only", "empty", "failed"]
READABLE_STATUSES: frozenset[str] = frozenset(("text", "ocr"))
PlaceUnit = Literal["slide", "rows", "paragraph", "cell", "page"]
PassageKind = Literal["paragraph", "heading", "list", "table", "code"]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle on a page as fractions of the displayed page (after rotation and crop).

    The origin is the top left corner; 0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1. `page` is 1-based.
    """

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class PageLocator:
    """Where a passage of a PDF stands: 1-based first and last page, both included."""

    first_page: int
    last_page: int

    def __str__(self) -> str:
        """`p. 3` or `pp. 3-4`."""
        if self.first_page == self.last_page:
            return f"p. {self.first_page}"
        return f"pp. {self.first_page}-{self.last_page}"


@dataclass(frozen=True, slots=True)
class LineLocator:
    """Where a passage of a text or code file stands: 1-based first and last line, both included."""

    first_line: int
    last_line: int

    def __str__(self) -> str:
        """`L10-L24` or `L10`."""
        if self.first_line == self.last_line:
            return f"L{self.first_line}"
        return f"L{self.first_line}-L{self.last_line}"


@dataclass(frozen=True, slots=True)
class PlaceLocator:
    """Where a passage of a file without pages of its own stands, as a person would look for it.

    `first` and `last` are 1-based and both included: slides, rows of a sheet, paragraphs of a
    document, cells of a notebook, or pages of a PDF that is attached to an e-mail.
    """

    unit: PlaceUnit
    first: int
    last: int
    part: str = ""
    """The sheet's name, the chapter's file, the attachment's name; empty where there is one part.

    Parts inside parts are joined by ` > `.
    """
    columns: str = ""
    """Of rows: `A:F`, or `A`; empty for all else."""

    def __str__(self) -> str:
        """`slide 3`, `Budget!A5:F20`, `¶ 12-14`, `cell 4` or `offer.docx, ¶ 3`."""
        if self.unit == "rows":
            return cell_range(self.part, self.columns, self.first, self.last)
        span = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        several = self.first != self.last
        word = {
            "slide": "slides" if several else "slide",
            "paragraph": "¶",
            "cell": "cells" if several else "cell",
            "page": "pp." if several else "p.",
        }[self.unit]
        return f"{self.part}, {word} {span}" if self.part else f"{word} {span}"


def cell_range(sheet: str, columns: str, first: int, last: int) -> str:
    """`Budget!A5:F20`, `'Q1 2024'!B3` or, of a file without sheets, `A5:F20`."""
    left, _, right = columns.partition(":")
    right = right or left
    cells = f"{left}{first}"
    if (right, last) != (left, first):
        cells += f":{right}{last}"
    if not sheet:
        return cells
    plain = sheet.isidentifier()
    return f"{sheet}!{cells}" if plain else "'" + sheet.replace("'", "''") + f"'!{cells}"


Locator = PageLocator | LineLocator | PlaceLocator


@dataclass(frozen=True, slots=True)
class Passage:
    """A natural unit of a document: a paragraph, table, list, function; about 300 tokens at most.

    `text` is what is shown, packed and quoted; hyphens at line ends and ligatures are already
    undone in it. `geometry` is the packed form of `docqa.core.geometry.Geometry` for PDFs (word
    boxes by character offset) and of `docqa.core.cells.CellMap` for rows of sheets, empty for all
    else, where offsets follow from the lines or the passage is all there is.
    """

    ordinal: int
    """0-based position in its document version."""
    text: str
    locator: Locator
    kind: PassageKind = "paragraph"
    heading: str = ""
    """Headings above it, outermost first, joined by ` > `; for code the symbol path."""
    geometry: bytes = field(default=b"", repr=False)
    confidence: float | None = None
    """How sure the OCR engine was of these words, 0 to 1; None where nothing was guessed."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """A page of a PDF, an image or a slide: what of it could be read."""

    number: int
    """1-based."""
    width: float
    """Points (1/72 inch), as displayed."""
    height: float
    status: PageStatus
    reason: str = ""
    """Why it is unreadable, or why its text may not be all; empty when it was read whole."""
    characters: int = 0
    confidence: float | None = None
    """How sure the OCR engine was of its words, 0 to 1; None where it was not asked."""

    @property
    def readable(self) -> bool:
        """Whether its words are known, be it by OCR."""
        return self.status in READABLE_STATUSES

    @property
    def has_unread_picture(self) -> bool:
        """Whether an OCR engine may read more of it."""
        return self.status == "image_only" or (self.status == "text" and bool(self.reason))


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a reader makes of one file: the same bytes, reader and options give the same value."""

    kind: DocumentKind
    passages: tuple[Passage, ...]
    pages: tuple[PageInfo, ...] = ()
    """One per page of PDFs and images and per slide, empty for all else."""
    title: str = ""
    language: str = ""
    """Programming language (Pygments alias) for code, else natural language (`en`, `de`, `ja`)."""
    line_count: int = 0
    """Lines of a text or code file, 0 for PDFs."""
    encoding: str = ""
    reader: str = ""
    """Reader name and version, for example `pdf/1`."""
    notes: tuple[str, ...] = ()
    """What a user should know, for example `repaired: damaged cross-reference table`."""
    facts: CodeFacts = NO_FACTS
    """Symbols, imports and uses of source code."""
    secrets: tuple[Secret, ...] = ()
    """Masked in the passages, unless the user wanted them shown."""
