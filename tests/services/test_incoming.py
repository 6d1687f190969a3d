import io

import pytest

from docqa.errors import UnsafePathError
from docqa.services.incoming import clean, incoming_path, remove, save_folders
from docqa.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


def test_a_dropped_folder_waits_as_it_was(settings):
    files = [("code/app.py", io.BytesIO(b"print()")), ("code/lib/a.py", io.BytesIO(b"a = 1"))]

    (folder,) = save_folders(settings, files)

    assert folder.name == "code"
    assert (folder / "lib" / "a.py").read_bytes() == b"a = 1"


@pytest.mark.parametrize(
    "name", ["../out.py", "code/../../out.py", "/etc/out", "code\\..\\..\\out"]
)
def test_a_path_that_leads_out_is_refused_and_leaves_nothing(settings, name):
    files = [("code/app.py", io.BytesIO(b"print()")), (name, io.BytesIO(b"x"))]

    with pytest.raises(UnsafePathError):
        save_folders(settings, files)

    assert list(incoming_path(settings).iterdir()) == []


def test_a_folder_that_was_read_is_removed_and_other_folders_are_not(settings, tmp_path):
    (folder,) = save_folders(settings, [("code/app.py", io.BytesIO(b"print()"))])
    own = tmp_path / "project"
    own.mkdir()

    remove(settings, folder)
    remove(settings, own)

    assert list(incoming_path(settings).iterdir()) == []
    assert own.is_dir()


def test_what_has_waited_for_long_is_cleaned_away(settings):
    save_folders(settings, [("code/app.py", io.BytesIO(b"print()"))])

    clean(settings)
    assert len(list(incoming_path(settings).iterdir())) == 1

    clean(settings, older_than_s=0)
    assert list(incoming_path(settings).iterdir()) == []
