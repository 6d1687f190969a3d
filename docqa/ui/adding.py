"""Adding documents: uploads, and files or folders of this machine by path."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from docqa.store.values import Workspace
from docqa.ui import messages, state
from docqa.ui.state import Key

FILES, FOLDER = "Files", "Folder"
LABELS = {
    FILES: "Drop PDFs, text, Markdown, code or a zip archive",
    FOLDER: "Drop a folder of documents or code; what its .gitignore names stays out",
}


def drop_zone(workspace: Workspace, *, key: str) -> None:
    """Files or a folder, taken as soon as they are dropped; the zone is empty again afterwards."""
    kind = st.segmented_control(
        "What to add",
        (FILES, FOLDER),
        default=FILES,
        required=True,
        key=f"{key}-kind",
        label_visibility="collapsed",
    )
    turn = st.session_state.get(Key.UPLOADS, 0)
    uploads = st.file_uploader(
        LABELS[kind],
        accept_multiple_files="directory" if kind == FOLDER else True,
        max_upload_size=state.app().settings.max_file_mb,
        key=f"{key}-{kind}-{turn}",
    )
    if not uploads:
        return
    # A file of a folder is named by its path, the folder first.
    named = [(upload.name, upload) for upload in uploads]
    ingestion = state.app().ingestion
    submit = ingestion.submit_folder if kind == FOLDER else ingestion.submit_uploads
    with messages.problems():
        job = submit(workspace.id, named)
        st.session_state[Key.UPLOADS] = turn + 1
        _began(job)


def path_form(workspace: Workspace) -> None:
    """A file, folder or archive that lies on this machine already."""
    form = st.form("add-path", border=False, clear_on_submit=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.text_input(
            "Or a file, folder or archive on this machine",
            placeholder="/home/me/contracts",
            key="path-to-add",
        )
        pressed = st.form_submit_button("Add", icon=":material/add:")
    if pressed and path and path.strip():
        add_paths(workspace, [path.strip()])


def add_paths(workspace: Workspace, paths: Sequence[str | Path]) -> None:
    """Queue these paths; what is wrong with them is said here."""
    with messages.problems():
        _began(state.app().ingestion.submit_paths(workspace.id, paths))


def _began(job: int) -> None:
    state.watch_job(job)
    st.rerun()
