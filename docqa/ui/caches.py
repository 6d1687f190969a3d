"""The engine's cache: its memory, which workspaces are in it, what the last questions found."""

import streamlit as st

from docqa.core.answers import Answer
from docqa.engines.sglang.server_info import ServerInfo
from docqa.errors import DocqaError, EngineLeavesMachineError
from docqa.services.cache_states import NO_CACHE, PackCache, duration
from docqa.store.values import WorkspaceSummary
from docqa.ui import messages, state

REFRESH_S = 2.0
SHOWN = 40
"""Workspaces in the table."""
PRECISIONS = {"auto": "in the model's own precision"}
LEVELS = {"none": "not read whole", "unknown": "not told by the engine"}


def memory(workspace_id: int) -> None:
    """What an SGLang server tells of itself: model, window, KV memory and its use."""
    try:
        info = state.app().estimating.server_info(workspace_id)
    except EngineLeavesMachineError:
        return
    except DocqaError as error:
        messages.problem(str(error), error.hint)
        return
    if info is not None:
        with st.container(border=True, key="memory"):
            _memory(info)


def _memory(info: ServerInfo) -> None:
    facts = [f"SGLang {info.version}", info.model, f"window {info.window:,} tokens"]
    st.caption("Server")
    st.markdown(messages.plain(" · ".join(filter(None, facts))))
    capacity = f"{info.max_total_tokens:,} tokens"
    if info.used_tokens is not None and info.max_total_tokens:
        share = min(1.0, info.used_tokens / info.max_total_tokens)
        st.progress(share, text=f"KV memory: {info.used_tokens:,} of {capacity} in use")
    else:
        st.markdown(f"KV memory: {capacity}")
    details = [PRECISIONS.get(info.kv_cache_dtype, info.kv_cache_dtype)]
    if info.kv_bytes_per_token:
        details.append(f"{info.kv_bytes_per_token:,.0f} bytes a token")
    st.caption(messages.plain(", ".join(filter(None, details))))


def workspaces() -> None:
    """Every workspace's place in the cache; redraws itself while one is being warmed."""
    rows = _rows()
    if not rows:
        st.caption("No documents yet.")
        return
    refresh = REFRESH_S if _warming(rows) else None
    fresh = [rows]

    @st.fragment(run_every=refresh)
    def live() -> None:
        now = fresh.pop() if fresh else _rows()
        if _warming(now) != bool(refresh):
            st.rerun()
        _table(now)

    live()


def _rows() -> list[tuple[WorkspaceSummary, PackCache | None]]:
    """Workspaces that have a pack, with where it stands; None where the engine cannot say."""
    rows: list[tuple[WorkspaceSummary, PackCache | None]] = []
    app = state.app()
    for summary in [each for each in app.workspaces.all() if each.pack][:SHOWN]:
        try:
            rows.append((summary, app.estimating.cache(summary.workspace.id)))
        except EngineLeavesMachineError:
            rows.append((summary, NO_CACHE))
        except DocqaError:
            rows.append((summary, None))
    return rows


def _warming(rows: list[tuple[WorkspaceSummary, PackCache | None]]) -> bool:
    return any(cache is not None and cache.level == "warming" for _, cache in rows)


def _table(rows: list[tuple[WorkspaceSummary, PackCache | None]]) -> None:
    st.dataframe(
        {
            "Workspace": [summary.workspace.name for summary, _ in rows],
            "Cache": [level(cache) for _, cache in rows],
            "Tokens": [summary.tokens for summary, _ in rows],
            "In the cache": [cache.percent if cache else None for _, cache in rows],
            "First token": [first_token(cache) for _, cache in rows],
            "Why": [cache.detail if cache else "" for _, cache in rows],
        },
        hide_index=True,
        key="caches",
        placeholder="",
        column_config={
            "Tokens": st.column_config.NumberColumn(format="localized"),
            "In the cache": st.column_config.ProgressColumn(format="%d%%", max_value=100),
        },
    )


def level(cache: PackCache | None) -> str:
    """Where a pack stands, in a word or two."""
    if cache is None:
        return "engine not reachable"
    return LEVELS.get(cache.level, cache.level)


def first_token(cache: PackCache | None) -> str:
    """About how soon an answer would begin."""
    if cache is None or cache.ttft_s is None:
        return ""
    return f"about {duration(cache.ttft_s)}"


def recent(answers: tuple[Answer, ...]) -> None:
    """The last questions, with what they found in the cache and how long they took."""
    if not answers:
        st.caption("No questions yet.")
        return
    st.dataframe(
        {
            "Question": [answer.question[:120] for answer in answers],
            "Cached": [_share(answer) for answer in answers],
            "Why not cached": [answer.usage.cache_miss for answer in answers],
            "Sent": [answer.usage.sent_tokens for answer in answers],
            "First token, s": [answer.ttft_s for answer in answers],
            "Total, s": [answer.total_s for answer in answers],
            "Prompt tokens": [answer.usage.prompt_tokens or None for answer in answers],
            "Mode": [answer.mode for answer in answers],
            "Status": [answer.status.replace("_", " ") for answer in answers],
            "Engine": [answer.model or answer.engine for answer in answers],
        },
        hide_index=True,
        key="recent",
        placeholder="",
        column_config={
            "Question": st.column_config.TextColumn(width=200),
            "Cached": st.column_config.ProgressColumn(format="%d%%", max_value=100, width=110),
            "Why not cached": st.column_config.TextColumn(width=190),
            "Sent": st.column_config.NumberColumn(
                format="localized", help="Tokens that docqa sent for the question"
            ),
            "First token, s": st.column_config.NumberColumn(format="%.2f"),
            "Total, s": st.column_config.NumberColumn(format="%.2f"),
            "Prompt tokens": st.column_config.NumberColumn(format="localized"),
        },
    )


def _share(answer: Answer) -> float | None:
    cached, prompt = answer.usage.cached_tokens, answer.usage.prompt_tokens
    return 100 * cached / prompt if cached is not None and prompt else None
