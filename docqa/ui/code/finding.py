"""Searching the code: by words, by a text as it stands, by a pattern."""

from itertools import groupby
from typing import Any, get_args

import streamlit as st

from docqa.core.citations import place_label
from docqa.errors import DocqaError
from docqa.services.searching import How, SearchResult
from docqa.store.values import Workspace
from docqa.ui import messages, state
from docqa.ui.code import lists, place
from docqa.ui.state import Key

MOST = 100
MAX_BADGE = 18
HOW: dict[How, str] = {"ranked": "Words", "exact": "Exact", "regex": "Pattern"}
HINTS: dict[How, str] = {
    "ranked": "What you look for, in your words",
    "exact": "A text as it stands",
    "regex": "A regular expression",
}
HEIGHT = "max(200px, calc(100vh - 15.6rem))"


def draw(workspace: Workspace) -> None:
    """The field, and the places that were found."""
    here = place.current()
    st.session_state[Key.CODE_QUERY], st.session_state[Key.CODE_HOW] = here.query, here.how
    st.text_input(
        "Search the code",
        key=Key.CODE_QUERY,
        placeholder=HINTS[here.how],
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=place.MAX_TEXT,
        on_change=_changed,
    )
    st.segmented_control(
        "How it is searched",
        get_args(How),
        format_func=lambda option: HOW[option],
        key=Key.CODE_HOW,
        required=True,
        label_visibility="collapsed",
        on_change=_changed,
    )
    if not here.query.strip():
        lists.say("Finds passages by words, or every line that has a text or fits a pattern.")
        return
    try:
        found = state.app().searching.searched(workspace.id, here.query, k=MOST, how=here.how)
    except DocqaError as error:
        messages.problem(str(error), error.hint)
        return
    note = ""
    if len(found.results) == MOST:
        note = f"The first {MOST}."
    if found.unread:
        note += f" {messages.count(found.unread, 'file')} not searched: make the pattern narrower."
    said = messages.count(len(found.results), "place") if found.results else "Found nowhere"
    sections = [lists.section(said, [], note=note.strip())]
    sections += _sections(found.results, here.how)
    lists.draw(sections, f"found-{here.how}-{here.query}", height=HEIGHT)


def _changed() -> None:
    """A browser may also tell again what stood in a field that was left meanwhile."""
    here = place.current()
    query = str(st.session_state.get(Key.CODE_QUERY) or "").strip()
    how: How = st.session_state.get(Key.CODE_HOW) or "ranked"
    if (query, how) != (here.query, here.how):
        place.search(query, how)


def _sections(results: tuple[SearchResult, ...], how: How) -> list[dict[str, Any]]:
    """By file, in the order in which the files were found first."""
    order = {path: rank for rank, path in enumerate(dict.fromkeys(r.document for r in results))}
    grouped = groupby(sorted(results, key=lambda r: order[r.document]), key=lambda r: r.document)
    return [
        lists.section(document, [_item(result, how) for result in group])
        for document, group in grouped
    ]


def _item(result: SearchResult, how: How) -> dict[str, Any]:
    first, last = result.lines or (0, 0)
    lines = f"{first}:{last}" if first else ":"
    label = place_label(result.page, result.lines, result.place)
    # Of a file without pages and lines, the position of the passage is what leads there.
    page = result.page or (result.ordinal + 1 if result.place else "")
    symbol = result.symbol.rpartition(" > ")[2]
    text = _line(result)
    named = (symbol or text) if how == "ranked" else text
    return lists.item(
        f"{result.document_id}:{lines}" + (f":{page}" if page else ""),
        named,
        detail=text if named is symbol else symbol,
        badge=f"L{first}" if first else label[-MAX_BADGE:],
        title=f"{result.document}:L{first}" if first else f"{result.document}, {label}",
    )


def _line(result: SearchResult) -> str:
    """The line that the match stands in, or the first that says something."""
    start = result.match[0]
    begin = result.text.rfind("\n", 0, start) + 1
    for line in result.text[begin:].split("\n"):
        if line.strip():
            return line.strip()[:200]
    return ""
