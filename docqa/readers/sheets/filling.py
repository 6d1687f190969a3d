"""The document of a workbook, sheet after sheet; what is not read of it is named."""

from collections.abc import Callable, Iterator

from docqa.core.cells import column_letters
from docqa.core.documents import PageInfo, ParsedDocument, Passage
from docqa.core.symbols import Secret
from docqa.errors import BrokenFileError, EmptyFileError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.language import guess_language
from docqa.readers.sheets.grid import MOST_COLUMNS, Cut, Row, Sheet
from docqa.readers.sheets.masking import masked_rows
from docqa.readers.sheets.passages import passages_of
from docqa.readers.sheets.tables import PlacedRow, placed_rows

MOST_CELLS = 6_000_000
"""Cells with text that are read of a workbook."""
MOST_CHARACTERS = 80_000_000
"""Of those cells."""
TOO_MUCH = (
    f"of one file at most {MOST_CELLS / 1e6:,.0f} million cells and"
    f" {MOST_CHARACTERS / 1e6:,.0f} million characters are read"
)
COMMENTS = "Comments"
"""The heading of comments on cells."""
_PROGRESS_ROWS = 2_000
_MOST_NOTES = 12
_SAMPLE_PASSAGES = 50


class Filled:
    """What was read of a workbook so far."""

    def __init__(
        self, name: str, options: ReaderOptions, progress: Progress, *, has_sheets: bool = True
    ) -> None:
        self._name = name
        self._options = options
        self._progress = progress
        self._has_sheets = has_sheets
        self._passages: list[Passage] = []
        self._pages: list[PageInfo] = []
        self._left_out: list[str] = []
        self._notes: list[str] = []
        self._secrets: list[Secret] = []
        self._cells = self._characters = 0

    def add(self, sheet: Sheet) -> None:
        """Read a sheet; damage in it is said, and costs no more than what follows in it."""
        rows = Counted(sheet.rows, self._alive, self._cells, self._characters)
        before = len(self._passages)
        masked = masked_rows(rows, self._name, self._options, self._secrets)
        self._passages += passages_of(placed_rows(masked), sheet.name, before)
        said = masked_rows(sheet.comments, self._name, self._options, self._secrets)
        comments = (PlacedRow(row, heading=COMMENTS, begins=True) for row in said)
        self._passages += passages_of(comments, sheet.name, len(self._passages))
        named = f"the sheet {sheet.name!r}" if sheet.name else "the table"
        if rows.damage:
            self.leave_out(f"what follows row {rows.last:,} of {named}: {rows.damage}")
        if rows.first_beyond:
            self.leave_out(f"{rows.beyond} of {named}: {TOO_MUCH}")
        if sheet.cut.rows:
            self.leave_out(_cut(sheet.cut, named))
        if sheet.remark == "hidden":
            self._notes.append(f"{named} is hidden in the program; it was read")
        if self._has_sheets:
            has_text = len(self._passages) > before
            characters = rows.characters - self._characters
            self._pages.append(self._page(sheet, characters if has_text else 0))
        self._cells, self._characters = rows.cells, rows.characters

    def _alive(self) -> None:
        self._progress(len(self._pages), len(self._pages) + 1)

    def _page(self, sheet: Sheet, characters: int) -> PageInfo:
        number, named = len(self._pages) + 1, f"the sheet {sheet.name!r}"
        if characters:
            return PageInfo(number, 0, 0, "text", "", characters)
        if sheet.remark in ("", "hidden"):
            return PageInfo(number, 0, 0, "empty", f"{named} is empty")
        return PageInfo(number, 0, 0, "failed", f"{named} is {sheet.remark}, without cells")

    def note(self, text: str) -> None:
        """Say what a user should know."""
        self._notes.append(text)

    def leave_out(self, what: str) -> None:
        """Say what was not read."""
        self._left_out.append(what)

    def document(
        self, reader: str, *, encoding: str = "", secrets: tuple[Secret, ...] = ()
    ) -> ParsedDocument:
        """All that was read.

        Raises:
            EmptyFileError: If that is nothing.
            BrokenFileError: If it is nothing because of damage.
        """
        if not self._passages:
            if self._left_out:
                raise BrokenFileError(self._name, self._left_out[0])
            raise EmptyFileError(self._name, "there is no cell with text in it")
        pages = list(self._pages)
        for what in self._left_out:
            pages.append(PageInfo(len(pages) + 1, 0, 0, "failed", f"not read: {what}"))
        notes = [*(f"not read: {what}" for what in self._left_out), *self._notes]
        if len(notes) > _MOST_NOTES:
            notes = [*notes[:_MOST_NOTES], f"and {len(notes) - _MOST_NOTES:,} more remarks"]
        sample = " ".join(passage.text for passage in self._passages[:_SAMPLE_PASSAGES])
        return ParsedDocument(
            kind="sheet",
            passages=tuple(self._passages),
            pages=tuple(pages),
            language=guess_language(sample.replace("|", " ")),
            encoding=encoding,
            reader=reader,
            notes=tuple(notes),
            secrets=secrets or tuple(self._secrets),
        )


def _cut(cut: Cut, named: str) -> str:
    first = f"row {cut.first:,}"
    where = f"{first} of {named}"
    if cut.rows > 1:
        where = f"{cut.rows:,} rows of {named}, the first of them {first}"
    last = column_letters(MOST_COLUMNS)
    return f"cells beyond column {last} in {where}: a sheet has at most {MOST_COLUMNS:,} columns"


class Counted:
    """The rows of a sheet as far as the file's limits go; those beyond are only counted.

    `cells` and `characters` go on from what was read of the sheets before.
    """

    def __init__(
        self, rows: Iterator[Row], alive: Callable[[], None], cells: int, characters: int
    ) -> None:
        self._rows = rows
        self._alive = alive
        self.cells = cells
        self.characters = characters
        self.last = 0
        """Number of the last row that was seen."""
        self.first_beyond = 0
        """Number of the first row that is not read; 0 if all are."""
        self.damage = ""
        """Why the sheet ends before its end."""
        self._is_endless = False

    @property
    def beyond(self) -> str:
        """The rows that are not read."""
        more = " and all that follow" if self._is_endless else ""
        return f"rows {self.first_beyond:,} to {self.last:,}{more}"

    def __iter__(self) -> Iterator[Row]:
        try:
            for count, row in enumerate(self._rows, 1):
                self.last = row.number
                self.cells += len(row.cells)
                self.characters += sum(len(cell.text) for cell in row.cells)
                if count % _PROGRESS_ROWS == 0:
                    self._alive()
                if self.cells <= MOST_CELLS and self.characters <= MOST_CHARACTERS:
                    yield row
                    continue
                self.first_beyond = self.first_beyond or row.number
                if self.cells > 2 * MOST_CELLS or self.characters > 2 * MOST_CHARACTERS:
                    self._is_endless = True
                    return
        except BrokenFileError as error:
            self.damage = error.detail
