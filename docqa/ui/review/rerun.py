"""Asking again: one cell, its document, its requirement, what changed, what failed."""

import streamlit as st

from docqa.core.findings import Review
from docqa.services.reviewing import CellDetail, Grid
from docqa.ui import messages, state
from docqa.ui.review import place

THIS_CELL = "This cell"
ITS_DOCUMENT = "All of this document"
ITS_REQUIREMENT = "This requirement everywhere"


def of_cell(detail: CellDetail) -> None:
    """A menu on a cell."""
    cell = detail.cell
    options = [THIS_CELL, ITS_REQUIREMENT]
    if cell.document_id is not None:
        options.insert(1, ITS_DOCUMENT)
    st.menu_button(
        "Run again",
        options,
        key=f"rerun-{cell.id}",
        icon=":material/replay:",
        type="tertiary",
        disabled=cell.state in ("queued", "running"),
        on_click=state.attempt,
        args=(lambda: _chosen(detail),),
    )


def _chosen(detail: CellDetail) -> None:
    cell, reviewing = detail.cell, state.app().reviewing
    match st.session_state.get(f"rerun-{cell.id}"):
        case value if value == THIS_CELL:
            queued = reviewing.rerun(cell.review_id, cells=(cell.id,))
        case value if value == ITS_DOCUMENT:
            queued = reviewing.rerun(cell.review_id, document_id=cell.document_id)
        case value if value == ITS_REQUIREMENT:
            queued = reviewing.rerun(cell.review_id, requirement=cell.requirement_id)
        case _:
            return
    _say(queued)


def of_review(grid: Grid) -> None:
    """Buttons for what failed and for what is out of date, where there is any."""
    review = grid.review
    if grid.stale:
        _button(
            f"Run {len(grid.stale):,} out of date again",
            "rerun-stale",
            ":material/update:",
            review,
            changed=True,
        )
    if review.counts.failed:
        _button(
            f"Run {review.counts.failed:,} failed again",
            "rerun-failed",
            ":material/replay:",
            review,
            failed=True,
        )


def _button(label: str, key: str, icon: str, review: Review, **which: bool) -> None:
    st.button(
        label,
        key=key,
        icon=icon,
        type="tertiary",
        disabled=review.status == "running",
        on_click=state.attempt,
        args=(lambda: _say(state.app().reviewing.rerun(review.id, **which)),),  # type: ignore[arg-type]
    )


def _say(queued: int) -> None:
    place.forget_grid()
    messages.notice(f"{messages.count(queued, 'cell')} will be asked again")
