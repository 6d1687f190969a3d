"""Library: add documents, see what came in, open, exclude and erase them."""

import streamlit as st

from docqa.ui import adding, code_sources, documents, duplicates, queue, state, warmth

state.restore_library()
workspace = state.workspace()
listed = state.app().library.documents(workspace.id)

left, right = st.columns([1.1, 1], gap="large")
with left:
    st.title("Library")
    adding.drop_zone(workspace, key="uploads")
    adding.address_form(workspace)
    queue.draw(workspace)
    code_sources.draw(workspace)
    chosen = None
    if listed:
        documents.budget(workspace, listed)
        warmth.draw(workspace, sentence=False)
        chosen = documents.table(listed)
        documents.failures(listed)
        if st.button("Repack", icon=":material/compress:", type="tertiary", key="repack"):
            documents.repack(workspace)
        duplicates.draw(workspace)
    else:
        st.caption("No documents yet.")
with right:
    if chosen:
        documents.detail(workspace, chosen)
    elif listed:
        documents.nothing_chosen()

state.address(state.library_address())
