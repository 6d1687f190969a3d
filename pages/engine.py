"""Engine: what answers, how it is, and what the last questions cost."""

import streamlit as st

from docqa.ui import engines, planner, state

service = state.app().engines
choice = service.choice()

st.title("Engine")
left, right = st.columns([1, 1.4], gap="large")
with left:
    engines.in_force(choice)
    engines.choose(choice)
with right:
    st.subheader("Recent questions")
    engines.recent(service.recent())
    planner.draw()
    with st.expander("Settings in force"):
        engines.settings_table(state.app().settings)

state.address({"w": state.workspace().id})
