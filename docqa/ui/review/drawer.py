"""The drawer: one cell with its question, its finding, its evidence and what people decided."""

import html

import streamlit as st

from docqa.core.findings import Cell, Finding
from docqa.core.verdict_words import STATE_WORDS, verdict_word
from docqa.errors import UnknownItemError
from docqa.services.reviewing import CellDetail, Grid
from docqa.ui import messages, state
from docqa.ui.review import decision, history, place, quotes, rerun, steps, wording
from docqa.ui.review.table import document_name

SHOWN_CONFLICTS = 12


def draw(full: Grid, shown: Grid, cell_id: int) -> CellDetail | None:
    """The cell that is open; returns it, None where there is no such cell."""
    detail = _detail(full, cell_id)
    if detail is None:
        messages.problem("there is no such cell in this review")
        st.button("Close", key="close-cell", on_click=place.open_cell, args=(None,))
        return None
    with st.container(key="drawer", gap="small"):
        _bar(shown, detail)
        with st.container(key="drawer-body"):
            _question(detail)
            _verdict(detail)
            _warnings(detail)
            if detail.finding is not None:
                _finding(detail, detail.finding)
            history.draw(detail)
        decision.draw(detail)
    return detail


def _detail(grid: Grid, cell_id: int) -> CellDetail | None:
    try:
        detail = state.app().reviewing.detail(cell_id, grid)
    except UnknownItemError:
        return None
    return detail if detail.review.id == grid.review.id else None


def _bar(grid: Grid, detail: CellDetail) -> None:
    """Where this cell is, and the ways from it."""
    ids = [cell.id for cell in grid.cells]
    at = ids.index(detail.cell.id) if detail.cell.id in ids else None
    with st.container(
        key="drawer-bar",
        horizontal=True,
        vertical_alignment="center",
        gap="xxsmall",
        wrap=False,
    ):
        said = f"Cell {at + 1:,} of {len(ids):,}" if at is not None else "Not in this filter"
        st.html(f'<div class="pane-title">{said}</div>')
        steps.draw(":material/chevron_left:", "Previous cell", *_beside(ids, at, -1))
        steps.draw(":material/chevron_right:", "Next cell", *_beside(ids, at, 1))
        rerun.of_cell(detail)
        st.button(
            "",
            icon=":material/close:",
            type="tertiary",
            key="close-cell",
            help="Close",
            shortcut="Escape",
            on_click=place.open_cell,
            args=(None,),
        )


def _beside(ids: list[int], at: int | None, by: int) -> list[int]:
    """The id that many places on, none at the ends."""
    there = at + by if at is not None else -1
    return ids[there : there + 1] if there >= 0 else []


def _question(detail: CellDetail) -> None:
    requirement = detail.requirement
    section = f" · {requirement.section}" if requirement.section else ""
    about = f"{requirement.id}{section} · {document_name(detail.cell)}"
    st.html(
        f'<div class="about">{html.escape(about)}</div>'
        f'<div class="asked">{html.escape(requirement.text)}</div>'
    )
    if requirement.guidance:
        with st.expander("Guidance", key=f"guidance-{requirement.id}"):
            st.html(f'<div class="prose">{html.escape(requirement.guidance)}</div>')


def _verdict(detail: CellDetail) -> None:
    cell, finding = detail.cell, detail.finding
    dark = st.context.theme.type == "dark"
    said = html.escape(wording.word(cell, detail.requirement))
    badge = (
        f'<span class="verdict" style="background:{wording.colour(cell, dark=dark)}">{said}</span>'
    )
    notes = []
    if cell.state == "done":
        notes.append(STATE_WORDS[cell.review_state])
    if cell.status and cell.verdict != cell.status:
        notes.append(f"docqa found: {verdict_word(cell.status, detail.requirement.kind)}")
    if finding is not None and finding.found.proposed not in ("", cell.status):
        proposed = verdict_word(finding.found.proposed, detail.requirement.kind)
        notes.append(f"the model said: {proposed}")
    st.html(f'{badge} <span class="muted small">{html.escape(" · ".join(notes))}</span>')


def _warnings(detail: CellDetail) -> None:
    cell = detail.cell
    if cell.state == "failed":
        messages.problem(cell.error or "this cell could not be answered", cell.error_hint)
    elif cell.state in ("queued", "running") and detail.finding is not None:
        _note("It is being asked again; this is what was found before.")
    if detail.stale and cell.state == "done":
        _note("The documents changed after this was answered. Run it again to see what differs.")
    if cell.changed:
        _note("A new run found something else than the run before: see What changed.")
    if detail.conflicts:
        _conflicts(detail)


def _note(text: str) -> None:
    st.html(f'<div class="note">{html.escape(text)}</div>')


def _conflicts(detail: CellDetail) -> None:
    with st.container(key="conflicts", border=True, gap="xxsmall"):
        st.markdown(":material/compare_arrows: **Conflict**: these say something else")
        for other in detail.conflicts[:SHOWN_CONFLICTS]:
            st.button(
                messages.plain(_other(other, detail)),
                key=f"conflict-{other.id}",
                type="tertiary",
                icon=":material/arrow_forward:",
                on_click=place.open_cell,
                args=(other.id,),
            )
        more = len(detail.conflicts) - SHOWN_CONFLICTS
        if more > 0:
            st.caption(f"and {more:,} more; the filter Conflict shows them all")


def _other(other: Cell, detail: CellDetail) -> str:
    value = f" ({other.value[:60]})" if other.value else ""
    return f"{document_name(other)}: {wording.described(other, detail.requirement)}{value}"


def _finding(detail: CellDetail, finding: Finding) -> None:
    found = finding.found
    if finding.erased:
        _note("A document was erased; what this finding quoted of it went with it.")
    if found.reasons:
        said = "".join(f"<li>{html.escape(r[:1].upper() + r[1:])}</li>" for r in found.reasons)
        st.html(f'<ul class="reasons">{said}</ul>')
    if found.value:
        lines = "<br>".join(html.escape(line) for line in found.value.splitlines())
        st.html(f'<div class="label">Value</div><div class="value">{lines}</div>')
    if found.rationale:
        st.html(
            '<div class="label">Why, in the model\'s words</div>'
            f'<div class="prose">{html.escape(found.rationale)}</div>'
        )
    quotes.listed(detail.cell.id, finding)
    if found.coverage is not None:
        st.html(f'<p class="muted small">{html.escape(found.coverage.sentence())}</p>')
