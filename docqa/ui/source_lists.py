"""Lists about a source: files that are left out, places that look like secrets."""

import zlib
from collections.abc import Mapping, Sequence

import streamlit as st

from docqa.core.left_out import LeftOut
from docqa.ui import messages

SHOWN = 10_000
"""Rows in a table; the rest are counted."""
WORDS: dict[str, tuple[str, str]] = {
    "ignored": ("ignored file", "ignored files"),
    "generated": ("generated file", "generated files"),
    "vendored": ("vendored file", "vendored files"),
    "minified": ("minified file", "minified files"),
    "lock": ("lock file", "lock files"),
    "huge": ("huge file", "huge files"),
    "binary": ("binary file", "binary files"),
    "empty": ("empty file", "empty files"),
    "link": ("symbolic link", "symbolic links"),
    "submodule": ("submodule", "submodules"),
    "unsafe": ("file with an unsafe name", "files with unsafe names"),
    "unreadable": ("unreadable file", "unreadable files"),
}


def key_of(prefix: str, rows: Sequence[object]) -> str:
    """A table's key: what was chosen by its row is forgotten when other rows stand there."""
    return f"{prefix}-{zlib.crc32(repr(rows).encode()):x}"


def counted(counts: Mapping[str, int]) -> str:
    """`12 lock files, 3 binary files`, the most first."""
    order = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    said = []
    for category, count in order:
        one, many = WORDS.get(category, (f"{category} file", f"{category} files"))
        said.append(messages.count(count, one, many))
    return ", ".join(said)


def in_order(files: Sequence[LeftOut]) -> list[LeftOut]:
    """As the table has them: what could be read first."""
    return sorted(files[:SHOWN], key=lambda file: (not file.can_be_put_back, file.path))


def left_out(files: Sequence[LeftOut], *, key: str) -> tuple[str, ...]:
    """A table of files with the reasons. Returns the paths that are chosen to be put back."""
    shown = in_order(files)
    chosen = st.dataframe(
        {
            "File": [file.path for file in shown],
            "Reason": [
                file.reason if file.can_be_put_back else f"{file.reason} (cannot be read)"
                for file in shown
            ],
            "Size": [messages.size(file.size) for file in shown],
        },
        key=key_of(key, shown),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "File": st.column_config.TextColumn(width="medium"),
            "Size": st.column_config.TextColumn(width=80),
        },
        alt="Files that are left out, with the reasons",
    )
    if len(files) > SHOWN:
        st.caption(f"and {messages.count(len(files) - SHOWN, 'more file')}")
    rows = chosen["selection"]["rows"]
    picked = [shown[row] for row in rows if row < len(shown)]
    if refused := [file for file in picked if not file.can_be_put_back]:
        st.caption(f"{messages.count(len(refused), 'chosen file')} cannot be read as text.")
    return tuple(file.path for file in picked if file.can_be_put_back)
