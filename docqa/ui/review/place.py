"""Where one is on the Review page: which review, cell and quote, and what the grid shows.

The address says all of it, so that every view can be opened again and shown to a colleague.
"""

import time
from dataclasses import dataclass, replace

import streamlit as st

from docqa.errors import UnknownItemError
from docqa.services.reviewing import Grid
from docqa.ui import state
from docqa.ui.review.filters import ALL, ALL_CELLS, NAMES, Filter
from docqa.ui.state import Key

NEW = "new"
MAX_TEXT = 200
KEPT_S = 3.0


@dataclass(frozen=True, slots=True)
class Place:
    """What is on the screen. `review` is None until one is chosen."""

    review: int | None = None
    cell: int | None = None
    quote: int | None = None
    """Position of the quote whose page is open beside the cell, from 0."""
    shown: Filter = ALL_CELLS
    turned: bool = False
    """Requirements as rows where the grid would have documents, and the other way round."""


def current() -> Place:
    """Where this session is."""
    found: Place = st.session_state.get(Key.REVIEW_PLACE, Place())
    return found


def go(place: Place) -> None:
    """Be there from now on."""
    st.session_state[Key.REVIEW_PLACE] = place


def open_review(review_id: int | None) -> None:
    """Show this review's grid; None is the newest."""
    go(Place(review_id))
    st.session_state[Key.REVIEW_NEW] = False


def open_new() -> None:
    """Show the form for a new review."""
    st.session_state[Key.REVIEW_NEW] = True


def making() -> bool:
    """Whether a new review is being made."""
    return bool(st.session_state.get(Key.REVIEW_NEW))


def open_cell(cell_id: int | None, quote: int | None = None) -> None:
    """Show this cell beside the grid, or with a quote its page beside the cell."""
    if quote is not None:
        st.session_state[Key.NONCE] = state.nonce() + 1
    go(replace(current(), cell=cell_id, quote=quote))


def grid(review_id: int, *, fresh: bool) -> Grid:
    """The review's grid; the one just made where no more than a filter or a cell was chosen."""
    kept: tuple[float, Grid] | None = st.session_state.get(Key.REVIEW_GRID)
    if (
        not fresh
        and kept
        and kept[1].review.id == review_id
        and time.monotonic() - kept[0] < KEPT_S
    ):
        return kept[1]
    made = state.app().reviewing.grid(review_id)
    st.session_state[Key.REVIEW_GRID] = (time.monotonic(), made)
    return made


def forget_grid() -> None:
    """Something was decided or asked again: make the grid anew."""
    st.session_state.pop(Key.REVIEW_GRID, None)


def turn() -> None:
    """Swap the grid's rows and columns."""
    go(replace(current(), turned=not current().turned))


def show(wanted: Filter) -> None:
    """Show these cells of the grid."""
    go(replace(current(), shown=wanted))


def restore() -> None:
    """Take over a new address: workspace, review, cell, quote, filter."""
    params = state.arrived()
    if params is None:
        return
    state.take_workspace(params)
    st.session_state[Key.REVIEW_NEW] = params.get("r") == NEW
    review = state.number(params.get("r"))
    if review is None or not _enter(review):
        return
    cell, quote = state.number(params.get("cell")), state.number(params.get("q"))
    name, text = params.get("f") or ALL, (params.get("t") or "")[:MAX_TEXT]
    shown = Filter(name if name in NAMES else ALL, text)
    go(Place(review, cell, None, shown, params.get("turned") == "1"))
    if cell is not None and quote:
        open_cell(cell, quote - 1)


def _enter(review_id: int) -> bool:
    """Go to the review's workspace; false where there is no such review."""
    try:
        review = state.app().reviewing.review(review_id)
    except UnknownItemError:
        return False
    if review.workspace_id != st.session_state.get(Key.WORKSPACE):
        state.enter_workspace(review.workspace_id)
    return True


def address() -> dict[str, object | None]:
    """What the address says."""
    here = current()
    params: dict[str, object | None] = {"w": st.session_state.get(Key.WORKSPACE)}
    if making():
        return {**params, "r": NEW}
    return {
        **params,
        "r": here.review,
        "cell": here.cell,
        "q": None if here.quote is None else here.quote + 1,
        "f": None if here.shown.name == ALL else here.shown.name,
        "t": here.shown.text.strip() or None,
        "turned": 1 if here.turned else None,
    }
