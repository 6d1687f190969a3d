"""Buttons that lead to the cell or quote before and after."""

import streamlit as st

from docqa.ui.review import place


def draw(icon: str, text: str, *to: int) -> None:
    """A button for `place.open_cell(*to)`; it cannot be pressed where there is nothing to go to."""
    st.button(
        "",
        icon=icon,
        type="tertiary",
        key=text,
        help=text,
        disabled=not to,
        on_click=place.open_cell,
        args=to,
    )
