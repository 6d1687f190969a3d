"""axe-core over the pages, light and dark: nothing serious, nothing critical."""

from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
SLOW = 90_000
QUESTION = "How soon must the processor notify the controller of a personal data breach?"
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(start, filled):
    return start(filled)


@pytest.fixture(params=["light", "dark"])
def page(chromium, request):
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900},
        color_scheme=request.param,
        reduced_motion="reduce",
    )
    # Not a script element: the page's policy would refuse it. This runs before the page's own.
    context.add_init_script(AXE)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(READY)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=SLOW)


def violations(page: Page) -> list[str]:
    """What axe finds serious or critical, three times in a row: the rule, the element, and why.

    While a script runs, Streamlit fades what the last run left; that goes, what is wrong stays.
    """
    found: list[str] = []
    for _ in range(3):
        page.wait_for_selector(READY)
        expect(page.locator('[data-stale="true"]')).to_have_count(0, timeout=SLOW)
        found = serious(page)
        if not found:
            break
    return found


def serious(page: Page) -> list[str]:
    found = page.evaluate(
        """async () => {
            const results = await axe.run(document, { resultTypes: ['violations'] });
            return results.violations
                .filter(one => ['serious', 'critical'].includes(one.impact))
                .flatMap(one => one.nodes.map(
                    node => `${one.id}: ${node.html.slice(0, 160)}: ${node.failureSummary}`
                ));
        }"""
    )
    return list(found)


def test_the_pages_have_no_serious_violation(page, server):
    visit(page, server.url)
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible(timeout=SLOW)
    expect(page.locator(".mark.current").first).to_be_visible(timeout=SLOW)
    found = violations(page)
    for name in ("library?w=1&d=1&p=1", "engine", "checklists?k=gdpr-art28"):
        visit(page, f"{server.url}/{name}")
        expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=SLOW)
        found += violations(page)

    assert found == []
