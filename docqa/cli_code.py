"""`docqa search`, `docqa symbols` and `docqa tree`: finding what is in documents and in code."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import typer

from docqa.bootstrap import App
from docqa.cli_app import DocumentOption, JsonOption, WorkspaceOption, document_ids, in_workspace
from docqa.console import err, print_json, say, show_rows
from docqa.core.citations import REVISION_DIGITS, lines_label, ocr_note
from docqa.core.code_tree import TreeFile, folder_tokens
from docqa.core.references import Definition
from docqa.services import reports
from docqa.services.searching import How, Searched, SearchResult
from docqa.store.code_names import NameMatch

_TOGETHER = 500
"""Lines printed at once: one by one, a tree of 30,000 files takes seconds."""
_HOWS: tuple[NameMatch, ...] = ("exact", "any case", "prefix")


def search(
    query: Annotated[str, typer.Argument(help="Words to look for, or a text or a pattern.")],
    workspace: WorkspaceOption = "default",
    k: Annotated[int, typer.Option("-k", min=1, max=1_000, help="How many results.")] = 10,
    document: DocumentOption = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="The text as it stands; capitals count if it has any.")
    ] = False,
    regex: Annotated[
        bool, typer.Option("--regex", help="A regular expression (RE2); ^ and $ end lines.")
    ] = False,
    path: Annotated[
        str, typer.Option("--path", help="Only in these paths: '*.py', 'src/**', 'tests/'.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Rank passages by words, or find a text or a pattern to the line; needs no model."""
    if exact and regex:
        raise typer.BadParameter("--exact and --regex exclude each other")
    how: How = "exact" if exact else "regex" if regex else "ranked"
    with in_workspace(workspace) as (services, where):
        chosen = document_ids(services, where, document)
        found = services.searching.searched(
            where.id, query, k=k, document_ids=chosen, how=how, path=path
        )
    if as_json:
        print_json([reports.search_json(result) for result in found.results])
    else:
        _show_results(found)
    if found.unread:
        say(
            f"stopped before {found.unread:,} files: nothing in the pattern narrows the search;"
            " name --path, or put a word into it",
            on=err,
        )


def symbols(
    name: Annotated[str, typer.Argument(help="A name, or more of its path: Flask.route.")],
    workspace: WorkspaceOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Say where a name is defined: as it is, else in any case, else by its beginning."""
    with in_workspace(workspace) as (services, where):
        found = _definitions(services, where.id, name)
    rows = [
        {
            "symbol": each.symbol.path,
            "kind": each.symbol.kind,
            "document": each.document,
            "lines": [each.symbol.first_line, each.symbol.last_line],
            "signature": each.symbol.signature,
        }
        for each in found
    ]
    if as_json:
        print_json(rows)
        return
    for each in found:
        lines = lines_label((each.symbol.first_line, each.symbol.last_line))
        say(f"{each.symbol.kind} {each.symbol.path}", style="bold")
        say(f"  {_one_line(each.document)}:{lines}  {each.symbol.signature}")
    if not found:
        say(f"no symbol is called {name!r}", on=err)


def tree(
    workspace: WorkspaceOption = "default",
    tokens: Annotated[
        bool, typer.Option("--tokens", help="With tokens, of folders all that is in them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the files of a workspace as a tree, also those left out and why."""
    with in_workspace(workspace) as (services, where):
        files = services.code.tree(where.id)
    rows = [{"path": file.path, "tokens": file.tokens, "status": _status(file)} for file in files]
    if as_json or not rows:
        show_rows(rows, as_json=as_json)
        return
    lines = list(_tree_lines(files, with_tokens=tokens))
    for start in range(0, len(lines), _TOGETHER):
        say("\n".join(lines[start : start + _TOGETHER]))


def _show_results(found: Searched) -> None:
    for result in found.results:
        say(f"{result.rank}. {_place(result)}", style="bold")
        if note := ocr_note(result.confidence):
            say(f"    {note}", style="dim")
        if result.match[1]:
            for line in result.text.split("\n"):
                say(f"    {line[:400]}")
        else:
            say(" ".join(result.text.split())[:400])


def _place(result: SearchResult) -> str:
    """As citations are written: `src/app.py:L10-L24@9f3c2ab`, and the symbol."""
    place = f"{result.document} p. {result.page}" if result.page else result.document
    if result.place:
        place = f"{place}, {result.place}"
    if result.lines:
        revision = f"@{result.revision[:REVISION_DIGITS]}" if result.revision else ""
        place = f"{place}:{lines_label(result.lines)}{revision}"
    return _one_line(f"{place}  {result.symbol}" if result.symbol else place)


def _definitions(app: App, workspace_id: int, name: str) -> Sequence[Definition]:
    for how in _HOWS:
        if found := app.store.code.find_symbols(workspace_id, name, how=how):
            return found
    return ()


def _tree_lines(files: Iterable[TreeFile], *, with_tokens: bool) -> Iterator[str]:
    """The files under their folders, indented; numbers of tokens first."""
    listed = list(files)
    sums = folder_tokens(listed)
    width = max(len(f"{sums['']:,}"), 6)

    def line(depth: int, name: str, count: int, note: str = "") -> str:
        number = f"{count:>{width},}  " if with_tokens else ""
        return f"{number}{'  ' * depth}{_one_line(name)}{f'  ({_one_line(note)})' if note else ''}"

    yield line(0, "all files", sums[""])
    open_folders: list[str] = []
    for file in listed:
        folders = file.path.split("/")[:-1]
        shared = 0
        for mine, other in zip(folders, open_folders, strict=False):
            if mine != other:
                break
            shared += 1
        for depth in range(shared, len(folders)):
            folder = "/".join(folders[: depth + 1])
            yield line(depth, f"{folders[depth]}/", sums[folder])
        open_folders = folders
        note = "" if file.status == "ready" else _status(file)
        yield line(len(folders), file.name, file.tokens, note)


def _status(file: TreeFile) -> str:
    return f"{file.status}: {file.reason}" if file.reason else file.status


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))
