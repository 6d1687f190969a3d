"""The pages in Streamlit's own test harness, over a real `App` on a folder of its own."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from docqa.bootstrap import build_app
from docqa.core.checklists import Checklist, Requirement
from docqa.settings import Settings
from docqa.web import shared

ROOT = Path(__file__).parents[2]
TEXT = """# Holiday policy

Employees have 30 days of paid leave in every year.

Unused days lapse on 31 March of the following year.
"""
CHECKLIST = Checklist(
    id="leave",
    title="Leave <b>rules</b>",
    version="1",
    source="a test",
    requirements=(
        Requirement("L-1", "Employees have at least 25 days of paid leave in a year."),
        Requirement("L-2", "Unused days of leave lapse on a fixed date.", guidance="A date."),
        Requirement("L-3", "Pets are allowed *in the office*."),
    ),
)


@pytest.fixture(scope="session")
def read_once(tmp_path_factory):
    """A data folder with one document in it, read once for all tests."""
    folder = tmp_path_factory.mktemp("read-once")
    path = folder / "holidays.md"
    path.write_text(TEXT)
    app = build_app(Settings(home=folder / "home"))
    app.start()
    workspace = app.workspaces.get_or_create("default")
    assert app.ingestion.wait(app.ingestion.submit_paths(workspace.id, [path])).status == "done"
    app.close()
    return folder / "home"


@pytest.fixture(scope="session")
def reviewed_once(read_once, tmp_path_factory):
    """That data folder with a review that quotes evidence and has no verdicts."""
    home = tmp_path_factory.mktemp("reviewed-once") / "home"
    shutil.copytree(read_once, home)
    app = build_app(Settings(home=home))
    app.start()
    workspace = app.workspaces.get_or_create("default")
    app.reviewing.wait(app.reviewing.submit(workspace.id, CHECKLIST))
    app.close()
    return home


@pytest.fixture
def app(tmp_path, monkeypatch, request):
    """A running `App`; pages of this test use it."""
    if "review" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("reviewed_once"), tmp_path / "home")
    elif "document" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("read_once"), tmp_path / "home")
    monkeypatch.setenv("DOCQA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCQA_ENGINE", "auto")
    built = build_app(Settings())
    shared.install(built)
    built.start()
    yield built
    shared.forget(built)
    built.close()


@pytest.fixture
def workspace(app):
    return app.workspaces.get_or_create("default")


@pytest.fixture
def document(app, workspace):
    """A document that has been read."""
    [document] = app.library.documents(workspace.id)
    return document


@pytest.fixture
def open_page(app):
    """Open a page by its name; all but Ask run without their frame here.

    `AppTest` forgets before each run that `st.navigation` ended the discovery of `pages/`. That the
    frame is there on a first visit is proved in a browser.
    """

    def opened(name: str = "ask", **params: object) -> AppTest:
        test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
        if name != "ask":
            test.run()
            test.switch_page(f"pages/{name}.py")
        for key, value in params.items():
            test.query_params[key] = str(value)
        return test.run()

    return opened
