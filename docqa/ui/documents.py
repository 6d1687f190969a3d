"""The library's documents: the budget, the table, one document with its actions."""

import html
from collections.abc import Sequence

import streamlit as st

from docqa.core.documents import PAGED_KINDS
from docqa.store.values import DocumentInfo, Workspace
from docqa.ui import (
    document_versions,
    engines,
    kinds,
    messages,
    scans,
    sources,
    state,
    tables,
    viewer,
)
from docqa.ui.state import Key

_COLOURS = ("#2f7f79", "#c98a2b", "#5b7fa6", "#a5623f", "#7d8c4a", "#8a6a9c", "#4f9aa8", "#b5a13a")
BAR_SEGMENTS = 40
ABOUT_MAP = (
    "docqa wrote this map of the code: the pack begins with it, so that the model finds its way. "
    "It is no evidence; answers cite the files."
)
STATUS = {
    "ready": "ready",
    "staged": "being added",
    "failed": "not readable",
    "excluded": "excluded",
    "superseded": "superseded",
    "removed": "gone from its source",
}


def budget(workspace: Workspace, documents: Sequence[DocumentInfo]) -> None:
    """The tokens of the workspace as a bar, by document, against the engine's window."""
    # docqa's map of a codebase is in the window too.
    ready = sorted(
        (d for d in documents if sources.usable(d) or (d.kind == "map" and d.published)),
        key=lambda d: -d.tokens,
    )
    total = sum(document.tokens for document in ready)
    if not total:
        return
    window = 0
    if not engines.awaits_consent(workspace.id):
        window = state.app().estimating.window(workspace.id)
    whole = max(total, window)
    parts = [(d.name, d.tokens) for d in ready[:BAR_SEGMENTS]]
    rest = sum(d.tokens for d in ready[BAR_SEGMENTS:])
    if rest:
        parts.append((f"{len(ready) - BAR_SEGMENTS:,} others", rest))
    said = "".join(
        f'<span style="width:{tokens / whole * 100:.3f}%;background:{_COLOURS[n % len(_COLOURS)]}" '
        f'title="{html.escape(f"{name}: {tokens:,} tokens", quote=True)}"></span>'
        for n, (name, tokens) in enumerate(parts)
    )
    text = f"{total:,} tokens in {messages.count(len(ready), 'document')}"
    if window:
        fit = "fits" if total <= window else "is larger than the window; the best passages are sent"
        text += f"; the engine's window has {window:,} tokens: the workspace {fit}"
    st.html(f'<div class="budget" role="img" aria-label="{text}">{said}</div>')
    st.html(f'<div class="budget-note">{text}.</div>')


def table(documents: Sequence[DocumentInfo]) -> DocumentInfo | None:
    """All documents; the one that is chosen."""
    blank = kinds.blank_pages(documents)
    rows = [
        {
            "Name": document.path or document.name,
            "Kind": kinds.NAMES[document.kind],
            "Size": sources.length(document),
            "Tokens": document.tokens or None,
            "Status": _status(document, blank.get(document.version_id, 0)),
        }
        for document in documents
    ]
    chosen = st.dataframe(
        {name: [row[name] for row in rows] for name in rows[0]},
        # Rows are chosen by their place: other rows, another table.
        key=f"documents-{hash(tuple(document.id for document in documents))}",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=tables.height_of(len(rows), most=12, limit=420),
        column_config={
            "Kind": st.column_config.TextColumn(width=90),
            "Size": st.column_config.TextColumn(width=70),
            "Tokens": st.column_config.NumberColumn(format="localized", width=70),
            "Status": st.column_config.TextColumn(width=130),
        },
        placeholder="",
    )
    selected = chosen["selection"]["rows"]
    if selected and selected[0] < len(documents):
        state.open_document(documents[selected[0]].id)
    number = st.session_state.get(Key.DOCUMENT)
    return next((document for document in documents if document.id == number), None)


def _status(document: DocumentInfo, blank: int) -> str:
    if document.kind == "map" and document.published:
        return "for the model"
    if document.removed:
        return STATUS["removed"]
    if document.excluded:
        return "excluded"
    if document.status == "ready":
        lack = kinds.unreadable(document, blank) or kinds.empty(document, blank)
        return lack or STATUS["ready"]
    return STATUS[document.status]


def failures(documents: Sequence[DocumentInfo]) -> None:
    """Documents and pages that could not be read, each with the reason; no blank pages."""
    broken = [document for document in documents if document.status == "failed"]
    blank = kinds.blank_pages(documents)
    lacking = {d.id: d.pages - d.readable_pages - blank.get(d.version_id, 0) for d in documents}
    partly = [d for d in documents if lacking[d.id] > 0 and d.status != "failed"]
    count = sum(lacking[d.id] for d in partly)
    if broken:
        with st.expander(f"{messages.count(len(broken), 'document')} could not be read"):
            for document in broken:
                st.markdown(
                    f"- **{messages.plain(document.path)}**: {messages.plain(document.error)}. "
                    f"{messages.plain(document.error_hint)}"
                )
    if partly:
        with st.expander(f"{messages.count(count, 'page')} could not be read"):
            waits = False
            for document in partly[:50]:
                pages = state.app().library.pages(document.version_id)
                waits = waits or any(page.status == "image_only" for page in pages)
                for page in [p for p in pages if not p.readable and p.status != "empty"][:50]:
                    reason = messages.plain(page.reason or page.status)
                    st.markdown(f"- {messages.plain(document.path)}, p. {page.number}: {reason}")
            if waits:
                scans.offer(partly[0].workspace_id)


def nothing_chosen() -> None:
    """What stands where a document will be."""
    st.html('<div class="empty">Choose a document in the table to open it here.</div>')


def detail(workspace: Workspace, document: DocumentInfo) -> None:
    """One document: its actions, its versions, its viewer."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<div class="place"><b>{html.escape(document.path or document.name)}</b></div>')
        if document.kind != "map":
            _actions(workspace, document)
    if document.kind == "map":
        st.caption(ABOUT_MAP)
    for note in document.notes:
        st.caption(messages.plain(note))
    if document.kind in PAGED_KINDS and document.version_id:
        pages = state.app().library.pages(document.version_id)
        if said := kinds.read_by_ocr(pages):
            st.caption(said)
    view = document_versions.draw(document)
    viewer.pane(
        view.document,
        view.target,
        view.marks,
        height=view.height,
        key=f"library-{view.document.version_id}",
    )


def _actions(workspace: Workspace, document: DocumentInfo) -> None:
    library = state.app().library
    if document.excluded:
        if st.button("Include", key="include", icon=":material/visibility:"):
            library.include(document.id)
            st.rerun()
    elif document.status == "ready" and st.button(
        "Exclude",
        key="exclude",
        icon=":material/visibility_off:",
        help="Leave it out of every question. This costs nothing and can be undone.",
    ):
        library.exclude(document.id)
        st.rerun()
    if st.button("Erase", key="erase", icon=":material/delete:"):
        _erase(workspace, document)


@st.dialog("Erase this document?")
def _erase(workspace: Workspace, document: DocumentInfo) -> None:
    price = state.app().library.erase_price(document.id)
    st.markdown(
        f"**{messages.plain(document.path)}** goes for good: the original, its text, its page "
        "pictures, and the quotes of it in stored answers."
    )
    st.markdown(
        f"The prefix cache of this workspace is lost: **{price.sentence()}**. "
        "To keep the cache, exclude the document instead."
    )
    if st.button("Erase for good", type="primary", key="erase-for-good"):
        with messages.problems():
            state.app().library.erase(document.id)
            st.session_state.pop(Key.DOCUMENT, None)
            messages.notice(f"{document.name} was erased")
            st.rerun()


@st.dialog("Repack this workspace?")
def repack(workspace: Workspace) -> None:
    """Ask before the pack is built anew, with its price."""
    price = state.app().library.repack_price(workspace.id)
    st.markdown(
        "Excluded documents and superseded versions leave the pack, so that questions read less. "
        f"The price: **{price.sentence()}**."
    )
    if st.button("Repack", type="primary", key="repack-now"):
        with messages.problems():
            state.app().library.repack(workspace.id)
            messages.notice("The workspace was repacked")
            st.rerun()
