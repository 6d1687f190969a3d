"""Reading scanned pages again, once there is an OCR engine."""

import streamlit as st

from docqa.ui import messages, state


def offer(workspace_id: int) -> None:
    """The button that reads pages again which are pictures; without an engine, what brings one."""
    scans = state.app().scans
    setup = scans.setup()
    if not setup.engine:
        st.caption(f"Scanned pages and pictures are not read: {messages.plain(setup.mend)}.")
        return
    about = f"With {setup.engine} ({setup.languages}). Documents that gain pages get a new version."
    if st.button("Read again with OCR", key="read-scans", icon=":material/scanner:", help=about):
        with messages.problems():
            state.watch_job(scans.read_again(workspace_id))
            st.rerun()
