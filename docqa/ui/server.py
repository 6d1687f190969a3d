"""The model server of this machine: its state, starting and stopping it, its log."""

import time
from typing import Any, get_args

import streamlit as st

from docqa.services.serving.options import Kv, ServeOptions, Weights
from docqa.services.serving.state import ServerState
from docqa.ui import messages, state

REFRESH_S = 2.0
LOG_LINES = 60
_SAID = {
    "stopped": (":material/stop_circle:", "Not running"),
    "starting": (":material/progress_activity:", "Starting"),
    "loading": (":material/progress_activity:", "Loading the model"),
    "ready": (":material/check_circle:", "Ready"),
    "restarting": (":material/restart_alt:", "Starting again"),
    "failed": (":material/error:", "Failed"),
}
_PRECISIONS = {"auto": "the best that fits", "bf16": "bf16", "fp8": "fp8", "int4": "4 bits"}


def draw() -> None:
    """The server; redraws itself while one is run, here or by `docqa serve` in a terminal."""
    running = state.app().serving.state().running
    st.subheader("Model server")

    @st.fragment(run_every=REFRESH_S if running else None)
    def live() -> None:
        now = state.app().serving.state()
        if now.running != running:
            # The page's other parts speak of the server too.
            st.rerun()
        with st.container(border=True, key="server", gap="small"):
            _headline(now)
            if now.running:
                _stop(now)
            else:
                _start(now)
            _log()

    live()


def _headline(now: ServerState) -> None:
    icon, words = _SAID[now.status]
    st.markdown(f"{icon} **{words}**{_where(now)}")
    if now.running and now.detail:
        st.caption(messages.plain(now.detail[:1].upper() + now.detail[1:]))
    if now.status == "loading":
        st.caption(
            f"{_ago(now.started_at)} so far. A large model takes minutes from a fast disk, more "
            "from a slow one; you can leave this page."
        )
    if now.restarts and now.running:
        st.caption(f"Started again {messages.count(now.restarts, 'time')} after it had died.")
    if now.status == "failed":
        messages.problem(now.error, now.hint)
    if now.command:
        with st.expander("Command"):
            st.code(now.command, language=None, wrap_lines=True)


def _where(now: ServerState) -> str:
    if not now.running:
        return ""
    text = f" · {messages.plain(now.model)} · {messages.plain(now.base_url)}"
    return text + (f" · for {_ago(now.ready_at)}" if now.status == "ready" else "")


def _ago(moment: float) -> str:
    seconds = max(0, int(time.time() - moment))
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * size:
            return messages.count(seconds // size, unit)
    return messages.count(seconds, "second")


def _stop(now: ServerState) -> None:
    label = "Stop at once" if now.stopping else "Stop"
    with st.container(horizontal=True):
        stop = st.button(label, key="server-stop", icon=":material/stop:")
        choice = state.app().engines.choice()
        other = now.status == "ready" and choice.name != "sglang" and not choice.fixed
        use = other and st.button("Answer with it", key="server-use", type="primary")
    if stop:
        state.app().serving.stop()
        messages.notice("The server answers what is in flight, then ends")
        st.rerun()
    if use:
        with messages.problems():
            state.app().engines.choose("sglang")
            messages.notice("SGLang answers from now on")
            st.rerun()


def _start(now: ServerState) -> None:
    asked = ServeOptions(**{**now.asked, "servers": (), "extra": ()})
    model = st.text_input(
        "Model",
        value=asked.model or state.app().settings.serve_model,
        key="server-model",
        help="scout, maverick, llama-3.3-70b and others by name; a directory; or a hub name. "
        "docqa downloads nothing: the model has to be on this machine.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        gpus = st.text_input(
            "GPUs",
            value=asked.gpus,
            key="server-gpus",
            placeholder="all of this machine",
            help="Such as 8xH200.",
        )
        weights = _precision("Weights", get_args(Weights), asked.weights)
        kv = _precision("KV cache", get_args(Kv), asked.kv)
    options = ServeOptions(model=model.strip(), gpus=gpus.strip(), weights=weights, kv=kv)
    with st.container(horizontal=True):
        start = st.button("Start", key="server-start", type="primary", icon=":material/play_arrow:")
        show = st.button("Show the command", key="server-show")
        end = now.orphaned and st.button("End what is left of it", key="server-end")
    if start:
        with messages.problems(), st.spinner("Looking at GPUs, model and SGLang"):
            state.app().serving.start(options)
            st.rerun()
    if show:
        with messages.problems(), st.spinner("Looking at the GPUs"):
            commands = state.app().serving.plan(options).commands
            st.code("\n\n".join(commands), language=None, wrap_lines=True)
    if end:
        with st.spinner("Ending it"):
            state.app().serving.stop()
        st.rerun()


def _precision(label: str, choices: tuple[Any, ...], chosen: str) -> Any:  # noqa: ANN401
    return st.selectbox(
        label,
        choices,
        index=choices.index(chosen),
        key=f"server-{label.split()[0].lower()}",
        format_func=_PRECISIONS.__getitem__,
    )


def _log() -> None:
    lines = state.app().serving.log_tail(LOG_LINES)
    if lines:
        with st.expander("Log"), st.container(height=320, border=False, autoscroll=True):
            st.code("\n".join(lines), language=None, wrap_lines=True)
