"""Editing a checklist: its fields, its requirements as a table, and saving it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from docqa.core.checklist_fields import MAX_CHARACTERS
from docqa.core.checklists import ACROSS, ANSWER_KINDS, VERDICTS, Checklist, to_data
from docqa.core.verdict_words import verdict_word
from docqa.errors import ChecklistError, StaleError
from docqa.ui import checklist_rows, messages, state
from docqa.ui.state import Key

TABLE_PX, ROW_PX = 560, 35
SPARE_ROWS = 6
"""Beside those that are there, the header among them: room to add some."""
KINDS = {
    "verdict": "a verdict alone",
    "text": "a text",
    "date": "a date",
    "amount": "an amount",
    "party": "a party",
    "list": "a list",
}
ACROSS_WORDS = {"agree": "should agree", "independent": "are independent"}


@dataclass(frozen=True, slots=True)
class Opened:
    """What is being edited, as it was when it was opened; no checklist: a new one."""

    checklist: Checklist | None = None
    revision: int | None = None

    @property
    def key(self) -> str:
        """Tells the widgets of this one from those of others."""
        name = self.checklist.id if self.checklist else "new"
        return f"{name}-{self.revision or 0}"


def opened(checklist: Checklist | None, revision: int | None) -> Opened:
    """What this session edits: kept as it was opened, also if others save meanwhile."""
    kept: Opened | None = st.session_state.get(Key.CHECKLIST_OPEN)
    if kept is None or _id(kept.checklist) != _id(checklist):
        kept = Opened(checklist, revision)
        st.session_state[Key.CHECKLIST_OPEN] = kept
    return kept


def close() -> None:
    """Let go of what was edited; what was not saved is lost."""
    st.session_state.pop(Key.CHECKLIST_OPEN, None)


def draw(editing: Opened, revision: int | None) -> None:
    """The editor. `revision` is the one that is stored now."""
    if editing.revision != revision:
        _stale(editing)
    fields = _fields(editing)
    # Above the table, which is long; filled when it is known what the table says.
    bar = st.container(horizontal=True, vertical_alignment="center")
    told = st.container()
    rows = _table(editing)
    checklist: Checklist | None = None
    problems: tuple[str, ...] = ()
    try:
        checklist = checklist_rows.checklist_of(fields, rows)
    except ChecklistError as error:
        problems = error.problems
    untouched = _untouched(editing, checklist, fields, rows)
    with bar:
        pressed = st.button(
            "Save",
            type="primary",
            icon=":material/save:",
            disabled=untouched,
            key="save-checklist",
        )
        if not untouched:
            st.caption("Not saved yet.")
    if problems and not untouched:
        with told:
            _problems(problems)
    if pressed and checklist:
        with messages.problems():
            _save(editing, checklist)


def _fields(editing: Opened) -> dict[str, str]:
    of = editing.checklist
    left, middle, right = st.columns([3, 2, 1])
    fields = {
        "title": left.text_input(
            "Title",
            value=of.title if of else "",
            max_chars=MAX_CHARACTERS["title"],
            key=f"checklist-title-{editing.key}",
        ),
        "id": middle.text_input(
            "Id",
            value=of.id if of else "",
            max_chars=MAX_CHARACTERS["id"],
            disabled=of is not None,
            help="Letters, digits, dashes and underscores; the command line names it by this.",
            key=f"checklist-id-{editing.key}",
        ),
        "version": right.text_input(
            "Version",
            value=of.version if of else "1",
            max_chars=MAX_CHARACTERS["version"],
            key=f"checklist-version-{editing.key}",
        ),
        "source": st.text_input(
            "Source",
            value=of.source if of else "",
            max_chars=MAX_CHARACTERS["source"],
            placeholder="The law, the standard or the house rule that it comes from",
            key=f"checklist-source-{editing.key}",
        ),
        "description": st.text_area(
            "Description",
            value=of.description if of else "",
            max_chars=MAX_CHARACTERS["description"],
            height=80,
            key=f"checklist-description-{editing.key}",
        ),
    }
    return {name: value or "" for name, value in fields.items()}


def _table(editing: Opened) -> Sequence[dict[str, Any]]:
    column = st.column_config
    st.caption(
        "A row per requirement; the last, empty row adds one. A double click opens a cell. "
        "Phrases to look for are separated by semicolons."
    )
    rows = checklist_rows.rows_of(editing.checklist)
    edited: list[dict[str, Any]] = st.data_editor(
        rows,
        num_rows="dynamic",
        hide_index=True,
        height=min(ROW_PX * (len(rows) + SPARE_ROWS), TABLE_PX),
        key=f"checklist-rows-{editing.key}",
        column_config={
            "id": column.TextColumn("Id", width=110, max_chars=MAX_CHARACTERS["id"]),
            "section": column.TextColumn("Section", width=140, max_chars=MAX_CHARACTERS["section"]),
            "text": column.TextColumn("Requirement", width=360, max_chars=MAX_CHARACTERS["text"]),
            "guidance": column.TextColumn(
                "Guidance",
                width=260,
                max_chars=MAX_CHARACTERS["guidance"],
                help="For people and the model: what counts as met, and what does not.",
            ),
            "look_for": column.TextColumn(
                "Look for",
                width=220,
                help="Words and phrases that documents use for it; they help to find evidence.",
            ),
            "kind": column.SelectboxColumn(
                "Asks for", width=120, options=ANSWER_KINDS, default="verdict", format_func=_kind
            ),
            "verdicts": column.MultiselectColumn(
                "Verdicts", width=260, options=VERDICTS, default=VERDICTS, format_func=verdict_word
            ),
            "across": column.SelectboxColumn(
                "Documents", width=140, options=ACROSS, default="agree", format_func=_across
            ),
        },
    )
    return edited


def _save(editing: Opened, checklist: Checklist) -> None:
    try:
        saved = state.app().checklists.save(checklist, revision=editing.revision)
    except StaleError as error:
        messages.problem(str(error), "Read it again, or save yours under another id: duplicate it.")
        return
    st.session_state[Key.CHECKLIST] = saved.checklist.id
    st.session_state[Key.CHECKLIST_OPEN] = Opened(saved.checklist, saved.revision)
    messages.notice(f"{checklist.title} was saved")
    st.rerun()


def _stale(editing: Opened) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning("Somebody else has saved this checklist since you opened it.")
        if st.button("Read it again", key="reread-checklist", help="Your changes are lost."):
            close()
            st.rerun()


def _untouched(
    editing: Opened, checklist: Checklist | None, fields: dict[str, str], rows: Sequence[Any]
) -> bool:
    if editing.checklist is None:
        named = fields["title"] or fields["id"]
        return not named and rows == checklist_rows.rows_of(None)
    return checklist is not None and to_data(checklist) == to_data(editing.checklist)


def _problems(problems: Sequence[str]) -> None:
    shown = "\n".join(f"- {messages.plain(problem)}" for problem in problems)
    st.error(f"**Correct this before you save:**\n\n{shown}", icon=":material/error:")


def _id(checklist: Checklist | None) -> str:
    return checklist.id if checklist else ""


def _kind(kind: object) -> str:
    return KINDS.get(str(kind), str(kind))


def _across(across: object) -> str:
    return ACROSS_WORDS.get(str(across), str(across))
