"""How fast workbooks and tables are read, and whether every cell comes back in its place.

    python -m docqa.bench.sheets [ROWS]

Makes a workbook of so many rows and five columns (a number, words, a date, a share, an amount) as
.xlsx and .csv, reads both, looks every cell up in the maps of the passages, and lets peers read the
same workbook in the same run: openpyxl's streaming mode, and calamine, which holds it whole. Each
runs in a process of its own; times are processor time.
"""

import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
from openpyxl.cell import WriteOnlyCell
from rich.console import Console

HEADER = ("Id", "Name", "When", "Share", "Amount")
_START = datetime(2009, 7, 6)


def main() -> None:
    """Measure in processes of their own, or be one of them."""
    if len(sys.argv) > 2:
        _one(sys.argv[1], Path(sys.argv[2]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        book, table = Path(folder) / "book.xlsx", Path(folder) / "table.csv"
        _make(book, table, rows)
        for who, file in (
            ("docqa", book),
            ("docqa", table),
            ("openpyxl", book),
            ("calamine", book),
        ):
            command = [sys.executable, "-m", "docqa.bench.sheets", who, str(file)]
            told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            console.print(f"{who} {file.suffix} {file.stat().st_size / 1e6:,.1f} MB: {told}")


def _make(book: Path, table: Path, rows: int) -> None:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet("Data")
    sheet.append(HEADER)
    with table.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        for cells in _rows(rows):
            day, share = WriteOnlyCell(sheet, cells[2]), WriteOnlyCell(sheet, cells[3])
            day.number_format, share.number_format = "yyyy-mm-dd", "0.0%"
            sheet.append([cells[0], cells[1], day, share, cells[4]])
            writer.writerow(_shown(cells))
    made.save(book)


def _rows(count: int) -> Iterator[tuple[int, str, datetime, float, float]]:
    chance = random.Random(7)
    for number in range(1, count):
        day = _START + timedelta(days=chance.randrange(5_000))
        share, amount = chance.randrange(1_000) / 1_000, round(chance.random() * 1e6, 2)
        yield number, f"customer {chance.randrange(9_000)}", day, share, amount


def _shown(cells: tuple[int, str, datetime, float, float]) -> tuple[str, ...]:
    number, name, day, share, amount = cells
    return str(number), name, f"{day:%Y-%m-%d}", f"{share * 100:.1f}%", f"{amount:.11g}"


def _one(who: str, file: Path) -> None:
    began = time.process_time()
    told = {"docqa": _docqa, "openpyxl": _openpyxl, "calamine": _calamine}[who](file, began)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000
    sys.stdout.write(json.dumps({**told, "peak_mb": peak_mb}))


def _docqa(file: Path, began: float) -> dict[str, float]:
    from docqa.core.cells import CellMap
    from docqa.readers.base import ReaderOptions
    from docqa.readers.registry import entry_for

    with file.open("rb") as opened:
        reader = entry_for(file.name, opened.read(4_096)).make()
    document = reader.read(file, file.name, ReaderOptions(), lambda done, total: None)
    took = time.process_time() - began
    last = max(passage.locator.last for passage in document.passages)  # type: ignore[union-attr]
    expected = iter([HEADER, *map(_shown, _rows(last))])
    found = right = row = 0
    cells: tuple[str, ...] = ()
    for passage in document.passages:
        for span in CellMap.from_bytes(passage.geometry).spans:
            if span.row == 1 and row > 1:
                continue  # the header, repeated
            if span.row != row:
                row, cells = span.row, next(expected)
            found += 1
            right += passage.text[span.start : span.end] == cells[span.column - 1]
    return {
        "cpu_s": round(took, 1),
        "passages": len(document.passages),
        "cells": found,
        "ok": right,
    }


def _openpyxl(file: Path, began: float) -> dict[str, float]:
    sheet = openpyxl.load_workbook(file, read_only=True, data_only=True).worksheets[0]
    cells = sum(len(row) for row in sheet.iter_rows(values_only=True))
    return {"cpu_s": round(time.process_time() - began, 1), "cells": cells}


def _calamine(file: Path, began: float) -> dict[str, float]:
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_path(file).get_sheet_by_index(0)
    cells = sum(len(row) for row in sheet.iter_rows())
    return {"cpu_s": round(time.process_time() - began, 1), "cells": cells}


if __name__ == "__main__":
    main()
