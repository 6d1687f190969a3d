"""Names and places of the code in an answer: links where they exist, marks where they do not."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from docqa.core.answers import Mention
from docqa.core.citations import lines_label
from docqa.ui import messages, state
from docqa.ui.state import Key

MOST = 400
"""Mentions of one answer that are shown as such."""
UNKNOWN = "Not found in the code"
NAMED = 5


def shown(mention: Mention) -> dict[str, Any]:
    """What the transcript component shows of a mention; without `href` it is unknown."""
    if mention.status == "unknown":
        return {"said": UNKNOWN, "title": "", "href": ""}
    lines = f":{lines_label(mention.lines)}" if mention.lines else ""
    said = "Definition in the code" if mention.kind == "symbol" else "A place in the code"
    return {"said": said, "title": f"{mention.path}{lines}", "href": address(mention)}


def address(mention: Mention) -> str:
    """Where the code page shows it: for a click that wants a tab of its own."""
    assert mention.document_id is not None
    return "/code?" + urlencode(
        in_code(mention.document_id, mention.lines, version_id=mention.version_id)
    )


def in_code(
    document_id: int, lines: tuple[int, int] | None, *, version_id: int | None
) -> dict[str, str]:
    """What the code page's address says of a place."""
    params = {
        "w": st.session_state.get(Key.WORKSPACE),
        "d": document_id,
        "l": "-".join(map(str, lines)) if lines else None,
        "r": version_id,
    }
    return {name: str(value) for name, value in params.items() if value}


def unknown(text: str, mentions: Sequence[Mention]) -> str:
    """One sentence that names what is nowhere in the code; empty where all was found."""
    names = [text[m.start : m.end] for m in mentions if m.status == "unknown"]
    names = list(dict.fromkeys(names))
    if not names:
        return ""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{UNKNOWN}: {', '.join(names[:NAMED])}{more}."


def follow(mention: Mention) -> None:
    """Show the place in the evidence pane, as it was when the answer was written."""
    if mention.document_id is None:
        return
    with messages.problems():
        state.view(mention.document_id, lines=mention.lines, version_id=mention.version_id)
        st.rerun()
