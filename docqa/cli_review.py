"""`docqa review`: a checklist against documents, waited for, printed and exported."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from docqa.bootstrap import App
from docqa.cli_app import (
    DocumentOption,
    JsonOption,
    WorkspaceOption,
    document_ids,
    follow,
    in_workspace,
    resume,
)
from docqa.console import err, print_json, report_error, say, show_rows
from docqa.core.checklists import Checklist
from docqa.core.findings import Review
from docqa.core.verdict_words import cell_word, state_word
from docqa.errors import DocqaError, ReviewUnfinishedError, UnknownItemError
from docqa.services.checklists import SUFFIXES
from docqa.services.exporting.collecting import packet_of
from docqa.services.exporting.packet import Row, source_of
from docqa.services.exporting.service import format_of
from docqa.services.reports import review_cell_json, review_json
from docqa.store.values import Workspace


def review(
    checklist: Annotated[
        str, typer.Argument(help="Id of a checklist, or a file: .yaml, .csv, .xlsx.")
    ] = "",
    workspace: WorkspaceOption = "default",
    document: DocumentOption = None,
    workspace_wide: Annotated[
        bool,
        typer.Option("--workspace-wide", help="One answer for all documents, not one for each."),
    ] = False,
    title: Annotated[str, typer.Option("--title", help="What to call the review.")] = "",
    export: Annotated[
        list[Path] | None,
        typer.Option("--export", help="Write it to .csv, .xlsx, .pdf or .json (repeatable)."),
    ] = None,
    resumed: Annotated[
        int | None, typer.Option("--resume", help="Go on with the review of this number.")
    ] = None,
    rerun_changed: Annotated[
        int | None,
        typer.Option("--rerun-changed", help="Ask this review's changed documents again."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the reviews.")] = False,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="The engine may be on another machine.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Hold documents against a checklist, requirement by requirement, with verified quotes."""
    _check_one_of(checklist, resumed, rerun_changed, listed)
    formats = [(path, format_of(path)) for path in export or ()]
    with in_workspace(workspace) as (app, where):
        if listed:
            rows = [review_json(each) for each in app.reviewing.reviews(where.id)]
            show_rows(rows, as_json=as_json)
            return
        if allow_remote:
            app.engines.allow_remote(where.id)
        if resumed is not None or rerun_changed is not None:
            number = _taken_up(app, where, resumed, rerun_changed)
        else:
            resume(app, where)
            number = app.reviewing.submit(
                where.id,
                checklist_of(app, checklist),
                document_ids=document_ids(app, where, document),
                target="workspace" if workspace_wide else "documents",
                title=title,
            )
        finished = _waited(app, number)
        _show(app, finished, as_json=as_json)
        for path, format in formats:
            app.exporting.export(number, format, path)
            say(f"written: {path}", on=err)
    _check_finished(finished)


def checklist_of(app: App, name: str) -> Checklist:
    """The checklist of this id, or in the file of this name.

    Raises:
        UnknownItemError: If there is neither.
        ReadError: If the file cannot be read.
        ChecklistError: If it is no checklist.
    """
    path = Path(name)
    if path.suffix.lower() not in SUFFIXES:
        return app.checklists.get(name)
    return app.checklists.import_file(path)


def _check_one_of(checklist: str, resumed: int | None, rerun: int | None, listed: bool) -> None:
    given = (bool(checklist), resumed is not None, rerun is not None, listed)
    if sum(given) != 1:
        raise typer.BadParameter("give a checklist, or one of --resume, --rerun-changed, --list")


def _taken_up(app: App, where: Workspace, resumed: int | None, rerun: int | None) -> int:
    """Have a review of this workspace go on, or look again at what has changed."""
    number = resumed if resumed is not None else rerun
    assert number is not None
    if app.reviewing.review(number).workspace_id != where.id:
        raise UnknownItemError("review", number)
    if resumed is not None:
        app.reviewing.resume(number)
        return number
    queued = app.reviewing.rerun(number, changed=True)
    say(f"{queued:,} cells are asked again" if queued else "nothing has changed", on=err)
    for name in app.reviewing.grid(number).added:
        say(f"not in this review, for it came later: {name}", on=err)
    return number


def _waited(app: App, number: int) -> Review:
    """The review once its job has ended, with what it does shown meanwhile."""
    started = app.reviewing.review(number)
    if started.job_id and not started.counts.finished:
        follow(app, started.job_id, "reviewing")
    return app.reviewing.review(number)


def _show(app: App, finished: Review, *, as_json: bool) -> None:
    packet = packet_of(app.store, finished.id, user=app.settings.user)
    words: Counter[str] = Counter()
    document: str | None = None
    for row in packet.rows():
        if as_json:
            print_json(review_cell_json(row))
            continue
        if row.document != document:
            document = row.document
            say(document, style="bold")
        words[cell_word(row.cell)] += 1
        say(_line(row))
    if not as_json:
        counted = ", ".join(f"{word}: {count:,}" for word, count in words.most_common())
        say(f"review {finished.id}: {counted}; left to review: {finished.counts.unreviewed:,}")


def _line(row: Row) -> str:
    """A cell in a line: the verdict, the value, where it stands, what a person decided."""
    places = ", ".join(dict.fromkeys(source_of(each) for each in row.citations))
    remark = "" if places else "; ".join(row.reasons)
    state = state_word(row.cell) if row.cell.review_state != "draft" else ""
    value = " ".join(row.cell.value.split())
    said = (cell_word(row.cell, row.requirement.kind), value, places, remark, state)
    parts = [part for part in said if part]
    return f"  {row.requirement.id}: {' · '.join(parts)}"


def _check_finished(finished: Review) -> None:
    """Leave with exit status 1 where the review is not done, or nothing of it worked.

    Raises:
        ReviewUnfinishedError: If cells still wait.
    """
    counts = finished.counts
    if not counts.finished or finished.status == "cancelled":
        raise ReviewUnfinishedError(finished.id, counts.queued + counts.running + counts.cancelled)
    if counts.failed:
        failed = DocqaError(f"{counts.failed:,} of {counts.total:,} cells failed")
        report_error(failed, as_json=False)
        raise typer.Exit(1)
