"""The sidebar: pages, workspaces, conversations."""

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import Page

from docqa.store.values import ConversationInfo, Workspace
from docqa.ui import messages, state
from docqa.ui.state import Key

SHOWN = 60
"""Conversations listed at once; the search finds the rest."""


def draw(pages: Sequence[Page], *, asking: bool) -> None:
    """The sidebar of every page; `asking` is whether the one on the screen shows conversations."""
    with st.sidebar:
        for page in pages:
            st.page_link(page, width="stretch")
        st.space("small")
        workspace = state.workspace()
        _workspaces(workspace)
        st.space("small")
        _conversations(workspace, asking)


def _workspaces(workspace: Workspace) -> None:
    all_workspaces = [summary.workspace for summary in state.app().workspaces.all()]
    names = {item.id: item.name for item in all_workspaces}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", wrap=False):
        chosen = st.selectbox(
            "Workspace",
            list(names),
            index=list(names).index(workspace.id),
            format_func=lambda number: names.get(number, ""),
            key=f"workspace-{workspace.id}-{len(names)}-{workspace.name}",
        )
        picked = st.menu_button(
            "",
            ["New workspace", "Rename", "Delete"],
            icon=":material/more_vert:",
            type="tertiary",
            key="workspace-menu",
            help="Create, rename or delete a workspace",
        )
    if chosen != workspace.id:
        state.enter_workspace(chosen)
        st.rerun()
    if picked == "New workspace":
        _new_workspace()
    elif picked == "Rename":
        _rename_workspace(workspace)
    elif picked == "Delete":
        _delete_workspace(workspace)


@st.dialog("New workspace")
def _new_workspace() -> None:
    name = st.text_input("Name", max_chars=80, key="new-workspace-name")
    st.caption("Documents of one workspace are asked about together, apart from all others.")
    if st.button("Create", type="primary", key="create-workspace"):
        with messages.problems():
            made = state.app().workspaces.create(name.strip())
            state.enter_workspace(made.id)
            st.rerun()


@st.dialog("Rename workspace")
def _rename_workspace(workspace: Workspace) -> None:
    name = st.text_input("Name", value=workspace.name, max_chars=80, key="rename-workspace-name")
    if st.button("Rename", type="primary", key="rename-workspace"):
        with messages.problems():
            if name.strip() != workspace.name:
                state.app().workspaces.rename(workspace.id, name.strip())
            st.rerun()


@st.dialog("Delete workspace")
def _delete_workspace(workspace: Workspace) -> None:
    st.markdown(
        f"Delete **{messages.plain(workspace.name)}** with all its documents, conversations and "
        "answers? This cannot be undone."
    )
    if st.button("Delete for good", type="primary", key="delete-workspace"):
        with messages.problems():
            state.app().workspaces.delete(workspace.id)
            st.session_state.pop(Key.WORKSPACE, None)
            state.enter_workspace(0)
            st.query_params.clear()
            st.rerun()


def _conversations(workspace: Workspace, asking: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.html('<div class="pane-title">Conversations</div>')
        fresh = st.button(
            "New",
            icon=":material/add:",
            type="tertiary",
            key="new-conversation",
            help="Start a new conversation",
        )
    if fresh:
        _show(None, asking)
    every = state.app().conversations.all(workspace.id)
    search = ""
    if len(every) > 5:
        search = st.text_input(
            "Search conversations",
            key=Key.SEARCH,
            placeholder="Search",
            label_visibility="collapsed",
            icon=":material/search:",
        )
    listed = state.app().conversations.all(workspace.id, search=search) if search else every
    if not listed:
        st.caption("Nothing matches." if search else "Your questions will be listed here.")
    with st.container(key="conversation-list", gap="xxsmall"):
        for item in listed[:SHOWN]:
            _entry(item, asking)
    if len(listed) > SHOWN:
        st.caption(f"{len(listed) - SHOWN:,} more; search to find them.")


def _entry(item: ConversationInfo, asking: bool) -> None:
    chosen = item.id == state.conversation_id()
    with st.container(horizontal=True, vertical_alignment="center", gap=None, wrap=False):
        pressed = st.button(
            messages.plain(item.title) or "Untitled",
            key=f"conversation-{item.id}",
            type="primary" if chosen else "secondary",
            width="stretch",
        )
        picked = st.menu_button(
            "",
            ["Rename", "Delete"],
            icon=":material/more_horiz:",
            type="tertiary",
            key=f"conversation-menu-{item.id}",
            help="Rename or delete",
        )
    if pressed:
        _show(item.id, asking)
    if picked == "Rename":
        _rename_conversation(item)
    elif picked == "Delete":
        _delete_conversation(item)


def _show(conversation_id: int | None, asking: bool) -> None:
    state.enter_conversation(conversation_id)
    if not asking:
        st.switch_page("pages/ask.py")
    st.rerun()


@st.dialog("Rename conversation")
def _rename_conversation(item: ConversationInfo) -> None:
    title = st.text_input("Title", value=item.title, max_chars=120, key="conversation-title")
    if st.button("Rename", type="primary", key="rename-conversation"):
        with messages.problems():
            state.app().conversations.rename(item.id, title.strip() or item.title)
            st.rerun()


@st.dialog("Delete conversation")
def _delete_conversation(item: ConversationInfo) -> None:
    st.markdown(f"Delete **{messages.plain(item.title)}** with {item.answers:,} answers?")
    if st.button("Delete", type="primary", key="delete-conversation"):
        with messages.problems():
            state.app().conversations.delete(item.id)
            if item.id == state.conversation_id():
                state.enter_conversation(None)
            st.rerun()
