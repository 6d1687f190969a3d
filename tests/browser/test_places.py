"""Files without pages or lines in a real browser: a sheet's cells, its places, and coverage."""

import re

import pytest
from playwright.sync_api import expect

from docqa.bootstrap import build_app
from docqa.settings import Settings
from tests.browser.test_accessibility import AXE, READY, violations
from tests.services import placed

ROWS = 1_200
SLOW = 90_000


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """A data folder with a large sheet and a scan, and the answer that quotes one of its rows."""
    home = tmp_path_factory.mktemp("placed") / "home"
    app = build_app(Settings(home=home, engine="extractive"))
    app.start()
    placed.add(app, "budget.xlsx", placed.with_ships(placed.sheet(ROWS)))
    placed.add(app, "scan.pdf", placed.scan())
    where = app.workspaces.get_or_create("default").id
    conversation = app.conversations.create(where).id
    question = "What is the budget of Team 900?"
    answer = app.answering.wait(app.answering.submit(conversation, question))
    app.close()
    return home, answer


@pytest.fixture(scope="module")
def server(start, answered):
    return start(answered[0], "extractive")


def test_a_citation_of_a_sheet_fills_its_cells_and_the_rest_is_reached(page, server, answered):
    _, answer = answered
    citation = answer.citations[0]
    first = int(re.findall(r"\d+", citation.place)[0])
    page.add_init_script(AXE)

    page.goto(f"{server.url}/?w=1&c={answer.conversation_id}&a={answer.id}&n=1")

    viewer = page.locator(".viewer")
    filled = viewer.locator("td.current")
    expect(filled.first).to_be_visible(timeout=SLOW)
    expect(viewer.locator("tbody tr:has(td.current) th.row").first).to_have_text(str(first))
    assert viewer.locator("tbody tr").count() < ROWS
    # The ships above stand for two units each here, and for one character where quotes are told.
    marked = viewer.locator(".mark.current").all_text_contents()
    assert [cell for cell in marked if cell.strip(" |")] == re.split(r" \| |\n", citation.quote)
    assert violations(page) == []

    viewer.locator("select.places").select_option(label=f"Head count · {ROWS + 1:,} rows")
    expect(viewer.locator(".where")).to_have_text("row 2")
    find = viewer.get_by_role("searchbox")
    find.fill("Team 1100")
    find.press("Enter")
    expect(viewer.locator(".hit.now")).to_have_text("Team 1100")
    expect(viewer.locator("tbody tr:has(.hit.now) th.row")).to_have_text("1100")
    viewer.locator(".rail button").first.press("Enter")
    expect(filled.first).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_coverage_has_no_serious_violation(page, server, scheme):
    page.add_init_script(AXE)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    page.goto(f"{server.url}/coverage?w=1&f=ocr")

    page.wait_for_selector(READY, timeout=SLOW)
    expect(page.get_by_text("2 of them read by OCR")).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("stDataFrame")).to_have_count(3, timeout=SLOW)
    assert violations(page) == []
