"""Lists of places in code, beside the file."""

from typing import Any

import streamlit as st

from docqa.ui import state
from docqa.ui.code import place
from docqa.ui.components import code_list

MOST = 500
HEIGHT = "max(240px, calc(100vh - 9.6rem))"


def item(
    id: str | None,
    label: str,
    *,
    detail: str = "",
    badge: str = "",
    level: int = 0,
    title: str = "",
    current: bool = False,
    code: bool = True,
) -> dict[str, Any]:
    """A place; `id` is `DOCUMENT:FIRST:LAST`, None where it leads nowhere. `badge` is short."""
    return {
        "id": id,
        "label": label,
        "detail": detail,
        "badge": badge,
        "level": level,
        "title": title,
        "current": current,
        "code": code,
    }


def section(
    title: str, items: list[dict[str, Any]], *, note: str = "", more: int = 0
) -> dict[str, Any]:
    """Places under a heading; `more` is how many are not among them."""
    if more > 0:
        note = f"{note} The first {MOST:,} of {MOST + more:,}.".strip()
    return {"title": title, "note": note, "items": items}


def draw(sections: list[dict[str, Any]], key: str, *, height: str = HEIGHT) -> None:
    """Draw the list; a place that is pressed is opened."""
    data = {"key": key, "sections": sections, "height": height, "placeholder": "Filter"}
    code_list(data, key="code-list", on_open=pressed)


def pressed(id: str) -> None:
    """Open the file, and go to the lines or the page, of an item: `12:10:24`, `12::`, `12:::3`."""
    parts = [*id.split(":"), "", "", ""][:4]
    document, first, last, page = (state.number(part) for part in parts)
    if document is not None:
        place.open_file(document, (first, last) if first and last else None, page=page)


def say(text: str) -> None:
    """A note where there is no list; `text` is ours, never a document's."""
    st.html(f'<div class="side-note">{text}</div>')
