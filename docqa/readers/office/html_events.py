"""The events of an HTML parser -> blocks: what a browser would show, without a layout."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from docqa.core.documents import PassageKind
from docqa.readers.office.building import Blocks, raised, tidied
from docqa.readers.office.tables import Cell, Row

_SKIPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "svg",
        "canvas",
        "iframe",
        "object",
        "applet",
        "audio",
        "video",
        "datalist",
        "rt",
        "rp",
        "annotation",
        "annotation-xml",
        "frameset",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "search",
        "section",
        "select",
        "summary",
        "table",
        "caption",
        "ul",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "textarea",
        "button",
    ]
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_LISTED = frozenset(("dt", "dd", "option"))
_CODE = frozenset(("pre", "xmp", "listing"))
_MOST_NESTED = 8
"""Tables in tables; what is nested deeper is read as if it had no cells."""
_ROWS_AT_ONCE = 5_000
_CELL_BLOCKS = 3
"""A cell with more blocks is a part of the page's layout, not of a table."""

_Found = tuple[str, PassageKind, int]


@dataclass(slots=True)
class _Cell:
    across: int
    down: int
    header: bool
    found: list[_Found] = field(default_factory=list)
    layout: bool = False


@dataclass(slots=True)
class _Table:
    lists: list[int | None]
    """The lists around the table: those in its cells are others."""
    head: bool = False
    cells: list[_Cell] = field(default_factory=list)
    cell: _Cell | None = None
    rows: list[Row] = field(default_factory=list)


class HtmlEvents:
    """A target of `lxml.etree.HTMLParser`: takes tags and text, fills `blocks`.

    Hidden is what has the attribute `hidden`, or `display: none` or `visibility: hidden` in its
    own style. Style sheets are not looked at.
    """

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._pieces: list[str] = []
        self._held: list[str] = []
        self._skipping = 0
        self._skips_shown = False
        self._in_title = False
        self._level = 0
        self._code = 0
        self._prefix = ""
        self._raised: list[str] | None = None
        self._lists: list[int | None] = []
        self._tables: list[_Table] = []
        self._too_deep = 0
        self.title = ""
        self.pictures = 0
        self.hidden = 0
        """Characters that are not shown."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take an element's beginning."""
        if self._skipping:
            self._skipping += 1
        elif tag in _SKIPPED or (tag == "input" and attributes.get("type") == "hidden"):
            self._skipping, self._skips_shown = 1, False
        elif _is_hidden(attributes):
            self._skipping, self._skips_shown = 1, True
        elif tag == "title" and not self.title:
            self._in_title = True
            self._pieces, self._held = [], self._pieces
        elif tag == "img":
            self.pictures += not _is_tiny(attributes)
        elif tag == "br":
            self._pieces.append("\n")
        elif tag == "sup" and self._raised is None:
            self._raised, self._pieces = self._pieces, []
        elif tag in _BLOCKS:
            self._flush()
            self._open(tag, attributes)
        elif tag in ("tr", "td", "th", "thead", "tbody", "tfoot"):
            self._flush()
            self._open_in_table(tag, attributes)

    def end(self, tag: str) -> None:
        """Take an element's end."""
        if self._skipping:
            self._skipping -= 1
        elif tag == "title" and self._in_title:
            self.title = tidied("".join(self._pieces)).replace("\n", " ")
            self._in_title, self._pieces = False, self._held
        elif tag == "sup" and self._raised is not None:
            self._raised.append(raised("".join(self._pieces)))
            self._pieces, self._raised = self._raised, None
        elif tag in _BLOCKS:
            self._flush()
            self._close(tag)
        elif tag in ("tr", "td", "th", "thead"):
            self._flush()
            self._close_in_table(tag)

    def data(self, text: str) -> None:
        """Take text."""
        if not self._skipping:
            self._pieces.append(text if self._code or "\n" not in text else _unbroken(text))
        elif self._skips_shown and not text.isspace():
            self.hidden += len(text)

    def comment(self, text: str) -> None:
        """Take a comment, and drop it."""

    def close(self) -> None:
        """Take the end of the file: what is open is closed."""
        self._flush()
        while self._tables:
            self._close_in_table("tr")
            self._close("table")

    def _open(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _HEADINGS:
            self._level = _HEADINGS[tag]
        elif tag in _LISTS:
            self._lists.append(_number(attributes, "start", 1) if tag == "ol" else None)
        elif tag == "li":
            self._item(attributes)
        elif tag in _CODE:
            self._code += 1
        elif tag == "table":
            if len(self._tables) >= _MOST_NESTED:
                self._too_deep += 1
                return
            if self._tables and (cell := self._tables[-1].cell):
                cell.layout = True
            self._tables.append(_Table(self._lists))
            self._lists = []
        elif tag in _LISTED:
            self._prefix = "- " if tag == "option" else ""

    def _close(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._level = 0
        elif tag in _LISTS and self._lists:
            self._lists.pop()
        elif tag in _CODE:
            self._code = max(self._code - 1, 0)
        elif tag == "table" and self._too_deep:
            self._too_deep -= 1
        elif tag == "table" and self._tables:
            table = self._tables[-1]
            self._close_in_table("tr")
            self._tables.pop()
            self._lists = table.lists
            self._tell(table)

    def _item(self, attributes: Mapping[str, str]) -> None:
        number = self._lists[-1] if self._lists else None
        if number is None:
            self._prefix = "- "
            return
        number = _number(attributes, "value", number)
        self._prefix = f"{number}. "
        self._lists[-1] = number + 1

    def _open_in_table(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self._tables or self._too_deep:
            return
        table = self._tables[-1]
        if tag in ("thead", "tbody", "tfoot"):
            table.head = tag == "thead"
        elif tag == "tr":
            self._end_row(table)
        else:
            self._lists = []
            spans = (_number(attributes, "colspan", 1), _number(attributes, "rowspan", 1))
            table.cell = _Cell(*spans, header=tag == "th" or table.head)
            table.cells.append(table.cell)

    def _close_in_table(self, tag: str) -> None:
        if not self._tables or self._too_deep:
            return
        table = self._tables[-1]
        if tag in ("td", "th"):
            table.cell = None
        elif tag == "tr":
            self._end_row(table)
        elif tag == "thead":
            table.head = False

    def _end_row(self, table: _Table) -> None:
        cells, table.cells, table.cell = table.cells, [], None
        filled = [cell for cell in cells if cell.found]
        if len(cells) == 1 == cells[0].across or any(map(_is_layout, filled)):
            self._tell(table)
            for cell in filled:
                for found in cell.found:
                    self._put(found, outside=True)
        elif filled:
            header = all(cell.header for cell in filled)
            # A cell is one line: what stands in blocks of its own is told side by side.
            row = (
                Cell(" ".join(text for text, _, _ in cell.found), cell.across, cell.down)
                for cell in cells
            )
            table.rows.append(Row(tuple(row), header))
            if len(table.rows) >= _ROWS_AT_ONCE:
                self._tell(table)

    def _tell(self, table: _Table) -> None:
        """Give on the rows that wait: to the document, or to the cell around the table."""
        rows, table.rows = table.rows, []
        if not rows:
            return
        cell = self._outer(table)
        if cell is None:
            self._blocks.table(rows)
            return
        for row in rows:
            text = " | ".join(each.text for each in row.cells if each.text)
            cell.found.append((text, "table", 0))

    def _outer(self, table: _Table) -> _Cell | None:
        """The cell around a table that is open, or was until now."""
        depth = self._tables.index(table) if table in self._tables else len(self._tables)
        return next((each.cell for each in reversed(self._tables[:depth]) if each.cell), None)

    def _flush(self) -> None:
        if self._raised is not None:
            self._pieces, self._raised = self._raised + self._pieces, None
        if not self._pieces:
            return
        text = "".join(self._pieces)
        self._pieces.clear()
        if self._in_title or not text.strip():
            return
        prefix, self._prefix = self._prefix, ""
        if self._level:
            self._put((text, "heading", self._level))
        elif self._code:
            self._put((text, "code", 0))
        else:
            self._put((prefix + text, "list" if prefix or self._lists else "paragraph", 0))

    def _put(self, found: _Found, *, outside: bool = False) -> None:
        tables = self._tables[:-1] if outside else self._tables
        cell = next((table.cell for table in reversed(tables) if table.cell), None)
        if cell is None:
            self._blocks.add(*found)
        else:
            cell.found.append(found)


def _is_layout(cell: _Cell) -> bool:
    kinds = {kind for _, kind, _ in cell.found}
    return cell.layout or "heading" in kinds or len(cell.found) > _CELL_BLOCKS


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    if not style:
        return False
    said = style.lower().replace(" ", "")
    return "display:none" in said or "visibility:hidden" in said


def _is_tiny(attributes: Mapping[str, str]) -> bool:
    """Whether a picture is there to be counted, not seen."""
    return any(attributes.get(side, "").strip(" px") in ("0", "1") for side in ("width", "height"))


def _number(attributes: Mapping[str, str], name: str, default: int) -> int:
    said = attributes.get(name, "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 6 else default


def _unbroken(text: str) -> str:
    """Line feeds of the source are spaces; those of `br` come as tags."""
    return text.replace("\n", " ")
