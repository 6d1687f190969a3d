"""`docqa audit`: whether the record is as it was written, and what it says."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from docqa.cli_app import JsonOption, opened
from docqa.console import print_json, say
from docqa.store.values import AuditEntry

MAX_LINE = 300
"""Characters of an entry in the log as people read it; `--json` has all of it."""

audit = typer.Typer(
    name="audit",
    help="Check and read the audit log of reviews and documents.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@audit.command()
def verify(
    expect: Annotated[
        str,
        typer.Option("--expect", help="A hash that the log had, as an export names it."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check every entry against the one before it, and findings and decisions against theirs."""
    with opened() as app:
        problem = app.store.audit.verify(expect.strip().lower())
        entries, head = app.store.audit.count(), app.store.audit.head()
    row = {
        "ok": problem is None,
        "entries": entries,
        "head": head,
        "entry": problem.entry_id if problem else None,
        "problem": problem.what if problem else "",
    }
    if as_json:
        print_json(row)
    elif problem is None:
        say(f"{entries:,} entries, all as they were written; newest hash:")
        say(head)
    else:
        where = f"entry {problem.entry_id:,}: " if problem.entry_id else ""
        say(f"{where}{problem.what}", style="bold red")
    if problem is not None:
        raise typer.Exit(1)


@audit.command(name="log")
def log_command(
    n: Annotated[int, typer.Option("-n", min=1, help="How many of the newest entries.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Print the newest entries, oldest first."""
    with opened() as app:
        entries = app.store.audit.entries(n)
    for entry in entries:
        if as_json:
            print_json(entry_json(entry))
        else:
            say(_line(entry))


@audit.command()
def head(as_json: JsonOption = False) -> None:
    """Print the newest hash; noted elsewhere, it shows later whether entries were cut off."""
    with opened() as app:
        newest = app.store.audit.head()
    if as_json:
        print_json({"head": newest})
    else:
        say(newest)


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    """An entry as it is chained."""
    return {
        "id": entry.id,
        "at": entry.at,
        "user": entry.user,
        "action": entry.action,
        "detail": entry.detail,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def _line(entry: AuditEntry) -> str:
    at = f"{datetime.fromtimestamp(entry.at, UTC):%Y-%m-%d %H:%M:%S}"
    facts = " ".join(f"{name}={value}" for name, value in entry.detail.items())
    said = f"{entry.id} {at} {entry.user} {entry.action} {facts}"
    return said if len(said) <= MAX_LINE else said[: MAX_LINE - 1] + "…"
