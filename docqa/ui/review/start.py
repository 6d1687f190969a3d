"""A new review: which checklist, which documents, what it takes."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from docqa.core.checklists import Checklist
from docqa.core.findings import Target
from docqa.errors import EngineLeavesMachineError
from docqa.services.checklists import ChecklistInfo
from docqa.store.values import DocumentInfo, Workspace
from docqa.ui import consent, engines, messages, sources, state
from docqa.ui.review import place, wording
from docqa.ui.state import Key

EACH = "Each document on its own"
WHOLE = "The workspace as a whole"
CAPTIONS = (
    "A cell per requirement and document: does this contract say so?",
    "A cell per requirement: does anything here say so?",
)
SHOWN_REQUIREMENTS = 300


def draw(workspace: Workspace, documents: Sequence[DocumentInfo], *, first: bool) -> None:
    """The form. `first` where the workspace has no review yet."""
    usable = [document for document in documents if sources.usable(document)]
    with st.container(key="new-review"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.title("New review" if not first else "Hold documents against a checklist")
            if not first and st.button("Cancel", type="tertiary", key="cancel-new"):
                st.session_state[Key.REVIEW_NEW] = False
                st.rerun()
        if first:
            st.markdown(
                "docqa answers every requirement for every document, each verdict with the quotes "
                "it rests on, or an honest “not found”. You look at each and decide."
            )
        if not usable:
            st.info("Add documents first: there is nothing to review in this workspace.")
            st.page_link("pages/library.py", label="Open the library", icon=":material/upload:")
            return
        checklist = _checklist()
        if checklist is not None:
            _form(workspace, usable, checklist)


def _checklist() -> Checklist | None:
    service = state.app().checklists
    listed = {info.id: info for info in service.all()}
    if not listed:
        st.info("There is no checklist yet.")
        return None
    chosen = st.selectbox(
        "Checklist",
        list(listed),
        format_func=lambda key: _named(listed[key]),
        key="review-checklist",
    )
    checklist = service.get(chosen)
    st.caption(messages.plain(" · ".join(filter(None, (checklist.source, checklist.description)))))
    with st.expander(f"The {messages.count(len(checklist.requirements), 'requirement')}"):
        shown = checklist.requirements[:SHOWN_REQUIREMENTS]
        st.dataframe(
            {"Id": [r.id for r in shown], "Requirement": [r.text for r in shown]},
            hide_index=True,
            key="review-requirements",
            height=min(38 + 35 * len(shown), 320),
            column_config={"Id": st.column_config.TextColumn(width=110)},
        )
        more = len(checklist.requirements) - len(shown)
        if more > 0:
            st.caption(f"and {more:,} more")
    return checklist


def _named(info: ChecklistInfo) -> str:
    own = "" if info.builtin else ", your own"
    return f"{info.title} ({messages.count(info.requirements, 'requirement')}{own})"


def _form(workspace: Workspace, usable: Sequence[DocumentInfo], checklist: Checklist) -> None:
    what = st.radio("What is held against it", (EACH, WHOLE), captions=CAPTIONS, key="review-of")
    target: Target = "workspace" if what == WHOLE else "documents"
    names = {document.id: document.path for document in usable}
    chosen = st.multiselect(
        "Documents",
        list(names),
        format_func=lambda number: names[number],
        key="review-documents",
        placeholder=f"All {messages.count(len(usable), 'document')}",
        help="Leave it empty for all of them.",
    )
    title = st.text_input("Title", key="review-title", placeholder=checklist.title, max_chars=120)
    count = len(chosen) or len(usable)
    cells = len(checklist.requirements) * (1 if target == "workspace" else count)
    _price(workspace, cells, chosen)
    if st.button(
        f"Start: {messages.count(cells, 'cell')}",
        type="primary",
        key="start-review",
        icon=":material/play_arrow:",
    ):
        _start(workspace, checklist, chosen, target, title)


def _price(workspace: Workspace, cells: int, chosen: Sequence[int]) -> None:
    """What it takes, and what the engine can and cannot do."""
    choice = state.app().engines.choice()
    said = f"{messages.count(cells, 'cell')}, answered by **{messages.plain(choice.label)}**."
    if engines.awaits_consent(workspace.id):
        said += " It is on another machine; you are asked before anything is sent to it."
    else:
        met = state.app().estimating.estimate(workspace.id, chosen)
        if met.window:
            said += (
                f" {met.scope_sentence()}. The documents are read into its cache once;"
                " each cell then sends its requirement only."
            )
    st.markdown(said)
    if not wording.judges(choice):
        st.warning(
            "**This engine does not judge.** docqa ranks and quotes the evidence for each "
            "requirement and leaves the verdict to you. For proposed verdicts choose a model on "
            "the Engine page.",
            icon=":material/person:",
        )


def _start(
    workspace: Workspace,
    checklist: Checklist,
    chosen: Sequence[int],
    target: Target,
    title: str,
) -> None:
    with messages.problems():
        try:
            review = state.app().reviewing.submit(
                workspace.id, checklist, document_ids=chosen, target=target, title=title.strip()
            )
        except EngineLeavesMachineError:
            consent.ask(
                workspace,
                "review",
                "the checklist",
                "Allow and start",
                partial(_start, workspace, checklist, chosen, target, title),
                key="-review",
            )
            return
        place.open_review(review)
        st.rerun()
