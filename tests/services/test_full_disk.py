"""A disk that is full: said as such, and nothing is lost once there is space again."""

import contextlib
import os
import subprocess

import pytest

from docqa.errors import JobFailedError, StorageFullError
from tests.services.parts import (
    app_of,
    ask,
    close,
    documents,
    ingest,
    make_folder,
    upload,
    workspace,
)

SIZE_MB = 6


@pytest.fixture
def disk(tmp_path):
    """The root of a small disk of its own."""
    root = tmp_path / "disk"
    root.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(root)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `mount` here")
    if mounted.returncode:
        pytest.skip(f"a disk of its own cannot be mounted here: {mounted.stderr.strip()}")
    yield root
    subprocess.run(["umount", "--lazy", str(root)], check=True)


@contextlib.contextmanager
def filled(disk, *, left=0):
    """The disk without space but for `left` bytes."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(4_096))
        size = file.seek(0, os.SEEK_END)
        file.truncate(max(0, size - left))
    try:
        yield
    finally:
        path.unlink()


@pytest.fixture
def on_disk(disk, tmp_path):
    """An app whose home is on the small disk, with the folder's documents."""
    app = app_of(disk / "home")
    ingest(app, make_folder(tmp_path / "freight"))
    yield app
    close(app)


def test_a_full_disk_refuses_uploads_and_loses_nothing(disk, on_disk):
    with filled(disk), pytest.raises(StorageFullError, match="no space is left on the disk"):
        upload(on_disk, "notes.txt", b"Notes of a meeting. " * 10_000)

    assert len(documents(on_disk)) == 4
    assert upload(on_disk, "notes.txt", b"Notes of a meeting.").status == "done"
    assert len(documents(on_disk)) == 5


@pytest.mark.parametrize("left", [0, 40_960, 204_800])
def test_a_disk_that_fills_up_while_documents_are_added_says_so_and_goes_on_later(
    disk, on_disk, tmp_path, left
):
    folder = tmp_path / "more"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.txt").write_text(f"Meeting {number} about freight.\n" * 500)
    job_id = on_disk.ingestion.submit_paths(workspace(on_disk), [folder])

    with filled(disk, left=left), pytest.raises((StorageFullError, JobFailedError)) as failure:
        on_disk.jobs.follow(job_id, lambda job: None)

    assert "no space is left on the disk" in str(failure.value)
    assert "Free some space" in failure.value.hint
    assert on_disk.store.database.check() == ()
    assert {"agreement.pdf", "runbook.md"} <= set(documents(on_disk))

    on_disk.store.jobs.release_dead(lambda pid, started: False)
    for job in on_disk.store.jobs.active():
        on_disk.jobs.run(job.id)
    ingest(on_disk, folder)

    assert len(documents(on_disk)) == 34
    assert all(document.published for document in documents(on_disk).values())
    assert ask(on_disk, "What was meeting 7 about?").status == "answered"


def test_a_disk_without_space_for_a_database_says_so(disk):
    with filled(disk), pytest.raises(StorageFullError, match="no space is left on the disk"):
        app_of(disk / "home")

    close(app_of(disk / "home"))


def test_an_answer_on_a_full_disk_is_written_later(disk, on_disk):
    conversation = on_disk.conversations.create(workspace(on_disk)).id
    answer_id = on_disk.answering.submit(conversation, "Who restarts the dispatcher?")
    on_disk.engines.engine().close()

    with filled(disk), contextlib.suppress(StorageFullError):
        on_disk.answering.wait(answer_id)

    if on_disk.answering.answer(answer_id).running:
        on_disk.store.jobs.release_dead(lambda pid, started: False)
        on_disk.answering.wait(answer_id)
    answer = on_disk.answering.answer(answer_id)
    assert answer.status == "answered" or "no space is left" in answer.error
    assert ask(on_disk, "Who restarts the dispatcher?").status == "answered"
