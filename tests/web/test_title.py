import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from docqa.ui.frame import INDEX_HTML
from docqa.web.title import TitleMiddleware

PAGE = "<head><title>Streamlit</title></head>"


@pytest.fixture
def client():
    def page(_: Request) -> HTMLResponse:
        return HTMLResponse(PAGE)

    def text(_: Request) -> PlainTextResponse:
        return PlainTextResponse(PAGE)

    app = Starlette(
        routes=[Route("/", page), Route("/text", text)], middleware=[Middleware(TitleMiddleware)]
    )
    return TestClient(app)


def test_a_page_carries_our_name_from_the_start(client):
    answer = client.get("/")

    assert "<title>docqa" in answer.text
    assert len(answer.content) == int(answer.headers["content-length"])


def test_what_is_no_page_is_left_alone(client):
    assert client.get("/text").text == PAGE


def test_the_installed_page_has_the_title_that_is_replaced():
    assert "<title>Streamlit</title>" in INDEX_HTML.read_text(encoding="utf-8")
