"""The versions of a document in the Library: which is shown, and what changed between two."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from docqa.services.versions import PackedVersion
from docqa.store.values import DocumentInfo
from docqa.ui import messages, state, version_changes, viewer
from docqa.ui.source_facts import day
from docqa.ui.state import Key
from docqa.web.versions import document_at


@dataclass(frozen=True, slots=True)
class View:
    """What of a document its viewer shows."""

    document: DocumentInfo
    """With the facts of the version that is chosen."""
    target: viewer.Target
    marks: tuple[viewer.Mark, ...] = ()
    height: str = "max(360px, calc(100vh - 9.5rem))"
    """Of the viewer, in CSS."""


def draw(document: DocumentInfo) -> View:
    """The choice of a version and the list of changes, where there is more than one version."""
    versions = state.app().versions.history(document.id)
    page = viewer.Target(page=st.session_state.get(Key.PAGE))
    if len(versions) < 2:
        return View(document, page)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = _chosen(document, versions)
        _compare(document, versions)
    shown = next(each for each in versions if each.version.number == number)
    st.caption(messages.plain(standing(shown, versions)))
    view = View(document_at(state.app(), shown.version.id), page)
    compared = st.session_state.get(Key.COMPARED)
    if not compared:
        return view
    found = version_changes.draw(document, versions, compared, shown.version)
    below = "max(360px, calc(100vh - 39rem))"
    return View(view.document, found.target or page, found.marks, below)


def standing(shown: PackedVersion, versions: Sequence[PackedVersion]) -> str:
    """When a version was read, and how it stands to the pack."""
    version = shown.version
    said = f"Version {version.number}, read {day(version.created_at)}"
    if version.revision:
        said += f" at {version.revision[:7]}"
    if version.status == "failed":
        return f"{said}: it could not be read."
    if shown.current:
        before = (
            f"; it supersedes version {shown.supersedes} in the pack" if shown.supersedes else ""
        )
        return f"{said}: the one that questions are about{before}."
    newer = [each.version.number for each in versions if each.current]
    by = f" by version {newer[0]}" if newer else ""
    if shown.in_pack:
        return (
            f"{said}: superseded{by}. Its {version.tokens:,} tokens stay in the pack until it is"
            " repacked."
        )
    return f"{said}: superseded{by}, no longer in the pack."


def _chosen(document: DocumentInfo, versions: Sequence[PackedVersion]) -> int:
    """The number of the version that is shown."""
    numbers = [each.version.number for each in versions]
    current = next((each.version.number for each in versions if each.current), numbers[0])
    key = f"version-{document.id}"
    wanted = st.session_state.get(Key.VERSION)
    st.session_state[key] = wanted if wanted in numbers else current

    def choose() -> None:
        st.session_state[Key.VERSION] = st.session_state[key]
        st.session_state.pop(Key.CHANGE, None)

    st.selectbox(
        "Version",
        numbers,
        key=key,
        on_change=choose,
        format_func=lambda number: f"{number} (current)" if number == current else str(number),
        width=130,
    )
    return int(st.session_state[key])


def _compare(document: DocumentInfo, versions: Sequence[PackedVersion]) -> None:
    """The button that opens the list of changes, or closes it."""
    is_open = bool(st.session_state.get(Key.COMPARED))

    def switch() -> None:
        st.session_state.pop(Key.CHANGE, None)
        if is_open:
            st.session_state.pop(Key.COMPARED, None)
            return
        before, after = state.app().versions.pair(document.id)
        st.session_state[Key.COMPARED] = (before.number, after.number)

    st.button(
        "Hide what changed" if is_open else "What changed",
        icon=":material/difference:",
        key=f"compare-{document.id}",
        on_click=state.attempt,
        args=(switch,),
        disabled=sum(each.version.status != "failed" for each in versions) < 2,
    )
