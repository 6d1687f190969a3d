"""The Library's sources: folders, archives and repositories, with what can be done to each."""

import html

import streamlit as st

from docqa.services.sources import SourceSummary
from docqa.store.values import Source, Workspace
from docqa.ui import messages, source_lists, source_secrets, source_update, source_watch, state
from docqa.ui.source_facts import day, headline
from docqa.ui.state import Key

KINDS = {"folder": "folder", "archive": "archive", "git": "Git repository"}


def draw(workspace: Workspace) -> None:
    """One line a source, which opens; nothing where all was uploaded file by file."""
    summaries = [
        summary
        for summary in state.app().sources.sources(workspace.id)
        if summary.source.kind in KINDS
    ]
    if not summaries:
        return
    st.html('<div class="pane-title">Sources</div>')
    with st.container(key="library-sources", gap="xsmall"):
        for summary in summaries:
            _source(summary)
    source_watch.follow([summary.source for summary in summaries])


def _source(summary: SourceSummary) -> None:
    source = summary.source
    shown = opened()
    is_open = source.id in shown
    with st.container(border=True, key=f"source-{source.id}", gap="small"):
        # Not an expander: it closes when its label changes, and an update changes this one.
        if st.button(
            f"{headline(source.name, source.revision, source.options.ref)} {facts(summary)}",
            key=f"open-source-{source.id}",
            icon=":material/keyboard_arrow_down:" if is_open else ":material/chevron_right:",
            type="tertiary",
            width="stretch",
            help="Hide the details" if is_open else "Show the details",
        ):
            st.session_state[Key.OPEN_SOURCES] = shown ^ {source.id}
            st.rerun()
        # What is inside costs queries: only for one that is open.
        if not is_open:
            return
        st.html(f'<div class="budget-note">{origin(source)}</div>')
        source_watch.draw(source)
        source_update.draw(summary)
        _lists(summary)


def opened() -> frozenset[int]:
    """The sources whose details are shown."""
    found: frozenset[int] = st.session_state.get(Key.OPEN_SOURCES, frozenset())
    return found


def _lists(summary: SourceSummary) -> None:
    not_read = summary.left_out or summary.source.options.put_back
    names = [f"Left out ({summary.left_out:,})"] if not_read else []
    names += [f"Possible secrets ({summary.secrets:,})"] if summary.secrets else []
    if not names:
        return
    tabs = iter(st.tabs(names))
    if not_read:
        with next(tabs):
            _left_out(summary)
            _put_back(summary.source)
    if summary.secrets:
        with next(tabs):
            source_secrets.draw(summary.source)


def facts(summary: SourceSummary) -> str:
    """`214 files · 412K tokens · 31 left out · 2 possible secrets`."""
    parts = [messages.count(summary.documents, "file")]
    if summary.tokens:
        parts.append(f"{messages.short(summary.tokens)} tokens")
    if summary.left_out:
        parts.append(f"{summary.left_out:,} left out")
    if summary.removed:
        parts.append(f"{summary.removed:,} removed")
    said = f":gray[{messages.plain(' · '.join(parts))}]"
    if watch := state.app().watching.state(summary.source):
        said += f" {source_watch.BADGES[watch.status]}"
    if summary.secrets:
        found = messages.count(summary.secrets, "possible secret")
        said += f" :orange[:material/key: {found}]"
    return said


def origin(source: Source) -> str:
    """Where it came from and when, as HTML: Markdown would make an address a link."""
    kind = KINDS[source.kind]
    said = f"{kind[0].upper()}{kind[1:]} {html.escape(source.uri)}"
    if source.revision:
        said += f", commit {html.escape(source.revision[:12])}"
    return f"{said}. Added {day(source.created_at)}."


def _left_out(summary: SourceSummary) -> None:
    if not summary.left_out:
        return
    source = summary.source
    files = state.app().sources.left_out(source.id)
    counts = source_lists.counted(summary.left_out_by_category)
    st.caption(f"{messages.plain(counts)}.")
    chosen = source_lists.left_out(files, key=f"left-out-{source.id}")
    if st.button(
        f"Put back {messages.count(len(chosen), 'file')}" if chosen else "Put back",
        key=f"put-back-{source.id}",
        icon=":material/undo:",
        disabled=not chosen,
        help="Choose files in the list; they are read and appended to the pack.",
    ):
        with messages.problems():
            state.watch_job(state.app().sources.put_back(source.id, chosen))
            st.rerun()


def _put_back(source: Source) -> None:
    """Files that are read because somebody wanted them."""
    paths = source.options.put_back
    if not paths:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "Put back", paths, key=f"put-back-paths-{source.id}", placeholder="Choose files"
        )
        if st.button("Leave out again", key=f"leave-out-{source.id}", disabled=not chosen):
            with messages.problems():
                state.watch_job(state.app().sources.leave_out(source.id, chosen))
                st.rerun()
