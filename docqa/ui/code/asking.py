"""Questions about the code: about all of it, the file on the screen, or the lines chosen in it."""

from dataclasses import replace

import streamlit as st

from docqa.core.answers import Answer
from docqa.store.values import Workspace
from docqa.ui import messages, state, talk
from docqa.ui.code import place
from docqa.ui.code.place import About
from docqa.ui.code.reading import Shown
from docqa.ui.state import Key


def draw(workspace: Workspace, file: Shown | None, stamp: str) -> tuple[Answer, ...]:
    """The conversation; what is asked is about what is chosen above it. Returns its answers."""
    about = _choose(file)
    scope: tuple[int, ...] = ()
    hint, place_text = "Ask about the code", ""
    if file is not None and about != "all":
        scope = (file.info.id,)
        hint = f"Ask about {file.info.path.rpartition('/')[2]}"
        if about == "lines" and file.lines:
            place_text = file.place
            hint = f"Ask about {place_text.rpartition('/')[2]}"
    return talk.draw(
        workspace,
        scope,
        talk.Setting(
            title="Ask about the code",
            said="Every answer shows the lines it rests on.",
            questions=lambda: _questions(workspace.id, stamp),
            hint=hint,
            place=place_text,
        ),
    )


def _choose(file: Shown | None) -> About:
    """What the next question is about."""
    options: list[About] = ["all"]
    if file is not None and _askable(file):
        options.append("file")
        if file.lines:
            options.append("lines")
    if len(options) == 1:
        return "all"
    about = place.current().about
    if about not in options:
        about = options[-1] if about == "lines" else "all"
    words = {"all": "All code", "file": "This file", "lines": _lines_of(file)}
    st.session_state[Key.CODE_ABOUT] = about
    st.segmented_control(
        "What the question is about",
        options,
        format_func=lambda option: messages.plain(words[option]),
        key=Key.CODE_ABOUT,
        required=True,
        label_visibility="collapsed",
        on_change=_about_changed,
    )
    return about


def _askable(file: Shown) -> bool:
    info = file.info
    return info.status == "ready" and info.published and not info.excluded


def _lines_of(file: Shown | None) -> str:
    return file.place.rpartition(":")[2] if file and file.lines else ""


def _about_changed() -> None:
    about: About = st.session_state.get(Key.CODE_ABOUT) or "all"
    place.go(replace(place.current(), about=about))


@st.cache_data(max_entries=100, show_spinner=False)
def _questions(workspace_id: int, stamp: str) -> tuple[str, ...]:
    """Questions to begin with; `stamp` is there so that new files bring new ones."""
    return state.app().code.questions(workspace_id)
