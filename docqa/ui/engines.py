"""The engine: which is in force, how it is, and its settings."""

import streamlit as st

from docqa.errors import EngineError, EngineLeavesMachineError
from docqa.services.engines import EngineChoice
from docqa.settings import Settings
from docqa.ui import messages, state


def awaits_consent(workspace_id: int) -> bool:
    """Whether the engine is on another machine and this workspace may not be sent there yet.

    Until it may, nothing is asked of the engine, not even the size of its window.
    """
    try:
        state.app().engines.check_remote(workspace_id)
    except EngineLeavesMachineError:
        return True
    except EngineError:
        return False
    return False


def in_force(choice: EngineChoice) -> None:
    """The engine that answers now, and its health on demand."""
    with st.container(border=True):
        st.caption("In force")
        st.markdown(f"### {messages.plain(choice.label)}")
        if choice.fixed:
            st.caption("Set in the environment (DOCQA_ENGINE), so it cannot be changed here.")
        if choice.base_url:
            st.markdown(messages.plain(choice.base_url))
        if st.button("Check health", icon=":material/monitor_heart:", key="health"):
            _health()


def _health() -> None:
    with st.spinner("Asking the engine"):
        health = state.app().engines.health()
    facts = [health.detail]
    facts += [f"Model: {health.model}"] if health.model else []
    facts += [f"Window: {health.context_length:,} tokens"] if health.context_length else []
    text = messages.plain("\n".join(facts)).replace("\n", "  \n")
    if health.ok:
        st.success(text, icon=":material/check_circle:")
    else:
        messages.problem(health.detail, health.hint)
    if health.models:
        st.caption("Models there: " + messages.plain(", ".join(health.models)))


def settings_table(settings: Settings) -> None:
    """Every setting in force, without keys."""
    rows = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        shown = ("set" if value else "") if not field.repr else str(value)
        rows.append((f"DOCQA_{name.upper()}", shown, field.description or ""))
    st.dataframe(
        {
            "Setting": [row[0] for row in rows],
            "Value": [row[1] for row in rows],
            "Meaning": [row[2] for row in rows],
        },
        hide_index=True,
        key="settings",
    )
