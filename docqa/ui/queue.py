"""What is being added: progress per file, errors in words, and what to do about them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from docqa.store.values import TERMINAL_ITEM_STATUSES, JobInfo, JobItem, Workspace
from docqa.ui import messages, state

REFRESH_S = 0.5
SHOWN = 30
"""Files shown one by one; the rest are counted."""
LARGE = 400
"""Of a job with more files than this, only those that are being read or failed are looked up."""
_ORDER = {"running": 0, "failed": 1, "queued": 2, "skipped": 3, "cancelled": 3, "done": 4}


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a job: all of a small one, of a large one those that need to be seen."""

    items: tuple[JobItem, ...]
    counts: Mapping[str, int]
    """By status, of all files."""

    @property
    def total(self) -> int:
        """How many files the job has."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """How many of them will not change any more."""
        return sum(n for status, n in self.counts.items() if status in TERMINAL_ITEM_STATUSES)


def draw(workspace: Workspace) -> None:
    """The session's last job, and all that run in this workspace; redraws itself until they end."""
    jobs = _jobs(workspace)
    if not jobs:
        return
    running = any(not job.finished for job in jobs)

    @st.fragment(run_every=REFRESH_S if running else None)
    def live() -> None:
        current = _jobs(workspace)
        if running and all(job.finished for job in current):
            # The documents below are new.
            st.rerun()
        for job in current:
            _job(workspace, job)

    live()


def _jobs(workspace: Workspace) -> list[JobInfo]:
    app = state.app()
    jobs = {job.id: job for job in app.store.jobs.active(workspace.id) if job.kind == "ingest"}
    for number in state.watched_jobs():
        if number not in jobs:
            job = app.ingestion.job(number)
            if job.status == "failed" or job.result.get("sources") or _files(number).total:
                jobs[number] = job
    return [jobs[number] for number in sorted(jobs)]


def _files(job_id: int) -> Files:
    """The files of a job but those that were taken over by a retry."""
    app = state.app()
    counts = app.store.jobs.item_counts(job_id)
    if sum(counts.values()) > LARGE:
        items = [
            item
            for status in ("running", "failed")
            for item in app.store.jobs.items(job_id, status=status)
        ]
    else:
        items = list(app.ingestion.items(job_id))
        counts = {}
    kept = tuple(item for item in items if item.id not in state.retried() and not _is_input(item))
    return Files(kept, counts or Counter(item.status for item in kept))


def _is_input(item: JobItem) -> bool:
    """Whether this stands for files that are yet to be listed, or fetched."""
    return item.payload.get("kind") == "input" and not item.finished


def _job(workspace: Workspace, job: JobInfo) -> None:
    files = _files(job.id)
    with st.container(border=True, key=f"job-{job.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            st.markdown(f"**{_headline(job, files)}**", width="stretch")
            if not job.finished:
                st.button(
                    "Cancel",
                    key=f"cancel-{job.id}",
                    type="tertiary",
                    on_click=state.attempt,
                    args=(lambda: state.app().ingestion.cancel(job.id),),
                )
            elif st.button(
                "", icon=":material/close:", key=f"hide-{job.id}", type="tertiary", help="Hide"
            ):
                state.hide_job(job.id)
                st.rerun()
        if job.status == "failed":
            messages.problem(job.error, job.error_hint)
        if not job.finished:
            st.progress(_share(job, files))
        shown = [item for item in files.items if item.status != "done" or not job.finished]
        for item in sorted(shown, key=lambda item: _ORDER[item.status])[:SHOWN]:
            _item(item)
        if len(shown) > SHOWN:
            st.caption(f"and {messages.count(len(shown) - SHOWN, 'more file')}")
        _report(job, files)


def _share(job: JobInfo, files: Files) -> float:
    """How far it is; before its files are known, how far fetching them is."""
    done, total = files.ended, files.total
    if not total:
        done, total = job.progress_done, job.progress_total
    return min(1.0, done / total) if total else 0.0


def _headline(job: JobInfo, files: Files) -> str:
    done, failed = files.counts.get("done", 0), files.counts.get("failed", 0)
    if not job.finished:
        if job.status == "queued":
            return "Waiting to be read"
        if job.progress_text == "packing":
            return "Making it ready to be asked"
        if not files.total:
            doing = job.progress_text or "looking what is there"
            return messages.plain(doing[:1].upper() + doing[1:])
        return f"Reading {done:,} of {messages.count(files.total, 'file')}"
    said = [f"{messages.count(done, 'file')} read"] if done else []
    said += [f"{failed:,} {'needs' if failed == 1 else 'need'} you"] if failed else []
    said += ["cancelled"] if job.status == "cancelled" else []
    return ", ".join(said) or ("Up to date" if job.result.get("sources") else "Nothing was added")


def _item(item: JobItem) -> None:
    name = messages.plain(item.name)
    match item.status:
        case "running":
            if item.pages_total:
                share = min(1.0, item.pages_done / item.pages_total)
                st.progress(share, text=f"{name}: page {item.pages_done:,} of {item.pages_total:,}")
            else:
                st.markdown(f":material/progress_activity: {name}: reading")
        case "queued":
            st.markdown(f":gray[:material/schedule: {name}: waiting]")
        case "done":
            st.markdown(f":material/check: {name}")
        case "skipped" | "cancelled":
            why = messages.plain(item.error or item.status)
            st.markdown(f":gray[:material/block: {name}: {why}]")
        case "failed":
            _failed(item)


def _failed(item: JobItem) -> None:
    if item.error_type == "NameConflictError":
        _conflict(item)
        return
    locked = item.error_type == "PasswordNeededError"
    # The hint is also for the command line; here the field says what to do.
    said = "The password is used once and not stored." if locked else item.error_hint
    hint = f" {messages.plain(said)}" if said else ""
    name, error = messages.plain(item.name), messages.plain(item.error)
    st.markdown(f":red[:material/error: **{name}**: {error}.]{hint}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        password = None
        if locked:
            password = st.text_input(
                "Password", type="password", key=f"password-{item.id}", width=240
            )
        if st.button("Retry", key=f"retry-{item.id}", icon=":material/refresh:"):
            with messages.problems():
                job = state.app().ingestion.retry(item.id, password=password)
                state.watch_job(job, instead_of=item.id)
                st.rerun()


def _conflict(item: JobItem) -> None:
    st.markdown(
        f":material/content_copy: **{messages.plain(item.name)}** is here already, with other "
        "content. Replace it with this version, or keep both?"
    )
    with st.container(horizontal=True):
        replace = st.button("Replace", key=f"replace-{item.id}")
        keep = st.button("Keep both", key=f"keep-{item.id}")
    if replace or keep:
        with messages.problems():
            job = state.app().ingestion.resolve(item.id, replace=replace)
            state.watch_job(job, instead_of=item.id)
            st.rerun()


def _report(job: JobInfo, files: Files) -> None:
    """What came in that was not new or not wholly readable."""
    for told in job.result.get("sources", ()):
        st.caption(_changes(told))
    same = sum(item.result.get("status") == "unchanged" for item in files.items)
    if same:
        st.caption(f"{messages.count(same, 'file')} were here already and did not change.")


def _changes(told: Mapping[str, Any]) -> str:
    """`flask at 9f3c2ab: 3 changed, 1 added, 2 deleted, 208 unchanged`."""
    at = f" at {told['revision'][:7]}" if told.get("revision") else ""
    counts = [
        f"{told[name]:,} {name}"
        for name in ("added", "changed", "deleted", "unchanged")
        if told.get(name)
    ]
    return f"{messages.plain(told.get('source', '') + at)}: {', '.join(counts) or 'no files'}."
