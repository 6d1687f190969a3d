"""Jupyter notebooks (.ipynb): cells of text and code, and what the code wrote."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError, FileTooLargeError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.encoding import decode
from docqa.readers.office.building import Blocks, document_of, pictures_note

MOST_BYTES = 300_000_000
"""Of a file: JSON is read as a whole. Pictures make notebooks large, not text."""
MOST_OUTPUT = 2_000
"""Characters of what one cell wrote."""

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)[\s#]*$")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(slots=True)
class _Left:
    """What was not read."""

    pictures: int = 0
    cut: int = 0


class NotebookReader:
    """Reads cells in their order; nothing is run."""

    name = "notebook/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether the name says a notebook and the bytes begin as JSON."""
        return PurePosixPath(name.lower()).suffix == ".ipynb" and head.lstrip()[:1] == b"{"

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document, a passage in one cell each.

        Raises:
            FileTooLargeError: If it has more than `MOST_BYTES`.
            BrokenFileError: If it is no notebook.
            EmptyFileError: If no cell has text.
        """
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise FileTooLargeError(name, size, MOST_BYTES)
        blocks, left = Blocks(name), _Left()
        for number, cell in enumerate(_cells(path.read_bytes(), name), 1):
            if isinstance(cell, dict):
                _add_cell(cell, number, blocks, left)
        if left.pictures:
            blocks.notes.append(pictures_note(left.pictures))
        if left.cut:
            blocks.notes.append(
                f"of what {left.cut:,} cells wrote, the first {MOST_OUTPUT:,} characters were read"
            )
        return document_of(
            blocks, name, options, reader=self.name, kind="notebook", unit="cell", apart=True
        )


def _cells(data: bytes, name: str) -> list[Any]:
    """The cells, also of notebooks of version 3, which have them on worksheets."""
    try:
        book = json.loads(decode(data).text)
    except (ValueError, RecursionError) as error:
        raise BrokenFileError(name, f"is no notebook: its JSON cannot be read ({error})") from error
    if not isinstance(book, dict) or not ("cells" in book or "worksheets" in book):
        raise BrokenFileError(name, "is no notebook: it has no cells")
    sheets = [book, *_list(book.get("worksheets"))]
    return [cell for each in sheets if isinstance(each, dict) for cell in _list(each.get("cells"))]


def _add_cell(cell: dict[str, Any], number: int, blocks: Blocks, left: _Left) -> None:
    text = _text(cell.get("source", cell.get("input")))
    match cell.get("cell_type"):
        case "code":
            blocks.add(text, "code", number=number)
            written = "\n".join(_written(cell.get("outputs"), left))
            if len(written) > MOST_OUTPUT:
                left.cut += 1
                written = written[:MOST_OUTPUT] + " …"
            if written.strip():
                blocks.add(f"Out:\n{written}", "code", number=number)
        case "heading":
            level = cell.get("level")
            blocks.add(text, "heading", level if isinstance(level, int) else 1, number=number)
        case "markdown":
            _add_markdown(text, number, blocks)
        case _:
            blocks.add(text, number=number)


def _add_markdown(text: str, number: int, blocks: Blocks) -> None:
    """Add headings, fenced code and what is between them."""
    held: list[str] = []
    fence = ""

    def give() -> None:
        blocks.add("\n".join(held), "code" if fence else "paragraph", number=number)
        held.clear()

    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            give()
            fence = "" if fence else mark[1]
        elif not fence and (heading := _HEADING.match(line[:500])):
            give()
            blocks.add(heading[2], "heading", len(heading[1]), number=number)
        elif not fence and not line.strip():
            give()
        else:
            held.append(line)
    give()


def _written(outputs: object, left: _Left) -> Iterator[str]:
    """What a cell wrote, as text."""
    for each in _list(outputs):
        if not isinstance(each, dict):
            continue
        data = each.get("data", each)
        data = data if isinstance(data, dict) else {}
        left.pictures += any(key.startswith("image/") or key in ("png", "jpeg") for key in data)
        if each.get("output_type") in ("error", "pyerr"):
            yield f"{_text(each.get('ename'))}: {_text(each.get('evalue'))}"
        else:
            said = each.get("text") or data.get("text/plain") or data.get("text")
            yield _ANSI.sub("", _text(said))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Text of a notebook: one string, or a list of its lines."""
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""
