"""What changed between two versions of a document: a list whose places open in the viewer."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from docqa.core.version_changes import Change, ChangeKind, Place, VersionChanges
from docqa.core.word_changes import PieceKind
from docqa.errors import DocqaError
from docqa.services.change_reports import where
from docqa.services.versions import PackedVersion
from docqa.store.values import DocumentInfo, VersionInfo
from docqa.ui import messages, state, viewer
from docqa.ui.state import Key

SHOWN = 30
"""Changes listed at once."""
LONGEST = 1_500
"""Characters of a text that is told in the list."""
Side = Literal["before", "after"]
_WORDS: dict[ChangeKind, str] = {
    "changed": "Changed",
    "added": "Added",
    "removed": "Removed",
    "moved": "Moved",
}
_TAGS: dict[PieceKind, str] = {"same": "span", "removed": "del", "added": "ins"}


@dataclass(frozen=True, slots=True)
class Found:
    """What the viewer shows of the changes."""

    target: viewer.Target | None = None
    marks: tuple[viewer.Mark, ...] = ()


def draw(
    document: DocumentInfo,
    versions: Sequence[PackedVersion],
    compared: tuple[int, int],
    shown: VersionInfo,
) -> Found:
    """The choice of two versions, the changes between them, and those in view as marks."""
    _choice(versions)
    try:
        pair = state.app().versions.pair(document.id, *compared)
        with st.spinner("Comparing", show_time=False):
            found = state.app().versions.changes(*pair)
    except DocqaError as error:
        messages.problem(str(error), error.hint)
        return Found()
    st.markdown(said(found))
    first = _page(len(found.changes))
    with st.container(height=280, border=True, key="version-changes", gap="xsmall"):
        for number in range(first, min(first + SHOWN, len(found.changes))):
            _change(found.changes[number], number, pair)
        if found.total > len(found.changes):
            st.caption(f"{found.total - len(found.changes):,} more changes are not listed.")
    return _in_view(document, found, pair, shown, range(first, first + SHOWN))


def said(found: VersionChanges) -> str:
    """`3 changed, 1 added; 120 sentences stay as they are`, as Markdown."""
    parts = [
        f"**{found.counts[kind]:,}** {word.lower()}"
        for kind, word in _WORDS.items()
        if found.counts.get(kind)
    ]
    stay = f"{messages.count(found.same, 'sentence stays', 'sentences stay')} as before"
    return f"{', '.join(parts) or 'Nothing has changed'}; {stay}."


def _choice(versions: Sequence[PackedVersion]) -> None:
    numbers = [each.version.number for each in versions if each.version.status != "failed"]
    compared = st.session_state[Key.COMPARED]

    def choose() -> None:
        chosen = st.session_state["compare-from"], st.session_state["compare-to"]
        st.session_state[Key.COMPARED] = chosen
        st.session_state.pop(Key.CHANGE, None)

    with st.container(horizontal=True):
        for key, label, number in zip(
            ("compare-from", "compare-to"), ("From version", "To version"), compared, strict=True
        ):
            st.session_state[key] = number if number in numbers else numbers[0]
            st.selectbox(label, numbers, key=key, on_change=choose, width=130)


def _page(count: int) -> int:
    """The first change that is listed."""
    if count <= SHOWN:
        return 0
    pages = -(-count // SHOWN)
    number = st.number_input(
        f"Part of the list, 1 to {pages:,}", 1, pages, key="changes-part", width=180
    )
    return (int(number) - 1) * SHOWN


def _change(change: Change, number: int, pair: tuple[VersionInfo, VersionInfo]) -> None:
    """One change: a button for each place that it has, then its words."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<span class="change-kind">{_WORDS[change.kind]}</span>', width="content")
        sides: tuple[tuple[Side, Place | None, VersionInfo], ...] = (
            ("before", change.before, pair[0]),
            ("after", change.after, pair[1]),
        )
        for side, place, version in sides:
            if place is None:
                continue
            at = where(place) or "there"
            st.button(
                messages.plain(f"{at} in version {version.number}"),
                key=f"change-{number}-{side}",
                type="tertiary",
                on_click=_jump,
                args=(number, side, version.number),
                help="Show it in the document",
            )
    st.html(f'<div class="diff">{told(change)}</div>')


def told(change: Change) -> str:
    """The words of a change as HTML, what went struck out and what came underlined."""
    if change.pieces:
        return "".join(
            f"<{_TAGS[each.kind]}>{_text(each.text)}</{_TAGS[each.kind]}>" for each in change.pieces
        )
    place = change.after or change.before
    assert place is not None
    tag = {"added": "ins", "removed": "del"}.get(change.kind, "span")
    return f"<{tag}>{_text(place.text)}</{tag}>"


def _text(text: str) -> str:
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return html.escape(short)


def _jump(number: int, side: Side, version: int) -> None:
    st.session_state[Key.CHANGE] = (number, side)
    st.session_state[Key.VERSION] = version
    state.jump()


def _in_view(
    document: DocumentInfo,
    found: VersionChanges,
    pair: tuple[VersionInfo, VersionInfo],
    shown: VersionInfo,
    listed: range,
) -> Found:
    """The listed changes of the version that is shown as marks, the chosen one in the middle."""
    if shown.id not in (pair[0].id, pair[1].id):
        return Found()
    side: Side = "after" if shown.id == pair[1].id else "before"
    places = {
        number: place
        for number in listed
        if number < len(found.changes) and (place := getattr(found.changes[number], side))
    }
    cited = state.app().versions.citations(shown, document.name, places)
    marks = tuple(
        viewer.Mark(str(number), citation, _WORDS[found.changes[number].kind])
        for number, citation in cited.items()
    )
    chosen, chosen_side = st.session_state.get(Key.CHANGE, (None, None))
    if chosen in cited and chosen_side == side:
        return Found(viewer.target_of(str(chosen), cited[chosen]), marks)
    return Found(None, marks)
