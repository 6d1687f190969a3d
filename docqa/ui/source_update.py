"""Updating a source: what would change is told first, then it is read again."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from docqa.services.sources import SourceSummary
from docqa.store.values import JobInfo, Source
from docqa.ui import messages, state
from docqa.ui.source_facts import contacts
from docqa.ui.source_progress import following
from docqa.ui.state import Key

COMMITS = 20


def draw(summary: SourceSummary) -> None:
    """The button, the progress of looking, and what would change."""
    if not summary.can_be_updated:
        st.caption("It was uploaded: drop it again to bring it up to date.")
        return
    source = summary.source
    asked: tuple[int, int] | None = st.session_state.get(Key.UPDATING)
    if asked is None or asked[0] != source.id:
        help_text = "See what changed since, and what reading it costs."
        if source.kind == "git":
            help_text += f" {contacts(source.uri)}"
        if st.button("Update", key=f"update-{source.id}", icon=":material/sync:", help=help_text):
            with messages.problems():
                job = state.app().sources.update_preview(source.id)
                st.session_state[Key.UPDATING] = (source.id, job)
                st.rerun()
        return
    with st.container(border=True, key="source-update", gap="small"):
        _asked(source, state.app().ingestion.job(asked[1]))


def _asked(source: Source, job: JobInfo) -> None:
    if not job.finished:
        following(job.id)
        if st.button("Cancel", key="cancel-update"):
            state.attempt(lambda: state.app().ingestion.cancel(job.id))
            _forget()
        return
    if job.status == "done" and changes(job.result):
        st.markdown(told(source, job.result))
        commits(job.result)
    elif job.status == "failed":
        messages.problem(job.error, job.error_hint)
    elif job.status == "done":
        since = f" since {messages.plain(source.revision[:7])}" if source.revision else ""
        st.markdown(f"Nothing has changed{since}.")
    else:
        st.markdown("Cancelled.")
    go = False
    with st.container(horizontal=True):
        if changes(job.result):
            go = st.button("Update now", type="primary", icon=":material/sync:", key="update-now")
        if st.button("Close", key="close-update"):
            _forget()
    if go:
        with messages.problems():
            state.watch_job(state.app().sources.update(source.id))
            _forget()


def changes(result: Mapping[str, Any]) -> int:
    """How many files an update would touch."""
    return sum(result.get(name, 0) for name in ("added", "changed", "deleted"))


def told(source: Source, result: Mapping[str, Any]) -> str:
    """`3 files changed, 1 added, 2 deleted; about 4,312 tokens ...`, as Markdown."""
    parts = [
        f"{result[name]:,} {name}" for name in ("changed", "added", "deleted") if result.get(name)
    ]
    said = f"**{messages.plain(source.name)}**: {', '.join(parts)}."
    if tokens := result.get("tokens", 0):
        said += (
            f" About **{tokens:,} tokens** are appended to the pack; nothing before is read again."
        )
    return said


def commits(result: Mapping[str, Any]) -> None:
    """The commits since the last update, newest first."""
    listed = result.get("commits") or ()
    if not listed:
        return
    with st.expander(f"{messages.count(len(listed), 'commit')}"):
        for commit in listed[:COMMITS]:
            st.markdown(
                f"- `{commit['id'][:7]}` {messages.plain(commit['subject'])} "
                f":gray[{messages.plain(commit['author'])}]"
            )


def _forget() -> None:
    st.session_state.pop(Key.UPDATING, None)
    st.rerun()
