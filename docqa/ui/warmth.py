"""The line under the composer: what a question would meet, and the pack's place in the cache."""

import html
from collections.abc import Sequence

import streamlit as st

from docqa.services.cache_states import PackCache, duration
from docqa.services.estimating import AskEstimate
from docqa.store.values import Workspace
from docqa.ui import engines, messages, state
from docqa.ui.state import Key

REFRESH_S = 1.0
CONSENT = "The engine is on another machine; you are asked before anything is sent to it"


def draw(
    workspace: Workspace,
    scope: Sequence[int] = (),
    *,
    sentence: bool = True,
    everything: bool = False,
) -> None:
    """The line; redraws itself while the pack is being warmed, by whomever.

    Without the `sentence` it is the pack's place in the cache alone. `everything` is whether the
    next question looks through all documents, in parts.
    """
    if engines.awaits_consent(workspace.id):
        if sentence:
            st.html(f'<div class="estimate">{CONSENT}</div>')
        return
    estimating = state.app().estimating
    met = estimating.estimate(workspace.id, scope)
    refresh = REFRESH_S if met.cache == "warming" else None
    fresh = [met]
    said_before = st.session_state.get(Key.PROBLEM)

    def said_now() -> object:
        return st.session_state.get(Key.PROBLEM)

    @st.fragment(run_every=refresh)
    def live() -> None:
        now = fresh.pop() if fresh else estimating.estimate(workspace.id, scope)
        if (now.cache == "warming") != bool(refresh) or said_now() != said_before:
            st.rerun()
        said = now.scope_sentence(everything=everything) if sentence else ""
        _line(workspace.id, now, said)

    live()


def _line(workspace_id: int, met: AskEstimate, said: str) -> None:
    with st.container(
        key="warmth",
        horizontal=True,
        horizontal_alignment="center" if said else "left",
        vertical_alignment="center",
        gap="small",
    ):
        if said:
            line = html.escape(said, quote=True)
            st.html(f'<div class="estimate" title="{line}">{line}</div>', width="content")
        if met.cache != "none":
            st.html(chip(met.pack_cache), width="content")
            _action(workspace_id, met.pack_cache)
    if met.pack_cache.problem:
        st.caption(messages.plain(met.pack_cache.problem))


def _action(workspace_id: int, cache: PackCache) -> None:
    warming = state.app().warming
    if cache.level in ("cold", "unknown"):
        st.button(
            "Warm now",
            key="warm-now",
            type="tertiary",
            icon=":material/local_fire_department:",
            help="Have the engine read the documents before you ask",
            on_click=state.attempt,
            args=(lambda: warming.submit(workspace_id),),
        )
    elif cache.level == "warming" and cache.job_id is not None:
        st.button(
            "Stop warming",
            key="stop-warming",
            type="tertiary",
            icon=":material/stop:",
            help="What has been read stays; it goes on from there",
            on_click=state.attempt,
            args=(lambda: warming.stop(workspace_id),),
        )


def chip(cache: PackCache) -> str:
    """Where the pack stands, in words; with a bar while it is being read."""
    said = html.escape(_words(cache))
    why = html.escape(cache.detail, quote=True)
    bar = ""
    if cache.level == "warming":
        bar = (
            f'<span class="read" role="progressbar" aria-label="Warming" aria-valuemin="0" '
            f'aria-valuemax="100" aria-valuenow="{cache.percent}">'
            f'<span style="width:{cache.percent}%"></span></span>'
        )
    return f'<div class="cache {cache.level}" role="status" title="{why}">{bar}{said}</div>'


def _words(cache: PackCache) -> str:
    if cache.level != "warming":
        return f"Cache {cache.sentence()}"
    if cache.waiting:
        return "Warming: waiting to begin"
    left = "" if cache.ttft_s is None else f", about {duration(cache.ttft_s)} left"
    return f"Warming: {cache.done:,} of {cache.total:,} tokens ({cache.percent} %){left}"
