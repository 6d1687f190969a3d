"""Where one is on the Coverage page: source, class, words in the name, document.

The address says all of it, so that every view can be opened again and shown to a colleague.
"""

from dataclasses import dataclass, replace

import streamlit as st

from docqa.core.coverage import CLASSES, PageClass
from docqa.store.coverage_units import CoverageFilter
from docqa.ui import state
from docqa.ui.state import Key

MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Place:
    """What is on the screen."""

    source: int | None = None
    page_class: PageClass | None = None
    """None stands for all of them."""
    text: str = ""
    document: int | None = None
    after: int = 0
    """Pages of the list that are left out before the first that is shown."""

    @property
    def wanted(self) -> CoverageFilter:
        """What of the workspace is listed."""
        return CoverageFilter(self.source, None, self.page_class, self.text)

    @property
    def listed(self) -> CoverageFilter:
        """As `wanted`, and of the chosen document alone."""
        return CoverageFilter(self.source, self.document, self.page_class, self.text)


def current() -> Place:
    """Where this session is."""
    found: Place = st.session_state.get(Key.COVERAGE_PLACE, Place())
    return found


def go(place: Place) -> None:
    """Be there from now on."""
    st.session_state[Key.COVERAGE_PLACE] = place


def choose_source(source: int | None) -> None:
    """List this source alone, or all of them."""
    go(replace(current(), source=source, document=None, after=0))


def choose_class(name: PageClass | None) -> None:
    """List the pages of one class, or of all."""
    go(replace(current(), page_class=name, after=0))


def choose_document(document: int | None) -> None:
    """List the pages of this document, or of all that are listed."""
    go(replace(current(), document=document, after=0))


def look_for(text: str) -> None:
    """List what has these words in its path."""
    go(replace(current(), text=text[:MAX_TEXT], document=None, after=0))


def turn(after: int) -> None:
    """Show the list from another page on."""
    go(replace(current(), after=max(0, after)))


def restore() -> None:
    """Take over a new address: workspace, source, class, words, document."""
    params = state.arrived()
    if params is None:
        return
    state.take_workspace(params)
    wanted = params.get("f", "")
    go(
        Place(
            source=state.number(params.get("s")),
            page_class=next((each for each in CLASSES if each == wanted), None),
            text=params.get("q", "")[:MAX_TEXT],
            document=state.number(params.get("d")),
            after=state.number(params.get("n")) or 0,
        )
    )


def address() -> dict[str, object | None]:
    """What the address says."""
    here = current()
    return {
        "w": st.session_state.get(Key.WORKSPACE),
        "s": here.source,
        "f": here.page_class,
        "q": here.text or None,
        "d": here.document,
        "n": here.after or None,
    }
