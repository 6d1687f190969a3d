"""`docqa coverage`: every page counted, by source and class, printed or written to a file."""

from pathlib import Path
from typing import Annotated

import typer

from docqa.cli_app import JsonOption, WorkspaceOption, in_workspace
from docqa.console import err, print_json, say, show_rows
from docqa.core.citations import percent
from docqa.core.coverage import CLASS_WORDS, CLASSES, REACH_WORDS, PageClass, Tally
from docqa.errors import InputError
from docqa.services.coverage import coverage_format
from docqa.services.ledgers import Ledger, ledger_json
from docqa.store.coverage import PageLine
from docqa.store.coverage_units import CoverageFilter

LISTED = 1_000
"""Pages that are printed; an export has them all."""


def coverage(
    workspace: WorkspaceOption = "default",
    pages: Annotated[
        str, typer.Option("--pages", help="List the pages of a class: unreadable, ocr, blank ...")
    ] = "",
    export: Annotated[
        list[Path] | None,
        typer.Option("--export", help="Write every page to .csv, .xlsx or .json (repeatable)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Count every page: readable, read by OCR, unreadable and why, excluded, left out."""
    for path in export or ():
        coverage_format(path)
    wanted = _class_of(pages) if pages else None
    with in_workspace(workspace) as (services, where):
        ledger = services.coverage.ledger(where.id)
        listed: tuple[PageLine, ...] = ()
        if wanted is not None:
            only = CoverageFilter(page_class=wanted)
            listed = services.coverage.pages(where.id, only, most=LISTED)
        for path in export or ():
            services.coverage.export(where.id, path)
            say(f"written: {path}", on=err)
    if wanted is not None:
        rows = [_line(line, as_json=as_json) for line in listed]
        show_rows(rows, as_json=as_json)
        if ledger.total[wanted] > LISTED:
            say(f"the first {LISTED:,} of {ledger.total[wanted]:,}; --export has all", on=err)
    elif as_json:
        print_json(ledger_json(ledger))
    else:
        _show(ledger)


def _class_of(name: str) -> PageClass:
    """The class that is meant: `unreadable`, `left-out`.

    Raises:
        InputError: If there is none of this name.
    """
    wanted = name.strip().lower().replace("-", "_")
    for known in CLASSES:
        if wanted == known:
            return known
    raise InputError(f"there is no class {name!r}; there are {', '.join(CLASSES)}")


def _show(ledger: Ledger) -> None:
    say(ledger.statement())
    if not ledger.sources:
        return
    total = ledger.total
    shown = [name for name in CLASSES if total[name]]
    rows = [
        _sums(source.name, source.documents, source.tally, ledger, shown)
        for source in ledger.sources
    ]
    rows.append(_sums("all sources", ledger.documents, total, ledger, shown))
    show_rows(rows, as_json=False)
    say(f"engine: {ledger.engine} ({REACH_WORDS[ledger.reach]})", style="dim")


def _sums(
    name: str, documents: int, tally: Tally, ledger: Ledger, shown: list[PageClass]
) -> dict[str, object]:
    row: dict[str, object] = {"source": name, "documents": documents, "pages": tally.total}
    if ledger.reach == "whole":
        row["in window"] = tally.packed
    return row | {CLASS_WORDS[each]: tally[each] for each in shown}


def _line(line: PageLine, *, as_json: bool) -> dict[str, object]:
    sure = None if line.confidence is None else percent(line.confidence)
    return {
        "source": line.source,
        "document": line.path,
        "page": line.page,
        "class": line.page_class,
        "reason": line.reason,
        "confidence": line.confidence if as_json else sure,
    }
