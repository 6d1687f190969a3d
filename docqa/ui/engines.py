"""The engine: which is in force, how it is, and choosing another."""

from typing import Any

import streamlit as st

from docqa.core.answers import Answer
from docqa.errors import EngineError, EngineLeavesMachineError
from docqa.services.engines import EngineChoice
from docqa.settings import Settings
from docqa.ui import messages, state

EXTRACTIVE = "Quotes only (no model)"
PACKAGED = "Packaged small model"
FILE = "A Llama file (GGUF) on this machine"
SERVER = "A server"
KINDS = {
    EXTRACTIVE: "The best sentences of the best passages, verbatim. It needs no model, takes a "
    "fraction of a second and cannot invent anything.",
    PACKAGED: "SmolLM2 135M runs in this process. Its answers are often wrong: the quotes always "
    "stand first and its draft is marked as one.",
    FILE: "Runs in this process with llama.cpp.",
    SERVER: "Ollama, LM Studio, llama.cpp, vLLM, Llama Stack, or any address that speaks "
    "OpenAI's protocol.",
}


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


def choose(choice: EngineChoice) -> None:
    """Choose another engine, unless the environment has chosen."""
    if choice.fixed:
        return
    st.subheader("Choose")
    current = EXTRACTIVE
    if choice.packaged:
        current = PACKAGED
    elif choice.name == "embedded":
        current = FILE
    elif choice.name not in {"extractive", "auto"}:
        current = SERVER
    kind = st.radio(
        "Engine",
        list(KINDS),
        index=list(KINDS).index(current),
        captions=list(KINDS.values()),
        key="engine-kind",
        label_visibility="collapsed",
    )
    fields: dict[str, Any] = {}
    if kind == FILE:
        fields["model"] = st.text_input(
            "GGUF file", value=choice.model, placeholder="/models/llama-3.2-3b.gguf", key="gguf"
        )
        fields["context_length"] = _window(choice)
    elif kind == SERVER:
        fields = _server(choice)
    if st.button("Use this engine", type="primary", key="use-engine"):
        name = {EXTRACTIVE: "extractive", SERVER: "openai_compatible"}.get(kind, "embedded")
        with messages.problems():
            state.app().engines.choose(name, **fields)
            messages.notice("The engine was changed")
            st.rerun()


def _server(choice: EngineChoice) -> dict[str, Any]:
    presets = {preset.name: preset for preset in state.app().engines.presets()}
    names = list(presets)
    index = names.index(choice.preset) if choice.preset in names else 0
    preset = presets[
        st.selectbox(
            "Preset", names, index=index, key="preset", format_func=lambda n: presets[n].label
        )
    ]
    if preset.leaves_machine:
        st.warning(
            "This server is not on this machine. Documents are sent to it; docqa asks once in "
            "each workspace before it does.",
            icon=":material/cloud_upload:",
        )
    same = choice.preset == preset.name
    address = st.text_input(
        "Address",
        value=choice.base_url if same and choice.base_url else preset.base_url,
        key=f"address-{preset.name}",
    )
    key = st.text_input(
        "Key",
        type="password",
        key=f"key-{preset.name}",
        placeholder="unchanged" if same else "if the server asks for one",
    )
    model = st.text_input("Model", value=choice.model if same else "", key=f"model-{preset.name}")
    return {
        "preset": preset.name,
        "base_url": address,
        "api_key": key or None,
        "model": model,
        "context_length": _window(choice),
    }


def _window(choice: EngineChoice) -> int:
    return int(
        st.number_input(
            "Window in tokens",
            min_value=0,
            value=choice.context_length,
            step=1_024,
            help="0 asks the engine where it tells.",
            key="window",
        )
    )


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


def recent(answers: tuple[Answer, ...]) -> None:
    """The last questions, with what they found in the cache and how long they took."""
    if not answers:
        st.caption("No questions yet.")
        return
    st.dataframe(
        {
            "Question": [answer.question[:120] for answer in answers],
            "Status": [answer.status.replace("_", " ") for answer in answers],
            "Engine": [answer.model or answer.engine for answer in answers],
            "Mode": [answer.mode for answer in answers],
            "Prompt tokens": [answer.usage.prompt_tokens or None for answer in answers],
            "Cached": [_share(answer) for answer in answers],
            "First token, s": [answer.ttft_s for answer in answers],
            "Total, s": [answer.total_s for answer in answers],
        },
        hide_index=True,
        key="recent",
        placeholder="",
        column_config={
            "Question": st.column_config.TextColumn(width=280),
            "Prompt tokens": st.column_config.NumberColumn(format="localized"),
            "Cached": st.column_config.ProgressColumn(format="%d%%", max_value=100),
            "First token, s": st.column_config.NumberColumn(format="%.2f"),
            "Total, s": st.column_config.NumberColumn(format="%.2f"),
        },
    )


def _share(answer: Answer) -> float | None:
    cached, prompt = answer.usage.cached_tokens, answer.usage.prompt_tokens
    return 100 * cached / prompt if cached is not None and prompt else None
