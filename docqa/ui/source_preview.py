"""Looking at a folder, archive or repository before it is added: what is in it, what it costs."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from docqa.core.left_out import LeftOut
from docqa.readers.sources import is_remote
from docqa.store.values import JobInfo, Workspace
from docqa.ui import engines, messages, source_lists, state
from docqa.ui.state import Key

REFRESH_S = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """An address that is to be added, and the job that looks at it."""

    address: str
    job: int = 0
    """0 for a repository whose host was not contacted yet."""
    ref: str = ""
    history: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """What the job found."""

    name: str
    kind: str
    revision: str
    ref: str
    files: int
    size: int
    tokens: int
    """An estimate."""
    left_out: Mapping[str, int]
    """Files by category."""
    left_out_files: tuple[LeftOut, ...]
    largest: tuple[tuple[str, int], ...]
    commits: int

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> "Looked":
        """The result of a `preview` job."""
        return cls(
            name=result.get("name", ""),
            kind=result.get("kind", ""),
            revision=result.get("revision", ""),
            ref=result.get("ref", ""),
            files=result.get("files", 0),
            size=result.get("bytes", 0),
            tokens=result.get("tokens", 0),
            left_out=result.get("left_out", {}),
            left_out_files=tuple(LeftOut(*file) for file in result.get("left_out_files", ())),
            largest=tuple((path, size) for path, size in result.get("largest", ())),
            commits=result.get("commits") or 0,
        )


def begin(address: str) -> None:
    """Look at this address; a repository's host is named before it is contacted."""
    st.session_state[Key.ADDING] = Asked(address)


def draw(workspace: Workspace) -> None:
    """What is being looked at, if anything is."""
    asked = _asked(workspace)
    if asked is None:
        return
    with st.container(border=True, key="source-preview", gap="small"):
        if not asked.job:
            _options(workspace, asked)
            return
        job = state.app().ingestion.job(asked.job)
        if not job.finished:
            _progress(asked)
        elif job.status == "done":
            _found(workspace, asked, Looked.of(job.result))
        else:
            _ended(asked, job)


def _asked(workspace: Workspace) -> Asked | None:
    """What this session asked for, else what another one left behind in this workspace."""
    asked: Asked | None = st.session_state.get(Key.ADDING)
    if asked is None:
        for job in state.app().store.jobs.active(workspace.id):
            if job.kind == "preview" and "address" in job.payload:
                kept = {
                    name: job.payload[name] for name in ("ref", "history") if name in job.payload
                }
                asked = Asked(job.payload["address"], job.id, **kept)
                st.session_state[Key.ADDING] = asked
    return asked


def _options(workspace: Workspace, asked: Asked) -> None:
    """Which part of a repository is wanted, and who will be contacted for it."""
    st.html(place(asked.address))
    st.caption(contacts(asked.address))
    with st.form("git-options", border=False):
        ref = st.text_input(
            "Branch, tag or commit", placeholder="the default branch", key="git-ref", max_chars=200
        )
        history = st.checkbox(
            "With history (for blame)",
            key="git-history",
            help="Fetches every commit, so that lines can tell when and why they were written.",
        )
        with st.container(horizontal=True):
            fetch = st.form_submit_button(
                "Fetch and look", type="primary", icon=":material/download:"
            )
            cancel = st.form_submit_button("Cancel")
    if cancel:
        _forget()
    if fetch:
        with messages.problems():
            look(workspace, replace(asked, ref=(ref or "").strip(), history=history))


def look(workspace: Workspace, asked: Asked) -> None:
    """Queue the job that looks."""
    job = state.app().sources.preview(
        workspace.id, asked.address, ref=asked.ref, history=asked.history
    )
    st.session_state[Key.ADDING] = replace(asked, job=job)
    st.rerun()


def place(address: str) -> str:
    """An address as HTML: Markdown would make it a link that leads out of docqa."""
    return f'<div class="place"><b>{html.escape(address)}</b></div>'


def is_repository(address: str) -> bool:
    """Whether this is the address of a Git repository, not a path on this machine."""
    return is_remote(address)


def contacts(address: str) -> str:
    """Which host is asked for this repository, in words."""
    host = urlsplit(address).hostname
    if not host:
        return "It lies on this machine; no other machine is contacted."
    return f"docqa will contact {messages.plain(host)} to fetch it; nothing of yours is sent there."


def _progress(asked: Asked) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.html(place(asked.address), width="stretch")
        st.button(
            "Cancel",
            key="cancel-preview",
            type="tertiary",
            on_click=state.attempt,
            args=(lambda: state.app().ingestion.cancel(asked.job),),
        )
    following(asked.job)


def following(job_id: int) -> None:
    """The progress of a job until it ends; then the page is drawn again."""

    @st.fragment(run_every=REFRESH_S)
    def live() -> None:
        job = state.app().ingestion.job(job_id)
        if job.finished:
            st.rerun()
        said = "Stopping" if job.cancel_requested else job.progress_text or "Waiting for its turn"
        if job.progress_total:
            counts = f"{job.progress_done:,} of {job.progress_total:,}"
            share = min(1.0, job.progress_done / job.progress_total)
            st.progress(share, text=f"{messages.plain(said)}: {counts}")
        else:
            st.progress(0.0, text=messages.plain(said))

    live()


def _ended(asked: Asked, job: JobInfo) -> None:
    if job.status == "cancelled":
        st.html(place(asked.address))
        st.caption("Cancelled; nothing was added.")
    else:
        messages.problem(job.error, job.error_hint)
    with st.container(horizontal=True):
        if st.button("Try again", icon=":material/refresh:", key="look-again"):
            st.session_state[Key.ADDING] = replace(asked, job=0)
            st.rerun()
        if st.button("Close", key="close-preview"):
            _forget()


def _found(workspace: Workspace, asked: Asked, found: Looked) -> None:
    st.markdown(headline(found.name, found.revision, found.ref))
    if not found.files:
        st.caption("There is no file in it that docqa can read.")
    st.markdown(_size(workspace, found))
    if found.commits:
        st.caption(f"With its history: {messages.count(found.commits, 'commit')}.")
    put_back = _left_out(found)
    if found.largest:
        with st.expander("Largest files"):
            for path, size in found.largest:
                st.markdown(f"- {messages.plain(path)}: {messages.size(size)}")
    with st.container(horizontal=True):
        add = st.button(
            f"Add {messages.count(found.files + len(put_back), 'file')}",
            type="primary",
            icon=":material/add:",
            key="add-source",
            disabled=not found.files + len(put_back),
        )
        cancel = st.button("Cancel", key="close-preview")
    if cancel:
        _forget()
    if add:
        with messages.problems():
            job = state.app().sources.add(
                workspace.id,
                asked.address,
                ref=asked.ref,
                history=asked.history,
                put_back=put_back,
            )
            state.watch_job(job)
            st.session_state[Key.ADDED] = st.session_state.get(Key.ADDED, 0) + 1
            _forget()


def headline(name: str, revision: str, ref: str) -> str:
    """`flask, main at 9f3c2ab`, as Markdown."""
    at = f" at `{revision[:7]}`" if revision else ""
    branch = f", {messages.plain(ref)}" if ref and not revision.startswith(ref) else ""
    return f"**{messages.plain(name)}**{branch}{at}"


def _size(workspace: Workspace, found: Looked) -> str:
    said = f"{messages.count(found.files, 'file')}, {messages.size(found.size)}"
    said += f", about {found.tokens:,} tokens"
    if engines.awaits_consent(workspace.id):
        return f"{said}."
    window = state.app().estimating.window(workspace.id)
    if not window:
        return f"{said}."
    share = found.tokens / window
    if share > 1:
        return (
            f"{said}: more than the engine's window of {window:,} tokens. "
            "The best passages are sent then, or all in parts."
        )
    return f"{said}: {share:.0%} of the engine's window of {window:,} tokens."


def _left_out(found: Looked) -> tuple[str, ...]:
    """What is left out, by reason. Returns the paths that are to be read all the same."""
    total = sum(found.left_out.values())
    if not total:
        return ()
    with st.expander(f"{messages.count(total, 'file')} left out"):
        st.caption(f"{source_lists.counted(found.left_out)}.")
        if not found.left_out_files:
            st.caption("They are listed under Sources once it is added; you can put them back.")
            return ()
        st.caption("Choose those that are to be read all the same.")
        return source_lists.left_out(found.left_out_files, key="preview-left-out")


def _forget() -> None:
    st.session_state.pop(Key.ADDING, None)
    st.rerun()
