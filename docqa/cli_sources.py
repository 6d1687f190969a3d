"""`docqa ingest`, `docqa update`, `docqa sources`: what is asked about, and keeping it current."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from docqa.bootstrap import App
from docqa.cli_app import JsonOption, WorkspaceOption, follow, in_workspace, resume
from docqa.cli_source_rows import (
    Json,
    counted,
    left_out_json,
    not_updated,
    preview_line,
    show_source,
    show_update,
    source_json,
)
from docqa.console import err, print_json, say, show_rows
from docqa.errors import DocqaError, UnknownItemError
from docqa.services.ingest_report import ingest_report, update_report
from docqa.services.inputs import is_tree
from docqa.services.source_changes import ALL
from docqa.services.sources import SourceSummary
from docqa.store.values import Source, SourceOptions, Workspace


def ingest(
    paths: Annotated[
        list[str], typer.Argument(help="Files, folders, zip archives or Git addresses.")
    ],
    workspace: WorkspaceOption = "default",
    replace: Annotated[
        bool, typer.Option("--replace", help="A file of the same name becomes a new version.")
    ] = False,
    password: Annotated[
        str | None, typer.Option("--password", help="For encrypted files; never stored.")
    ] = None,
    ref: Annotated[
        str, typer.Option("--ref", help="Branch, tag or commit of a Git repository.")
    ] = "",
    history: Annotated[
        bool, typer.Option("--history", help="Fetch a repository's history too, for blame.")
    ] = False,
    put_back: Annotated[
        list[str] | None,
        typer.Option("--put-back", help="Read this path though it would be left out (repeatable)."),
    ] = None,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Do not mask passwords, keys and tokens.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="The app looks by itself what changes in these folders.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what there is, and add nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add files, folders, archives or repositories, and wait until they can be asked about."""
    shown = (ALL,) if show_secrets else ()
    options = SourceOptions(ref, history, tuple(put_back or ()), shown, watch)
    with in_workspace(workspace) as (services, where):
        resume(services, where)
        if dry_run:
            _show_previews(services, where, paths, options, as_json=as_json)
            return
        for path in paths if watch else ():
            services.watching.check(path)
        _say_sizes(services, where, paths, options)
        job_id = services.sources.add_all(
            where.id,
            paths,
            options,
            on_conflict="replace" if replace else "keep",
            password=password,
        )
        job = follow(services, job_id, "ingesting")
        rows = ingest_report(services.store, job)
    for row in rows:
        if as_json:
            print_json(row)
        else:
            show_source(row)
    if rows and all(row["status"] == "failed" for row in rows):
        raise typer.Exit(1)


def update(
    source: Annotated[
        list[str] | None, typer.Argument(help="Names, addresses or numbers; all if none is given.")
    ] = None,
    workspace: WorkspaceOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Read what changed in folders, archives and repositories since they were read."""
    failed = False
    with in_workspace(workspace) as (services, where):
        resume(services, where)
        for summary in _chosen(services, where, source):
            row = _updated(services, where, summary.source)
            failed = failed or bool(row["error"])
            if as_json:
                print_json(row)
            else:
                show_update(row)
    if failed:
        raise typer.Exit(1)


def sources(
    workspace: WorkspaceOption = "default",
    left_out: Annotated[
        str, typer.Option("--left-out", help="List what this source has that is not read.")
    ] = "",
    secrets: Annotated[
        str, typer.Option("--secrets", help="List where this source has what looks like a secret.")
    ] = "",
    watch: Annotated[
        str, typer.Option("--watch", help="Look by itself what changes in this source, in the app.")
    ] = "",
    unwatch: Annotated[str, typer.Option("--unwatch", help="Look at this source no longer.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List where the documents came from, what is left out of it, and where secrets are."""
    with in_workspace(workspace) as (services, where):
        if watch:
            services.watching.watch(_named(services, where, watch).source.id)
        if unwatch:
            services.watching.stop(_named(services, where, unwatch).source.id)
        if left_out:
            number = _named(services, where, left_out).source.id
            rows = [left_out_json(each) for each in services.sources.left_out(number)]
        elif secrets:
            number = _named(services, where, secrets).source.id
            rows = [asdict(place) for place in services.sources.secrets(number)]
        else:
            rows = [
                source_json(each, services.watching.state(each.source), as_json=as_json)
                for each in services.sources.sources(where.id)
            ]
    show_rows(rows, as_json=as_json)


def _show_previews(
    services: App,
    where: Workspace,
    paths: Sequence[str],
    options: SourceOptions,
    *,
    as_json: bool,
) -> None:
    for path in paths:
        found = _preview(services, where, path, options)
        if as_json:
            print_json(found)
            continue
        say(preview_line(found))
        if found["left_out"]:
            say(f"  left out: {counted(found['left_out'])}")
        for name, size in found["largest"]:
            say(f"  large: {name} ({size:,} bytes)", style="dim")


def _preview(services: App, where: Workspace, path: str, options: SourceOptions) -> Json:
    job_id = services.sources.preview(where.id, path, ref=options.ref, history=options.history)
    return follow(services, job_id, "looking").result


def _say_sizes(
    services: App, where: Workspace, paths: Sequence[str], options: SourceOptions
) -> None:
    """Say before it is read how much there is; what cannot be read is said when it is read."""
    for path in paths:
        if not is_tree(path, options):
            continue
        try:
            found = _preview(services, where, path, options)
        except DocqaError:
            continue
        say(preview_line(found), on=err)


def _chosen(services: App, where: Workspace, names: Sequence[str] | None) -> list[SourceSummary]:
    """The sources of these names, or all that can be updated."""
    if names:
        return [_named(services, where, name) for name in names]
    return [each for each in services.sources.sources(where.id) if each.can_be_updated]


def _named(services: App, where: Workspace, name: str) -> SourceSummary:
    """The newest source of this name, address or number.

    Raises:
        UnknownItemError: If there is none.
    """
    for summary in reversed(services.sources.sources(where.id)):
        source = summary.source
        if name in (source.name, source.uri, str(source.id)):
            return summary
    raise UnknownItemError("source", name)


def _updated(services: App, where: Workspace, source: Source) -> Json:
    """Update a source; what came of it, or why it cannot be read any more."""
    before = services.library.pack(where.id).token_count
    try:
        job_id = services.sources.update(source.id)
    except DocqaError as error:
        return not_updated(source.name, error)
    job = follow(services, job_id, "updating")
    tokens = services.library.pack(where.id).token_count - before
    return update_report(services.store, job, tokens)
