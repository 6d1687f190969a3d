import os
import shutil

import pytest

from tests.services import parts
from tests.services.codebase import make_code


@pytest.fixture(autouse=True)
def _no_settings_in_the_environment(monkeypatch):
    for name in os.environ:
        if name.startswith("DOCQA_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Four small documents; not to be written to."""
    return parts.make_folder(tmp_path_factory.mktemp("sources") / "freight")


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory, folder):
    """A home with the folder's documents in workspace `default`; not to be written to."""
    home = tmp_path_factory.mktemp("filled") / "home"
    app = parts.app_of(home)
    job = parts.ingest(app, folder)
    assert job.status == "done"
    parts.close(app)
    return home


@pytest.fixture(scope="session")
def new_home(tmp_path_factory):
    """A home with an empty database; not to be written to."""
    home = tmp_path_factory.mktemp("new") / "home"
    parts.close(parts.app_of(home))
    return home


@pytest.fixture
def empty_home(tmp_path, new_home):
    """A copy of the home with an empty database; making one anew takes half a second."""
    return shutil.copytree(new_home, tmp_path / "a home")


@pytest.fixture
def open_app(empty_home):
    """Opens apps on a home of this test, and closes them."""
    opened = []

    def open_(home=None, **settings):
        app = parts.app_of(home or empty_home, **settings)
        opened.append(app)
        return app

    yield open_
    for app in opened:
        parts.close(app)


@pytest.fixture
def home(tmp_path, filled_home):
    """A copy of the home that has the folder's documents."""
    return shutil.copytree(filled_home, tmp_path / "home")


@pytest.fixture
def app(open_app, home):
    """An app that has the folder's documents."""
    return open_app(home)


@pytest.fixture
def empty(open_app, empty_home):
    """An app without documents."""
    return open_app(empty_home)


@pytest.fixture(scope="session")
def code_home(tmp_path_factory):
    """A home with a small codebase; not to be written to."""
    folder = tmp_path_factory.mktemp("code")
    app = parts.app_of(folder / "home")
    assert parts.ingest(app, make_code(folder / "acme-src")).status == "done"
    parts.close(app)
    return folder / "home"


@pytest.fixture(scope="session")
def code_app(code_home):
    """An app that has the codebase; not to be changed."""
    app = parts.app_of(code_home)
    yield app
    parts.close(app)
