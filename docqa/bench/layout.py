"""Pages as docqa's fast path and as PyMuPDF's layout model read them, side by side.

`python -m docqa.bench.layout FOLDER...`: of each file a few pages, those with tables first. A row
counts as read alike when both have its figures, in order, in one row; the order of words is
compared by the share of words that need not be moved. Neither side is taken for the truth.
"""

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rapidfuzz.distance import Indel

from docqa.readers.base import ReaderOptions
from docqa.readers.mupdf import pymupdf
from docqa.readers.pdf import PdfReader

_WORD = re.compile(r"\w+")
_MARKUP = re.compile(r"<br>|\*\*")
_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_CELL_FIGURE = re.compile(r"[\s$€£¥(+-]*\d[\d,.\s]*[)%\s]*|[\s$€]*[-—–]\s*")

Row = tuple[str, ...]


@dataclass(slots=True)
class PageRead:
    """A page as one side reads it."""

    words: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    """Rows of tables with at least two figures."""


def fast_pages(path: Path) -> dict[int, PageRead]:
    """The pages (1-based) that have text, as docqa reads the file."""
    document = PdfReader().read(path, path.name, ReaderOptions(), lambda done, total: None)
    found: dict[int, PageRead] = {}
    for passage in document.passages:
        page = found.setdefault(getattr(passage.locator, "first_page", 0), PageRead())
        page.words += _WORD.findall(passage.text.casefold())
        if passage.kind == "table":
            rows = (_figures(line.split("\t")) for line in passage.text.splitlines())
            # The headings of its columns stand in each part of a long table.
            page.rows += [row for row in rows if row]
    return found


def model_pages(path: Path, pages: Sequence[int]) -> tuple[dict[int, PageRead], float]:
    """These pages (1-based) as the layout model reads them, and the seconds it took."""
    command = [sys.executable, "-m", "docqa.bench.layout_model", str(path), *map(str, pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    return dict(zip(pages, map(_of_markdown, told["pages"]), strict=True)), told["seconds"]


def _of_markdown(text: str) -> PageRead:
    plain = _MARKUP.sub("", text)
    rows = (
        _figures(line.strip("|").split("|")) for line in plain.splitlines() if line.startswith("|")
    )
    return PageRead(_WORD.findall(plain.casefold()), [row for row in rows if row])


def _figures(cells: Sequence[str]) -> Row:
    """The figures of a row's cells; empty unless there are two, apart from its label."""
    figures = tuple(
        figure[0]
        for cell in cells[1:]
        if _CELL_FIGURE.fullmatch(cell) and (figure := _FIGURE.search(cell))
    )
    return figures if len(figures) >= 2 else ()


def compare(path: Path, most_pages: int, seed: int) -> Iterator[dict[str, Any]]:
    """What both read alike, a page of this file at a time."""
    started = time.perf_counter()
    fast = fast_pages(path)
    with pymupdf.open(path) as document:
        fast_seconds = (time.perf_counter() - started) / max(document.page_count, 1)
    order = sorted(
        fast, key=lambda page: (not fast[page].rows, random.Random(seed + page).random())
    )
    chosen = sorted(order[:most_pages])
    if not chosen:
        return
    model, seconds = model_pages(path, chosen)
    for page in chosen:
        ours, theirs = fast[page], model[page]
        yield {
            "file": path.name,
            "page": page,
            "order": round(Indel.normalized_similarity(ours.words, theirs.words), 3),
            "fast_rows": len(ours.rows),
            "model_rows": len(theirs.rows),
            "model_rows_in_fast": sum(row in ours.rows for row in theirs.rows),
            "fast_rows_in_model": sum(row in theirs.rows for row in ours.rows),
            "fast_s": fast_seconds,
            "model_s": seconds / len(chosen),
        }


def main(
    folders: Annotated[list[Path], typer.Argument(help="Folders of PDF files.")],
    files: Annotated[int, typer.Option(help="Files of each folder.")] = 12,
    pages: Annotated[int, typer.Option(help="Pages of each file.")] = 4,
    seed: int = 1,
) -> None:
    """Print the sums, and the pages on which the two differ."""
    found: list[dict[str, Any]] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.pdf"))[:files]:
            found += compare(path, pages, seed)
    sums = {key: round(sum(each[key] for each in found), 3) for key in found[0] if key != "file"}
    alike = sum(each["order"] >= 0.9 for each in found)
    differing = [
        each
        for each in found
        if each["model_rows_in_fast"] < each["model_rows"] or each["order"] < 0.9
    ]
    result = {"pages": len(found), **sums, "order_at_least_0.9": alike, "differing": differing}
    print(json.dumps(result, indent=1))  # noqa: T201


if __name__ == "__main__":
    typer.run(main)
