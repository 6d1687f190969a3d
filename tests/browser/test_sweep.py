"""Looking through everything, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from docqa.bootstrap import build_app
from docqa.settings import Settings
from tests.browser.test_journeys import RESULTS, SLOW, ask, finished, visit
from tests.services.sweeping.conftest import CITIES, QUESTION, WINDOW, code_of, make_vaults


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data folder that is several times as large as the window."""
    folder = tmp_path_factory.mktemp("vaults")
    app = build_app(Settings(home=folder / "home"))
    app.start()
    workspace = app.workspaces.get_or_create("default")
    job = app.ingestion.submit_paths(workspace.id, [make_vaults(folder / "vaults")])
    assert app.ingestion.wait(job).status == "done"
    app.close()
    return folder / "home"


@pytest.fixture(scope="module")
def server(start, home):
    return start(home, DOCQA_CONTEXT_LENGTH=str(WINDOW), DOCQA_SWEEP_AT_ONCE="2")


def choose_everything(page: Page, url: str, question: str) -> None:
    visit(page, url)
    page.get_by_role("radio", name="Everything").click()
    ask(page, question)


def picture(page: Page, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"sweep-{name}.png")


def test_everything_is_looked_through_after_its_price_was_seen(page, server):
    choose_everything(page, server.url, QUESTION)
    price = page.locator(".sweep-price")
    expect(price).to_have_text(re.compile(r"^\d+ parts, [\d,]+ tokens to read; "))
    picture(page, "price")

    page.get_by_role("button", name="Look through everything").click()
    finished(page)

    for city in CITIES:
        expect(page.locator(".answer").last).to_contain_text(code_of(city)[:-1])
    summary = page.get_by_text(re.compile(r"^Asked (\d+) of \1 parts\."))
    summary.click()
    expect(page.locator(".shard-table tbody tr").first).to_contain_text("asked")
    picture(page, "answer")


def test_a_sweep_shows_how_far_it_is_and_stop_keeps_what_was_found(page, server):
    choose_everything(page, server.url, f"{QUESTION} @slow")
    page.get_by_role("button", name="Look through everything").click()
    expect(page.locator(".shards i.asked").first).to_be_visible(timeout=SLOW)
    picture(page, "progress")

    page.get_by_role("button", name="Stop", exact=False).locator("visible=true").click()

    expect(page.get_by_text("Stopped. What had been written is kept.")).to_be_visible()
    expect(page.locator(".answer").last).to_contain_text("The access code of the vault in")
    expect(page.get_by_text(re.compile(r"^Parts? [\d, …]+: stopped"))).to_be_visible()
    picture(page, "stopped")


def test_not_found_among_the_best_passages_offers_everything(page, server):
    visit(page, server.url)
    page.get_by_role("radio", name="Best passages").click()
    ask(page, "Which zirconium dosimeters? @notfound")
    page.get_by_role("button", name="Look through everything").click()
    expect(page.locator(".sweep-price")).to_be_visible()
    picture(page, "offer")

    page.get_by_role("button", name="Cancel").click()

    expect(page.locator(".sweep-price")).to_have_count(0)
