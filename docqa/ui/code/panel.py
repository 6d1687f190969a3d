"""The Code page as a whole: what the code is, and the view of it that was chosen."""

import html
from dataclasses import replace
from typing import get_args

import streamlit as st

from docqa.core.references import Codebase
from docqa.store.values import Source, Workspace
from docqa.ui import messages, queue, state
from docqa.ui.code import files, graph, place, window
from docqa.ui.code.place import View
from docqa.ui.code.reading import SHORT_REVISION
from docqa.ui.state import Key
from docqa.web.highlight import language_name

VIEWS: dict[View, str] = {"files": "Files", "graph": "Graph", "window": "Window"}
LANGUAGES = 3


def draw(workspace: Workspace) -> None:
    """The page, or where code comes from in a workspace without any."""
    # Before the question whether there is code: what is read meanwhile is not overlooked.
    reading = _reading(workspace)
    code = _overview(workspace.id, place.stamp(workspace.id))
    if code is None:
        _nothing(workspace, reading=reading)
        return
    named = {source.id: source for source in state.app().library.sources(workspace.id)}
    sources = [named[number] for number in code.sources if number in named]

    # Alone: a click in the tree draws neither the sidebar nor the page's frame again.
    @st.fragment
    def live() -> None:
        messages.say()
        place.follow_conversation()
        _head(code, sources)
        view, stamp = place.current().view, place.stamp(workspace.id)
        names = {source.id: source.name for source in sources}
        if view == "graph":
            graph.draw(workspace, names, stamp)
        elif view == "window":
            window.draw(workspace, names, stamp)
        else:
            files.draw(workspace, stamp)
        state.address(place.address())

    live()


@st.cache_data(max_entries=100, show_spinner=False)
def _overview(workspace_id: int, stamp: str) -> Codebase | None:
    """`stamp` is there so that new files are counted."""
    return state.app().code.overview(workspace_id)


def _reading(workspace: Workspace) -> bool:
    """Whether documents are being added."""
    return any(job.kind == "ingest" for job in state.app().store.jobs.active(workspace.id))


def _nothing(workspace: Workspace, *, reading: bool) -> None:
    """Where code comes from; or how far it is, where it is being read."""
    if reading and not _reading(workspace):
        st.rerun()  # it has just been added
    title = "The code is being read" if reading else "No code in this workspace yet"
    said = "Add a folder, an archive or the address of a Git repository in the Library."
    if reading:
        said = "You can ask about it as soon as all of it is there."
    st.html(f'<div class="hero"><h1>{title}</h1><p>{said}</p></div>')
    if reading:
        with st.container(key="first-run"):
            queue.draw(workspace)
        return
    with st.container(horizontal=True, horizontal_alignment="center"):
        if st.button("Open the Library", key="to-library", type="primary"):
            st.switch_page("pages/library.py")


def _head(code: Codebase, sources: list[Source]) -> None:
    here = place.current()
    with st.container(
        key="code-head", horizontal=True, vertical_alignment="center", gap="small", wrap=False
    ):
        st.session_state[Key.CODE_VIEW] = here.view
        st.segmented_control(
            "View",
            get_args(View),
            format_func=lambda option: VIEWS[option],
            key=Key.CODE_VIEW,
            required=True,
            label_visibility="collapsed",
            on_change=_view_changed,
        )
        st.html(f'<div class="about">{_facts(code, sources)}</div>', width="stretch")
        if here.view == "files":
            _pane("tree", "Files", "left_panel", shown=here.tree)
            _pane("side", "the pane beside the file", "right_panel", shown=here.side)


def _facts(code: Codebase, sources: list[Source]) -> str:
    facts = [
        ", ".join(map(_source, sources)),
        messages.count(code.files, "file"),
        f"{messages.short(code.tokens)} tokens",
        ", ".join(
            f"{language_name(language)} {messages.short(tokens)}"
            for language, _, tokens in code.languages[:LANGUAGES]
        ),
    ]
    return html.escape(" · ".join(filter(None, facts)))


def _source(source: Source) -> str:
    return source.name + (f" @{source.revision[:SHORT_REVISION]}" if source.revision else "")


def _view_changed() -> None:
    place.go(replace(place.current(), view=st.session_state.get(Key.CODE_VIEW) or "files"))


def _pane(name: str, words: str, icon: str, *, shown: bool) -> None:
    does = "close" if shown else "open"
    st.button(
        "",
        key=f"turn-{name}",
        icon=f":material/{icon}_{does}:",
        type="tertiary",
        help=f"{'Hide' if shown else 'Show'} {words.lower()}",
        on_click=_turn_pane,
        args=(name,),
    )


def _turn_pane(name: str) -> None:
    here = place.current()
    place.go(
        replace(here, tree=not here.tree) if name == "tree" else replace(here, side=not here.side)
    )
