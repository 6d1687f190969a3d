"""Nothing is sent to another machine before it was allowed, and that is asked once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from docqa.bootstrap import build_app
from docqa.settings import Settings
from tests.browser.remote import MODEL, RemoteServer, remote_server

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
SLOW = 60_000
SECRET = "Employees have thirty days of leave at the lake house."


@pytest.fixture
def remote() -> Iterator[RemoteServer]:
    with remote_server() as running:
        yield running


@pytest.fixture
def server(start, remote, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    note = tmp_path / "leave.md"
    note.write_text(f"# Leave\n\n{SECRET}\n")
    app = build_app(Settings(home=home))
    app.start()
    workspace = app.workspaces.get_or_create("default")
    app.ingestion.wait(app.ingestion.submit_paths(workspace.id, [note]))
    app.close()
    return start(
        home,
        engine="openai_compatible",
        DOCQA_PRESET="other",
        DOCQA_BASE_URL=remote.url,
        DOCQA_MODEL=MODEL,
        DOCQA_API_KEY="x",
    )


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(READY)


def test_a_remote_engine_is_asked_nothing_until_it_is_allowed_once(page, server, remote):
    dialog = page.get_by_role("dialog")
    for path in ("/library", "/engine", "/"):
        visit(page, server.url + path)
    expect(page.get_by_text("you are asked before anything is sent")).to_be_visible()

    ask(page, "How much leave is there?")
    expect(dialog).to_contain_text("not on this machine")
    expect(dialog).to_contain_text(remote.url)
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".question")).to_have_count(0)
    assert remote.requests == []

    ask(page, "How much leave is there?")
    dialog.get_by_role("button", name="Allow and ask").click()
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible(timeout=SLOW)
    expect(page.locator(".answer").first).to_contain_text("thirty days")
    assert len(remote.asked) == 1
    assert SECRET in remote.asked[0]

    ask(page, "And at the lake house?")
    expect(page.locator(".question")).to_have_count(2, timeout=SLOW)
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible(timeout=SLOW)
    expect(dialog).to_have_count(0)
    assert len(remote.asked) == 2
