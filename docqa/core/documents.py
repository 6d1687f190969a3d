"""Documents as docqa sees them: sources, versions, pages, passages and where a passage stands."""

from dataclasses import dataclass, field
from typing import Literal

from docqa.core.symbols import NO_FACTS, CodeFacts, Secret

DocumentKind = Literal["pdf", "text", "markdown", "code", "map"]
"""`map` is made by docqa: tree and symbols of a codebase, or what changed in it. No passages."""
PageStatus = Literal["text", "image_only", "empty", "failed"]
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


Locator = PageLocator | LineLocator


@dataclass(frozen=True, slots=True)
class Passage:
    """A natural unit of a document: a paragraph, table, list, function; about 300 tokens at most.

    `text` is what is shown, packed and quoted; hyphens at line ends and ligatures are already
    undone in it. `geometry` is the packed form of `docqa.core.geometry.Geometry` for PDFs (word
    boxes by character offset), empty for text and code, where offsets follow from the lines.
    """

    ordinal: int
    """0-based position in its document version."""
    text: str
    locator: Locator
    kind: PassageKind = "paragraph"
    heading: str = ""
    """Headings above it, outermost first, joined by ` > `; for code the symbol path."""
    geometry: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class PageInfo:
    """One page of a PDF: what of it could be read."""

    number: int
    """1-based."""
    width: float
    """Points (1/72 inch), as displayed."""
    height: float
    status: PageStatus
    reason: str = ""
    """Why it is unreadable, in words for the user; empty when status is `text`."""
    characters: int = 0


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a reader makes of one file: the same bytes, reader and options give the same value."""

    kind: DocumentKind
    passages: tuple[Passage, ...]
    pages: tuple[PageInfo, ...] = ()
    """One per page for PDFs, empty for text and code."""
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
