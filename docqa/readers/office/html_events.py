"""The events of an HTML parser -> blocks: what a browser would show, without a layout."""

from collections.abc import Mapping

from docqa.readers.office.building import Blocks, raised, tidied
from docqa.readers.office.open_tables import OpenTables

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_LISTED = frozenset(("dt", "dd", "option"))
_CODE = frozenset(("pre", "xmp", "listing"))
_PARTS = ("article", "aside", "body", "footer", "header", "html", "main", "nav", "section")
_GROUPS = ("address", "blockquote", "center", "details", "dialog", "div", "dl", "fieldset")
_TEXTS = (
    "p",
    "hr",
    "li",
    "search",
    "figure",
    "summary",
    "legend",
    "figcaption",
    "caption",
    "table",
)
_INPUTS = ("form", "select", "textarea", "button")
_BLOCKS = frozenset((*_HEADINGS, *_LISTS, *_LISTED, *_CODE, *_PARTS, *_GROUPS, *_TEXTS, *_INPUTS))
_TABLE_PARTS = frozenset(("tr", "td", "th", "thead", "tbody", "tfoot"))
_RUN = ("script", "style", "template", "noscript", "iframe", "frameset", "object", "applet")
_DRAWN = ("svg", "canvas", "audio", "video")
_GLOSSES = ("rt", "rp", "annotation", "annotation-xml", "datalist")
_SKIPPED = frozenset((*_RUN, *_DRAWN, *_GLOSSES))


class HtmlEvents:
    """A target of `lxml.etree.HTMLParser`: takes tags and text, fills `blocks`.

    Hidden is what has the attribute `hidden`, or `display: none` or `visibility: hidden` in its
    own style. Style sheets are not looked at.
    """

    def __init__(self, blocks: Blocks) -> None:
        self._tables = OpenTables(blocks)
        self._pieces: list[str] = []
        self._held: list[str] = []
        self._skipping = 0
        self._skips_shown = False
        self._in_title = False
        self._level = 0
        self._code = 0
        self._prefix = ""
        self._raised: list[str] | None = None
        self._in_head = False
        self._lists: list[int | None] = []
        self._outer_lists: list[list[int | None]] = []
        """Those around each table: the lists in its cells are others."""
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
        elif tag in _TABLE_PARTS:
            self._flush()
            self._open_part(tag, attributes)

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
        elif tag in _TABLE_PARTS:
            self._flush()
            self._close_part(tag)

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
        self._tables.close_all()

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
            self._tables.open()
            self._outer_lists.append(self._lists)
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
        elif tag == "table" and self._outer_lists:
            self._tables.close()
            self._lists = self._outer_lists.pop()

    def _open_part(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "tr":
            self._tables.row(header=self._in_head)
        elif tag in ("td", "th"):
            across, down = (_number(attributes, name, 1) for name in ("colspan", "rowspan"))
            self._tables.cell(across, down, header=tag == "th")
        else:
            self._in_head = tag == "thead"

    def _close_part(self, tag: str) -> None:
        if tag == "tr":
            self._tables.end_row()
        elif tag in ("td", "th"):
            self._tables.end_cell()
        else:
            self._in_head = False

    def _item(self, attributes: Mapping[str, str]) -> None:
        following = self._lists[-1] if self._lists else None
        if following is None:
            self._prefix = "- "
            return
        following = _number(attributes, "value", following)
        self._prefix = f"{following}. "
        self._lists[-1] = following + 1

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
            self._tables.put((text, "heading", self._level))
        elif self._code:
            self._tables.put((text, "code", 0))
        else:
            self._tables.put((prefix + text, "list" if prefix or self._lists else "paragraph", 0))


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
