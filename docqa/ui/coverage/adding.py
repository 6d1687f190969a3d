"""That documents are being added while one looks at the sums, which are counted again then."""

from collections import Counter

import streamlit as st

from docqa.core.citations import percent
from docqa.store.values import TERMINAL_ITEM_STATUSES, JobInfo, Workspace
from docqa.ui import state

REFRESH_S = 1.0


def now(workspace: Workspace) -> bool:
    """Whether documents are being added, or wait for it."""
    return bool(_jobs(workspace))


def draw(workspace: Workspace) -> None:
    """How far it is, until it ends; then the page is drawn again."""

    @st.fragment(run_every=REFRESH_S)
    def live() -> None:
        jobs = _jobs(workspace)
        if not jobs:
            st.rerun()
        counts: Counter[str] = Counter()
        for job in jobs:
            counts.update(state.app().store.jobs.item_counts(job.id))
        total = counts.total()
        ended = sum(n for status, n in counts.items() if status in TERMINAL_ITEM_STATUSES)
        share = ended / total if total else 0.0
        far = f", {percent(share)} read" if share else ""
        st.progress(
            share,
            text=f"Documents are being added{far}. The pages are counted again when that ends.",
        )

    live()


def _jobs(workspace: Workspace) -> list[JobInfo]:
    return [job for job in state.app().store.jobs.active(workspace.id) if job.kind == "ingest"]
