import errno
import fcntl
import os
import tempfile

import pytest

from docqa.readers.ocr import slots
from docqa.readers.ocr.slots import slot


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the slots' files will be."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"docqa-ocr-{os.getuid()}"


@pytest.fixture
def waits(monkeypatch):
    """How often a slot was waited for; the clock goes on by a second each time."""
    waited = []
    monkeypatch.setattr(slots.time, "sleep", waited.append)
    monkeypatch.setattr(slots.time, "monotonic", lambda: float(len(waited)))
    return waited


def test_a_slot_is_waited_for_until_one_is_free_but_not_for_ever(folder, waits):
    with slot(2), slot(2):
        assert waits == []
        with slot(2):
            assert len(waits) == slots.LONGEST_S
    with slot(2):
        assert len(waits) == slots.LONGEST_S


def test_a_link_among_the_slots_leads_nowhere(folder, tmp_path, waits):
    precious = tmp_path / "precious"
    precious.write_text("kept")
    folder.mkdir(mode=0o700)
    (folder / "0").symlink_to(precious)

    with slot(1):
        assert precious.read_text() == "kept"
    assert waits == []


@pytest.mark.parametrize("trap", ["link", "file", "open to others"])
def test_a_folder_that_is_not_this_users_alone_has_no_slots(folder, tmp_path, waits, trap):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    if trap == "link":
        folder.symlink_to(elsewhere)
    elif trap == "file":
        folder.write_text("")
    else:
        folder.mkdir()
        folder.chmod(0o777)

    with slot(1), slot(1):
        assert waits == []
    assert list(elsewhere.iterdir()) == []
    assert trap == "file" or list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.EIO])
def test_where_files_have_no_locks_nothing_is_waited_for(folder, waits, monkeypatch, number):
    def flock(*given):
        raise OSError(number, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)

    with slot(1), slot(1):
        assert waits == []
