"""Checklists: what documents are held against; those of docqa, and your own to edit."""

import streamlit as st

from docqa.ui import checklists, state

checklists.restore()

left, right = st.columns([1, 2.6], gap="large")
with left:
    chosen = checklists.draw_list(state.app().checklists.all())
with right:
    if checklists.making():
        checklists.draw_new()
    elif chosen:
        checklists.draw_one(chosen)

state.address(checklists.address())
