"""`docqa checklists`: what documents can be held against."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from docqa.bootstrap import App
from docqa.cli_app import JsonOption, YesOption, opened
from docqa.console import confirm, print_json, say, show_rows
from docqa.core.checklists import Checklist, to_data
from docqa.services.checklists import ChecklistInfo

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the checklist.")]

checklists = typer.Typer(
    name="checklists",
    help="List, show, import, export and delete checklists.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@checklists.callback()
def listed(context: typer.Context, as_json: JsonOption = False) -> None:
    """List, show, import, export and delete checklists."""
    if context.invoked_subcommand is None:
        list_command(as_json=as_json)


@checklists.command(name="list")
def list_command(as_json: JsonOption = False) -> None:
    """List the checklists: those that come with docqa, then your own."""
    with opened() as app:
        _show_all(app, as_json=as_json)


@checklists.command()
def show(checklist: IdArgument, as_json: JsonOption = False) -> None:
    """Print a checklist."""
    with opened() as app:
        found = app.checklists.get(checklist)
    if as_json:
        print_json(to_data(found))
    else:
        _print(found)


@checklists.command(name="import")
def import_command(
    file: Annotated[Path, typer.Argument(help="A file: .yaml, .csv, .tsv or .xlsx.")],
    new_id: Annotated[str, typer.Option("--id", help="Keep it under this id.")] = "",
    replaced: Annotated[
        bool, typer.Option("--replace", help="In place of your checklist of the same id.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add a checklist from a file."""
    with opened() as app:
        found = app.checklists.import_file(file)
        found = replace(found, id=new_id) if new_id else found
        own = {info.id: info.revision for info in app.checklists.all() if not info.builtin}
        app.checklists.save(found, revision=own.get(found.id) if replaced else None)
        row = checklist_json(app.checklists.info(found.id))
    show_rows([row], as_json=as_json, single=True)


@checklists.command()
def export(
    checklist: IdArgument,
    file: Annotated[Path, typer.Argument(help="The file to write: .yaml, .csv or .xlsx.")],
    as_json: JsonOption = False,
) -> None:
    """Write a checklist into a file, in place of what is there."""
    with opened() as app:
        size = app.checklists.export_file(checklist, file)
    row = {"id": checklist, "file": str(file), "bytes": size}
    show_rows([row], as_json=as_json, single=True)


@checklists.command()
def delete(checklist: IdArgument, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Delete a checklist of your own; reviews made with it keep their copies."""
    with opened() as app:
        title = app.checklists.get(checklist).title
        confirm(f"Delete the checklist {checklist!r} ({title})?", yes=yes)
        app.checklists.delete(checklist)
        _show_all(app, as_json=as_json)


def checklist_json(info: ChecklistInfo) -> dict[str, Any]:
    """A checklist in a list of them."""
    return {
        "id": info.id,
        "title": info.title,
        "version": info.version,
        "source": info.source,
        "requirements": info.requirements,
        "builtin": info.builtin,
    }


def _show_all(app: App, *, as_json: bool) -> None:
    rows = [checklist_json(info) for info in app.checklists.all()]
    if not as_json:
        # Sources are sentences; `show` prints them.
        rows = [{name: row[name] for name in row if name != "source"} for row in rows]
    show_rows(rows, as_json=as_json)


def _print(checklist: Checklist) -> None:
    say(f"{checklist.title} (version {checklist.version})", style="bold")
    for text in (checklist.description, checklist.source and f"Source: {checklist.source}"):
        if text:
            say(text)
    section = ""
    for item in checklist.requirements:
        if item.section != section:
            section = item.section
            say(f"\n{section}", style="bold")
        say(f"\n{item.id}: {item.text}")
        if item.guidance:
            say(f"    {item.guidance}")
        asked = "" if item.kind == "verdict" else f"; asks for: {item.kind}"
        say(f"    Verdicts: {', '.join(item.verdicts)}{asked}", style="dim")
        if item.look_for:
            say(f"    Look for: {'; '.join(item.look_for)}", style="dim")
