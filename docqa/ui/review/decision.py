"""What a person decides about a cell. A decision names the revision that was on the screen."""

import html

import streamlit as st

from docqa.core.findings import Action, Cell
from docqa.core.verdict_words import verdict_word
from docqa.errors import DocqaError, StaleError
from docqa.services.reviewing import CellDetail
from docqa.ui import messages, state
from docqa.ui.review import place, wording
from docqa.ui.state import Key

MAX_COMMENT = 4_000


def draw(detail: CellDetail) -> None:
    """Approve, change, reject, comment; and what was decided so far."""
    cell = detail.cell
    with st.container(key="decision", gap="xsmall"):
        _said(detail)
        if cell.finding_id == 0:
            st.caption("There is nothing to decide yet.")
            return
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", wrap=False):
            st.text_input(
                "Comment",
                key=_comment_key(cell),
                placeholder="Comment (optional)",
                label_visibility="collapsed",
                max_chars=MAX_COMMENT,
            )
            _button("Comment", "comment", cell, None)
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            _buttons(detail)


def _said(detail: CellDetail) -> None:
    """The last decision in a line, and what went wrong with the one just tried."""
    if stale := st.session_state.pop(Key.REVIEW_STALE, None):
        st.warning(stale, icon=":material/group:")
    last = next((d for d in detail.decisions if d.action not in ("comment",)), None)
    if last is not None and detail.cell.review_state != "draft":
        said = f"{last.user} {wording.DONE[last.action]}"
        if last.action == "change":
            said += f" {verdict_word(last.verdict, detail.requirement.kind)}"
        st.html(
            f'<div class="decided">{html.escape(said)}'
            f' <span class="muted">{html.escape(wording.moment(last.created_at))}</span></div>'
        )


def _buttons(detail: CellDetail) -> None:
    cell = detail.cell
    waiting = cell.state in ("queued", "running")
    undecided = cell.status == "needs_person"
    approved = cell.review_state == "approved"
    if cell.review_state == "draft" or not approved:
        why = "docqa gave no verdict: choose one with Change." if undecided else None
        _button(
            "Approve", "approve", cell, "a", disabled=undecided or waiting, why=why, primary=True
        )
    allowed = [v for v in detail.requirement.verdicts if v != cell.verdict or undecided]
    st.menu_button(
        "Change",
        allowed,
        key=f"change-{cell.id}",
        icon=":material/edit:",
        type="primary" if undecided and cell.review_state == "draft" else "secondary",
        disabled=waiting,
        format_func=lambda v: verdict_word(v, detail.requirement.kind),
        on_click=_change,
        args=(cell.id, cell.revision),
    )
    if cell.review_state != "rejected":
        _button("Reject", "reject", cell, "x", disabled=waiting)
    if cell.review_state != "draft":
        _button("Reopen", "reopen", cell, None, disabled=waiting)


def _button(
    label: str,
    action: Action,
    cell: Cell,
    shortcut: str | None,
    *,
    disabled: bool = False,
    why: str | None = None,
    primary: bool = False,
) -> None:
    st.button(
        label,
        key=f"{action}-{cell.id}",
        type="primary" if primary else "secondary",
        disabled=disabled,
        help=why,
        shortcut=shortcut,
        on_click=decide,
        # Bound when it was drawn: what somebody else did since must not be overwritten.
        args=(cell.id, action, cell.revision),
    )


def _comment_key(cell: Cell) -> str:
    return f"comment-on-{cell.id}"


def _change(cell_id: int, revision: int) -> None:
    if verdict := st.session_state.get(f"change-{cell_id}"):
        decide(cell_id, "change", revision, verdict)


def decide(cell_id: int, action: Action, revision: int, verdict: str = "") -> None:
    """Keep a decision made on this revision; say kindly when somebody was faster."""
    comment = st.session_state.get(f"comment-on-{cell_id}", "").strip()
    if action == "comment" and not comment:
        st.session_state[Key.REVIEW_STALE] = "Write a comment first."
        return
    place.forget_grid()
    try:
        state.app().reviewing.decide(
            cell_id, action, verdict=verdict, comment=comment, revision=revision
        )
    except StaleError as error:
        st.session_state[Key.REVIEW_STALE] = messages.plain(
            f"Not saved: {error}. What you see is how it is now; your comment is still there. "
            "Decide again if you still want to."
        )
    except DocqaError as error:
        st.session_state[Key.REVIEW_STALE] = messages.plain(f"{error}. {error.hint}")
    else:
        st.session_state[f"comment-on-{cell_id}"] = ""
