"""The middle of the Code page: the file, its lines, the places in it that are cited."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from docqa.core.documents import PAGED_KINDS, PLACED_KINDS
from docqa.errors import UnknownItemError
from docqa.store.values import DocumentInfo
from docqa.ui import evidence, messages, sources, state, viewer
from docqa.ui.code import place
from docqa.ui.components import code_reader
from docqa.ui.state import Key
from docqa.web.highlight import language_name
from docqa.web.versions import document_at

HEIGHT = "max(300px, calc(100vh - 9.6rem))"
SHORT_REVISION = 7


@dataclass(frozen=True, slots=True)
class Shown:
    """The file on the screen."""

    info: DocumentInfo
    """As it was in the version shown."""
    lines: tuple[int, int] | None = None
    marks: Sequence[viewer.Mark] = ()
    current: str | None = None
    """The mark that is filled."""
    page: int | None = None

    @property
    def place(self) -> str:
        """`src/app.py:L10-L24`."""
        if not self.lines:
            return self.info.path
        first, last = self.lines
        return f"{self.info.path}:L{first}" + (f"-L{last}" if last != first else "")


def shown() -> Shown | None:
    """What the address or a click asks for; None for nothing, or what is gone."""
    cited, viewing = place.cited(), place.viewing()
    try:
        if cited is not None:
            return _cited(cited.answer_id, cited.number)
        if viewing is None:
            return None
        if viewing.version_id:
            info = document_at(state.app(), viewing.version_id)
        else:
            info = state.app().library.document(viewing.document_id)
    except UnknownItemError:
        return None
    if info.workspace_id != st.session_state.get(Key.WORKSPACE):
        return None
    lines = viewing.lines
    if lines and info.line_count:
        first, last = (min(line, info.line_count) for line in sorted(lines))
        lines = (first, last)
    return Shown(info, lines, page=viewing.page)


def _cited(answer_id: int, number: int) -> Shown | None:
    citations = state.app().answering.answer(answer_id).citations
    if not 0 <= number < len(citations):
        return None
    citation = citations[number]
    info = document_at(state.app(), citation.version_id)
    marks = evidence.marks(citations, number, str(answer_id))
    page = viewer.page_of(citation)
    return Shown(info, citation.lines, marks, f"{answer_id}:{number}", page)


def draw(file: Shown | None) -> None:
    """The file with its tools, or what to do without one."""
    if file is None:
        st.html('<div class="empty code">Choose a file to open it here.</div>')
        return
    _tools(file)
    info = file.info
    target = viewer.Target(file.current, file.page, file.lines)
    if not _by_lines(info) or not info.version_id or info.status == "failed":
        viewer.draw(info, target, file.marks, height=HEIGHT, key="code")
        return
    data = viewer.code_data(info, target, file.marks, HEIGHT)
    newest = state.app().library.document(info.id).version_id == info.version_id
    code_reader(
        {
            **data,
            "nonce": str(state.nonce()),  # lines that are chosen by hand are in view already
            "select": newest,
            "names": info.kind == "code",
            "blame": place.current().blame,
        },
        key="code-reader",
        on_mark=_press_mark,
        on_lines=lambda lines: place.choose_lines(info.id, lines),
        on_name=lambda name, act: _press_name(info, name, act),
    )


def _by_lines(info: DocumentInfo) -> bool:
    return info.kind not in PAGED_KINDS and info.kind not in PLACED_KINDS


def _tools(file: Shown) -> None:
    info, here = file.info, place.current()
    with st.container(
        key="code-tools", horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False
    ):
        st.html(f'<div class="about">{_about(file)}</div>', width="stretch")
        st.session_state[Key.CODE_BLAME] = here.blame
        if _by_lines(info):
            st.toggle(
                "Blame",
                key=Key.CODE_BLAME,
                help="Who wrote each line, and when, as the repository says",
                on_change=_turn_blame,
            )
        st.button(
            "",
            key="close-file",
            icon=":material/close:",
            type="tertiary",
            help="Close the file",
            on_click=place.close_file,
        )


def _about(file: Shown) -> str:
    info = file.info
    facts = [language_name(info.language) if info.kind == "code" else "", sources.facts(info)]
    if info.revision:
        facts.append(f"@{info.revision[:SHORT_REVISION]}")
    if info.status == "superseded":
        facts.append(f"version {info.version}, superseded")
    elif info.removed:
        facts.append(f"removed at {info.removed[:SHORT_REVISION]}")
    elif info.excluded:
        facts.append("excluded")
    if file.current:
        facts.append("citation")
    return html.escape(" · ".join(filter(None, facts)))


def _turn_blame() -> None:
    place.go(replace(place.current(), blame=bool(st.session_state.get(Key.CODE_BLAME))))


def _press_mark(mark: str) -> None:
    answer, _, number = mark.partition(":")
    if answer.isdigit() and number.isdigit():
        state.cite(int(answer), int(number))


def _press_name(info: DocumentInfo, name: str, act: str) -> None:
    """Go to where a name is defined; where it stands there already, list who uses it."""
    if act != "definition":
        place.show_uses(name)
        return
    found = state.app().code.definitions(info.workspace_id, name, near=info.version_id)
    if not found:
        messages.notice(f"{name} is not defined in this workspace's code")
        return
    best = found[0]
    place.open_file(best.document_id, (best.symbol.line, best.symbol.line))
    if len(found) > 1:
        place.show_uses(name)
