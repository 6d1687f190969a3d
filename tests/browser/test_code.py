"""A repository from its address to a line of it, in a real browser."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import RESULTS
from tests.browser.test_accessibility import AXE, violations

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
SLOW = 90_000
FILES = {
    "README.md": "# Parcel\n\nParcel reckons what it costs to send a parcel.\n",
    "src/parcel/__init__.py": 'from parcel.quotes import quote\n\n__all__ = ["quote"]\n',
    "src/parcel/quotes.py": (
        "from parcel.tariff import Tariff\n\n\n"
        "def quote(weight_grams: int, country: str) -> int:\n"
        '    """What it costs to send a parcel, in cents."""\n'
        "    return Tariff.of(country).price(weight_grams)\n"
    ),
    "src/parcel/tariff.py": (
        "SURCHARGE_CENTS = 350\n\n\n"
        + "".join(f"# Remark {number} on tariffs.\n" for number in range(1, 60))
        + "\n\nclass Tariff:\n"
        '    """Prices of one country."""\n\n'
        "    @classmethod\n    def of(cls, country):\n        return cls()\n\n"
        "    def price(self, weight_grams):\n"
        '        """Heavy parcels above ten kilograms pay the surcharge of bulky goods."""\n'
        "        return SURCHARGE_CENTS + weight_grams // 10\n"
    ),
    "tests/test_quotes.py": (
        "from parcel.quotes import quote\n\n\n"
        "def test_a_parcel_has_a_price():\n    assert quote(500, 'de') == 400\n"
    ),
    "package-lock.json": "{}\n",
}
QUESTION = "Which parcels pay the surcharge of bulky goods?"


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada Parcel", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository with one commit, on this machine."""
    folder = tmp_path_factory.mktemp("remote") / "parcel"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Reckon prices")
    return folder


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(READY)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=SLOW)


def tab(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).click()


def file_of(page: Page, name: str | re.Pattern[str]):
    return page.get_by_role("treeitem").filter(has_text=name)


def line(page: Page, number: int):
    return page.locator(f'.line[data-line="{number}"]')


def picture(page: Page, name: str) -> None:
    page.wait_for_selector(READY)
    page.screenshot(path=RESULTS / f"code-{name}.png")


def add_repository(page: Page, repository: Path) -> None:
    page.get_by_label("Or a folder, archive or Git address").fill(f"file://{repository}")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("With history (for blame)").click()
    page.get_by_role("button", name="Fetch and look").click()
    page.get_by_role("button", name=re.compile(r"^Add \d+ files")).click(timeout=SLOW)
    expect(page.get_by_text("README.md").first).to_be_visible(timeout=SLOW)


def explore(page: Page) -> str:
    """From the tree to a definition, and who uses it; that view's address."""
    expect(file_of(page, "src/parcel")).to_have_attribute("aria-expanded", "true", timeout=SLOW)
    file_of(page, re.compile("^quotes")).click()
    expect(line(page, 4)).to_contain_text("def quote", timeout=SLOW)
    page.get_by_text("Show 1 left out").click()
    expect(file_of(page, "package-lock.json")).to_contain_text("lock")
    page.get_by_text("Blame").click()
    expect(line(page, 1)).to_contain_text("Ada Parcel", timeout=SLOW)
    picture(page, "blame")

    line(page, 6).get_by_text("price", exact=True).click()
    page.get_by_role("menuitem", name="Go to definition").click()
    expect(page.locator(".line.current")).to_contain_text("def price", timeout=SLOW)
    expect(page.locator(".line.current")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(r"l=72-72"))
    line(page, 65).get_by_text("Tariff", exact=True).click()
    page.get_by_role("menuitem", name="Used by").click()
    used = page.get_by_role("button", name=re.compile(r"Tariff\.of"))
    expect(used).to_be_visible(timeout=SLOW)
    picture(page, "used-by")
    view = page.url
    used.click()
    expect(page.locator(".line.current")).to_contain_text("Tariff.of", timeout=SLOW)
    tab(page, "Imports")
    expect(page.get_by_role("button", name="test_quotes.py")).to_be_visible(timeout=SLOW)
    return view


def ask(page: Page) -> str:
    """From chosen lines to a question, and from its answer to a line; that view's address."""
    tab(page, "Ask")
    line(page, 4).locator(".number").click()
    line(page, 6).locator(".number").click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile(r"l=4-6"), timeout=SLOW)
    expect(page.get_by_role("radio", name="L4-L6")).to_be_checked(timeout=SLOW)
    tab(page, "All code")
    page.wait_for_selector(READY)
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible(timeout=SLOW)
    page.locator(".chip").first.click()
    expect(page).to_have_url(re.compile(r"a=\d+&n=1"), timeout=SLOW)
    cited = page.locator(".line.current", has_text="surcharge of bulky goods")
    expect(cited).to_be_in_viewport(timeout=SLOW)
    picture(page, "asked")
    page.reload()
    expect(cited).to_be_in_viewport(timeout=SLOW)
    return page.url


def step_through(page: Page) -> tuple[str, str]:
    """What fills the window and what imports what, down to a file; the addresses of both."""
    tab(page, "Window")
    box = page.get_by_role("button", name=re.compile("^src.parcel:"))
    expect(box).to_be_visible(timeout=SLOW)
    picture(page, "window")
    window = page.url
    box.click(position={"x": 20, "y": 10})
    expect(page).to_have_url(re.compile("v=window&in="), timeout=SLOW)
    tab(page, "Graph")
    node = page.locator(".node").filter(has_text="tariff.py")
    expect(node).to_be_visible(timeout=SLOW)
    picture(page, "graph")
    graph = page.url
    node.click()
    expect(page.locator(".viewer .path")).to_contain_text("tariff.py", timeout=SLOW)
    return window, graph


def test_a_repository_is_added_explored_and_asked_about(page, start, tmp_path, repository):
    RESULTS.mkdir(exist_ok=True)
    page.context.add_init_script(AXE)
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})
    server = start(tmp_path)
    visit(page, f"{server.url}/library")
    add_repository(page, repository)
    page.get_by_role("link", name="Code").click()

    views = (explore(page), ask(page), *step_through(page))

    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for number, view in enumerate(views):
            visit(page, view)
            expect(page.locator(".line, .node, .map .box").first).to_be_visible(timeout=SLOW)
            found += violations(page)
            picture(page, f"{number}-{scheme}")
    assert found == []
