"""A folder of mixed formats, the pages counted, quotes in a scan and in a sheet, and a sweep."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import mixed_folder
from tests.browser.conftest import RESULTS
from tests.browser.test_journeys import READY, SLOW, answer, ask, finished, in_view, visit

PAPERS = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixed") / "office"
    mixed_folder.make(folder)
    return folder


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """So much that the window of the server below holds a part of it only."""
    folder = tmp_path_factory.mktemp("papers") / "papers"
    folder.mkdir()
    for number in range(PAPERS):
        said = f"Ship {number} carries {number + 3} lifeboats of oak. "
        filler = f"The log of ship {number} tells of calm seas and of fair wind. " * 60
        (folder / f"ship-{number:02}.txt").write_text(f"{said}\n\n{filler}\n")
    return folder


def picture(page: Page, name: str) -> None:
    page.wait_for_selector(READY)
    page.screenshot(path=RESULTS / f"big-{name}.png")


def add(page: Page, address: str, files: str) -> None:
    page.get_by_label("Or a folder, archive or Git address").fill(address)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name=re.compile(files)).click(timeout=SLOW)


def new_conversation(page: Page, url: str) -> None:
    visit(page, url)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible(timeout=SLOW)


def test_a_mixed_folder_is_counted_and_quoted_from_scan_to_sheet(page, start, folder, tmp_path):
    RESULTS.mkdir(exist_ok=True)
    server = start(tmp_path, engine="extractive")
    page.set_viewport_size({"width": 1440, "height": 900})

    visit(page, f"{server.url}/library")
    add(page, str(folder), r"^Add \d+ files")
    expect(page.get_by_text("budget.xlsx").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("broken.pdf").first).to_be_visible(timeout=SLOW)
    picture(page, "library")

    new_conversation(page, server.url)
    visit(page, f"{server.url}/coverage")
    said = page.locator(".coverage-said")
    expect(said).to_contain_text(re.compile(r"\d"), timeout=SLOW)
    expect(page.locator(".coverage-legend")).to_contain_text("OCR", ignore_case=True)
    picture(page, "coverage")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("link", name="CSV").click()
    rows = saved.value.path().read_text(encoding="utf-8-sig")
    assert "scan.pdf" in rows
    assert "broken.pdf" in rows

    new_conversation(page, server.url)
    ask(page, "How many barrels of whale oil did the lighthouse keeper store?")
    finished(page)
    expect(page.locator(".mark.current").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".page:has(.mark.current) .wait")).to_have_count(0, timeout=SLOW)
    assert in_view(page)
    expect(page.locator(".quote")).to_contain_text("forty barrels")
    picture(page, "scan")

    new_conversation(page, server.url)
    ask(page, "Who owns the umbrella contingency?")
    expect(answer(page)).to_contain_text("Umbrella contingency", timeout=SLOW)
    finished(page)
    answer(page).locator(".chip").first.click()
    expect(page.locator("div.place").first).to_contain_text("'Budget 2026'!", timeout=SLOW)
    expect(page.locator(".quote")).to_contain_text("48215")
    picture(page, "sheet")
    page.reload()
    expect(page.locator("div.place").first).to_contain_text("'Budget 2026'!", timeout=SLOW)


def test_a_sweep_tells_its_price_shows_its_progress_and_is_stopped(page, start, papers, tmp_path):
    RESULTS.mkdir(exist_ok=True)
    server = start(
        tmp_path,
        DOCQA_CONTEXT_LENGTH="8000",
        DOCQA_SWEEP_AT_ONCE="1",
        DOCQA_MAX_ANSWER_TOKENS="300",
    )
    page.set_viewport_size({"width": 1440, "height": 900})
    visit(page, f"{server.url}/library")
    add(page, str(papers), rf"^Add {PAPERS} files")
    expect(page.get_by_text(f"ship-{PAPERS - 1}.txt").first).to_be_visible(timeout=SLOW)

    new_conversation(page, server.url)
    page.get_by_role("radio", name="Everything").click()
    ask(page, "How many lifeboats of oak does each ship carry? @slow")
    price = page.locator(".sweep-price")
    expect(price).to_contain_text(re.compile(r"\d"), timeout=SLOW)
    picture(page, "sweep-price")
    page.get_by_role("button", name="Look through everything", exact=True).last.click()

    strip = page.locator(".shards").last
    expect(strip).to_be_visible(timeout=SLOW)
    expect(page.locator(".shards i.asked").first).to_be_visible(timeout=SLOW)
    picture(page, "sweep-running")
    page.get_by_role("button", name="Stop", exact=False).locator("visible=true").click()
    finished(page)

    expect(answer(page)).to_contain_text("lifeboats of oak")
    expect(page.locator("[class*=st-key-parts-]").last).to_be_visible(timeout=SLOW)
    page.locator("[class*=st-key-parts-] summary").last.click()
    table = page.locator(".shard-table").last
    expect(table).to_contain_text("asked")
    expect(table).to_contain_text("not asked")
    picture(page, "sweep-stopped")
