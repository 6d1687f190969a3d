from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from docqa.bootstrap import App, build_app
from docqa.core.checklists import Checklist, Requirement
from docqa.settings import Settings
from docqa.web.cookie import installation_cookie
from docqa.web.policy import SANDBOX_POLICY
from docqa.web.routes import Routes, attachment
from docqa.web.security import SecurityMiddleware

ICON = Path(__file__).parents[2] / "docqa" / "ui" / "assets" / "icon.svg"
HOSTILE_NAME = 'a"; b\r\n.py'


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("routes")
    built = build_app(Settings(home=folder / "home"))
    built.start()
    workspace = built.workspaces.get_or_create("default")
    code = folder / "code.py"
    code.write_text("def f():\n    return 1\n")
    paper = App.samples() / "data-processing-agreement.pdf"
    job = built.ingestion.submit_paths(workspace.id, [paper, code])
    assert built.ingestion.wait(job).status == "done"
    yield built
    built.close()


@pytest.fixture(scope="module")
def versions(app):
    workspace = app.workspaces.get("default")
    return {d.name: d.version_id for d in app.library.documents(workspace.id)}


@pytest.fixture
def stranger(app):
    """A client without the cookie."""
    cookie = installation_cookie(app.settings.home)
    served = Starlette(
        routes=Routes(lambda: app, cookie, ICON).all(),
        middleware=[Middleware(SecurityMiddleware, policy="default-src 'self'", cookie=cookie)],
    )
    return TestClient(served, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50_000))


@pytest.fixture
def client(app, stranger):
    cookie = installation_cookie(app.settings.home)
    stranger.cookies.set(cookie.name, cookie.value)
    return stranger


@pytest.fixture
def paper(versions):
    return versions["data-processing-agreement.pdf"]


@pytest.fixture
def code(versions):
    return versions["code.py"]


def test_the_tree_names_every_file_with_its_tokens(client, app, versions):
    workspace = app.workspaces.get("default")

    said = client.get(f"/code/{workspace.id}/tree.json").json()

    found = {file[0]: file for file in said["files"]}
    assert found["code.py"][1] > 0
    assert found["code.py"][2] == "ready"
    assert str(found["code.py"][5]) in said["sources"]


@pytest.mark.parametrize("path", ["/code/999/tree.json", "/doc/999/blame.json"])
def test_code_that_is_not_there_is_said_so(client, path):
    assert client.get(path).status_code == 404


def test_the_tree_is_for_this_browser_only(stranger):
    assert stranger.get("/code/1/tree.json").status_code == 403


def test_a_page_is_a_picture_that_may_be_kept(client, paper):
    answer = client.get(f"/doc/{paper}/page/1.webp?w=300")

    assert answer.headers["content-type"] == "image/webp"
    assert answer.content[8:12] == b"WEBP"
    assert answer.headers["cache-control"].startswith("private")


@pytest.mark.parametrize(
    "path",
    ["page/1.webp", "text/1.json", "find.json?q=a", "lines.json", "original"],
)
def test_documents_are_closed_to_who_has_no_cookie(stranger, paper, path):
    assert stranger.get(f"/doc/{paper}/{path}").status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/doc/999/page/1.webp", "/doc/999/original", "/doc/999/lines.json", "/conversation/999.md"],
)
def test_what_does_not_exist_is_said_so(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert "there is no" in answer.json()["error"]


def test_a_page_beyond_the_last_does_not_exist(client, paper):
    assert client.get(f"/doc/{paper}/page/10000.webp").status_code == 404


def test_the_lines_of_a_page_lie_on_it(client, paper):
    lines = client.get(f"/doc/{paper}/text/1.json").json()["lines"]

    assert any("Data Processing Agreement" in line["text"] for line in lines)
    assert all(0 <= edge <= 1 for line in lines for edge in line["rect"])


def test_words_are_found_with_their_places(client, paper):
    hits = client.get(f"/doc/{paper}/find.json", params={"q": "personal  DATA breach"}).json()

    assert hits["hits"]
    assert all(len(rect) == 5 for hit in hits["hits"] for rect in hit)


def test_a_code_file_comes_in_coloured_lines(client, code):
    lines = client.get(f"/doc/{code}/lines.json").json()["lines"]

    assert lines[0][0] == ["k", "def"]
    assert "".join(text for _, text in lines[1]) == "    return 1"


def test_an_original_is_saved_and_never_run(client, code):
    answer = client.get(f"/doc/{code}/original")

    assert answer.text == "def f():\n    return 1\n"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="code.py"')
    assert answer.headers["content-security-policy"] == SANDBOX_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_conversation_is_saved_as_markdown(client, app):
    conversation = app.conversations.create(app.workspaces.get("default").id, "Breaches")

    answer = client.get(f"/conversation/{conversation.id}.md")

    assert answer.text.startswith("# Breaches")
    assert "attachment" in answer.headers["content-disposition"]


def test_anyone_on_this_machine_may_ask_for_health(stranger):
    assert stranger.get("/healthz").json() == {"ok": True}


def test_a_hostile_name_cannot_break_out_of_its_header():
    header = attachment(HOSTILE_NAME)

    assert "\r" not in header
    assert "\n" not in header
    assert header.count('"') == 2


CHECKLIST = Checklist(
    "dpa",
    "Processor agreements",
    "1",
    "a test",
    (Requirement("breach", "The processor notifies personal data breaches."),),
)


@pytest.fixture(scope="module")
def review(app, versions):
    workspace = app.workspaces.get("default")
    paper = app.library.by_name(workspace.id, "data-processing-agreement.pdf")
    number = app.reviewing.submit(
        workspace.id, CHECKLIST, document_ids=[paper.id], title="Größe: a/b.. \u5951\u7d04"
    )
    app.reviewing.wait(number)
    return number


@pytest.mark.parametrize(
    ("format", "beginning"),
    [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF"), ("json", b"{\n")],
)
def test_a_review_is_downloaded_as_a_file_that_does_not_stay(
    app, client, review, format, beginning
):
    answer = client.get(f"/review/{review}/export.{format}")

    assert answer.status_code == 200
    assert answer.content.startswith(beginning)
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == SANDBOX_POLICY
    assert list((app.settings.cache_path / "exports").iterdir()) == []
    assert app.store.audit.entries(1)[0].action == "review.exported"


def test_a_review_is_closed_to_who_has_no_cookie(app, stranger, review):
    before = app.store.audit.count()

    assert stranger.get(f"/review/{review}/export.json").status_code == 403
    assert app.store.audit.count() == before


def test_exports_that_cannot_be_made_are_refused(app, client, review):
    before = app.store.audit.count()

    assert client.get("/review/999/export.csv").status_code == 404
    assert client.get(f"/review/{review}/export.docx").status_code == 422
    assert client.head(f"/review/{review}/export.csv").status_code == 405
    assert app.store.audit.count() == before
