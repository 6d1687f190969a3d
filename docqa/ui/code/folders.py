"""Folders of the code as one steps through them: ids, names, what is in them."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

import streamlit as st

from docqa.core.code_tree import TreeFile
from docqa.ui import messages, state
from docqa.ui.code import place

LAST_LETTER = "\U0010ffff"
_PATH = attrgetter("path")


@dataclass(frozen=True, slots=True)
class Inside:
    """Something in a folder: a file, or a folder with all that is under it."""

    id: str
    """`2/src/flask` of a folder."""
    name: str
    tokens: int
    files: int
    document_id: int | None = None
    """None for folders."""


@st.cache_resource(max_entries=8, show_spinner=False)
def packed(workspace_id: int, stamp: str) -> tuple[TreeFile, ...]:
    """The files that are in the pack; `stamp` is there so that other ones are asked for."""
    return tuple(file for file in state.app().code.tree(workspace_id) if file.tokens)


def split(folder: str) -> tuple[int | None, str]:
    """Source and path of a folder's id; no source for all of them."""
    source, _, path = folder.partition("/")
    return state.number(source), path.strip("/")


def inside(files: Sequence[TreeFile], folder: str, names: dict[int, str]) -> tuple[Inside, ...]:
    """What is directly in a folder, most tokens first. `files` are in path order.

    `names` are those of the sources.
    """
    source, path = split(folder)
    if source is None and len(names) == 1:
        source = next(iter(names))
    below = f"{path}/" if path else ""
    found: dict[str, Inside] = {}
    first = bisect_left(files, below, key=_PATH) if below else 0
    last = bisect_left(files, below + LAST_LETTER, key=_PATH) if below else len(files)
    for file in files[first:last]:
        if source is None:
            id, name, rest = str(file.source_id), names.get(file.source_id, ""), "/"
        elif file.source_id == source and file.path.startswith(below):
            name, _, rest = file.path[len(below) :].partition("/")
            id = f"{source}/{below}{name}"
        else:
            continue
        old = found.get(id)
        found[id] = Inside(
            id,
            name,
            file.tokens + (old.tokens if old else 0),
            1 + (old.files if old else 0),
            None if rest else file.document_id,
        )
    return tuple(sorted(found.values(), key=lambda each: (-each.tokens, each.name)))


def path(folder: str, names: dict[int, str]) -> None:
    """The way from all of the code to a folder, each step a button."""
    source, below = split(folder)
    steps = [("All code", "")]
    if source is not None:
        if len(names) > 1:
            steps.append((names.get(source, str(source)), str(source)))
        parts = below.split("/") if below else []
        steps += [
            (part, "/".join([str(source), *parts[: number + 1]]))
            for number, part in enumerate(parts)
        ]
    with st.container(key="code-path", horizontal=True, vertical_alignment="center", gap=None):
        for number, (name, id) in enumerate(steps):
            if number:
                st.html('<span class="muted">/</span>', width="content")
            st.button(
                messages.plain(name),
                key=f"code-step-{number}",
                type="tertiary",
                disabled=number == len(steps) - 1,
                on_click=partial(place.open_folder, id),
            )
