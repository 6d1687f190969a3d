"""The quotes of a finding, and the page one of them stands on."""

import html

import streamlit as st

from docqa.core.answers import Citation
from docqa.core.citations import ocr_note
from docqa.core.findings import Finding
from docqa.errors import UnknownItemError
from docqa.services.reviewing import CellDetail
from docqa.ui import evidence, messages, state, support, viewer
from docqa.ui.review import place, steps
from docqa.web.versions import document_at

HEIGHT = "max(320px, calc(100vh - 15.5rem))"
LONG = 600


def listed(cell_id: int, finding: Finding) -> None:
    """Every quote, each with a button that opens its page."""
    citations = finding.found.citations
    if not citations:
        return
    st.html(f'<div class="label">{messages.count(len(citations), "quote")}</div>')
    open_now = place.current().quote
    for number, citation in enumerate(citations):
        with st.container(key=f"quote-{cell_id}-{number}", gap=None):
            st.button(
                messages.plain(_where(number, citation)),
                key=f"open-quote-{cell_id}-{number}",
                type="tertiary",
                icon=":material/visibility:" if number == open_now else ":material/find_in_page:",
                help="Open the page",
                on_click=place.open_cell,
                args=(cell_id, number),
            )
            cut = citation.quote[:LONG] + ("…" if len(citation.quote) > LONG else "")
            st.html(f'<div class="quote">{html.escape(cut)}</div>')


def _where(number: int, citation: Citation) -> str:
    said = f"{number + 1} · {citation.document}, {support.place(citation)}"
    words = support.WORDS[citation.support].short
    said = f"{said} · {'found by docqa' if citation.origin == 'docqa' else words}"
    return " · ".join(filter(None, (said, ocr_note(citation.confidence))))


def page(detail: CellDetail, number: int) -> None:
    """The page beside the cell, its quote filled, the finding's other quotes outlined."""
    finding = detail.finding
    citations = finding.found.citations if finding is not None else ()
    if not 0 <= number < len(citations):
        _title(detail.cell.id, "Evidence", 0, 0)
        st.caption("This finding has no such quote.")
        return
    citation = citations[number]
    said = f"Quote {number + 1} of {len(citations)}"
    _title(detail.cell.id, said, number, len(citations))
    try:
        info = document_at(state.app(), citation.version_id)
    except UnknownItemError:
        st.info("This document was erased; its text and quotes went with it.")
        return
    judged = finding is not None and bool(finding.found.proposed)
    st.html(evidence.place_of(citation, info, quoted=not judged))
    if not citation.located:
        st.caption("The quote could not be located on the page; nothing is marked.")
    prefix = f"{detail.cell.finding_id}"
    marks = evidence.marks(citations, number, prefix)
    target = viewer.target_of(f"{prefix}:{number}", citation)
    pressed, _ = viewer.draw(info, target, marks, height=HEIGHT, key="review-evidence")
    if pressed and pressed != target.current and pressed.startswith(f"{prefix}:"):
        place.open_cell(detail.cell.id, int(pressed.partition(":")[2]))
        st.rerun()


def _title(cell_id: int, text: str, number: int, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        st.html(f'<div class="pane-title">{html.escape(text)}</div>')
        if count > 1:
            steps.draw(
                ":material/chevron_left:",
                "Previous quote",
                *((cell_id, number - 1) if number > 0 else ()),
            )
            steps.draw(
                ":material/chevron_right:",
                "Next quote",
                *((cell_id, number + 1) if number + 1 < count else ()),
            )
        st.button(
            "Back to the grid",
            icon=":material/grid_on:",
            type="tertiary",
            key="close-page",
            on_click=place.open_cell,
            args=(cell_id,),
        )
