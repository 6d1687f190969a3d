"""Watching a source: the switch, and how it was found when it was looked at last."""

import time
from collections.abc import Sequence

import streamlit as st

from docqa.services.watching import Watch, WatchStatus, can_be_watched
from docqa.store.values import Source
from docqa.ui import messages, state

REFRESH_S = 5.0
_WATCHED = ":gray[:material/visibility: watched]"
BADGES: dict[WatchStatus, str] = {
    "waiting": _WATCHED,
    "same": _WATCHED,
    "settling": _WATCHED,
    "reading": ":gray[:material/sync: being read]",
    "away": ":orange[:material/visibility_off: away]",
    "failed": ":orange[:material/sync_problem: not read]",
}
"""Behind a source's name, as Markdown."""


def follow(sources: Sequence[Source]) -> None:
    """Draw the page again when what is watched begins to be read, or has been."""
    watched = [source for source in sources if source.options.watch]
    if not watched:
        return
    before = _news(watched)

    @st.fragment(run_every=REFRESH_S)
    def live() -> None:
        if _news(watched) != before:
            st.rerun()

    live()


def draw(source: Source) -> None:
    """The switch; while it is on, when the source was looked at last and what came of it."""
    if not can_be_watched(source):
        return
    key = f"watch-{source.id}"
    st.session_state[key] = source.options.watch  # it may have been switched elsewhere
    every = state.app().settings.watch_every_s
    st.toggle(
        "Watch for changes",
        key=key,
        on_change=state.attempt,
        args=(lambda: _switch(source, on=bool(st.session_state[key])),),
        help=f"docqa looks at it every {every:g} seconds while it runs, and reads what changed.",
    )
    if source.options.watch:
        _looked(source)


def _switch(source: Source, *, on: bool) -> None:
    watching = state.app().watching
    if on:
        watching.watch(source.id)
    else:
        watching.stop(source.id)


def _looked(source: Source) -> None:
    @st.fragment(run_every=REFRESH_S)
    def live() -> None:
        watch = state.app().watching.state(source)
        if watch is not None:
            st.caption(messages.plain(said(watch, time.time())))

    live()


def said(watch: Watch, now: float) -> str:
    """In a sentence or two: `Looked at 12 seconds ago: nothing new`."""
    looked = f"Looked at {ago(now - watch.looked_at)}" if watch.looked_at else "Not looked at yet"
    match watch.status:
        case "waiting":
            return "Watched; the first look comes in a moment."
        case "same":
            return f"{looked}: nothing new."
        case "settling":
            return f"{looked}: something changed; it is read when it has stopped changing."
        case "reading":
            return f"{looked}: something changed; it is being read."
        case "away":
            noticed = f"noticed {ago(now - watch.since)}"
            return f"It is away, {noticed}: {watch.detail}. Nothing is removed while it is away."
        case "failed":
            return f"{looked}: it could not be read ({watch.detail}). It is tried again later."


def ago(seconds: float) -> str:
    """`just now`, `12 seconds ago`, `3 minutes ago`, `2 hours ago`, `4 days ago`."""
    if seconds < 2:
        return "just now"
    for size, one in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            return f"{messages.count(int(seconds // size), one)} ago"
    return "just now"


def _news(watched: Sequence[Source]) -> list[tuple[int, int, bool, bool]]:
    """What of their states changes the rest of the page."""
    found = []
    for source in watched:
        watch = state.app().watching.state(source) or Watch()
        gone = watch.status in ("away", "failed")
        found.append((source.id, watch.job, watch.status == "reading", gone))
    return found
