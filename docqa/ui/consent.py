"""Asking once per workspace before documents are sent to another machine."""

from collections.abc import Callable

import streamlit as st

from docqa.store.values import Workspace
from docqa.ui import messages, state


@st.dialog("Send documents to another machine?")
def ask(
    workspace: Workspace, to_do: str, sent: str, allow: str, then: Callable[[], None], *, key: str
) -> None:
    """A dialog that says where what goes; `then` is done when it is allowed.

    `to_do` is a verb (`answer`), `sent` what goes beside the documents (`your questions`), `allow`
    the text of the button, `key` ends the keys of both buttons.
    """
    app = state.app()
    choice = app.engines.choice()
    address = choice.base_url or choice.preset
    st.markdown(
        f"The engine **{messages.plain(choice.label)}** runs at **{messages.plain(address)}**, "
        f"not on this machine. To {to_do}, docqa sends it {sent} and the text of the "
        f"documents in **{messages.plain(workspace.name)}**. This is asked once per workspace."
    )
    with st.container(horizontal=True):
        if st.button(allow, type="primary", key=f"allow-remote{key}"):
            app.engines.allow_remote(workspace.id)
            then()
        if st.button("Cancel", key=f"refuse-remote{key}"):
            st.rerun()
