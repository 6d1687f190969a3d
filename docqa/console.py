"""What the command line prints, and what it asks: results to standard output, all else aside."""

import json
import re
import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from docqa.core.answers import Answer, swept
from docqa.core.citations import place
from docqa.errors import ConfirmationNeededError, DocqaError
from docqa.services.conversations import facts_of, first_of_each

out = Console()
err = Console(stderr=True)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def say(text: str, *, on: Console = out, style: str = "") -> None:
    """Print text as it is; wrapped on a terminal alone, so that others can take it line by line.

    What would command the terminal is shown as a mark: text comes from documents.
    """
    text = _CONTROL.sub("\ufffd", text)
    on.print(text, style=style, markup=False, highlight=False, soft_wrap=not on.is_terminal)


def pass_on(line: str) -> None:
    """A line that another program printed, on standard error.

    Raises:
        OSError: If nobody listens there any more.
    """
    sys.stderr.write(_CONTROL.sub("\ufffd", line) + "\n")
    sys.stderr.flush()


def report_error(error: DocqaError, *, as_json: bool) -> None:
    """Say what went wrong and what to do; with `as_json` also as JSON on standard output."""
    say(f"error: {error}", on=err, style="bold red")
    if error.hint:
        say(f"hint: {error.hint}", on=err)
    if as_json:
        name = getattr(error, "type_name", type(error).__name__)
        print_json({"error": {"type": name, "message": str(error), "hint": error.hint}})


def print_json(value: object) -> None:
    """One JSON value on one line of standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def confirm(question: str, *, yes: bool) -> None:
    """Return if the user agrees.

    Raises:
        ConfirmationNeededError: If there is nobody to ask, or the answer is no.
    """
    if yes or (sys.stdin.isatty() and typer.confirm(question, err=True)):
        return
    raise ConfirmationNeededError(question)


def show_rows(rows: list[dict[str, Any]], *, as_json: bool, single: bool = False) -> None:
    """Print rows as a table, or as JSON: one array, or one object when it is a single row."""
    if as_json:
        print_json(rows[0] if single else rows)
        return
    if not rows:
        out.print("nothing", style="dim")
        return
    table = Table(box=None, header_style="bold")
    for column in rows[0]:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(shown(value) for value in row.values()))
    out.print(table)


def show_answer(answer: Answer) -> None:
    """Print an answer, its citations and its coverage for people."""
    say(answer.text or f"({answer.status.replace('_', ' ')})")
    if answer.draft:
        say("\nDraft by the model:", style="dim")
        say(answer.draft, style="dim")
    for citation in first_of_each(answer.citations):
        say(f"[{citation.marker}] {place(citation)} ({facts_of(citation)})", style="bold")
        say(f"    {' '.join(citation.quote.split())}")
    if unknown := unknown_names(answer):
        say(f"Nowhere in the code: {', '.join(unknown)}", style="yellow")
    if answer.coverage:
        say(answer.coverage.sentence(), style="dim")
    for line in swept(answer):
        say(line, style="dim")
    say(f"{answer.status} · {answer.engine} · {answer.mode}", style="dim")


def unknown_names(answer: Answer) -> list[str]:
    """Names and places that the answer mentions and that are nowhere in the code, each once."""
    text = answer.draft or answer.text
    unknown = (each for each in answer.mentions if each.status == "unknown")
    return list(dict.fromkeys(text[each.start : each.end] for each in unknown))


def lines_of(lines: tuple[int, int] | None) -> str:
    """`L10-L24`, or nothing."""
    return "" if lines is None else f"L{lines[0]}-L{lines[1]}"


def shown(value: object) -> str:
    """A value in a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value)
