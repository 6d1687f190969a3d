"""The readers of workbooks and of tables in text files."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from docqa.core.documents import ParsedDocument
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.office.building import pictures_note
from docqa.readers.office.zipped import ZippedFile, opened
from docqa.readers.sheets.delimited import read_delimited
from docqa.readers.sheets.filling import Filled
from docqa.readers.sheets.grid import Sheet


class WorkbookReader:
    """Reads Excel and OpenDocument workbooks; a sheet is a part, its rows are the places."""

    name = "sheet/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether it is a zip file or an old Office file."""
        return head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document, a `PageInfo` for each sheet and for each part that was too much.

        Raises:
            EmptyFileError: If no sheet has a cell with text.
            BrokenFileError: If it cannot be opened, or a part of it is damaged.
            DocumentBombError: If it was made to unpack to more than anyone wrote.
        """
        with ExitStack() as stack:
            filled = Filled(name, options, progress)
            zipped = _zipped(path, name, stack)
            for sheet in _sheets(path, name, zipped):
                filled.add(sheet)
            pictures = _pictures(zipped) if zipped else 0
            if pictures:
                filled.note(pictures_note(pictures))
        return filled.document(self.name)


class CsvReader:
    """Reads tables in text files; rows are the places."""

    name = "csv/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether the name ends in .csv or .tsv."""
        return name.lower().endswith((".csv", ".tsv"))

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document; it has no pages unless a part was too much.

        Raises:
            EmptyFileError: If no cell has text.
        """
        found = read_delimited(path, name, options)
        filled = Filled(name, ReaderOptions(mask_secrets=False), progress, has_sheets=False)
        filled.add(Sheet("", found.rows, cut=found.cut))
        if found.lines_beyond:
            filled.leave_out(f"the last {found.lines_beyond:,} lines: the file is too large")
        return filled.document(self.name, encoding=found.encoding, secrets=found.secrets)


def _zipped(path: Path, name: str, stack: ExitStack) -> ZippedFile | None:
    with path.open("rb") as file:
        is_zipped = file.read(4) == b"PK\x03\x04"
    return stack.enter_context(opened(path, name)) if is_zipped else None


def _sheets(path: Path, name: str, zipped: ZippedFile | None) -> Iterator[Sheet]:
    if zipped is None or "xl/workbook.bin" in zipped:
        from docqa.readers.sheets import binary

        return binary.sheets(path, name)
    if "content.xml" in zipped:
        from docqa.readers.sheets import ods

        return ods.sheets(zipped, name)
    from docqa.readers.sheets import xlsx

    return xlsx.sheets(zipped, name)


def _pictures(zipped: ZippedFile) -> int:
    return sum(part.startswith(("xl/media/", "pictures/")) for part in zipped.names)
