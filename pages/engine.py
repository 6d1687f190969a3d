"""Engine: what answers, how it is, what its cache holds, and what the last questions cost."""

import streamlit as st

from docqa.ui import caches, engine_choice, engines, planner, server, state

service = state.app().engines
choice = service.choice()
workspace = state.workspace()

st.title("Engine")
left, right = st.columns([1, 1.4], gap="large")
with left:
    engines.in_force(choice)
    engine_choice.choose(choice)
    server.draw()
with right:
    st.subheader("Cache")
    caches.memory(workspace.id)
    caches.workspaces()
    st.subheader("Recent questions")
    caches.recent(service.recent())
    planner.draw()
    with st.expander("Settings in force"):
        engines.settings_table(state.app().settings)

state.address({"w": workspace.id})
