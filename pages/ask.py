"""Ask: sources, the conversation, and the evidence."""

import streamlit as st

from docqa.ui import evidence, first_run, sources, state, talk
from docqa.ui.state import Key

state.restore_ask()
workspace = state.workspace()
documents = sources.listed(state.app().library.documents(workspace.id))

if not documents and not state.conversation_id():
    first_run.draw(workspace)
    st.stop()

sources_open = st.session_state.get(Key.SOURCES, True)
evidence_open = st.session_state.get(Key.EVIDENCE, False)
widths = [1] * sources_open + [2.4 if evidence_open else 3.6] + [2.6] * evidence_open
panes = iter(st.columns(widths, gap="medium"))

if sources_open:
    with next(panes), st.container(key="pane-sources"):
        scope = sources.draw(workspace, documents)
else:
    scope = sources.scope(documents)
with next(panes), st.container(key="pane-talk"):
    if not sources_open and st.button(
        "Sources", icon=":material/left_panel_open:", type="tertiary", key="open-sources"
    ):
        st.session_state[Key.SOURCES] = True
        st.rerun()
    answers = talk.draw(workspace, scope, talk.about_documents(workspace, documents, scope))
if evidence_open:
    with next(panes), st.container(key="pane-evidence"):
        evidence.draw()

state.open_first_citation(answers)
state.address(state.ask_address())
