import stat
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from docqa.errors import SettingsError
from docqa.settings import Settings
from docqa.web.cookie import InstallationCookie, installation_cookie
from docqa.web.policy import content_security_policy
from docqa.web.security import SecurityMiddleware, is_loopback
from docqa.web.server import require_loopback, streamlit_flags

COOKIE = InstallationCookie("docqa-test", "the-secret")
OURS = "http://127.0.0.1:8501"
STREAM = "ws://127.0.0.1:8501"


def page(_request: Request) -> Response:
    return HTMLResponse("<p>hello</p>")


def text(_request: Request) -> Response:
    return PlainTextResponse("hello", headers={"Content-Security-Policy": "sandbox"})


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


def client(base_url: str = OURS, *, address: str = "127.0.0.1") -> TestClient:
    app = Starlette(
        routes=[Route("/", page), Route("/text", text), WebSocketRoute("/stream", echo)],
        middleware=[Middleware(SecurityMiddleware, policy="default-src 'self'", cookie=COOKIE)],
    )
    return TestClient(app, base_url=base_url, client=(address, 50_000))


def test_a_page_brings_the_policy_and_the_cookie():
    answer = client().get("/")

    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["set-cookie"] == (
        "docqa-test=the-secret; Path=/; HttpOnly; SameSite=Strict"
    )


def test_a_route_keeps_its_own_policy_and_gives_no_cookie():
    answer = client().get("/text")

    assert answer.headers["content-security-policy"] == "sandbox"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("base_url", ["http://localhost:8501", "http://[::1]:8501", OURS])
def test_this_machine_has_several_names(base_url):
    assert client(base_url).get("/").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1@evil.example", "[::1"]
)
def test_a_foreign_host_is_refused(host):
    answer = client().get("/", headers={"Host": host})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8501"]
)
def test_a_foreign_origin_is_refused(origin):
    assert client().get("/", headers={"Origin": origin}).status_code == 403


def test_our_own_origin_passes():
    assert client().get("/", headers={"Origin": OURS}).status_code == 200


def test_another_machine_is_refused():
    assert client(address="192.0.2.7").get("/").status_code == 403


def test_a_websocket_of_another_site_is_refused():
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client().websocket_connect(f"{STREAM}/stream", headers={"Origin": "http://evil.example"}),
    ):
        pass

    assert refused.value.code == 1008


def test_a_websocket_of_ours_is_served():
    with client().websocket_connect(f"{STREAM}/stream", headers={"Origin": OURS}) as socket:
        assert socket.receive_text() == "hello"


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = installation_cookie(tmp_path)
    second = installation_cookie(tmp_path)

    [file] = tmp_path.iterdir()
    assert first == second
    assert len(first.value) >= 43
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_installations_have_cookies_of_different_names(tmp_path):
    assert installation_cookie(tmp_path / "a").name != installation_cookie(tmp_path / "b").name


@pytest.mark.parametrize(
    ("cookies", "matches"),
    [
        ("docqa-test=the-secret", True),
        ("other=1; docqa-test=the-secret", True),
        ("docqa-test=another", False),
        ("", False),
        ("docqa-test", False),
    ],
)
def test_only_the_secret_opens_our_routes(cookies, matches):
    assert COOKIE.matches(cookies) is matches


def test_the_policy_names_the_hash_of_the_inline_script(tmp_path):
    html = tmp_path / "index.html"
    html.write_text("<script>alert(1)</script><script src='x.js'></script>")

    policy = content_security_policy(html)

    assert "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" in policy
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "docqa.example", ""])
def test_listening_to_other_machines_is_refused(host):
    with pytest.raises(SettingsError):
        require_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_addresses_are_this_machine(host):
    assert is_loopback(host)


def test_the_server_is_started_with_what_the_settings_say():
    flags = streamlit_flags(Settings(home=Path("x"), port=9000, max_file_mb=33))

    assert "--server.port=9000" in flags
    assert "--server.maxUploadSize=33" in flags
    assert "--browser.gatherUsageStats=false" in flags
