"""Choosing the engine, and how it is reached."""

from typing import Any

import streamlit as st

from docqa.engines.sglang.server_info import DEFAULT_ADDRESS
from docqa.services.engines import EngineChoice
from docqa.ui import messages, state

EXTRACTIVE = "Quotes only (no model)"
PACKAGED = "Packaged small model"
FILE = "A Llama file (GGUF) on this machine"
SGLANG = "SGLang"
SERVER = "Another server"
NAMES = {
    EXTRACTIVE: "extractive",
    PACKAGED: "embedded",
    FILE: "embedded",
    SGLANG: "sglang",
    SERVER: "openai_compatible",
}
KINDS = {
    EXTRACTIVE: "The best sentences of the best passages, verbatim. It needs no model, takes a "
    "fraction of a second and cannot invent anything.",
    PACKAGED: "SmolLM2 135M runs in this process. Its answers are often wrong: the quotes always "
    "stand first and its draft is marked as one.",
    FILE: "Runs in this process with llama.cpp.",
    SGLANG: "The documents are read once and stay in its cache; a question sends itself only. "
    "The server below, or any address.",
    SERVER: "Ollama, LM Studio, llama.cpp, vLLM, Llama Stack, or any address that speaks "
    "OpenAI's protocol.",
}


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
    elif choice.name == "sglang":
        current = SGLANG
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
    elif kind == SGLANG:
        fields = _sglang(choice)
    elif kind == SERVER:
        fields = _server(choice)
    if st.button("Use this engine", type="primary", key="use-engine"):
        name = NAMES[kind]
        with messages.problems():
            state.app().engines.choose(name, **fields)
            messages.notice("The engine was changed")
            st.rerun()


def _sglang(choice: EngineChoice) -> dict[str, Any]:
    mine = choice.name == "sglang"
    address = st.text_input(
        "Address",
        value=choice.base_url if mine else "",
        placeholder=f"the server that docqa runs, else {DEFAULT_ADDRESS}",
        key="address-of-sglang",
    )
    key = st.text_input(
        "Key",
        type="password",
        key="key-of-sglang",
        placeholder="unchanged" if mine else "if the server asks for one",
        help="Not needed for the server that docqa runs.",
    )
    model = st.text_input(
        "Model",
        value=choice.model if mine else "",
        placeholder="what the server has loaded",
        help="Its directory, where it is not a Llama: the chat template is taken from there.",
        key="model-of-sglang",
    )
    return {
        "base_url": address,
        "api_key": key or None,
        "model": model,
        "context_length": _window(choice),
    }


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
