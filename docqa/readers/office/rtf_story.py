"""Paragraphs of rich text -> blocks: those of the text, and those of a note, header or comment."""

from dataclasses import dataclass, field

from docqa.core.documents import PassageKind
from docqa.readers.blocks import SMALL_BYTES
from docqa.readers.office.numerals import BULLET
from docqa.readers.office.open_tables import OpenTables

MOST_LEVELS = 9


@dataclass(slots=True)
class RtfStyles:
    """The headings among the paragraph styles, by number; a title is one."""

    levels: dict[int, int] = field(default_factory=dict)
    titles: set[int] = field(default_factory=set)

    def add(self, number: int, name: str, outline: int | None) -> None:
        """Learn a style."""
        name = name.strip().rstrip(";").lower()
        if name == "title":
            self.titles.add(number)
            self.levels[number] = 1
        elif outline is not None and 0 <= outline < MOST_LEVELS:
            self.levels[number] = outline + 1
        elif name.startswith("heading ") and name[8:].isdigit():
            self.levels[number] = min(max(int(name[8:]), 1), MOST_LEVELS)


class Story:
    """Text that runs on by itself, paragraph by paragraph.

    Without tables, as in notes, all of it is in `texts`.
    """

    def __init__(self, styles: RtfStyles, tables: OpenTables | None = None) -> None:
        self._styles = styles
        self._tables = tables
        self._in_table = False
        self._in_row = False
        self._in_cell = False
        self._cells = 0
        self._merged: list[bool] = []
        self._header = False
        self.pieces: list[str] = []
        self.label: list[str] = []
        self.style = 0
        self.outline: int | None = None
        self.is_cell = False
        """Whether the paragraph stands in a cell."""
        self.texts: list[str] = []
        self.title = ""

    def reset(self) -> None:
        """Forget the properties of the paragraph before."""
        self.style, self.outline, self.is_cell = 0, None, False

    def end_paragraph(self) -> None:
        """Put the paragraph where it belongs."""
        text, label = "".join(self.pieces).strip(), "".join(self.label).strip()
        self.pieces.clear()
        self.label.clear()
        if self._tables is None:
            if text:
                self.texts.append(text)
            return
        if self._in_table and not self.is_cell:
            self._end_table()
        if not text:
            return
        if self.is_cell:
            self._begin_cell()
        level = self._styles.levels.get(self.style, 0)
        if self.outline is not None:
            level = self.outline + 1 if 0 <= self.outline < MOST_LEVELS else 0
        if self.style in self._styles.titles and not self.title:
            self.title = text
        if label and (len(label) == 1 or not any(map(str.isalnum, label))):
            label = BULLET
        kind: PassageKind = "paragraph"
        if level:
            kind = "heading"
        elif label == BULLET or (label and len(text) < SMALL_BYTES):
            kind = "list"
        self._tables.put((f"{label} {text}" if label else text, kind, level))

    def define_row(self) -> None:
        """Begin the definition of a row."""
        self._merged.clear()
        self._header = False

    def define_header(self) -> None:
        """Let the row be a header."""
        self._header = True

    def define_cell(self, *, merged: bool) -> None:
        """Define a cell; `merged` if it is one with the cell above it."""
        self._merged.append(merged)

    def end_cell(self) -> None:
        """End a cell, with text or without."""
        self.is_cell = True
        self.end_paragraph()
        if self._tables is not None:
            self._begin_cell()
            self._tables.end_cell()
            self._in_cell = False

    def end_nested_row(self) -> None:
        """End a row of a table in a cell: it stays a row, and the cell is no row's part."""
        text = "".join(self.pieces).strip(" |")
        if self._tables is None:
            self.end_paragraph()
            return
        self.pieces.clear()
        self._begin_cell()
        self._tables.lay_out()
        if text:
            self._tables.put((text, "table", 0))

    def end_row(self) -> None:
        """End a row."""
        if self._tables is not None and self._in_row:
            self._tables.end_row()
        self._in_row = self._in_cell = False

    def close(self) -> None:
        """Take the end of the text."""
        self.end_paragraph()
        if self._in_table:
            self._end_table()

    def _begin_cell(self) -> None:
        """Open what of table, row and cell is not open."""
        if self._tables is None or self._in_cell:
            return
        if not self._in_table:
            self._tables.open()
        if not self._in_row:
            self._tables.row(header=self._header)
            self._cells = 0
        self._tables.cell()
        if self._cells < len(self._merged) and self._merged[self._cells]:
            self._tables.continue_above()
        self._cells += 1
        self._in_table = self._in_row = self._in_cell = True

    def _end_table(self) -> None:
        if self._tables is not None:
            self._tables.close()
        self._in_table = self._in_row = self._in_cell = False
