"""The XML of a Word document, as events -> blocks: what Word shows with all changes accepted."""

from dataclasses import dataclass, field

from docqa.core.documents import PassageKind
from docqa.readers.blocks import SMALL_BYTES
from docqa.readers.office.building import Blocks, Facts, raised
from docqa.readers.office.docx_numbering import Numbering
from docqa.readers.office.docx_styles import MOST_LEVELS, Styles
from docqa.readers.office.numerals import BULLET, note_mark
from docqa.readers.office.open_tables import OpenTables
from docqa.readers.office.xml import Attributes, is_on, number, value

_OLD = ("pPrChange", "rPrChange", "tblPrChange", "trPrChange", "tcPrChange", "sectPrChange")
_NOT_TEXT = ("instrText", "delInstrText", "tabs", "sdtPr", "tblGrid", "sectPr", "rt", "Fallback")
SKIPPED = frozenset((*_OLD, *_NOT_TEXT, "numberingChange", "tblPrExChange", "delText"))
"""Elements whose text Word does not show; `Fallback` says again what an older Word would show."""

_PIECES = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_OBJECTS = frozenset(("object", "chart", "relIds"))
"""What stands in parts of its own: embedded files, charts, and SmartArt by the ids of its parts."""
_BOXES = {"F0FE": "☒", "F0FD": "☒", "F0FC": "✓", "F0A8": "☐", "F06F": "☐", "F0A7": "▪", "F0E0": "→"}
"""Signs of the fonts Wingdings and Symbol that forms and lists are made of."""


@dataclass(slots=True)
class _Paragraph:
    style: str = ""
    number_id: int = -1
    number_level: int = -1
    outline: int = -1
    pieces: list[str] = field(default_factory=list)
    in_properties: bool = False
    in_run: bool = False
    hidden: bool = False
    raised: bool = False


@dataclass(slots=True)
class DocxFacts(Facts):
    """What there is beside the text; `footnotes` and `endnotes` number their ids."""

    is_document: bool = False
    footnotes: dict[str, int] = field(default_factory=dict)
    endnotes: dict[str, int] = field(default_factory=dict)


class DocxEvents:
    """A handler for `xml.feed`, by local names, with `SKIPPED` left out.

    Insertions are text, deletions are not. Text boxes come before the paragraph they hang on.
    """

    def __init__(
        self, blocks: Blocks, styles: Styles, numbering: Numbering, facts: DocxFacts
    ) -> None:
        self._styles = styles
        self._numbering = numbering
        self._facts = facts
        self._tables = OpenTables(blocks)
        self._open: list[_Paragraph] = []
        self._in_text = False
        self._deleted = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take an element's beginning."""
        if tag in ("del", "moveFrom"):
            self._deleted += 1
            self._facts.changed = True
        elif tag == "p":
            self._open.append(_Paragraph())
        elif tag == "t":
            self._in_text = True
        elif tag in ("tbl", "tr", "tc", "gridSpan", "vMerge", "tblHeader"):
            self._table(tag, attributes)
        elif self._open:
            self._within(self._open[-1], tag, attributes)
        elif tag == "document":
            self._facts.is_document = True
        elif tag == "altChunk":
            self._facts.objects += 1

    def end(self, tag: str) -> None:
        """Take an element's end."""
        if tag == "t":
            self._in_text = False
        elif tag == "p" and self._open:
            self._put(self._open.pop())
        elif tag in ("del", "moveFrom"):
            self._deleted = max(self._deleted - 1, 0)
        elif tag == "pPr" and self._open:
            self._open[-1].in_properties = False
        elif tag == "r" and self._open:
            self._open[-1].in_run = False
        elif tag == "tbl":
            self._tables.close()
        elif tag == "tr":
            self._tables.end_row()
        elif tag == "tc":
            self._tables.end_cell()

    def data(self, text: str) -> None:
        """Take text."""
        if not self._in_text or not self._open or self._deleted:
            return
        paragraph = self._open[-1]
        if paragraph.hidden:
            self._facts.hidden += len(text)
        else:
            paragraph.pieces.append(raised(text) if paragraph.raised else text)

    def _table(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "tbl":
                self._tables.open()
            case "tr":
                self._tables.row()
            case "tc":
                self._tables.cell()
            case "gridSpan":
                self._tables.cover(number(attributes, "val", 1))
            case "vMerge" if value(attributes, "val") != "restart":
                self._tables.continue_above()
            case "tblHeader" if is_on(attributes):
                self._tables.mark_header()

    def _within(self, paragraph: _Paragraph, tag: str, attributes: Attributes) -> None:
        """Take what stands in a paragraph."""
        if tag == "r":
            paragraph.in_run, paragraph.hidden, paragraph.raised = True, False, False
        elif tag == "pPr":
            paragraph.in_properties = True
        elif paragraph.in_properties:
            self._property(paragraph, tag, attributes)
        elif tag in _PIECES and not self._deleted:
            paragraph.pieces.append(_PIECES[tag])
        elif tag == "vanish":
            paragraph.hidden = is_on(attributes)
        elif tag == "vertAlign":
            paragraph.raised = value(attributes, "val") == "superscript"
        elif tag == "sym" and not self._deleted:
            paragraph.pieces.append(_sign(value(attributes, "char")))
        elif tag in ("blip", "imagedata"):
            self._facts.pictures += 1
        elif tag in _OBJECTS:
            self._facts.objects += 1
        elif tag in ("footnoteReference", "endnoteReference") and not self._deleted:
            paragraph.pieces.append(self._mark(tag, value(attributes, "id")))
        elif tag == "ins":
            self._facts.changed = True

    def _property(self, paragraph: _Paragraph, tag: str, attributes: Attributes) -> None:
        match tag:
            case "pStyle":
                paragraph.style = value(attributes, "val")
            case "numId":
                paragraph.number_id = number(attributes, "val", -1)
            case "ilvl":
                paragraph.number_level = number(attributes, "val", -1)
            case "outlineLvl":
                paragraph.outline = number(attributes, "val", -1)

    def _mark(self, tag: str, note_id: str) -> str:
        seen = self._facts.footnotes if tag == "footnoteReference" else self._facts.endnotes
        count = seen.setdefault(note_id, len(seen) + 1)
        return note_mark(count, at_end=tag == "endnoteReference")

    def _put(self, paragraph: _Paragraph) -> None:
        style = self._styles.of(paragraph.style)
        level = style.level
        if paragraph.outline >= 0:
            level = paragraph.outline + 1 if paragraph.outline < MOST_LEVELS else 0
        label = self._label(paragraph)
        text = "".join(paragraph.pieces).strip()
        if not text:
            return
        if style.is_title and not self._facts.title:
            self._facts.title = text
        kind: PassageKind = "paragraph"
        if level:
            kind = "heading"
        elif label == BULLET or (label and len(text) < SMALL_BYTES):
            kind = "list"
        self._tables.put((f"{label} {text}" if label else text, kind, level))

    def _label(self, paragraph: _Paragraph) -> str:
        style = self._styles.of(paragraph.style)
        number_id, level = paragraph.number_id, paragraph.number_level
        if number_id < 0:
            number_id = style.number_id
        if number_id <= 0:
            return ""
        if level < 0:
            level = style.number_level
        if level < 0:
            level = self._numbering.level_of(number_id, paragraph.style)
        return self._numbering.label(number_id, level)


def _sign(char: str) -> str:
    if char.upper() in _BOXES:
        return _BOXES[char.upper()]
    try:
        code = int(char, 16)
    except ValueError:
        return ""
    is_private = 0xE000 <= code <= 0xF8FF or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF
    return "•" if is_private else chr(code)
