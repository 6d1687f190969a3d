"""The sources pane: which documents a question is about.

A source of many files is one row, whose number is the source's with a minus.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from docqa.store.values import DocumentInfo, Workspace
from docqa.ui import kinds, messages, state
from docqa.ui.components import source_list
from docqa.ui.state import Key

FOLDED = 300
"""A source with more documents than this is one row."""
HEIGHT = "max(220px, calc(100vh - 7.4rem))"


def usable(document: DocumentInfo) -> bool:
    """Whether a question can be about it; docqa's own map of a codebase is no evidence."""
    return (
        document.status == "ready"
        and document.published
        and not document.excluded
        and document.kind != "map"
    )


def listed(documents: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    """Documents that belong in the list; excluded and failed ones are in the library."""
    return [
        document
        for document in documents
        if usable(document) or (document.status == "staged" and document.kind != "map")
    ]


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
        rows(workspace, documents),
        sorted(st.session_state.get(Key.OFF, ())),
        nonce=workspace.id * 1_000 + st.session_state.get(Key.OFF_NONCE, 0),
        height=HEIGHT,
    )
    st.session_state[Key.OFF] = off
    if opened is not None and int(opened) < 0:
        st.switch_page("pages/code.py", query_params={"w": str(workspace.id)})
    if opened is not None:
        state.view(int(opened))
        st.rerun()
    return scope(documents)


def scope(documents: Sequence[DocumentInfo]) -> tuple[int, ...]:
    """The ids that are switched on; empty when all are."""
    every = [document for document in documents if usable(document)]
    on = _on(every, folded(listed(documents)))
    return () if len(on) == len(every) else tuple(on)


def none_chosen(documents: Sequence[DocumentInfo]) -> bool:
    """Whether every document is switched off."""
    every = [document for document in documents if usable(document)]
    return not _on(every, folded(listed(documents)))


def _on(every: Sequence[DocumentInfo], many: frozenset[int]) -> list[int]:
    """Those of `every` that are switched on, as the list shows it: the sources `many` are a row."""
    off = st.session_state.get(Key.OFF, frozenset())
    return [
        document.id
        for document in every
        if (-document.source_id if document.source_id in many else document.id) not in off
    ]


def folded(documents: Sequence[DocumentInfo]) -> frozenset[int]:
    """The sources that have too many documents for a row each."""
    if len(documents) <= FOLDED:
        return frozenset()
    counts = Counter(document.source_id for document in documents)
    return frozenset(source_id for source_id, count in counts.items() if count > FOLDED)


def rows(workspace: Workspace, documents: Sequence[DocumentInfo]) -> list[dict[str, Any]]:
    """What the list shows: documents, and sources of many of them."""
    many = folded(documents)
    blank = kinds.blank_pages(documents)
    single = [
        _row(document, blank.get(document.version_id, 0))
        for document in documents
        if document.source_id not in many
    ]
    if not many:
        return single
    names = {source.id: source.name for source in state.app().library.sources(workspace.id)}
    made = [_source_row(number, names, documents) for number in sorted(many)]
    return made + single


def _source_row(
    source_id: int, names: Mapping[int, str], documents: Sequence[DocumentInfo]
) -> dict[str, Any]:
    ready = [each for each in documents if each.source_id == source_id and usable(each)]
    tokens = sum(document.tokens for document in ready)
    name = names.get(source_id, "source")
    return {
        "id": -source_id,
        "name": name,
        "path": name,
        "usable": bool(ready),
        "facts": f"{messages.count(len(ready), 'file')} · {messages.short(tokens)} tokens",
        "warning": "" if ready else "being added",
    }


def _row(document: DocumentInfo, blank: int) -> dict[str, Any]:
    staged = document.status == "staged"
    told = (facts(document), kinds.empty(document, blank))
    return {
        "id": document.id,
        "name": document.name,
        "path": document.path,
        "usable": usable(document),
        "facts": " · ".join(part for part in told if part),
        "warning": "being added" if staged else kinds.unreadable(document, blank),
    }


def facts(document: DocumentInfo) -> str:
    """`24 pages · 12K tokens`."""
    tokens = f"{messages.short(document.tokens)} tokens" if document.tokens else ""
    return " · ".join(part for part in (length(document), tokens) if part)


def length(document: DocumentInfo) -> str:
    """`24 pages`, `130 lines`, `30 slides`."""
    return kinds.length(document)
