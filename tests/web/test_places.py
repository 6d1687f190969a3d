import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from docqa.bootstrap import build_app
from docqa.settings import Settings
from docqa.web.cookie import installation_cookie
from docqa.web.places import MOST
from docqa.web.routes import Routes
from tests.services import placed


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    built = build_app(Settings(home=tmp_path_factory.mktemp("places") / "home"))
    yield built
    built.close()


@pytest.fixture(scope="module")
def versions(app):
    return placed.add_all(app)


@pytest.fixture(scope="module")
def client(app, tmp_path_factory):
    cookie = installation_cookie(app.settings.home)
    routes = Routes(lambda: app, cookie, tmp_path_factory.mktemp("icon") / "icon.svg").all()
    made = TestClient(Starlette(routes=routes), base_url="http://127.0.0.1:8501")
    made.cookies.set(cookie.name, cookie.value)
    return made


@pytest.fixture
def get(client, versions):
    def asked(name, path):
        answer = client.get(f"/doc/{versions[name]}/{path}")
        assert answer.status_code == 200
        return answer.json()

    return asked


def test_a_portion_has_its_passages_and_what_stands_before_them(get):
    said = get("travel.docx", "places.json?from=3&n=2")

    assert (said["start"], said["total"]) == (3, 37)
    assert said["before"]["text"] == "Costs"
    assert [block["n"] for block in said["blocks"]] == [3, 4]
    assert said["blocks"][0]["label"] == "¶ 4"


def test_no_more_is_told_at_once_than_a_portion(get):
    said = get("travel.docx", "places.json?from=0&n=100000")

    assert len(said["blocks"]) == min(MOST, said["total"])
    assert get("travel.docx", "places.json?from=900&n=5")["blocks"] == []
    assert get("travel.docx", "places.json?from=none&n=-4")["blocks"][0]["n"] == 0


def test_rows_of_a_sheet_come_with_their_cells(get):
    block = get("budget.xlsx", "places.json?from=1&n=1")["blocks"][0]

    start, end, row, column = block["cells"][-1]
    assert (block["text"][start:end], row, column) == ("approved", 25, 5)
    assert (block["first"], block["last"], block["part"]) == (14, 25, "Budget")


def test_cells_and_hits_are_told_in_characters_also_beside_an_emoji(app, client):
    _, version = placed.add(app, "ships.xlsx", placed.with_ships(placed.sheet(24)))

    [block] = client.get(f"/doc/{version}/places.json?from=1&n=1").json()["blocks"]
    hits = client.get(f"/doc/{version}/find.json?q=Team 24").json()["hits"]

    assert [block["text"][start:end] for start, end, *_ in block["cells"][:2]] == [
        "🚢🚢🚢 Region",
        "Owner",
    ]
    assert [block["text"][start:end] for n, start, end in hits if n == 1] == ["Team 24"]


def test_words_that_ocr_was_not_sure_of_say_so(get):
    blocks = get("offer.eml", "places.json")["blocks"]

    assert [block.get("note", "") for block in blocks] == [
        "",
        "",
        "read by OCR, 62 % sure of the words",
    ]


def test_the_outline_lists_sheets_slides_headings_and_attachments(get):
    assert get("budget.xlsx", "outline.json")["places"] == [
        [0, "Budget · 61 rows", 0],
        [5, "Head count · 61 rows", 0],
    ]
    assert get("harbour.pptx", "outline.json")["places"] == [
        [0, "1 · Plan for the harbour", 0],
        [2, "2 · Costs", 0],
    ]
    assert get("travel.docx", "outline.json")["places"] == [
        [0, "Travel policy", 0],
        [2, "Costs", 1],
        [6, "Approval", 1],
    ]
    assert get("offer.eml", "outline.json")["places"] == [[0, "Message", 0], [2, "offer.pdf", 0]]


def test_finding_tells_passages_and_characters(get):
    hits = get("travel.docx", "find.json?q=hotels  ARE paid")["hits"]

    assert hits == [[3, 0, 15]]


@pytest.mark.parametrize("path", ["places.json", "outline.json"])
def test_a_version_that_is_gone_is_not_found(client, path):
    assert client.get(f"/doc/999/{path}").status_code == 404


@pytest.mark.parametrize("path", ["places.json", "outline.json"])
def test_strangers_are_told_nothing(app, client, versions, path):
    client.cookies.clear()

    answer = client.get(f"/doc/{versions['offer.eml']}/{path}")

    cookie = installation_cookie(app.settings.home)
    client.cookies.set(cookie.name, cookie.value)
    assert answer.status_code == 403


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_coverage_is_downloaded_as_a_file_that_is_removed(app, client, versions, format):
    workspace = app.workspaces.get("default")

    answer = client.get(f"/coverage/{workspace.id}/export.{format}")

    assert answer.status_code == 200
    assert f"coverage of default.{format}" in answer.headers["content-disposition"]
    assert len(answer.content) > 500
    assert list((app.settings.cache_path / "exports").iterdir()) == []


@pytest.mark.parametrize(("path", "status"), [("999/export.csv", 404), ("1/export.pdf", 422)])
def test_coverage_of_nothing_or_as_nothing_is_refused(client, versions, path, status):
    assert client.get(f"/coverage/{path}").status_code == status
