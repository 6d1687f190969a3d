"""A review from the checklist to the exported files, in a real browser."""

import re
from dataclasses import replace
from io import BytesIO

import openpyxl
import pymupdf
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from docqa.bootstrap import build_app
from docqa.core.checklists import Checklist, Requirement
from docqa.settings import Settings
from tests.browser.conftest import RESULTS
from tests.browser.test_accessibility import AXE, violations

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
SLOW = 90_000
DOCUMENT = "data-processing-agreement.pdf"
CHECKLIST = Checklist(
    id="journey",
    title="What a processor owes",
    version="1",
    source="a test",
    requirements=(
        Requirement(
            "J-1",
            "The processor notifies the controller of a personal data breach within a fixed time.",
            guidance="Met when a number of hours is named.",
        ),
        Requirement("J-2", "@not_met Backups are isolated and overwritten in a rolling cycle."),
        Requirement("J-3", "@notfound The processor keeps a mascot."),
        Requirement("J-4", "@met_garbage Sub-processors are approved."),
        Requirement("J-5", "@stall The processor answers requests of data subjects."),
    ),
)


@pytest.fixture(scope="module")
def server(start, filled):
    """The app, with a review, and a checklist whose last requirement is never answered."""
    app = build_app(Settings(home=filled))
    app.checklists.save(CHECKLIST)
    workspace = app.workspaces.get("default")
    answered = replace(CHECKLIST, requirements=CHECKLIST.requirements[:1])
    app.reviewing.wait(app.reviewing.submit(workspace.id, answered, title="Quotes"))
    app.close()
    return start(filled)


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(READY)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=re.compile(re.escape(option))).first.click()
    page.wait_for_selector(READY)


def open_cell(page: Page, row: int):
    """Press the last column's cell in this row; the grid is a canvas, and deaf while it redraws."""
    drawer = page.locator(".st-key-drawer")
    for _ in range(10):
        box = page.get_by_test_id("stDataFrame").first.locator("canvas").first.bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] - 60, box["y"] + 34 * (row + 1.5))
        try:
            drawer.wait_for(timeout=6_000)
        except PlaywrightTimeoutError:
            continue
        break
    return drawer


def cells(page: Page):
    return page.get_by_test_id("stDataFrame").locator("[role=gridcell]")


def marked(page: Page) -> None:
    """The quote is filled on its page, and inside the viewer's window."""
    mark = page.locator(".mark.current").first
    expect(mark).to_be_visible(timeout=SLOW)
    expect(page.locator(".page:has(.mark.current) .wait")).to_have_count(0, timeout=SLOW)
    expect(mark).to_be_in_viewport()


def exported(page: Page, label: str):
    """The file behind a link of the menu Export."""
    link = page.get_by_role("link", name=label)
    if not link.is_visible():
        page.get_by_role("button", name="Export").click()
    with page.expect_download(timeout=SLOW) as made:
        link.click()
    return made.value.path()


def test_a_checklist_is_run_reviewed_and_exported(page, server):
    page.set_viewport_size({"width": 1440, "height": 900})
    visit(page, f"{server.url}/review")
    page.get_by_role("button", name="New review").click()
    expect(page).to_have_url(re.compile("r=new"), timeout=SLOW)
    choose(page, "Checklist", CHECKLIST.title)
    choose(page, "Documents", DOCUMENT)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Start: 5 cells").click()

    expect(page.get_by_text("Answering 4 of 5 cells")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused at 4 of 5 cells")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled at")).to_be_visible(timeout=SLOW)
    expect(cells(page).filter(has_text="Not found")).to_have_count(1)
    expect(page.get_by_text("4 left to review")).to_be_visible()

    drawer = open_cell(page, 0)
    expect(drawer.get_by_text("within 72 hours").first).to_be_visible(timeout=SLOW)
    drawer.get_by_role("button", name=re.compile("Open the page|p. ")).first.click()
    marked(page)
    expect(page).to_have_url(re.compile(r"cell=\d+&q=1"))
    page.reload()
    marked(page)

    page.keyboard.press("a")
    expect(drawer.locator(".decided")).to_contain_text("local approved", timeout=SLOW)
    expect(page.get_by_text("3 left to review")).to_be_visible()
    page.keyboard.press("n")
    expect(drawer.locator(".asked")).to_contain_text("Backups are isolated", timeout=SLOW)
    page.wait_for_selector(READY)
    drawer.locator("[class*=st-key-change-] button").last.click()
    page.get_by_text("Partly met", exact=True).last.click()
    expect(drawer.locator(".decided")).to_contain_text("to Partly met", timeout=SLOW)
    page.keyboard.press("Escape")

    page.locator(".st-key-review-filters").get_by_text("Needs a person 1").click()
    expect(cells(page).filter(has_text="Needs a person")).to_have_count(1, timeout=SLOW)
    expect(cells(page).filter(has_text="Not found")).to_have_count(0)
    expect(page).to_have_url(re.compile("f=needs_person"))

    sheets = openpyxl.load_workbook(BytesIO(exported(page, "XLSX").read_bytes()))
    words = {str(cell.value) for row in sheets["Grid"].iter_rows() for cell in row}
    assert any("Met" in word for word in words)
    report = pymupdf.open(exported(page, "PDF report"), filetype="pdf")
    assert "within 72 hours" in " ".join("".join(p.get_text() for p in report).split())
    RESULTS.mkdir(exist_ok=True)
    for number, sheet in enumerate(report):
        sheet.get_pixmap(dpi=80).save(RESULTS / f"review-report-{number}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_review_has_no_serious_violation(chromium, server, scheme):
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.add_init_script(AXE)
    page = context.new_page()
    visit(page, f"{server.url}/review?r=new")
    expect(page.get_by_role("button", name=re.compile("Start"))).to_be_visible(timeout=SLOW)
    found = violations(page)
    for view in ("r=1", "r=1&cell=1", "r=1&cell=1&q=1"):
        visit(page, f"{server.url}/review?{view}")
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=SLOW)
        expect(page.get_by_role("button", name="Next unreviewed")).to_be_visible(timeout=SLOW)
        found += violations(page)
        page.screenshot(path=RESULTS / f"review-{view.count('&')}-{scheme}.png")
    context.close()

    assert found == []
