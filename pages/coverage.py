"""Coverage: every page of the workspace counted: what can be asked about, what cannot and why."""

import streamlit as st

from docqa.ui import messages, state
from docqa.ui.coverage import adding, ledger, lists, place

place.restore()
workspace = state.workspace()
# Before counting: what comes in meanwhile is not overlooked.
coming = adding.now(workspace)
counted = state.app().coverage.ledger(workspace.id)

ledger.head(workspace, counted)
if coming:
    adding.draw(workspace)
if counted.total.total:
    ledger.sources(counted)
    ledger.filters(counted.total)
    left, right = st.columns([1, 1.25], gap="large")
    with left:
        lists.documents(workspace)
    with right:
        lists.pages(workspace, counted)
    st.caption(
        "What has no pages of its own (text, code, a Word file, a file left out) counts as one. "
        f"Engine: {messages.plain(counted.engine)}."
    )

state.address(place.address())
