"""Files: the tree, the file that is open, and what is said, asked and known about it."""

from dataclasses import replace
from typing import get_args

import streamlit as st

from docqa.store.values import Workspace
from docqa.ui import state
from docqa.ui.code import asking, finding, place, reading, relations
from docqa.ui.code.place import Tab
from docqa.ui.components import code_tree
from docqa.ui.documents import STATUS
from docqa.ui.state import Key

TABS: dict[Tab, str] = {
    "ask": "Ask",
    "search": "Search",
    "outline": "Outline",
    "uses": "Used by",
    "imports": "Imports",
}
TREE_HEIGHT = "max(260px, calc(100vh - 7.2rem))"


def draw(workspace: Workspace, stamp: str) -> None:
    """The three panes; the outer ones can be hidden."""
    here = place.current()
    file = reading.shown()
    widths = [1.15] * here.tree + [2.5] + [1.75] * here.side
    panes = iter(st.columns(widths, gap="small"))
    if here.tree:
        with next(panes), st.container(key="code-files"):
            _tree(workspace, file, stamp)
    with next(panes), st.container(key="code-middle"):
        reading.draw(file)
    if here.side:
        with next(panes), st.container(key="code-side"):
            _side(workspace, file, stamp)


def _tree(workspace: Workspace, file: reading.Shown | None, stamp: str) -> None:
    code_tree(
        {
            "url": f"/code/{workspace.id}/tree.json?stamp={stamp}",
            "selected": file.info.id if file else None,
            "height": TREE_HEIGHT,
            "words": {name: said for name, said in STATUS.items() if name != "ready"},
        },
        key="code-tree",
        on_open=place.open_file,
    )


def _side(workspace: Workspace, file: reading.Shown | None, stamp: str) -> None:
    tab = place.current().tab
    st.session_state[Key.CODE_TAB] = tab
    st.segmented_control(
        "Beside the file",
        get_args(Tab),
        format_func=lambda option: TABS[option],
        key=Key.CODE_TAB,
        required=True,
        label_visibility="collapsed",
        width="stretch",
        wrap=False,
        on_change=_tab_changed,
    )
    if tab == "ask":
        state.open_first_citation(asking.draw(workspace, file, stamp))
    elif tab == "search":
        finding.draw(workspace)
    elif tab == "outline":
        relations.outline(file)
    elif tab == "uses":
        relations.uses(workspace, file)
    else:
        relations.imports(file)


def _tab_changed() -> None:
    place.go(replace(place.current(), tab=st.session_state.get(Key.CODE_TAB) or "ask"))
