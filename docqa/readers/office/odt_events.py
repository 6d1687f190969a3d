"""The XML of an OpenDocument text, as events -> blocks."""

from dataclasses import dataclass, field

from docqa.core.documents import PassageKind
from docqa.readers.blocks import SMALL_BYTES
from docqa.readers.office.building import Blocks, FactsWithAsides, raised
from docqa.readers.office.numerals import BULLET, note_mark
from docqa.readers.office.odt_styles import OUTLINE, OdtStyles
from docqa.readers.office.open_tables import OpenTables
from docqa.readers.office.xml import Attributes, number, value

SKIPPED = frozenset(
    (
        *("text:tracked-changes", "text:ruby-text", "text:hidden-text", "text:note-citation"),
        *("office:forms", "office:scripts", "office:binary-data", "table:covered-table-cell"),
        *("svg-compatible:title", "svg-compatible:desc", "dc:date", "meta:date-string"),
        *("meta:creator-initials", "loext:sender-initials", "sender-initials"),
    )
)
"""Elements whose text is not shown, or was deleted with changes tracked."""
BODY = frozenset(("office:text",))
EDGES = frozenset(
    f"style:{edge}{which}"
    for edge in ("header", "footer")
    for which in ("", "-left", "-first")
)  # fmt: skip
"""What stands at the top and bottom of pages; it is in the part with the styles."""

_MOST_SPACES = 20


@dataclass(slots=True)
class _Paragraph:
    style: str
    level: int
    label: str = ""
    pieces: list[str] = field(default_factory=list)
    spans: list[str] = field(default_factory=list)
    """Names of the styles of the spans that are open."""


@dataclass(slots=True)
class OdtFacts(FactsWithAsides):
    """What there is beside the text."""

    is_text: bool = False


@dataclass(slots=True)
class _List:
    style: str
    waiting: str = ""
    """The label of an item that has no text yet."""


@dataclass(slots=True)
class _Aside:
    """A note or comment while it is read."""

    at_end: bool
    around: int
    """How many paragraphs are open around it; what stands between its own is no text."""
    author: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


class OdtEvents:
    """A handler for `xml.feed` by `named` tags, with `SKIPPED` left out: reads what is in `inside`.

    Text boxes come before the paragraph they hang on.
    """

    def __init__(
        self, blocks: Blocks, styles: OdtStyles, facts: OdtFacts, inside: frozenset[str] = BODY
    ) -> None:
        self._styles = styles
        self._facts = facts
        self._inside = inside
        self._depth = 0
        self._tables = OpenTables(blocks)
        self._head = False
        self._open: list[_Paragraph] = []
        self._lists: list[_List] = []
        self._asides: list[_Aside] = []
        self._in_author = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take an element's beginning."""
        if tag in self._inside:
            self._depth += 1
            self._facts.is_text = True
        if not self._depth:
            return
        match tag:
            case "text:p" | "text:h":
                self._begin(tag, attributes)
            case "text:list" | "text:list-item":
                self._list(tag, attributes)
            case "text:note" | "office:annotation":
                at_end = value(attributes, "note-class") == "endnote"
                self._asides.append(_Aside(at_end, len(self._open)))
            case "dc:creator":
                self._in_author = True
            case "draw:image":
                self._facts.pictures += 1
            case "draw:object" | "draw:object-ole" | "draw:plugin":
                self._facts.objects += 1
            case "text:change" | "text:change-start":
                self._facts.changed = True
            case _ if tag.startswith("table:"):
                self._table(tag, attributes)
            case _ if self._open:
                self._within(self._open[-1], tag, attributes)

    def end(self, tag: str) -> None:
        """Take an element's end."""
        if not self._depth:
            return
        match tag:
            case _ if tag in self._inside:
                self._depth -= 1
            case "text:p" | "text:h" if self._open:
                self._put(self._open.pop())
            case "text:span" if self._open and self._open[-1].spans:
                self._open[-1].spans.pop()
            case "text:list" if self._lists:
                self._lists.pop()
            case "text:note" | "office:annotation" if self._asides:
                self._end_aside(tag, self._asides.pop())
            case "dc:creator":
                self._in_author = False
            case "table:table":
                self._tables.close()
            case "table:table-header-rows":
                self._head = False
            case "table:table-row":
                self._tables.end_row()
            case "table:table-cell":
                self._tables.end_cell()

    def data(self, text: str) -> None:
        """Take text."""
        if not self._depth:
            return
        if self._in_author and self._asides:
            self._asides[-1].author.append(text)
        elif len(self._open) > (self._asides[-1].around if self._asides else 0):
            paragraph = self._open[-1]
            if any(map(self._styles.is_hidden, (paragraph.style, *paragraph.spans))):
                self._facts.hidden += len(text)
                return
            # Line feeds of the file are spaces; those of the text are elements.
            text = text.replace("\n", " ")
            is_raised = any(map(self._styles.is_raised, paragraph.spans))
            paragraph.pieces.append(raised(text) if is_raised else text)

    def _begin(self, tag: str, attributes: Attributes) -> None:
        style = value(attributes, "style-name")
        level = max(number(attributes, "outline-level", 1), 1) if tag == "text:h" else 0
        paragraph = _Paragraph(style, level)
        if self._lists and not self._asides:
            paragraph.label, self._lists[-1].waiting = self._lists[-1].waiting, ""
        elif level and not self._asides and value(attributes, "is-list-header") != "true":
            paragraph.label = self._styles.label(OUTLINE, level)
        self._open.append(paragraph)

    def _list(self, tag: str, attributes: Attributes) -> None:
        if tag == "text:list":
            above = self._lists[-1].style if self._lists else ""
            style = value(attributes, "style-name") or above
            goes_on = value(attributes, "continue-numbering") == "true"
            if not self._lists and not goes_on and not value(attributes, "continue-list"):
                self._styles.restart(style)
            self._lists.append(_List(style))
        elif self._lists:
            start = number(attributes, "start-value", -1)
            self._lists[-1].waiting = self._styles.label(
                self._lists[-1].style, len(self._lists), None if start < 0 else start
            )

    def _table(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "table:table":
                self._tables.open()
            case "table:table-header-rows":
                self._head = True
            case "table:table-row":
                self._tables.row(header=self._head)
            case "table:table-cell":
                across = number(attributes, "number-columns-spanned", 1)
                repeated = number(attributes, "number-columns-repeated", 1)
                down = number(attributes, "number-rows-spanned", 1)
                self._tables.cell(max(across, repeated), down)

    def _within(self, paragraph: _Paragraph, tag: str, attributes: Attributes) -> None:
        match tag:
            case "text:span":
                paragraph.spans.append(value(attributes, "style-name"))
            case "text:s":
                paragraph.pieces.append(" " * min(number(attributes, "c", 1), _MOST_SPACES))
            case "text:tab":
                paragraph.pieces.append(" ")
            case "text:line-break":
                paragraph.pieces.append("\n")

    def _put(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.pieces).strip()
        if not text:
            return
        if self._asides:
            self._asides[-1].texts.append(text)
            return
        level, label = paragraph.level, paragraph.label
        if not level and self._styles.is_title(paragraph.style):
            level = 1
            self._facts.title = self._facts.title or text
        kind: PassageKind = "paragraph"
        if level:
            kind = "heading"
        elif label == BULLET or (self._lists and len(text) < SMALL_BYTES):
            kind = "list"
        self._tables.put((f"{label} {text}" if label else text, kind, level))

    def _end_aside(self, tag: str, aside: _Aside) -> None:
        text = "\n".join(aside.texts)
        if tag == "office:annotation":
            author = "".join(aside.author).strip()
            self._facts.comments.append(f"{author}: {text}" if author else text)
            return
        notes = self._facts.endnotes if aside.at_end else self._facts.footnotes
        count = len(notes) + 1
        mark = note_mark(count, at_end=aside.at_end)
        notes.append(f"{mark} {text}")
        if self._open:
            self._open[-1].pieces.append(mark)
