"""What is said to people: errors in words, and text of others as plain text."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from docqa.errors import DocqaError
from docqa.ui.state import Key

_BYTES = {"K": "KB", "M": "MB", "B": "GB"}
_MARKUP = frozenset(r"\`*_{}[]()#+-.!|<>~$:&^=")


@contextmanager
def problems() -> Iterator[None]:
    """Show a `DocqaError` as its message and its hint."""
    try:
        yield
    except DocqaError as error:
        problem(str(error), error.hint)


def problem(message: str, hint: str = "") -> None:
    """An error in words, with what to do about it."""
    text = f"**{plain(message[:1].upper() + message[1:])}**"
    st.error(text + (f"\n\n{plain(hint)}" if hint else ""), icon=":material/error:")


def notice(text: str) -> None:
    """Say this on the next run, briefly."""
    st.session_state[Key.NOTICE] = text


def say() -> None:
    """Show what callbacks and the last run left to be said."""
    if said := st.session_state.pop(Key.PROBLEM, None):
        problem(*said)
    if text := st.session_state.pop(Key.NOTICE, None):
        st.toast(plain(text))


def plain(text: str) -> str:
    """Text of others for an element that reads Markdown: it is shown as it is."""
    return "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in text)


def short(number: int) -> str:
    """`478`, `3.9K`, `412K`, `1.2M`: for narrow places."""
    if number < 1_000:
        return str(number)
    for unit, size in (("K", 1_000), ("M", 1_000_000), ("B", 1_000_000_000)):
        if number < size * 999.5:
            value = number / size
            return f"{value:.1f}{unit}" if value < 9.95 else f"{value:.0f}{unit}"
    return f"{number:,}"


def size(number: int) -> str:
    """`478 bytes`, `3.9 KB`, `1.2 MB`: a kilobyte has 1,000 bytes."""
    said = short(number)
    return f"{said} bytes" if said.isdigit() else f"{said[:-1]} {_BYTES[said[-1]]}"


def count(number: int, one: str, many: str = "") -> str:
    """`1 page`, `1,284 pages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
