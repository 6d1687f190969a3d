"""The frame of every page: icon, navigation, sidebar, style, and errors in words."""

import logging
from importlib.resources import as_file, files
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from docqa.ui import checklists, messages, sidebar, state
from docqa.ui.code import place as code_place
from docqa.ui.coverage import place as coverage_place
from docqa.ui.review import place

with as_file(files("docqa.ui") / "assets") as _folder:
    ICON = Path(_folder) / "icon.svg"
    LOGO = Path(_folder) / "logo.svg"
    STYLE = Path(_folder) / "style.css"
LOG = logging.getLogger(__name__)
SIDEBAR_PX = 244
WITH_TALK = ("Ask", "Code")
"""Pages that show a conversation."""
_RESTORE = {
    "Ask": state.restore_ask,
    "Code": code_place.restore,
    "Coverage": coverage_place.restore,
    "Review": place.restore,
    "Checklists": checklists.restore,
}
INDEX_HTML = Path(st.__file__).parent / "static" / "index.html"


def pages() -> list[Page]:
    """Every page of the app, in the order of the menu."""
    return [
        st.Page("pages/ask.py", title="Ask", icon=":material/forum:", default=True),
        st.Page("pages/code.py", title="Code", icon=":material/code:"),
        st.Page("pages/library.py", title="Library", icon=":material/folder_open:"),
        st.Page("pages/coverage.py", title="Coverage", icon=":material/donut_large:"),
        st.Page("pages/review.py", title="Review", icon=":material/fact_check:"),
        st.Page("pages/checklists.py", title="Checklists", icon=":material/checklist:"),
        st.Page("pages/engine.py", title="Engine", icon=":material/memory:"),
    ]


def register_pages() -> None:
    """Tell Streamlit the pages once, at import, so that it does not look for them in `pages/`.

    Until `st.navigation` has run once, a first visit to /library would run pages/library.py
    without the frame and, later, its login.
    """
    log = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    level = log.level
    # There is no script at import, which Streamlit would say once per page.
    log.setLevel(logging.ERROR)
    try:
        st.navigation(pages())
    finally:
        log.setLevel(level)


def unexpected(error: Exception) -> bool:
    """Say that something went wrong, without a trace; it is in the log."""
    LOG.error("a page failed", exc_info=error)
    messages.problem(
        "something went wrong in docqa",
        "Reload the page. Nothing that was saved is lost; the log has the details.",
    )
    return True


def run() -> None:
    """Draw the page that the address names, in its frame."""
    # A local icon, and before the navigation: an icon by name would be fetched from elsewhere.
    st.set_page_config(
        page_title="docqa", page_icon=str(ICON), layout="wide", initial_sidebar_state=SIDEBAR_PX
    )
    every = pages()
    current = st.navigation(every, position="hidden")
    st.logo(str(LOGO), icon_image=str(ICON), size="large")
    st.html(STYLE)
    messages.say()
    with messages.problems():
        asking = current.title in WITH_TALK
        # Before the sidebar, which shows what the address chose.
        _RESTORE.get(current.title, state.restore_library)()
        sidebar.draw(every, asking=asking)
        current.run()
