"""What commands share: the app they work on, jobs they wait for, options they all take."""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from docqa.bootstrap import App, build_app
from docqa.console import err, report_error
from docqa.errors import DocqaError
from docqa.settings import load_settings
from docqa.store.values import JobInfo, Workspace

WorkspaceOption = Annotated[str, typer.Option("--workspace", "-w", help="Workspace name.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, progress aside.")]
DocumentOption = Annotated[
    list[str] | None, typer.Option("--document", "-d", help="Only this document (repeatable).")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")]


@contextmanager
def opened() -> Iterator[App]:
    """The app on this machine's settings, closed at the end."""
    settings = load_settings()
    logging.basicConfig(level="ERROR", stream=sys.stderr, format="%(levelname)s %(message)s")
    app = build_app(settings)
    try:
        yield app
    finally:
        app.close()


@contextmanager
def in_workspace(name: str) -> Iterator[tuple[App, Workspace]]:
    """The app and one of its workspaces, made on first use."""
    with opened() as app:
        yield app, app.workspaces.get_or_create(name)


def follow(app: App, job_id: int, label: str) -> JobInfo:
    """Do a job here, showing how far it is on a terminal's standard error.

    Raises:
        JobFailedError: If it failed.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(label, total=None)

        def show(job: JobInfo) -> None:
            text = f"{label}: {job.progress_text}" if job.progress_text else label
            bar.update(
                task,
                description=text,
                completed=job.progress_done,
                total=job.progress_total or None,
            )

        return app.jobs.follow(job_id, show)


def resume(app: App, workspace: Workspace) -> None:
    """Do what earlier commands left when they were ended; what fails is said, and no more."""
    for job_id in app.jobs.unfinished(workspace.id):
        try:
            follow(app, job_id, "resuming")
        except DocqaError as error:
            report_error(error, as_json=False)


def document_ids(app: App, workspace: Workspace, names: Iterable[str] | None) -> list[int]:
    """Numbers of the documents of these names."""
    return [app.library.by_name(workspace.id, name).id for name in names or ()]
