"""The head of the Review page: which review it is, a new one, exports, deleting."""

from collections.abc import Sequence

import streamlit as st

from docqa.core.findings import Review
from docqa.ui import messages, state
from docqa.ui.components import download_link
from docqa.ui.review import place, wording
from docqa.ui.state import Key

FORMATS = {
    "xlsx": ("XLSX", "The grid, every finding and every quote as sheets"),
    "pdf": ("PDF report", "Each finding with its quote and a picture of the place"),
    "csv": ("CSV", "One row per cell"),
    "json": ("JSON packet", "Everything, for an auditor to replay"),
}


def draw(reviews: Sequence[Review]) -> Review:
    """The review that is shown, chosen here or by the address."""
    by_id = {review.id: review for review in reviews}
    here = place.current().review
    chosen = here if here in by_id else reviews[0].id
    if chosen != here:
        place.go(place.Place(chosen))
    review = by_id[chosen]
    st.session_state[Key.REVIEW_PICKED] = chosen
    with st.container(key="review-head", horizontal=True, vertical_alignment="center"):
        st.selectbox(
            "Review",
            list(by_id),
            format_func=lambda number: _named(by_id[number]),
            key=Key.REVIEW_PICKED,
            label_visibility="collapsed",
            on_change=_pick,
            width="stretch",
        )
        st.button(
            "New review",
            icon=":material/add:",
            key="new-review-button",
            on_click=place.open_new,
        )
        _exports(review)
        _more(review)
    return review


def _named(review: Review) -> str:
    scope = "the whole workspace" if review.target == "workspace" else ""
    parts = (review.title, scope, wording.moment(review.created_at), review.created_by)
    return " · ".join(filter(None, parts))


def _pick() -> None:
    place.open_review(st.session_state[Key.REVIEW_PICKED])


def _exports(review: Review) -> None:
    with st.popover("Export", icon=":material/download:", key="exports"):
        for suffix, (label, meaning) in FORMATS.items():
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                download_link(
                    label,
                    f"/review/{review.id}/export.{suffix}",
                    help_text=meaning,
                    key=f"export-{suffix}",
                )
                st.caption(meaning)
        if not review.counts.finished:
            st.caption("The review is in progress; the export says so.")


def _more(review: Review) -> None:
    picked = st.menu_button(
        "",
        ["Delete"],
        icon=":material/more_horiz:",
        type="tertiary",
        key=f"review-menu-{review.id}",
        help="Delete this review",
    )
    if picked == "Delete":
        _delete(review)


@st.dialog("Delete this review?")
def _delete(review: Review) -> None:
    st.markdown(
        f"**{messages.plain(review.title)}** goes with its "
        f"{messages.count(review.counts.total, 'cell')}, findings and decisions. "
        "The audit log keeps that it was there."
    )
    if st.button("Delete", type="primary", key="delete-review"):
        with messages.problems():
            state.app().reviewing.delete(review.id)
            place.open_review(None)
            messages.notice("The review was deleted")
            st.rerun()
