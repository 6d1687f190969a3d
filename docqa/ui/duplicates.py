"""The Library's duplicates: documents that say the same, what they cost, and excluding them."""

import html
from collections.abc import Sequence

import streamlit as st

from docqa.services.duplicates import DUPLICATES, DuplicateGroup, Duplicates, Keep, Member
from docqa.store.values import JobInfo, Workspace
from docqa.ui import messages, state
from docqa.ui.source_facts import day
from docqa.ui.source_progress import following
from docqa.ui.state import Key

SHOWN = 20
"""Groups listed one by one."""
MEMBERS = 12
"""Documents of a group listed one by one."""
FEW_TOKENS = 50
"""Groups that cost less are only counted."""
_KEEP: dict[str, Keep] = {"The first added": "first", "The newest": "newest"}


def draw(workspace: Workspace) -> None:
    """The button that looks for duplicates; once pressed, the groups that were found."""
    if not st.session_state.get(Key.DUPLICATES):
        if st.button(
            "Find duplicates",
            icon=":material/content_copy:",
            type="tertiary",
            key="find-duplicates",
            help="Documents that say the same, or nearly, and the tokens they cost.",
        ):
            with messages.problems():
                st.session_state[Key.DUPLICATES] = state.app().duplicates.submit(workspace.id)
                st.rerun()
        return
    with st.container(border=True, key="duplicates", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            st.html('<div class="pane-title">Duplicates</div>', width="stretch")
            if st.button(
                "", icon=":material/close:", key="hide-duplicates", type="tertiary", help="Hide"
            ):
                st.session_state.pop(Key.DUPLICATES)
                st.rerun()
        _looked(workspace, state.app().ingestion.job(st.session_state[Key.DUPLICATES]))


def _looked(workspace: Workspace, job: JobInfo) -> None:
    if not job.finished and job.kind == DUPLICATES:
        following(job.id)
        return
    if job.status == "failed":
        messages.problem(job.error, job.error_hint)
    chosen = st.selectbox("Keep of each group", tuple(_KEEP), key="keep", width=220)
    keep = _KEEP[chosen]
    found = state.app().duplicates.find(workspace.id, keep=keep)
    if found.missing:
        _compare_again(workspace, found)
    costly = [group for group in found.groups if group.tokens >= FEW_TOKENS]
    if not found.groups:
        st.caption("No two documents say the same.")
        return
    st.markdown(_summary(found))
    _exclude("Exclude all that can be spared", found.groups, key="exclude-duplicates")
    for number, group in enumerate(costly[:SHOWN]):
        _group(group, number)
    if rest := len(found.groups) - len(costly[:SHOWN]):
        st.caption(f"and {messages.count(rest, 'group')} that cost less.")


def _compare_again(workspace: Workspace, found: Duplicates) -> None:
    """Documents came since they were compared."""
    with st.container(horizontal=True, vertical_alignment="center"):
        new = messages.count(found.missing, "document has", "documents have")
        st.caption(f"{new} not been compared yet.")
        if st.button("Compare", key="compare-duplicates", icon=":material/refresh:"):
            with messages.problems():
                st.session_state[Key.DUPLICATES] = state.app().duplicates.submit(workspace.id)
                st.rerun()


def _summary(found: Duplicates) -> str:
    others = sum(len(group.others) for group in found.groups)
    return (
        f"{messages.count(others, 'document')} can be spared: **{found.tokens:,} tokens**."
        " Excluding them costs nothing and can be undone; repacking then gives the tokens back."
    )


def _group(group: DuplicateGroup, number: int) -> None:
    with st.container(border=True, key=f"duplicates-{group.kept.id}", gap="xsmall"):
        _document(group.kept.id, group.kept.path, f"kept, read {day(group.kept.created_at)}")
        for member in group.others[:MEMBERS]:
            document = member.document
            facts = f"{_alike(member)}, {document.tokens:,} tokens, read {day(document.created_at)}"
            _document(document.id, document.path, facts)
        if rest := len(group.others) - MEMBERS:
            st.caption(f"and {messages.count(rest, 'more document')}" if rest > 0 else "")
        count = messages.count(len(group.others), "document")
        _exclude(f"Exclude {count}", [group], key=f"exclude-group-{number}")


def _alike(member: Member) -> str:
    """`the same file`, `97 % alike`; nothing but the same words is 100 %."""
    if member.same_file:
        return "the same file"
    if member.similarity == 1:
        return "the same words"
    return f"{min(99, round(member.similarity * 100))} % alike"


def _document(document_id: int, path: str, facts: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            messages.plain(path),
            key=f"open-duplicate-{document_id}",
            type="tertiary",
            on_click=state.open_document,
            args=(document_id,),
            help="Open it",
        )
        st.html(f'<span class="budget-note">{html.escape(facts)}</span>', width="content")


def _exclude(label: str, groups: Sequence[DuplicateGroup], *, key: str) -> None:
    if st.button(label, key=key, icon=":material/visibility_off:"):
        spared = [member.document.id for group in groups for member in group.others]
        with messages.problems():
            state.app().duplicates.exclude(spared)
            messages.notice(f"{messages.count(len(spared), 'document')} excluded")
            st.rerun()
