"""What fills the window: the tokens of files and folders as rectangles."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from docqa.core.code_tree import TreeFile
from docqa.store.values import Workspace
from docqa.ui import engines, messages, state
from docqa.ui.code import folders, place
from docqa.ui.code.folders import Inside
from docqa.ui.components import code_list, token_map

MOST_BOXES = 60
LISTED = 60
COLOURS = 8
HEIGHT = "max(300px, calc(100vh - 11rem))"
REST = "rest"
SMALLEST = 400
"""A rectangle is at least one part of so many."""
OPENED = 25
"""A folder with at least one part of so many shows what is in it."""
MOST_PARTS = 24
MANY = 10
"""Windows from which on their number is said, not a share of one."""
LEAST_SHARE = 0.001


def draw(workspace: Workspace, names: dict[int, str], stamp: str) -> None:
    """The folder that is open as a map of its tokens, and its largest files as a list."""
    folder = place.current().folder
    # Sources without code have files in the pack as well.
    files = tuple(file for file in folders.packed(workspace.id, stamp) if file.source_id in names)
    folders.path(folder, names)
    inside = folders.inside(files, folder, names)
    if not inside:
        st.html('<div class="empty code">Nothing of this is in the window.</div>')
        return
    total = sum(each.tokens for each in inside)
    st.html(f'<div class="budget-note">{_sentence(workspace, files, inside, total)}</div>')
    left, right = st.columns([3.2, 1], gap="medium")
    with left:
        token_map(
            {
                "items": _boxes(inside, total, lambda id: folders.inside(files, id, names)),
                "height": HEIGHT,
                "label": f"{total:,} tokens by file and folder",
            },
            key="token-map",
            on_open=lambda id: _press(files, id),
        )
    with right:
        largest = _largest(files, folder)
        data = {
            "key": folder,
            "sections": [_section("Largest files", largest, total)],
            "height": HEIGHT,
            "placeholder": "Filter",
        }
        code_list(data, key="window-list", on_open=lambda id: place.open_file(int(id)))


def _sentence(
    workspace: Workspace, files: Sequence[TreeFile], inside: Sequence[Inside], total: int
) -> str:
    count = sum(each.files for each in inside)
    said = f"{total:,} tokens in {messages.count(count, 'file')}"
    everything = sum(file.tokens for file in files)
    if total < everything:
        said += f", {total / everything:.0%} of the code"
    window = 0
    if not engines.awaits_consent(workspace.id):
        window = state.app().estimating.window(workspace.id)
    if window and total < window * MANY:
        said += f", {_share(total / window)} of the engine's window of {window:,} tokens"
    elif window:
        said += f", {total / window:,.0f} times the engine's window of {window:,} tokens"
    return said


def _share(part: float) -> str:
    if part < LEAST_SHARE:
        return f"under {LEAST_SHARE:.1%}"
    return f"{part:.0%}" if part >= 0.095 else f"{part:.1%}"


def _boxes(
    inside: Sequence[Inside], total: int, look: Callable[[str], Sequence[Inside]]
) -> list[dict[str, Any]]:
    """Rectangles, those of folders with what is in them; what is too small to see is one."""
    shown = [each for each in inside[:MOST_BOXES] if each.tokens * SMALLEST >= total]
    boxes: list[dict[str, Any]] = []
    for number, each in enumerate(_through(each, look) for each in shown):
        box = _box(each, total) | {"colour": number % COLOURS}
        if each.document_id is None and each.tokens * OPENED >= total:
            within = look(each.id)[:MOST_PARTS]
            rest = each.tokens - sum(part.tokens for part in within)
            box["inside"] = [_box(part, total) for part in within]
            box["inside"] += [_rest("others", rest)] if rest else []
        boxes.append(box)
    smaller = inside[len(shown) :]
    if smaller:
        others = _rest(f"{len(smaller):,} smaller", sum(each.tokens for each in smaller))
        boxes.append(others | {"colour": REST})
    return boxes


def _through(folder: Inside, look: Callable[[str], Sequence[Inside]]) -> Inside:
    """The folder in which a chain of folders with nothing else in them ends."""
    while folder.document_id is None:
        within = look(folder.id)
        if len(within) != 1 or within[0].document_id is not None:
            break
        folder = replace(within[0], name=f"{folder.name}/{within[0].name}")
    return folder


def _rest(name: str, tokens: int) -> dict[str, Any]:
    return {
        "id": None,
        "name": name,
        "facts": messages.short(tokens),
        "title": f"{name}: {tokens:,} tokens",
        "tokens": max(1, tokens),
        "kind": REST,
    }


def _box(each: Inside, total: int) -> dict[str, Any]:
    kind = "file" if each.document_id is not None else "folder"
    files = f" in {messages.count(each.files, 'file')}" if kind == "folder" else ""
    share = _share(each.tokens / total)
    return {
        "id": each.id,
        "name": each.name,
        "facts": f"{messages.short(each.tokens)} · {share}",
        "title": f"{each.name}: {each.tokens:,} tokens{files}, {share}",
        "tokens": max(1, each.tokens),
        "kind": kind,
    }


def _largest(files: Sequence[TreeFile], folder: str) -> list[TreeFile]:
    source, path = folders.split(folder)
    below = f"{path}/" if path else ""
    here = [
        file
        for file in files
        if (source is None or file.source_id == source) and file.path.startswith(below)
    ]
    return sorted(here, key=lambda file: (-file.tokens, file.path))[:LISTED]


def _section(title: str, files: Sequence[TreeFile], total: int) -> dict[str, Any]:
    items = [
        {
            "id": str(file.document_id),
            "label": file.name,
            "detail": f"{messages.short(file.tokens)} · {_share(file.tokens / total)}",
            "badge": "",
            "level": 0,
            "title": f"{file.path}: {file.tokens:,} tokens",
            "current": False,
            "code": False,
        }
        for file in files
    ]
    return {"title": title, "note": "", "items": items}


def _press(files: Sequence[TreeFile], id: str) -> None:
    """Open a file, or narrow the map to a folder."""
    source, path = folders.split(id)
    found = next((file for file in files if (file.source_id, file.path) == (source, path)), None)
    if found is not None and found.document_id is not None:
        place.open_file(found.document_id)
    else:
        place.open_folder(id)
