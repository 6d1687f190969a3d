"""What fills the window: the tokens of files and folders as rectangles."""

from collections.abc import Sequence
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


def draw(workspace: Workspace, names: dict[int, str]) -> None:
    """The folder that is open as a map of its tokens, and its largest files as a list."""
    folder = place.current().folder
    files = folders.packed(workspace.id, state.app().library.pack(workspace.id).hash)
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
                "items": _boxes(inside, total),
                "height": HEIGHT,
                "label": f"{total:,} tokens by file and folder",
            },
            key="token-map",
            on_open=lambda id: _press(inside, id),
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
    if window:
        said += f", {_share(total / window)} of the engine's window of {window:,} tokens"
    return said


def _share(part: float) -> str:
    return f"{part:.0%}" if part >= 0.095 or not part else f"{max(part, 0.001):.1%}"


def _boxes(inside: Sequence[Inside], total: int) -> list[dict[str, Any]]:
    shown = [each for each in inside[:MOST_BOXES] if each.tokens * 4_000 >= total]
    boxes = [_box(each, number, total) for number, each in enumerate(shown)]
    rest = inside[len(shown) :]
    if rest:
        tokens = sum(each.tokens for each in rest)
        said = f"{len(rest):,} smaller"
        boxes.append(
            {
                "id": None,
                "name": said,
                "facts": messages.short(tokens),
                "title": f"{said}: {tokens:,} tokens",
                "tokens": max(1, tokens),
                "kind": REST,
                "colour": REST,
            }
        )
    return boxes


def _box(each: Inside, number: int, total: int) -> dict[str, Any]:
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
        "colour": number % COLOURS,
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


def _press(inside: Sequence[Inside], id: str) -> None:
    for each in inside:
        if each.id == id and each.document_id is not None:
            place.open_file(each.document_id)
        elif each.id == id:
            place.open_folder(id)
