"""Documents and pages of what is chosen, with the reasons, and a way to open them."""

import streamlit as st

from docqa.core.citations import percent
from docqa.core.coverage import CLASS_WORDS, CLASSES, PageClass
from docqa.services.ledgers import Ledger
from docqa.store.coverage import DocumentTally, PageLine
from docqa.store.values import Workspace
from docqa.ui import kinds, state, tables
from docqa.ui.coverage import place
from docqa.ui.source_lists import key_of

MOST_DOCUMENTS = 2_000
PORTION = 200
"""Pages listed at once."""
HEIGHT = 420
ROWS = 12
"""That fit into it."""


def documents(workspace: Workspace) -> None:
    """The documents that have such pages; choosing one lists its pages."""
    here = place.current()
    found = state.app().coverage.documents(workspace.id, here.wanted, most=MOST_DOCUMENTS)
    st.subheader("Documents")
    if not found:
        st.caption("None of them.")
        return
    names = [name for name in CLASSES if any(each.tally[name] for each in found)]
    key = key_of("coverage-documents", [(d.source_id, d.document_id, d.path) for d in found])
    st.dataframe(
        {
            "Name": [each.path for each in found],
            "Pages": [each.tally.total for each in found],
            **{_column(name): [each.tally[name] or None for each in found] for name in names},
        },
        key=key,
        hide_index=True,
        selection_mode="single-row",
        on_select=lambda: _pick(key, found),
        height=tables.height_of(len(found), most=ROWS, limit=HEIGHT),
        column_config={"Name": st.column_config.TextColumn(width="medium")},
        placeholder="",
        alt="Documents, and how many pages they have of each class",
    )
    if len(found) == MOST_DOCUMENTS:
        st.caption(f"The first {MOST_DOCUMENTS:,}; narrow the list, or export all of it.")


def _pick(key: str, found: tuple[DocumentTally, ...]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    chosen = found[rows[0]] if rows and rows[0] < len(found) else None
    if chosen is not None and chosen.document_id is None:
        place.look_for(chosen.path)
        return
    place.choose_document(chosen.document_id if chosen else None)


def pages(workspace: Workspace, ledger: Ledger) -> None:
    """Such pages, of the chosen document or of all; the chosen one can be opened."""
    here = place.current()
    found = state.app().coverage.pages(
        workspace.id, here.listed, most=PORTION + 1, after=here.after
    )
    more, found = len(found) > PORTION, found[:PORTION]
    st.subheader("Pages")
    if not found:
        st.caption("None of them.")
        return
    key = key_of("coverage-pages", [here, len(found)])
    chosen = st.dataframe(
        {
            "Document": [line.path for line in found],
            "Page": [_page(line) for line in found],
            "Class": [_class(line, ledger) for line in found],
            "Reason": [_reason(line) for line in found],
        },
        key=key,
        hide_index=True,
        selection_mode="single-row",
        on_select="rerun",
        height=tables.height_of(len(found), most=ROWS, limit=HEIGHT),
        column_config={
            "Page": st.column_config.TextColumn(width=80),
            "Reason": st.column_config.TextColumn(width="large"),
        },
        alt="Pages with their class and the reason",
    )
    rows = chosen["selection"]["rows"]
    _tools(found[rows[0]] if rows and rows[0] < len(found) else None, workspace, more=more)


def _tools(chosen: PageLine | None, workspace: Workspace, *, more: bool) -> None:
    """Opening the chosen page, turning the list, and all documents again."""
    here = place.current()
    with st.container(key="coverage-tools", horizontal=True, vertical_alignment="center"):
        if chosen is not None and chosen.document_id is not None:
            params = {"w": str(workspace.id), "d": str(chosen.document_id)}
            if chosen.page is not None and chosen.kind in ("pdf", "image"):
                params["p"] = str(chosen.page)
            st.page_link(
                "pages/library.py",
                label="Open in the Library",
                icon=":material/open_in_new:",
                query_params=params,
            )
        elif here.document is None:
            st.caption("Choose a page to open it.")
        if here.document is not None:
            st.button(
                "All documents",
                type="tertiary",
                key="coverage-all-documents",
                on_click=place.choose_document,
                args=(None,),
            )
        if here.after or more:
            st.caption(f"From {here.after + 1:,} on")
            st.button(
                "",
                icon=":material/chevron_left:",
                type="tertiary",
                key="coverage-back",
                help="Earlier pages",
                disabled=not here.after,
                on_click=place.turn,
                args=(here.after - PORTION,),
            )
            st.button(
                "",
                icon=":material/chevron_right:",
                type="tertiary",
                key="coverage-on",
                help="Later pages",
                disabled=not more,
                on_click=place.turn,
                args=(here.after + PORTION,),
            )


def _column(name: PageClass) -> str:
    word = CLASS_WORDS[name]
    return word[:1].upper() + word[1:]


def _page(line: PageLine) -> str:
    if line.page is None:
        return "all" if line.version_id else ""
    noun = kinds.page_noun(line.kind)
    return f"p. {line.page:,}" if noun == "page" else f"{noun} {line.page:,}"


def _class(line: PageLine, ledger: Ledger) -> str:
    said = CLASS_WORDS[line.page_class]
    if ledger.reach == "whole" and line.packed:
        return f"{said}, in the window"
    return said


def _reason(line: PageLine) -> str:
    parts = [line.reason]
    if line.confidence is not None:
        parts.append(f"{percent(line.confidence)} sure of the words")
    if line.page_class == "superseded":
        parts.append(f"version {line.version}")
    return ", ".join(part for part in parts if part)
