"""`docqa ingest`, `docqa update`, `docqa sources`: what is asked about, and keeping it current."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from docqa.bootstrap import App
from docqa.cli_app import JsonOption, WorkspaceOption, follow, in_workspace, resume
from docqa.console import err, print_json, say, show_rows
from docqa.core.left_out import LeftOut
from docqa.errors import DocqaError, ReadError, UnknownItemError
from docqa.services.ingest_report import ingest_report, update_report
from docqa.services.inputs import is_tree
from docqa.services.source_changes import ALL
from docqa.services.sources import SourceSummary
from docqa.store.values import Source, SourceOptions, Workspace

Json = dict[str, Any]

SHOWN_SKIPPED = 20
"""Files left out that are printed one by one."""


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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what there is, and add nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add files, folders, archives or repositories, and wait until they can be asked about."""
    options = SourceOptions(ref, history, tuple(put_back or ()), (ALL,) if show_secrets else ())
    with in_workspace(workspace) as (services, where):
        resume(services, where)
        if dry_run:
            _show_previews(services, where, paths, options, as_json=as_json)
            return
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
                _show_update(row)
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
    as_json: JsonOption = False,
) -> None:
    """List where the documents came from, what is left out of it, and where secrets are."""
    with in_workspace(workspace) as (services, where):
        if left_out:
            number = _named(services, where, left_out).source.id
            rows = [_left_out_json(each) for each in services.sources.left_out(number)]
        elif secrets:
            number = _named(services, where, secrets).source.id
            rows = [asdict(place) for place in services.sources.secrets(number)]
        else:
            found = services.sources.sources(where.id)
            rows = [_source_json(summary, as_json=as_json) for summary in found]
    show_rows(rows, as_json=as_json)


def show_source(row: Json) -> None:
    """Print what came of one source."""
    unreadable = len(row["unreadable_pages"])
    say(
        f"{row['source']}: {row['status']}, {row['documents']:,} documents, {row['pages']:,} pages"
        f" ({unreadable:,} unreadable), {row['passages']:,} passages, {row['tokens']:,} tokens,"
        f" {row['seconds']:.1f} s"
    )
    if row["revision"]:
        say(f"  revision: {row['revision']}")
    for page in row["unreadable_pages"]:
        say(f"  unreadable: {page['document']} p. {page['page']}: {page['reason']}")
    for problem in row["failed"]:
        say(f"  failed: {problem['name']}: {problem['message']}", style="red")
        if problem["hint"]:
            say(f"    {problem['hint']}")
    for problem in row["skipped"][:SHOWN_SKIPPED]:
        say(f"  skipped: {problem['name']}: {problem['message']}", style="dim")
    if len(row["skipped"]) > SHOWN_SKIPPED:
        say(f"  left out: {_counted(row['left_out'])}; `docqa sources --left-out` lists them")
    if row["secrets"]:
        say(f"  places that look like secrets: {row['secrets']:,}; `docqa sources --secrets`")


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
        say(_size(found))
        if found["left_out"]:
            say(f"  left out: {_counted(found['left_out'])}")
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
        say(_size(found), on=err)


def _size(found: Json) -> str:
    """How much a preview found, in a line."""
    at = f" at {found['revision'][:12]}" if found["revision"] else ""
    left_out = sum(found["left_out"].values())
    return (
        f"{found['name']}{at}: {found['files']:,} files, {found['bytes'] / 1e6:,.1f} MB,"
        f" about {found['tokens']:,} tokens, {left_out:,} left out"
    )


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
        return _not_updated(source.name, error)
    job = follow(services, job_id, "updating")
    tokens = services.library.pack(where.id).token_count - before
    return update_report(services.store, job, tokens)


def _not_updated(name: str, error: DocqaError) -> Json:
    """As `update_report`, of a source that could not be begun to be read."""
    counts = ("added", "changed", "deleted", "unchanged", "tokens")
    return {
        "source": name,
        "revision": "",
        **dict.fromkeys(counts, 0),
        "seconds": 0.0,
        "failed": [],
        "error": error.detail if isinstance(error, ReadError) else str(error),
        "hint": error.hint,
    }


def _show_update(row: Json) -> None:
    if row["error"]:
        say(f"{row['source']}: {row['error']}", style="red")
        if row["hint"]:
            say(f"  {row['hint']}")
        return
    at = f" at {row['revision'][:12]}" if row["revision"] else ""
    say(
        f"{row['source']}{at}: {row['added']:,} added, {row['changed']:,} changed,"
        f" {row['deleted']:,} deleted, {row['unchanged']:,} unchanged, {row['tokens']:,} tokens,"
        f" {row['seconds']:.1f} s"
    )


def _source_json(summary: SourceSummary, *, as_json: bool) -> Json:
    source = summary.source
    by_category = dict(summary.left_out_by_category)
    return {
        "id": source.id,
        "source": source.name,
        "kind": source.kind,
        "uri": source.uri,
        "ref": source.options.ref,
        "revision": source.revision if as_json else source.revision[:12],
        "documents": summary.documents,
        "tokens": summary.tokens,
        "removed": summary.removed,
        "secrets": summary.secrets,
        "left_out": by_category if as_json else _counted(by_category),
    }


def _left_out_json(each: LeftOut) -> Json:
    return {
        "path": each.path,
        "reason": each.reason,
        "category": each.category,
        "bytes": each.size,
        "can_be_put_back": each.can_be_put_back,
    }


def _counted(left_out: dict[str, int]) -> str:
    """`12 lock, 3 binary`."""
    order = sorted(left_out.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count:,} {category}" for category, count in order)
