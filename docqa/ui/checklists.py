"""The list of checklists, and what is done with one as a whole."""

import re
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from docqa.core.checklists import Checklist, Requirement
from docqa.core.verdict_words import verdict_word
from docqa.errors import ChecklistError
from docqa.services.checklists import FORMATS, MAX_BYTES, SUFFIXES, ChecklistInfo, Format
from docqa.ui import checklist_editor, messages, state
from docqa.ui.state import Key

NEW = "new!"  # no checklist can have this id
MEDIA_TYPES = {
    "yaml": "application/yaml",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LABELS = {"yaml": "YAML", "csv": "CSV", "xlsx": "Excel (XLSX)"}
TABLE_PX = 420


def restore() -> None:
    """Take over a new address: workspace, checklist."""
    params = state.arrived()
    if params is None:
        return
    state.take_workspace(params)
    if "k" in params:
        st.session_state[Key.CHECKLIST] = params["k"]


def address() -> dict[str, object | None]:
    """What the address says."""
    return {
        "w": st.session_state.get(Key.WORKSPACE),
        "k": st.session_state.get(Key.CHECKLIST),
    }


def choose(checklist_id: str) -> None:
    """Show this checklist."""
    st.session_state[Key.CHECKLIST] = checklist_id
    checklist_editor.close()


def making() -> bool:
    """Whether a new checklist is being made."""
    return st.session_state.get(Key.CHECKLIST) == NEW


def draw_list(listed: Sequence[ChecklistInfo]) -> ChecklistInfo | None:
    """All checklists; returns the one that is chosen, by default the first."""
    chosen = _chosen(listed)
    if chosen:
        st.session_state[Key.CHECKLIST] = chosen.id
    st.title("Checklists")
    st.caption("What documents are held against in a review, requirement by requirement.")
    with st.container(horizontal=True):
        st.button("New", icon=":material/add:", key="new-checklist", on_click=choose, args=(NEW,))
    for title, group in (
        ("Your own", [info for info in listed if not info.builtin]),
        ("Come with docqa", [info for info in listed if info.builtin]),
    ):
        if group:
            st.html(f'<div class="pane-title">{title}</div>')
            with st.container(gap="xsmall"):
                for info in group:
                    _entry(info, chosen=info == chosen)
    _import(listed)
    return chosen


def draw_one(info: ChecklistInfo) -> None:
    """A checklist: what can be done with it, and its requirements."""
    service = state.app().checklists
    checklist = service.get(info.id)
    st.subheader(messages.plain(checklist.title))
    count = messages.count(info.requirements, "requirement")
    by = f" · saved by {messages.plain(info.updated_by)}" if info.updated_by else ""
    st.caption(f"{count} · version {messages.plain(info.version)}{by}")
    _actions(info, checklist)
    if info.builtin:
        _read(checklist)
        return
    editing = checklist_editor.opened(checklist, info.revision)
    checklist_editor.draw(editing, info.revision)


def draw_new() -> None:
    """A new checklist, from nothing."""
    st.subheader("New checklist")
    checklist_editor.draw(checklist_editor.opened(None, None), None)


def _chosen(listed: Sequence[ChecklistInfo]) -> ChecklistInfo | None:
    key = st.session_state.get(Key.CHECKLIST)
    if key == NEW:
        return None
    return next((info for info in listed if info.id == key), listed[0] if listed else None)


def _entry(info: ChecklistInfo, *, chosen: bool) -> None:
    st.button(
        messages.plain(info.title),
        key=f"checklist-{info.id}",
        type="primary" if chosen else "secondary",
        width="stretch",
        wrap=True,
        on_click=choose,
        args=(info.id,),
    )


def _actions(info: ChecklistInfo, checklist: Checklist) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Review with it", icon=":material/fact_check:", key="review-with", type="primary"
        ):
            st.session_state["review-checklist"] = info.id
            params = {"w": str(st.session_state.get(Key.WORKSPACE)), "r": "new"}
            st.switch_page("pages/review.py", query_params=params)
        with st.popover("Duplicate", icon=":material/content_copy:", key="duplicate-checklist"):
            _duplicate(info)
        with st.popover("Export", icon=":material/download:", key="export-checklist"):
            for kind in FORMATS:
                _download(checklist, kind)
        if not info.builtin:
            with st.popover("Delete", icon=":material/delete:", key="delete-checklist"):
                _delete(info)


def _download(checklist: Checklist, kind: Format) -> None:
    service = state.app().checklists
    st.download_button(
        LABELS[kind],
        data=lambda: service.export(checklist, kind),
        file_name=f"{checklist.id}.{kind}",
        mime=MEDIA_TYPES[kind],
        on_click="ignore",
        width="stretch",
        key=f"export-checklist-{kind}",
    )


def _read(checklist: Checklist) -> None:
    """A checklist that cannot be changed."""
    st.markdown(messages.plain(checklist.description))
    st.caption(f"Source: {messages.plain(checklist.source)}")
    st.caption("It comes with docqa and stays as it is; duplicate it to change the copy.")
    rows = checklist.requirements
    shown = st.dataframe(
        {
            "Id": [item.id for item in rows],
            "Requirement": [item.text for item in rows],
            "Guidance": [item.guidance for item in rows],
            "Section": [item.section for item in rows],
        },
        hide_index=True,
        height=min(38 + 35 * len(rows), TABLE_PX),
        key=f"checklist-read-{checklist.id}",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Id": st.column_config.TextColumn(width=150, pinned=True),
            "Requirement": st.column_config.TextColumn(width=420),
            "Guidance": st.column_config.TextColumn(width=320),
        },
    )
    chosen = shown["selection"]["rows"]
    if chosen:
        _requirement(rows[chosen[0]])
    else:
        st.caption("Choose a row to read all of it.")


def _requirement(item: Requirement) -> None:
    """A requirement with all that guides."""
    words = ", ".join(verdict_word(verdict, item.kind) for verdict in item.verdicts)
    with st.container(border=True, key="requirement-in-full"):
        st.markdown(f"**{messages.plain(item.id)}**  \n{messages.plain(item.text)}")
        st.markdown(messages.plain(item.guidance))
        st.caption(f"Verdicts: {words}; asks for {checklist_editor.KINDS[item.kind]}")
        st.caption(f"Look for: {messages.plain('; '.join(item.look_for))}")


def _import(listed: Sequence[ChecklistInfo]) -> None:
    with st.expander("Import a file", icon=":material/upload:"):
        turn = st.session_state.get(Key.CHECKLIST_FILE, 0)
        upload = st.file_uploader(
            "YAML, CSV or Excel",
            type=[suffix.lstrip(".") for suffix in SUFFIXES],
            max_upload_size=MAX_BYTES // 1_000_000,
            key=f"checklist-file-{turn}",
        )
        st.caption(
            "A table needs a row of column names: text, and where you have them id, section, "
            "guidance, kind, verdicts, look_for, across. An export shows how it looks."
        )
        if upload is None:
            return
        try:
            found = state.app().checklists.import_bytes(upload.name, upload.getvalue())
        except ChecklistError as error:
            shown = "\n".join(f"- {messages.plain(problem)}" for problem in error.problems)
            more = error.count - len(error.problems)
            rest = f"\n\nand {more:,} more" if more else ""
            st.error(f"**It cannot be used:**\n\n{shown}{rest}", icon=":material/error:")
            return
        _add(found, listed)


def _add(found: Checklist, listed: Sequence[ChecklistInfo]) -> None:
    count = messages.count(len(found.requirements), "requirement")
    st.markdown(f"**{messages.plain(found.title)}**, {count}")
    new_id = st.text_input(
        "Keep it under the id", value=_free(found.id, listed), key=f"import-id-{found.id}"
    )
    own = {info.id: info.revision for info in listed if not info.builtin}
    replaces = new_id in own
    if replaces:
        st.caption("There is one of this id: it is replaced.")
    if st.button("Replace" if replaces else "Add", type="primary", key="add-checklist"):
        with messages.problems():
            kept = replace(found, id=new_id)
            state.app().checklists.save(kept, revision=own.get(new_id))
            st.session_state[Key.CHECKLIST_FILE] = st.session_state.get(Key.CHECKLIST_FILE, 0) + 1
            choose(new_id)
            messages.notice(f"{found.title} was added")
            st.rerun()


def _duplicate(info: ChecklistInfo) -> None:
    listed = state.app().checklists.all()
    free = _free(f"{info.id}-copy", listed)
    title = st.text_input("Title", value=f"{info.title} (copy)"[:200], key=f"title-of-{free}")
    new_id = st.text_input("Id", value=free, key=f"id-of-{free}")
    if st.button("Duplicate", type="primary", key="duplicate-now"):
        with messages.problems():
            state.app().checklists.duplicate(info.id, new_id.strip(), title.strip())
            choose(new_id.strip())
            st.rerun()


def _delete(info: ChecklistInfo) -> None:
    st.markdown(
        f"**{messages.plain(info.title)}** goes for good. Reviews that were made with it keep "
        "their copies."
    )
    if st.button("Delete for good", type="primary", key="delete-checklist-now"):
        with messages.problems():
            state.app().checklists.delete(info.id)
            st.session_state.pop(Key.CHECKLIST, None)
            checklist_editor.close()
            messages.notice(f"{info.title} was deleted")
            st.rerun()


def _free(wanted: str, listed: Sequence[ChecklistInfo]) -> str:
    """The id, or the next one like it, that no built-in checklist and no copy has."""
    taken = {info.id for info in listed}
    base = re.sub(r"-\d+$", "", wanted)[:56]
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (wanted, *numbered) if name not in taken)
