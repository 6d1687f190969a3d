"""The sources pane: which documents a question is about."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from docqa.store.values import DocumentInfo, Workspace
from docqa.ui import messages, state
from docqa.ui.components import source_list
from docqa.ui.state import Key

HEIGHT = "max(220px, calc(100vh - 7.4rem))"


def usable(document: DocumentInfo) -> bool:
    """Whether a question can be about it."""
    return document.status == "ready" and document.published and not document.excluded


def listed(documents: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    """Documents that belong in the list; excluded and failed ones are in the library."""
    return [document for document in documents if usable(document) or document.status == "staged"]


def draw(workspace: Workspace, documents: Sequence[DocumentInfo]) -> tuple[int, ...]:
    """The list with its checkboxes. Returns the ids in scope; empty means all."""
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.html('<div class="pane-title">Sources</div>')
        if st.button(
            "",
            icon=":material/left_panel_close:",
            type="tertiary",
            key="close-sources",
            help="Hide the sources",
        ):
            st.session_state[Key.SOURCES] = False
            st.rerun()
    off, opened = source_list(
        [_row(document) for document in documents],
        sorted(st.session_state.get(Key.OFF, ())),
        nonce=workspace.id * 1_000 + st.session_state.get(Key.OFF_NONCE, 0),
        height=HEIGHT,
    )
    st.session_state[Key.OFF] = off
    if opened is not None:
        state.view(int(opened))
        st.rerun()
    return scope(documents)


def scope(documents: Sequence[DocumentInfo]) -> tuple[int, ...]:
    """The ids that are switched on; empty when all are."""
    off = st.session_state.get(Key.OFF, frozenset())
    on = [document.id for document in documents if usable(document) and document.id not in off]
    every = [document.id for document in documents if usable(document)]
    return () if len(on) == len(every) else tuple(on)


def none_chosen(documents: Sequence[DocumentInfo]) -> bool:
    """Whether every document is switched off."""
    off = st.session_state.get(Key.OFF, frozenset())
    return all(document.id in off for document in documents if usable(document))


def _row(document: DocumentInfo) -> dict[str, Any]:
    unreadable = document.pages - document.readable_pages
    warning = ""
    if document.status == "staged":
        warning = "being added"
    elif unreadable:
        warning = f"{messages.count(unreadable, 'page')} unreadable"
    return {
        "id": document.id,
        "name": document.name,
        "path": document.path,
        "usable": usable(document),
        "facts": facts(document),
        "warning": warning,
    }


def facts(document: DocumentInfo) -> str:
    """`24 pages · 12K tokens`."""
    tokens = f"{messages.short(document.tokens)} tokens" if document.tokens else ""
    return " · ".join(part for part in (length(document), tokens) if part)


def length(document: DocumentInfo) -> str:
    """`24 pages`, `130 lines`."""
    if document.pages:
        return messages.count(document.pages, "page")
    return messages.count(document.line_count, "line") if document.line_count else ""
