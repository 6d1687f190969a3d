"""`docqa changes` and `docqa duplicates`: versions of a document, and documents there twice."""

from collections.abc import Sequence
from typing import Annotated

import typer

from docqa.cli_app import JsonOption, WorkspaceOption, follow, in_workspace
from docqa.console import print_json, say
from docqa.core.near_duplicates import LEAST_SIMILARITY
from docqa.core.version_changes import Change
from docqa.core.word_changes import Piece
from docqa.services.change_reports import KINDS, changes_json, group_json, where
from docqa.services.duplicates import DuplicateGroup, Keep

_MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}


def changes(
    document: Annotated[str, typer.Argument(help="Name, path or number of the document.")],
    before: Annotated[
        int | None, typer.Option("--from", help="Number of the older version.")
    ] = None,
    after: Annotated[int | None, typer.Option("--to", help="Number of the newer version.")] = None,
    workspace: WorkspaceOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Say what changed from one version of a document to the next."""
    with in_workspace(workspace) as (services, place):
        found = services.library.by_name(place.id, document)
        older, newer = services.versions.pair(found.id, before, after)
        told = services.versions.changes(older, newer)
    if as_json:
        print_json(changes_json(found.path or found.name, older, newer, told))
        return
    counts = ", ".join(f"{told.counts.get(kind, 0):,} {kind}" for kind in KINDS)
    say(f"{found.path or found.name}: version {older.number} to {newer.number}: {counts};")
    say(f"{told.same:,} sentences stay as they are")
    for change in told.changes:
        _show_change(change)
    if told.total > len(told.changes):
        say(f"and {told.total - len(told.changes):,} more", style="dim")


def duplicates(
    workspace: WorkspaceOption = "default",
    exclude: Annotated[
        bool, typer.Option("--exclude", help="Leave out of questions what can be spared.")
    ] = False,
    newest: Annotated[
        bool, typer.Option("--keep-newest", help="Keep what was added last, else first.")
    ] = False,
    least: Annotated[
        float, typer.Option("--least", min=0.3, max=1.0, help="How alike, 1 for the same words.")
    ] = LEAST_SIMILARITY,
    as_json: JsonOption = False,
) -> None:
    """List documents that say the same, or nearly, with the tokens they cost."""
    keep: Keep = "newest" if newest else "first"
    with in_workspace(workspace) as (services, place):
        follow(services, services.duplicates.submit(place.id), "comparing")
        found = services.duplicates.find(place.id, keep=keep, least=least)
        if exclude:
            spared = [each.document.id for group in found.groups for each in group.others]
            services.duplicates.exclude(spared)
    if as_json:
        print_json([group_json(group) for group in found.groups])
        return
    _show_groups(found.groups, excluded=exclude)
    if found.groups:
        verb = "were spared: they are excluded now" if exclude else "can be spared with --exclude"
        say(f"{found.tokens:,} tokens {verb}")


def _show_change(change: Change) -> None:
    places = [where(each) for each in (change.before, change.after) if each]
    at = places[0] if len(set(places)) == 1 else " to ".join(places)
    say(f"{change.kind}, {at}" if at else change.kind, style="bold")
    if change.pieces:
        say(f"  {_marked(change.pieces)}")
        return
    side = change.after or change.before
    assert side is not None
    kind = "removed" if change.kind == "removed" else "added"
    text = " ".join(side.text.split())
    say(f"  {text if change.kind == 'moved' else _MARKS[kind].format(text)}")


def _marked(pieces: Sequence[Piece]) -> str:
    """The words as `git diff --word-diff` shows them."""
    return " ".join(_MARKS[each.kind].format(" ".join(each.text.split())) for each in pieces)


def _show_groups(groups: Sequence[DuplicateGroup], *, excluded: bool) -> None:
    if not groups:
        say("no duplicates", style="dim")
    for group in groups:
        say(f"{group.kept.path or group.kept.name} (kept)", style="bold")
        for member in group.others:
            alike = "the same file" if member.same_file else f"{member.similarity:.0%} alike"
            done = ", excluded" if excluded else ""
            name = member.document.path or member.document.name
            say(f"  {name}: {alike}, {member.document.tokens:,} tokens{done}")
