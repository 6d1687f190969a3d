"""Adding documents: uploads, files and folders of this machine by path, Git repositories."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from docqa.errors import ReadError
from docqa.readers.git_address import GitAddress, is_git_address
from docqa.readers.home_paths import expanded
from docqa.readers.sources import is_archive
from docqa.store.values import Workspace
from docqa.ui import messages, source_preview, state
from docqa.ui.state import Key

FILES, FOLDER = "Files", "Folder"
LABELS = {
    FILES: "Drop PDFs, Office files, e-mail, web pages, pictures, text, code or a zip archive",
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


def address_form(workspace: Workspace) -> None:
    """A path of this machine or a Git repository; shown before it is added."""
    # A new field once what stood in it was added.
    turn = st.session_state.get(Key.ADDED, 0)
    form = st.form(f"add-source-{turn}", border=False, clear_on_submit=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        address = st.text_input(
            "Or a folder, archive or Git address",
            placeholder="/home/me/contracts or https://github.com/pallets/flask.git",
            key=f"address-to-add-{turn}",
        )
        pressed = st.form_submit_button("Add", icon=":material/add:")
    if pressed and address and address.strip():
        with messages.problems():
            _look(workspace, address.strip())
    source_preview.draw(workspace)


def _look(workspace: Workspace, address: str) -> None:
    """A file is read at once; of all else is shown first what is in it.

    Raises:
        ReadError: If no file can have this address, or the folder above it cannot be read.
    """
    path = expanded(address)
    try:
        of_git = is_git_address(address)
        of_file = not of_git and path.is_file() and not is_archive(path, path.name)
    except (OSError, ValueError):
        raise ReadError(address, "there is no such file or folder") from None
    if of_git:
        source_preview.begin(GitAddress.parse(address))
        return
    if of_file:
        _began(state.app().ingestion.submit_paths(workspace.id, [path]))
    source_preview.look(workspace, source_preview.Asked(address))


def add_paths(workspace: Workspace, paths: Sequence[str | Path]) -> None:
    """Queue these paths; what is wrong with them is said here."""
    with messages.problems():
        _began(state.app().ingestion.submit_paths(workspace.id, paths))


def _began(job: int) -> None:
    state.watch_job(job)
    st.rerun()
