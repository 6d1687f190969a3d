"""A review on the screen: how far it is, what is shown of it, the grid and the open cell."""

from collections.abc import Callable, Mapping

import streamlit as st

from docqa.core.findings import Review
from docqa.errors import UnknownItemError
from docqa.services.reviewing import Grid
from docqa.ui import messages, state
from docqa.ui.review import drawer, filters, grid, place, quotes, rerun
from docqa.ui.state import Key

REFRESH_S = 1.5
REFRESH_LARGE_S = 4.0
SHOWN_ADDED = 5
LARGE = 2_000
"""Cells from which a running grid is drawn less often."""


def draw(review_id: int) -> None:
    """The review; redraws itself while it runs."""
    place.forget_grid()
    review = state.app().reviewing.review(review_id)
    running = _works(review)
    slow = review.counts.total > LARGE

    @st.fragment(run_every=(REFRESH_LARGE_S if slow else REFRESH_S) if running else None)
    def live() -> None:
        messages.say()
        full = place.grid(review_id, fresh=running)
        if _works(full.review) != running:
            st.rerun()
        _progress(full.review)
        _added(full)
        numbers = filters.counts(full)
        shown = filters.apply(full, place.current().shown)
        if place.current().quote is None:
            with st.container(key="review-filters"):
                _filters(numbers)
        _tools(full, shown, numbers["unreviewed"])
        _panes(full, shown)
        state.address(place.address())

    live()


def _works(review: Review) -> bool:
    return review.status == "running"


def _progress(review: Review) -> None:
    counts = review.counts
    ended = counts.done + counts.failed
    if review.status == "done":
        return
    if review.status == "paused":
        _why_paused(review)
    with st.container(key="review-progress", horizontal=True, vertical_alignment="center"):
        words = {"paused": "Paused at", "cancelled": "Cancelled at"}.get(review.status, "Answering")
        text = f"{words} {ended:,} of {messages.count(counts.total, 'cell')}"
        if counts.failed:
            text += f", {counts.failed:,} failed"
        st.progress(ended / counts.total if counts.total else 0.0, text=text, width="stretch")
        service = state.app().reviewing
        if review.status == "running":
            _act("Pause", ":material/pause:", "pause-review", lambda: service.pause(review.id))
            _act("Cancel", ":material/close:", "cancel-review", lambda: service.cancel(review.id))
        else:
            _act(
                "Resume",
                ":material/play_arrow:",
                "resume-review",
                lambda: service.resume(review.id),
            )
            if review.status == "paused":
                _act(
                    "Cancel", ":material/close:", "cancel-review", lambda: service.cancel(review.id)
                )


def _why_paused(review: Review) -> None:
    """What ended the review's job, where nobody did."""
    try:
        job = state.app().store.jobs.get(review.job_id)
    except UnknownItemError:
        return
    if job.error:
        messages.problem(job.error, job.error_hint)


def _added(full: Grid) -> None:
    if full.added:
        names = ", ".join(full.added[:SHOWN_ADDED]) + ("…" if len(full.added) > SHOWN_ADDED else "")
        said = f"{messages.count(len(full.added), 'document')} came later and"
        are = "is" if len(full.added) == 1 else "are"
        st.caption(messages.plain(f"{said} {are} not in this review: {names}"))


def _act(label: str, icon: str, key: str, act: Callable[[], object]) -> None:
    st.button(label, icon=icon, key=key, on_click=_do, args=(act,))


def _do(act: Callable[[], object]) -> None:
    place.forget_grid()
    state.attempt(act)


def _filters(numbers: Mapping[str, int]) -> None:
    """What is shown of the grid, each with how many cells it has."""
    wanted = place.current().shown
    st.session_state[Key.REVIEW_FILTER] = wanted.name
    st.pills(
        "Show",
        filters.offered(numbers, wanted.name),
        format_func=lambda name: f"{filters.NAMES[name]} {numbers[name]:,}",
        key=Key.REVIEW_FILTER,
        label_visibility="collapsed",
        required=True,
        wrap=True,
        on_change=_filter,
    )


def _filter() -> None:
    name = st.session_state.get(Key.REVIEW_FILTER) or filters.ALL
    text = st.session_state.get(Key.REVIEW_TEXT, place.current().shown.text)
    place.show(filters.Filter(name, text))


def _tools(full: Grid, shown: Grid, left: int) -> None:
    """What is left to do, and what can be done with the whole review."""
    reading = place.current().quote is not None
    with st.container(key="review-tools", horizontal=True, vertical_alignment="center"):
        _next(full, shown, left)
        st.space("stretch")
        if reading:
            return
        rerun.of_review(full)
        st.button(
            "",
            icon=":material/pivot_table_chart:",
            key="turn-grid",
            type="tertiary",
            help="Swap rows and columns",
            on_click=place.turn,
        )
        st.session_state[Key.REVIEW_TEXT] = place.current().shown.text
        st.text_input(
            "Find in the grid",
            key=Key.REVIEW_TEXT,
            placeholder="Find",
            icon=":material/search:",
            label_visibility="collapsed",
            max_chars=place.MAX_TEXT,
            width=170,
            on_change=_filter,
        )


def _next(full: Grid, shown: Grid, left: int) -> None:
    """How many cells wait for a person, and the way to the next of those that are shown."""
    said = f"{left:,} left to review" if left else "Nothing left to review"
    if not full.review.counts.done:
        said = "Nothing to review yet"
    st.html(f'<div class="left">{said}</div>', width="content")
    service = state.app().reviewing
    here = place.current()
    target = service.next_unreviewed(shown, here.cell)
    if target is None:
        target = service.next_unreviewed(full, here.cell)
    st.button(
        "Next unreviewed",
        key="next-unreviewed",
        icon=":material/skip_next:",
        type="primary" if here.cell is None and left else "secondary",
        disabled=target is None or target == here.cell,
        shortcut="n",
        on_click=place.open_cell,
        # Where a page is open beside the cell, the next cell opens with its first quote.
        args=(target, None if here.quote is None else 0),
    )


def _panes(full: Grid, shown: Grid) -> None:
    """The grid; the grid and a cell; or a cell and the page of one of its quotes."""
    here = place.current()
    if here.cell is None:
        grid.draw(full, shown, narrow=False)
        return
    if here.quote is None:
        left, right = st.columns([1.25, 1], gap="medium")
        with left:
            grid.draw(full, shown, narrow=True)
        with right:
            drawer.draw(full, shown, here.cell)
        return
    left, right = st.columns([1, 1.3], gap="medium")
    with left:
        detail = drawer.draw(full, shown, here.cell)
    with right:
        if detail is not None:
            quotes.page(detail, here.quote)
