"""The planner: which model fits on which GPUs, what it costs, how it is launched."""

from typing import get_args

import streamlit as st

from docqa.core.known_models import MODELS
from docqa.services.plan_report import comparison_row, estimate_rows, plan_rows, verdict
from docqa.services.planning import Planned, PlanRequest
from docqa.services.serving.options import Kv, Weights
from docqa.ui import messages, state
from docqa.ui.state import Key

OTHER = "another"
_PRECISIONS = {"auto": "the best that fits", "bf16": "bf16", "fp8": "fp8", "int4": "4 bits"}


def draw() -> None:
    """The questions, and below them the answer to what was asked last."""
    st.subheader("Planner")
    _panel()


@st.fragment
def _panel() -> None:
    with st.container(border=True, key="planner"):
        if request := _asked():
            st.session_state[Key.PLAN] = request
        if kept := st.session_state.get(Key.PLAN):
            with messages.problems(), st.spinner("Planning"):
                planning = state.app().planning
                _answer(planning.beside_server(planning.plan(kept)))


def _asked() -> PlanRequest | None:
    """What the form asks, when it is sent."""
    with st.form("plan", border=False):
        left, right = st.columns(2)
        names = [*MODELS, OTHER]
        model = left.selectbox("Model", names, key="plan-model")
        gpus = right.text_input(
            "GPUs",
            key="plan-gpus",
            placeholder="those of this machine",
            help="As 8xH200, or 2x8xH100 for two nodes of eight.",
        )
        other = left.text_input(
            "Another model",
            key="plan-other",
            placeholder="directory, config.json or hub name",
            help="Used where the model above is “another”.",
        )
        tokens = right.number_input(
            "Tokens of documents",
            min_value=0,
            step=100_000,
            key="plan-tokens",
            help="0 asks for the most that fits.",
        )
        weights = left.selectbox(
            "Weights", get_args(Weights), key="plan-weights", format_func=_PRECISIONS.__getitem__
        )
        kv = right.selectbox(
            "KV cache", get_args(Kv), key="plan-kv", format_func=_PRECISIONS.__getitem__
        )
        host = left.number_input("Host memory for KV, GB", min_value=0, step=64, key="plan-host")
        disk = right.number_input("Disk for KV, GB", min_value=0, step=256, key="plan-disk")
        if not st.form_submit_button("Plan", icon=":material/calculate:", key="plan-send"):
            return None
    return PlanRequest(
        model=other.strip() if model == OTHER else model,
        gpus=gpus.strip(),
        tokens=int(tokens),
        weights=weights,
        kv=kv,
        host_gb=int(host),
        disk_gb=int(disk),
    )


def _answer(planned: Planned) -> None:
    text = messages.plain(verdict(planned.plan))
    if planned.plan.fits:
        st.success(text, icon=":material/check_circle:")
    else:
        st.error(text, icon=":material/error:")
    _lines(plan_rows(planned))
    for note in planned.notes:
        st.caption(messages.plain(f"{note[:1].upper()}{note[1:]}."))
    if rows := estimate_rows(planned.plan):
        st.markdown("**Estimates, not measured**")
        _lines(rows)
        st.caption(messages.plain(f"Assumed: {'; '.join(planned.plan.assumptions)}."))
    _beside(planned)
    _commands(planned)


def _beside(planned: Planned) -> None:
    if not planned.compared:
        return
    st.markdown("**Planned beside what the running server reports**")
    what, expected, reported, difference = zip(
        *(comparison_row(row) for row in planned.compared), strict=True
    )
    st.dataframe(
        {"": what, "Planned": expected, "Reported": reported, "Difference": difference},
        hide_index=True,
        key="plan-compared",
    )


def _commands(planned: Planned) -> None:
    for number, command in enumerate(planned.commands):
        node = f" on node {number}" if len(planned.commands) > 1 else ""
        st.caption(f"SGLang's command{node}")
        st.code(command, language=None, wrap_lines=True)
    if planned.serve_command:
        st.caption("The same through docqa, with a key and restarts")
        st.code(planned.serve_command, language=None, wrap_lines=True)


def _lines(rows: list[tuple[str, str]]) -> None:
    lines = (f"{messages.plain(name)}: {messages.plain(value)}" for name, value in rows)
    st.markdown("\n".join(f"- {line}" for line in lines))
