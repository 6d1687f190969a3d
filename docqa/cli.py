"""The command line: argument parsing and printing only.

Standard output carries results, all else goes to standard error. Exit status 0 is done, 1 a
`DocqaError`, 2 wrong usage.
"""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from docqa import __version__
from docqa.bootstrap import App
from docqa.cli_app import (
    DocumentOption,
    JsonOption,
    WorkspaceOption,
    YesOption,
    document_ids,
    follow,
    in_workspace,
    opened,
    resume,
)
from docqa.cli_audit import audit
from docqa.cli_bench import bench
from docqa.cli_changes import changes, duplicates
from docqa.cli_checklists import checklists
from docqa.cli_code import search, symbols, tree
from docqa.cli_coverage import coverage
from docqa.cli_plan import plan
from docqa.cli_review import review
from docqa.cli_serve import serve
from docqa.cli_sources import ingest, sources, update
from docqa.console import (
    confirm,
    err,
    out,
    print_json,
    report_error,
    say,
    show_answer,
    show_rows,
)
from docqa.errors import DocqaError, JobFailedError, UnknownItemError
from docqa.services import reports
from docqa.services.backup import back_up, restore
from docqa.services.doctor import run_checks
from docqa.settings import load_settings
from docqa.store.values import Workspace

Mode = Literal["auto", "whole", "select", "sweep"]

cli = typer.Typer(
    name="docqa",
    help="Document questions and answers with verified citations, on your own machines.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli.add_typer(audit, name="audit")
cli.add_typer(bench, name="bench")


def main() -> None:
    """Run the command line and leave with its exit status."""
    as_json = "--json" in sys.argv[1:]
    try:
        cli()
    except DocqaError as error:
        report_error(error, as_json=as_json)
        sys.exit(1)


def conversation_of(app: App, workspace: Workspace, number: int | None) -> int:
    """The workspace's conversation of this number, or a new one.

    Raises:
        UnknownItemError: If the workspace has none of this number.
    """
    if number is None:
        return app.conversations.create(workspace.id).id
    if app.conversations.get(number).workspace_id != workspace.id:
        raise UnknownItemError("conversation", number)
    return number


@cli.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Document questions and answers with verified citations, on your own machines."""
    if version:
        out.print(__version__, highlight=False)
        raise typer.Exit


@cli.command()
def app() -> None:
    """Start the web app."""
    from docqa.web.launch import launch  # the server and all it needs: only for this command

    launch(load_settings())


@cli.command()
def workspaces(
    action: Annotated[
        Literal["list", "create", "rename", "delete"], typer.Argument(help="What to do.")
    ] = "list",
    name: Annotated[str, typer.Argument(help="The workspace.")] = "",
    new_name: Annotated[str, typer.Argument(help="Its new name.")] = "",
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """List workspaces, or create, rename or delete one."""
    with opened() as services:
        if action == "create":
            services.workspaces.create(name)
        elif action == "rename":
            services.workspaces.rename(services.workspaces.get(name).id, new_name)
        elif action == "delete":
            workspace = services.workspaces.get(name)
            confirm(f"Delete workspace {name!r} with all its documents and answers?", yes=yes)
            resume(services, workspace)
            services.workspaces.delete(workspace.id)
        rows = [reports.workspace_json(summary) for summary in services.workspaces.all()]
    show_rows(rows, as_json=as_json)


cli.command()(ingest)


cli.command()(update)


cli.command()(sources)


@cli.command()
def documents(workspace: WorkspaceOption = "default", as_json: JsonOption = False) -> None:
    """List the documents of a workspace."""
    with in_workspace(workspace) as (services, where):
        rows = [reports.document_json(item) for item in services.library.documents(where.id)]
    show_rows(rows, as_json=as_json)


@cli.command()
def exclude(
    document: Annotated[str, typer.Argument(help="Name or number of the document.")],
    workspace: WorkspaceOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Leave a document out of questions; the pack stays as it is."""
    change(workspace, document, lambda services, number: services.library.exclude(number), as_json)


@cli.command()
def include(
    document: Annotated[str, typer.Argument(help="Name or number of the document.")],
    workspace: WorkspaceOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Ask about an excluded document again."""
    change(workspace, document, lambda services, number: services.library.include(number), as_json)


@cli.command()
def erase(
    document: Annotated[str, typer.Argument(help="Name or number of the document.")],
    workspace: WorkspaceOption = "default",
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Remove every trace of a document and make the pack anew without it."""
    with in_workspace(workspace) as (services, where):
        resume(services, where)
        number = services.library.by_name(where.id, document).id
        price = services.library.erase_price(number)
        confirm(f"Erasing {document!r} means {price.sentence()}. Go on?", yes=yes)
        services.library.erase(number)
        show_pack(services, where, price.tokens_to_prefill, as_json=as_json)


@cli.command()
def repack(
    workspace: WorkspaceOption = "default", yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Make the pack anew without superseded and excluded documents."""
    with in_workspace(workspace) as (services, where):
        resume(services, where)
        price = services.library.repack_price(where.id)
        confirm(f"Repacking {workspace!r} means {price.sentence()}. Go on?", yes=yes)
        services.library.repack(where.id)
        show_pack(services, where, price.tokens_to_prefill, as_json=as_json)


cli.command()(changes)


cli.command()(duplicates)


cli.command()(search)


@cli.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    workspace: WorkspaceOption = "default",
    document: DocumentOption = None,
    mode: Annotated[
        Mode, typer.Option("--mode", help="What is read; sweep: all of it, in parts that fit.")
    ] = "auto",
    budget: Annotated[
        int, typer.Option("--budget", help="Most tokens that a sweep reads; 0 is no limit.", min=0)
    ] = 0,
    conversation: Annotated[
        int | None, typer.Option("--conversation", help="Go on with this conversation.")
    ] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="The engine may be on another machine.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask a question and print the answer with its citations."""
    with in_workspace(workspace) as (services, where):
        if allow_remote:
            services.engines.allow_remote(where.id)
        scope = document_ids(services, where, document)
        number = conversation_of(services, where, conversation)
        try:
            if mode == "sweep":
                met = services.estimating.sweep(where.id, scope, question)
                say(f"sweep: {met.sentence()}", on=err)
            answer_id = services.answering.submit(
                number, question, scope=scope, mode=mode, budget=budget
            )
        except DocqaError:
            if conversation is None:
                services.conversations.delete(number)
            raise
        with err.status("answering") if err.is_terminal else nullcontext() as status:

            def show(progress: str) -> None:
                if status is not None and progress:
                    status.update(escape(progress))

            answer = services.answering.follow(answer_id, show)
    if as_json:
        print_json(reports.answer_json(answer))
    else:
        show_answer(answer)
    if answer.status == "failed":
        failure = JobFailedError(answer.error, answer.error_hint, answer.error_type)
        report_error(failure, as_json=False)
        raise typer.Exit(1)


@cli.command()
def warm(workspace: WorkspaceOption = "default", as_json: JsonOption = False) -> None:
    """Have the engine read the pack into its cache."""
    with in_workspace(workspace) as (services, where):
        job = follow(services, services.warming.submit(where.id), "warming")
    show_rows([job.result], as_json=as_json, single=True)


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write (.tar.gz).")],
    as_json: JsonOption = False,
) -> None:
    """Write all of DOCQA_HOME into one archive; the app may go on running."""
    with opened() as services:
        size = back_up(services.settings, services.store, file)
    show_rows([{"file": str(file), "bytes": size}], as_json=as_json, single=True)


@cli.command(name="restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="An archive written by `docqa backup`.")],
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put a backup in place of DOCQA_HOME; what was there is moved aside."""
    settings = load_settings()
    if settings.database_path.exists():
        confirm(f"Replace {str(settings.home)!r}? What is there is moved aside.", yes=yes)
    aside = restore(settings, file)
    row = {"home": str(settings.home), "moved_aside": str(aside) if aside else None}
    show_rows([row], as_json=as_json, single=True)


@cli.command()
def doctor(as_json: JsonOption = False) -> None:
    """Check the installation, the store and the engine, and say what to do."""
    with opened() as services:
        checks = list(run_checks(services.settings, services.store, services.engines))
    rows = [asdict(check) for check in checks]
    show_rows(rows, as_json=as_json)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


cli.command()(coverage)


cli.command()(plan)


cli.add_typer(checklists)


cli.command()(review)


cli.command()(serve)


cli.command()(symbols)


cli.command()(tree)


def change(workspace: str, document: str, act: Callable[[App, int], None], as_json: bool) -> None:
    """Do something to a document that leaves the pack's prefix as it is."""
    with in_workspace(workspace) as (services, where):
        act(services, services.library.by_name(where.id, document).id)
        show_pack(services, where, 0, as_json=as_json)


def show_pack(services: App, workspace: Workspace, price: int, *, as_json: bool) -> None:
    """Print the pack that questions use now."""
    pack = services.library.pack(workspace.id)
    row = {"tokens_to_prefill": price, "pack": pack.hash}
    show_rows([row], as_json=as_json, single=True)


if __name__ == "__main__":
    main()
