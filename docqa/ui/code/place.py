"""Where one is on the Code page; the file, its lines and the citation are those of Ask.

The address says all of it, so that every view can be opened again and shown to a colleague.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Literal, get_args

import streamlit as st

from docqa.services.searching import How
from docqa.ui import state
from docqa.ui.state import Cited, Key, Viewing

View = Literal["files", "graph", "window"]
Tab = Literal["ask", "search", "outline", "uses", "imports"]
About = Literal["all", "file", "lines"]
MAX_TEXT = 400


@dataclass(frozen=True, slots=True)
class Place:
    """What is on the screen, beside the file."""

    view: View = "files"
    tab: Tab = "ask"
    folder: str = ""
    """Id of the folder whose graph or tokens are shown: `2/src/flask`; empty is all."""
    name: str = ""
    """Whose definitions and uses are listed."""
    query: str = ""
    """What was searched for."""
    how: How = "ranked"
    about: About = "all"
    """What a question is about."""
    blame: bool = False
    tree: bool = True
    side: bool = True
    conversation: int | None = None
    """The one that was on the screen last."""


def stamp(workspace_id: int) -> str:
    """Changes with what is told of the workspace's files; what is drawn from them is kept by it."""
    told = state.app().store.documents.fingerprint(workspace_id)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def current() -> Place:
    """Where this session is."""
    found: Place = st.session_state.get(Key.CODE_PLACE, Place())
    return found


def go(place: Place) -> None:
    """Be there from now on."""
    st.session_state[Key.CODE_PLACE] = place


def follow_conversation() -> None:
    """Show the conversation, whatever was shown, when another one was chosen."""
    here, number = current(), state.conversation_id()
    if here.conversation != number:
        go(replace(here, conversation=number, view="files", tab="ask", side=True))


def open_file(
    document_id: int, lines: tuple[int, int] | None = None, *, page: int | None = None
) -> None:
    """Show this file, and these lines or this page of it."""
    here = current()
    viewing: Viewing | None = st.session_state.get(Key.VIEWING)
    same = viewing is not None and viewing.document_id == document_id
    about: About = here.about if same and (lines or here.about != "lines") else "all"
    state.view(document_id, page=page, lines=lines)
    go(replace(here, view="files", about=about))


def choose_lines(document_id: int, lines: tuple[int, int]) -> None:
    """These lines of the file on the screen were chosen: what is asked now is about them."""
    state.choose(Viewing(document_id, lines=lines))
    go(replace(current(), about="lines"))


def close_file() -> None:
    """Show no file."""
    for key in (Key.VIEWING, Key.CITED):
        st.session_state.pop(key, None)
    go(replace(current(), about="all"))


def open_folder(folder: str) -> None:
    """Show what is in this folder, in the graph or the window."""
    go(replace(current(), folder=folder))


def show_uses(name: str) -> None:
    """List where this name is defined and used."""
    go(replace(current(), name=name[:MAX_TEXT], tab="uses", side=True))


def search(query: str, how: How) -> None:
    """List where this stands."""
    go(replace(current(), query=query[:MAX_TEXT], how=how, tab="search", side=True))


def restore() -> None:
    """Take over a new address: workspace, view, folder, file, lines, tab, name, conversation."""
    params = state.arrived()
    if not params:
        return
    state.take_workspace(params)
    wanted, tab = params.get("v", "files"), params.get("t", "ask")
    here = current()
    go(
        replace(
            here,
            view=next((view for view in get_args(View) if view == wanted), "files"),
            tab=next((known for known in get_args(Tab) if known == tab), "ask"),
            folder=params.get("in", "")[:MAX_TEXT],
            name=params.get("s", "")[:MAX_TEXT],
            query=params.get("q", "")[:MAX_TEXT],
            how=next((how for how in get_args(How) if how == params.get("h")), "ranked"),
            blame=params.get("b") == "1",
            conversation=state.number(params.get("c")),
        )
    )
    state.take_ask(params)


def address() -> dict[str, object | None]:
    """What the address says."""
    here = current()
    params = state.ask_address()
    searched = here.tab == "search" and here.view == "files"
    if here.view != "files":
        params = {name: value for name, value in params.items() if name in ("w", "c")}
    return {
        **params,
        "v": None if here.view == "files" else here.view,
        "in": here.folder or None if here.view != "files" else None,
        "t": None if here.tab == "ask" or here.view != "files" else here.tab,
        "s": here.name or None if here.tab == "uses" and here.view == "files" else None,
        "q": here.query or None if searched else None,
        "h": here.how if searched and here.how != "ranked" else None,
        "b": 1 if here.blame and here.view == "files" else None,
    }


def cited() -> Cited | None:
    """The citation on the screen."""
    found: Cited | None = st.session_state.get(Key.CITED)
    return found


def viewing() -> Viewing | None:
    """The file on the screen that was opened without a citation."""
    found: Viewing | None = st.session_state.get(Key.VIEWING)
    return found
