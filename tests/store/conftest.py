import shutil

import pytest

from docqa.store.store import Store


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """Migrated once; a copy takes a tenth of the time."""
    home = tmp_path_factory.mktemp("empty")
    with Store(home) as opened:
        return opened.path


@pytest.fixture
def store(empty_database, tmp_path):
    home = tmp_path / "a home with spaces"
    home.mkdir(mode=0o700)
    shutil.copy(empty_database, home)
    with Store(home) as opened:
        yield opened
