"""The parts of an Excel workbook beside its sheets: their list, texts, formats and comments."""

import re
from array import array
from functools import lru_cache
from string import ascii_letters

from docqa.readers.sheets.events import Handler, without_prefixes
from docqa.readers.sheets.grid import Cell, Row, folded
from docqa.readers.sheets.shown import code_of

MOST_STRINGS = 2_000_000
MOST_STRING_CHARACTERS = 200_000_000
_CODE_CHARACTERS = 500
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Relations(Handler):
    """What a part refers to: id, kind and path of each."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take an element's beginning."""
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append((attributes.get("Id", ""), kind, attributes.get("Target", "")))


class Workbook(Handler):
    """The list of the sheets."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        """Name, state (empty if visible) and relation."""
        self.from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take an element's beginning."""
        if name == "sheet":
            attributes = without_prefixes(attributes)
            state = attributes.get("state", "visible")
            self.sheets.append(
                (
                    folded(attributes.get("name", "")),
                    "" if state == "visible" else state,
                    attributes.get("id", ""),
                )
            )
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in ("1", "true")


class RichTexts(Handler):
    """Gathers the text of each element of one name; what is spoken (phonetic) is left out."""

    element = ""
    """The name."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._in_text = self._spoken = False

    def begin(self, attributes: dict[str, str]) -> None:
        """Such an element begins."""

    def take(self, text: str) -> None:
        """Such an element has ended, and this is its text."""
        raise NotImplementedError

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take an element's beginning."""
        if name == self.element:
            self._held = []
            self.begin(attributes)
        elif name == "rPh":
            self._spoken = True
        elif name == "t":
            self._in_text = not self._spoken

    def end(self, name: str) -> None:
        """Take an element's end."""
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._spoken = False
        elif name == self.element:
            self.take(cell_text("".join(self._held)))

    def data(self, text: str) -> None:
        """Take text."""
        if self._in_text:
            self._held.append(text)


class Strings(RichTexts):
    """The texts that cells refer to by number."""

    element = "si"

    def __init__(self) -> None:
        super().__init__()
        self._texts: list[str] = []
        self._characters = 0

    def __getitem__(self, number: int) -> str:
        return self._texts[number] if 0 <= number < len(self._texts) else ""

    def take(self, text: str) -> None:
        """Keep a text."""
        self._characters += len(text)
        if len(self._texts) >= MOST_STRINGS or self._characters > MOST_STRING_CHARACTERS:
            raise OverflowError("it has more text than docqa reads of one workbook")
        self._texts.append(text)


class Styles(Handler):
    """The format codes of the cells' styles."""

    def __init__(self) -> None:
        self._custom: dict[int, str] = {}
        self._formats = array("L")
        self._in_cells = False

    def code(self, style: str) -> str:
        """The format code of a style; empty for General."""
        number = int(style) if style.isdecimal() else 0
        if number >= len(self._formats):
            return ""
        return code_of(self._formats[number], self._custom)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take an element's beginning."""
        if name == "numFmt":
            number, code = number_of(attributes.get("numFmtId")), attributes.get("formatCode", "")
            self._custom[number] = code[:_CODE_CHARACTERS]
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self._formats.append(number_of(attributes.get("numFmtId")))

    def end(self, name: str) -> None:
        """Take an element's end."""
        if name == "cellXfs":
            self._in_cells = False


class Comments(RichTexts):
    """Comments on cells, as rows with one cell each."""

    element = "comment"

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._place = ""

    def begin(self, attributes: dict[str, str]) -> None:
        """Note which cell it is on."""
        self._place = attributes.get("ref", "")

    def take(self, text: str) -> None:
        """Keep a comment."""
        column = column_of(self._place)
        row = number_of(self._place.lstrip(ascii_letters))
        if text and column and row:
            self.rows.append(Row(row, (Cell(column, text),)))


def column_of(reference: str) -> int:
    """1 for `A7`, 27 for `AA7`; 0 if it is no reference."""
    return column_number(reference.rstrip("0123456789"))


@lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """1 for `A`, 27 for `AA`; 0 for what is no column."""
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        return 0
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def number_of(text: str | None) -> int:
    """A whole number of at most nine digits; 0 for all else."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def cell_text(text: str) -> str:
    """A text in one line; characters that are written as `_x000D_` are what they stand for."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return folded(text)
