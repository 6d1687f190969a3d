"""Looking at a folder, archive or repository before it is added: what is in it, what it costs."""

from dataclasses import dataclass, replace

import streamlit as st

from docqa.readers.git_address import GitAddress, is_git_address
from docqa.store.values import JobInfo, Workspace
from docqa.ui import messages, source_facts, source_lists, state
from docqa.ui.source_facts import Looked
from docqa.ui.source_progress import following
from docqa.ui.state import Key


@dataclass(frozen=True, slots=True)
class Asked:
    """An address that is to be added, and the job that looks at it."""

    address: str
    job: int = 0
    """0 for a repository whose host was not contacted yet."""
    ref: str = ""
    history: bool = False


def begin(address: GitAddress) -> None:
    """Ask what is wanted of a repository; its host is named before it is contacted."""
    st.session_state[Key.ADDING] = Asked(address.url, ref=address.ref)


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
            _ended(workspace, asked, job)


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
    st.html(source_facts.place(asked.address))
    st.caption(source_facts.contacts(asked.address))
    with st.form("git-options", border=False):
        ref = st.text_input(
            "Branch, tag or commit",
            asked.ref,
            placeholder="the default branch",
            key=f"git-ref-{asked.address}",
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


def _progress(asked: Asked) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.html(source_facts.place(asked.address), width="stretch")
        st.button(
            "Cancel",
            key="cancel-preview",
            type="tertiary",
            on_click=state.attempt,
            args=(lambda: state.app().ingestion.cancel(asked.job),),
        )
    following(asked.job)


def _ended(workspace: Workspace, asked: Asked, job: JobInfo) -> None:
    if job.status == "cancelled":
        st.html(source_facts.place(asked.address))
        st.caption("Cancelled; nothing was added.")
    else:
        messages.problem(job.error, job.error_hint)
    with st.container(horizontal=True):
        if st.button("Try again", icon=":material/refresh:", key="look-again"):
            _again(workspace, asked)
        if st.button("Close", key="close-preview"):
            _forget()


def _again(workspace: Workspace, asked: Asked) -> None:
    """A repository is asked about once more, perhaps for another branch; the rest is looked at."""
    if is_git_address(asked.address):
        st.session_state[Key.ADDING] = replace(asked, job=0)
        st.rerun()
    with messages.problems():
        look(workspace, asked)


def _found(workspace: Workspace, asked: Asked, found: Looked) -> None:
    committed = f", committed {source_facts.day(found.committed_at)}" if found.committed_at else ""
    st.markdown(source_facts.headline(found.name, found.revision, found.ref) + committed)
    if not found.files:
        st.caption("There is no file in it that docqa can read.")
    st.markdown(source_facts.size(workspace.id, found))
    put_back = _left_out(found)
    if found.largest:
        with st.expander("Largest files"):
            for path, size in found.largest:
                st.markdown(f"- {messages.plain(path)}: {messages.size(size)}")
    watch = found.kind in ("folder", "archive") and st.checkbox(
        "Watch it for changes",
        key="watch-source",
        help="docqa looks at it now and then while it runs, and reads what changed.",
    )
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
                watch=watch,
            )
            state.watch_job(job)
            st.session_state[Key.ADDED] = st.session_state.get(Key.ADDED, 0) + 1
            _forget()


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
