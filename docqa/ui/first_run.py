"""An empty workspace: one sentence, a drop zone, a field, and the sample documents."""

import streamlit as st

from docqa.store.values import Workspace
from docqa.ui import adding, queue, state


def draw(workspace: Workspace) -> None:
    """What a new user sees first."""
    st.html(
        '<div class="hero"><h1>Ask your documents. See the sentence each answer rests on.</h1>'
        "<p>Everything stays on this machine.</p></div>"
    )
    with st.container(key="first-run"):
        adding.drop_zone(workspace, key="first-uploads")
        adding.address_form(workspace)
        samples = state.app().samples()
        if samples.is_dir() and st.button(
            "Try the sample documents",
            icon=":material/auto_stories:",
            width="stretch",
            key="samples",
        ):
            adding.add_paths(workspace, [samples])
        queue.draw(workspace)
