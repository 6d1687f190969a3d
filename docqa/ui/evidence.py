"""The evidence pane: the cited passage in its document."""

import html
from collections.abc import Sequence

import streamlit as st

from docqa.core.answers import Answer, Citation
from docqa.core.citations import REVISION_DIGITS, lines_label
from docqa.core.documents import PAGED_KINDS
from docqa.errors import UnknownItemError
from docqa.store.values import DocumentInfo
from docqa.ui import mentions, messages, state, support, viewer
from docqa.ui.state import Cited, Key, Viewing
from docqa.web.versions import document_at

WITH_QUOTE = "max(320px, calc(100vh - 17.6rem))"
ALONE = "max(320px, calc(100vh - 8.2rem))"


@st.fragment
def draw() -> None:
    """The pane: a citation, or a document that was opened from the list."""
    cited: Cited | None = st.session_state.get(Key.CITED)
    viewing: Viewing | None = st.session_state.get(Key.VIEWING)
    answer = _answer(cited)
    if cited and answer and 0 <= cited.number < len(answer.citations):
        _citation(answer, cited.number)
    elif viewing:
        _document(viewing)
    else:
        _title("Evidence")
        st.caption("Press a number in an answer, or a document's name, to see it here.")


def _answer(cited: Cited | None) -> Answer | None:
    try:
        return state.app().answering.answer(cited.answer_id) if cited else None
    except UnknownItemError:
        return None


def _title(text: str, answer: Answer | None = None, number: int = 0) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        st.html(f'<div class="pane-title">{html.escape(text)}</div>')
        if answer is not None and len(answer.citations) > 1:
            _step(answer, number - 1, ":material/chevron_left:", "Previous citation")
            _step(answer, number + 1, ":material/chevron_right:", "Next citation")
        if st.button(
            "", icon=":material/close:", type="tertiary", key="close-evidence", help="Close"
        ):
            for key in (Key.CITED, Key.VIEWING):
                st.session_state.pop(key, None)
            st.session_state[Key.EVIDENCE] = False
            st.rerun()


def _step(answer: Answer, number: int, icon: str, text: str) -> None:
    reachable = 0 <= number < len(answer.citations)
    if st.button("", icon=icon, type="tertiary", key=text, help=text, disabled=not reachable):
        state.cite(answer.id, number)
        st.rerun()


def _citation(answer: Answer, number: int) -> None:
    citation = answer.citations[number]
    of = f"Citation {citation.marker}" if len(answer.citations) > 1 else "Evidence"
    _title(of, answer, number)
    try:
        info = document_at(state.app(), citation.version_id)
    except UnknownItemError:
        st.info("This document was erased; its text and quotes went with it.")
        return
    # A long quote scrolls: the keyboard has to reach it.
    attributes = 'class="quote" role="group" aria-label="Quote" tabindex="0"'
    quote = f"<div {attributes}>{html.escape(citation.quote)}</div>"
    place = place_of(citation, info, quoted=support.is_quoted(answer))
    _place(place, info, citation.lines)
    st.html(quote)
    if not citation.located:
        st.caption("The quote could not be located on the page; nothing is marked.")
    marks_ = marks(answer.citations, number, str(answer.id))
    target = viewer.target_of(f"{answer.id}:{number}", citation)
    pressed, _ = viewer.draw(info, target, marks_, height=WITH_QUOTE, key="evidence")
    if pressed and pressed != target.current:
        state.cite(answer.id, int(pressed.partition(":")[2]))
        st.rerun()


def marks(citations: Sequence[Citation], number: int, prefix: str) -> list[viewer.Mark]:
    """The places of this document that are cited, each once, this citation's before all."""
    shown = citations[number]
    order = [number, *range(len(citations))]
    places: dict[object, viewer.Mark] = {}
    for position in order:
        other = citations[position]
        if other.version_id == shown.version_id:
            place = (other.page, other.lines, other.rects, *_span(other))
            places.setdefault(place, viewer.Mark(f"{prefix}:{position}", other))
    return list(places.values())


def _span(citation: Citation) -> tuple[int | None, ...]:
    """The characters that are quoted, where the place is told by nothing else."""
    if citation.rects or citation.lines:
        return ()
    return citation.ordinal, citation.quote_start, citation.quote_end


def place_of(citation: Citation, info: DocumentInfo, *, quoted: bool) -> str:
    """Document, place and support of a citation, as HTML."""
    words = support.WORDS[citation.support]
    said = " ".join([words.sentence, *support.notes(citation, quoted=quoted)])
    joint = ":" if citation.lines is not None else ", " if citation.place else " "
    return (
        f'<div class="place"><b>{html.escape(info.path)}</b>{joint}'
        f'<span class="muted">{html.escape(support.place(citation))}</span>{_older(info)}<br>'
        f'<span class="muted">{html.escape(said)}</span></div>'
    )


def _viewed(viewing: Viewing) -> DocumentInfo:
    """The document, in the version that is meant if it is one of its own."""
    info = state.app().library.document(viewing.document_id)
    if viewing.version_id is None:
        return info
    version = document_at(state.app(), viewing.version_id)
    return version if version.id == info.id else info


def code_place(info: DocumentInfo, lines: tuple[int, int] | None) -> str:
    """Path, lines and revision of what is shown, as HTML."""
    said = f":{lines_label(lines)}" if lines else ""
    said += f"@{info.revision[:REVISION_DIGITS]}" if info.revision else ""
    return (
        f'<div class="place"><b>{html.escape(info.path)}</b>{html.escape(said)}{_older(info)}</div>'
    )


def _place(place: str, info: DocumentInfo, lines: tuple[int, int] | None) -> None:
    """The place in words, and beside it the way to the code around it."""
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small"):
        st.html(place, width="stretch")
        if info.kind != "code":
            return
        st.page_link(
            "pages/code.py",
            label="Open in Code",
            icon=":material/code:",
            query_params=mentions.in_code(info.id, lines, version_id=info.version_id),
        )


def _older(info: DocumentInfo) -> str:
    if info.removed:
        return f' <span class="muted">(gone in {html.escape(info.removed[:10])})</span>'
    return "" if info.status != "superseded" else f" (version {info.version}, superseded)"


def _document(viewing: Viewing) -> None:
    try:
        info = _viewed(viewing)
    except UnknownItemError:
        _title("Document")
        messages.problem("there is no such document any more")
        return
    _title(info.name)
    if info.kind not in PAGED_KINDS:
        _place(code_place(info, viewing.lines), info, viewing.lines)
    target = viewer.Target(page=viewing.page, lines=viewing.lines)
    _, page = viewer.draw(info, target, height=ALONE, key="evidence")
    if page and page != viewing.page:
        state.address({**state.ask_address(), "p": page})
