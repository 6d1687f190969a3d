"""The progress of a job that looks at a source."""

import streamlit as st

from docqa.ui import messages, state

REFRESH_S = 0.5


def following(job_id: int) -> None:
    """The progress of a job until it ends; then the page is drawn again."""

    @st.fragment(run_every=REFRESH_S)
    def live() -> None:
        job = state.app().ingestion.job(job_id)
        if job.finished:
            st.rerun()
        said = "stopping" if job.cancel_requested else job.progress_text or "waiting for its turn"
        said = said[:1].upper() + said[1:]
        if job.progress_total:
            counts = f"{job.progress_done:,} of {job.progress_total:,}"
            share = min(1.0, job.progress_done / job.progress_total)
            st.progress(share, text=f"{messages.plain(said)}: {counts}")
        else:
            st.progress(0.0, text=messages.plain(said))

    live()
