"""Our own components: HTML, CSS and JavaScript in files beside this one, no build step.

Each is defined once, at import, and mounted by a function that says what it takes. Text of
documents and models travels as data and becomes text nodes in the browser.
"""

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from docqa.ui.state import Key, attempt


def _component(name: str, *, after: Sequence[str] = ()) -> ComponentRenderer:
    """The component of this name; its script stands behind those of `after`, in one module."""
    folder = files(__package__)
    scripts = [folder.joinpath(f"{each}.js").read_text(encoding="utf-8") for each in (*after, name)]
    return st.components.v2.component(
        f"docqa_{name}",
        css=folder.joinpath(f"{name}.css").read_text(encoding="utf-8"),
        js="\n".join(scripts),
    )


_VIEWER = ("viewer_parts",)
_PDF_VIEWER = _component("pdf_viewer", after=_VIEWER)
_CODE_VIEWER = _component("code_viewer", after=_VIEWER)
_PLACE_VIEWER = _component("place_viewer", after=_VIEWER)
_TRANSCRIPT = _component("transcript")
_SOURCE_LIST = _component("source_list")
_TOOL_BUTTON = _component("tool_button")
_CODE_TREE = _component("code_tree")
_CODE_LIST = _component("code_list")
_TOKEN_MAP = _component("token_map")
_MODULE_GRAPH = _component("module_graph")
MAX_NAME = 200


def _nothing() -> None:
    """Triggers are read from the result; the callback only declares them."""


def pdf_viewer(data: dict[str, Any], *, key: str) -> tuple[str | None, int | None]:
    """A PDF with marks. Returns the id of a mark that was just pressed, and the page in view."""
    result = _PDF_VIEWER(
        key=key,
        data=data,
        default={"page": None},
        on_clicked_change=_nothing,
        on_page_change=_nothing,
    )
    return result.clicked, result.page


def place_viewer(data: dict[str, Any], *, key: str) -> tuple[str | None, int | None]:
    """A file without pages or lines. Returns the id of a mark just pressed, and what is in view.

    That is the 1-based position of a passage.
    """
    result = _PLACE_VIEWER(
        key=key,
        data=data,
        default={"page": None},
        on_clicked_change=_nothing,
        on_page_change=_nothing,
    )
    return result.clicked, result.page


def code_viewer(data: dict[str, Any], *, key: str) -> str | None:
    """A text or code file with marked lines. Returns the id of a mark that was just pressed."""
    clicked: str | None = _CODE_VIEWER(key=key, data=data, on_clicked_change=_nothing).clicked
    return clicked


def transcript(data: dict[str, Any], *, key: str) -> tuple[int | None, int | None]:
    """An answer. Returns the positions of the citation and of the mention that was just pressed."""
    result = _TRANSCRIPT(
        key=key, data=data, on_clicked_change=_nothing, on_mentioned_change=_nothing
    )
    return result.clicked, result.mentioned


def source_list(
    documents: Sequence[dict[str, Any]], off: Sequence[int], *, nonce: int, height: str
) -> tuple[frozenset[int], int | None]:
    """Documents with checkboxes. Returns the ids that are switched off, and one just opened.

    The browser keeps the checkboxes; `off` counts when `nonce` changes.
    """
    result = _SOURCE_LIST(
        key=Key.SOURCE_LIST,
        data={"documents": list(documents), "off": list(off), "nonce": nonce, "height": height},
        default={"off": list(off)},
        on_off_change=_nothing,
        on_opened_change=_nothing,
    )
    return frozenset(result.off or ()), result.opened


def copy_button(label: str, text: str, *, help_text: str, key: str) -> None:
    """A button that copies a text."""
    _TOOL_BUTTON(key=key, data={"label": label, "text": text, "help": help_text}, width="content")


def download_link(label: str, address: str, *, help_text: str, key: str) -> None:
    """A link that saves what one of our own routes serves."""
    _TOOL_BUTTON(
        key=key, data={"label": label, "href": address, "help": help_text}, width="content"
    )


def code_reader(
    data: dict[str, Any],
    *,
    key: str,
    on_mark: Callable[[str], None],
    on_lines: Callable[[tuple[int, int]], None],
    on_name: Callable[[str, str], None],
) -> None:
    """A code file whose lines can be chosen and whose names can be pressed.

    `on_mark` gets the id of a mark, `on_lines` the first and last line chosen (1-based), `on_name`
    a name and what is wanted of it: `definition` or `uses`.
    """

    def named(pressed: dict[str, Any]) -> None:
        on_name(str(pressed.get("name", ""))[:MAX_NAME], str(pressed.get("act", "")))

    def chosen(lines: Sequence[int]) -> None:
        on_lines((int(lines[0]), int(lines[1])))

    _CODE_VIEWER(
        key=key,
        data=data,
        on_clicked_change=_callback(key, "clicked", on_mark),
        on_selected_change=_callback(key, "selected", chosen),
        on_named_change=_callback(key, "named", named),
    )


def code_tree(data: dict[str, Any], *, key: str, on_open: Callable[[int], None]) -> None:
    """The files of a codebase; `on_open` gets the id of a document."""
    _CODE_TREE(key=key, data=data, on_opened_change=_callback(key, "opened", on_open))


def code_list(data: dict[str, Any], *, key: str, on_open: Callable[[str], None]) -> None:
    """Places in code under headings; `on_open` gets the id of one."""
    _CODE_LIST(key=key, data=data, on_opened_change=_callback(key, "opened", on_open))


def token_map(data: dict[str, Any], *, key: str, on_open: Callable[[str], None]) -> None:
    """Rectangles as large as their tokens; `on_open` gets the id of one."""
    _TOKEN_MAP(key=key, data=data, on_opened_change=_callback(key, "opened", on_open))


def module_graph(data: dict[str, Any], *, key: str, on_open: Callable[[str], None]) -> None:
    """What imports what; `on_open` gets the id of a node."""
    _MODULE_GRAPH(key=key, data=data, on_opened_change=_callback(key, "opened", on_open))


def _callback(key: str, name: str, act: Callable[[Any], None]) -> Callable[[], None]:
    """Do it with what was pressed, before the page is drawn again: once is enough then."""

    def pressed() -> None:
        value = st.session_state[key].get(name)
        if value is not None:
            attempt(lambda: act(value))

    return pressed
