"""The model server on the Engine page: what is said of it, starting and ending it."""

import pytest

from docqa.services.serving.options import ServeOptions
from docqa.services.serving.state import ServerState, write_state
from tests.pages.test_pages import button, has_button, said
from tests.services.serving import conftest
from tests.services.serving.conftest import WAIT_S, free_port

pretended_python = conftest.pretended_python
small = conftest.small


@pytest.fixture
def served_settings(monkeypatch, pretended_python, small):
    """Settings with which a server is pretended; the app has to be made after them."""
    monkeypatch.setenv("DOCQA_SERVE_PYTHON", str(pretended_python))
    monkeypatch.setenv("DOCQA_SERVE_MODEL", str(small))
    monkeypatch.setenv("DOCQA_SERVE_PORT", str(free_port()))


@pytest.fixture(autouse=True)
def _ended(served_settings, app):
    yield
    app.serving.stop()
    app.serving.stop(WAIT_S)


def field(test, key):
    return next(element for element in test.text_input if element.key == key)


def test_a_server_is_started_used_and_stopped(open_page, app):
    test = open_page("engine")
    assert "Not running" in said(test)
    field(test, "server-gpus").set_value("H200").run()
    button(test, "server-start").click().run()
    assert not test.exception
    assert app.serving.wait(WAIT_S).status == "ready"
    test.run()

    assert "Ready" in said(test)
    assert any("fired up" in str(code.value) for code in test.code)
    button(test, "server-use").click().run()
    assert app.engines.choice().name == "sglang"
    assert not has_button(test, "server-use")
    button(test, "server-stop").click().run()

    assert not test.exception
    assert app.serving.stop(WAIT_S).status == "stopped"
    # What was asked for stays to be asked again.
    assert field(test.run(), "server-gpus").value == "H200"


def test_what_keeps_it_from_starting_is_said_with_what_to_do(open_page, app):
    test = open_page("engine")
    field(test, "server-model").set_value("scout")
    field(test, "server-gpus").set_value("L4").run()
    button(test, "server-start").click().run()

    assert not test.exception
    assert "does not fit" in test.error[0].value
    assert not app.serving.state().running


def test_the_command_for_other_gpus_can_be_shown(open_page):
    test = open_page("engine")
    field(test, "server-model").set_value("scout")
    field(test, "server-gpus").set_value("8xH200").run()
    button(test, "server-show").click().run()

    assert not test.exception
    assert any("--tp-size 8" in str(code.value) for code in test.code)


def test_while_it_loads_the_page_says_so(open_page, app):
    (app.settings.home / "serve").mkdir()
    (app.settings.home / "serve" / "behaviour").write_text("slow")
    app.serving.start(ServeOptions(gpus="H200"))

    test = open_page("engine")

    assert "Loading the model" in said(test)
    assert has_button(test, "server-stop")
    assert not has_button(test, "server-start")


def test_why_it_died_stays_on_the_page(open_page, app):
    state = ServerState(status="failed", error="the GPUs ran out of memory", hint="Use more GPUs.")
    write_state(app.settings.home, state)

    test = open_page("engine")

    assert "The GPUs ran out of memory" in test.error[0].value
    assert has_button(test, "server-start")
