"""What people do, in a real browser."""

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from docqa.store.store import Store

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "test-results"
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
SLOW = 90_000
QUESTION = "How soon must the processor notify the controller of a personal data breach?"


@pytest.fixture(scope="module")
def server(start, filled):
    return start(filled)


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory):
    return tmp_path_factory.mktemp("empty")


@pytest.fixture(scope="module")
def empty_server(start, empty_home):
    """An app without documents, for tests that bring their own into a workspace of their own."""
    return start(empty_home, engine="extractive")


@pytest.fixture
def store(empty_server, empty_home):
    """What the app without documents keeps."""
    opened = Store(empty_home)
    yield opened
    opened.close()


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(READY)


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def answer(page: Page):
    return page.locator(".answer").last


def finished(page: Page) -> None:
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible(timeout=SLOW)


def in_view(page: Page) -> bool:
    """Whether the filled quote lies inside the viewer's window."""
    return page.locator(".mark.current").first.evaluate(
        """mark => {
            const outer = mark.closest('.scroll').getBoundingClientRect();
            const inner = mark.getBoundingClientRect();
            return inner.top >= outer.top && inner.bottom <= outer.bottom && inner.height > 2;
        }"""
    )


def test_a_first_visitor_drops_a_file_and_gets_a_cited_answer(page, start, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    server = start(home, engine="extractive")
    paper = tmp_path / "breach-policy.pdf"
    shutil.copy(ROOT / "data" / "samples" / "information-security-policy.pdf", paper)

    visit(page, server.url)
    expect(page.get_by_text("Try the sample documents")).to_be_visible()
    page.locator("input[type=file]").set_input_files(paper)
    expect(page.get_by_text("breach-policy.pdf").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible(timeout=SLOW)
    ask(page, "What must happen with passwords?")
    finished(page)

    expect(answer(page).locator(".chip").first).to_be_visible()
    expect(page.locator(".mark.current").first).to_be_visible(timeout=SLOW)


def test_an_answer_appears_word_by_word_and_stop_keeps_what_was_written(page, server):
    visit(page, server.url)
    ask(page, f"{QUESTION} @slow")
    expect(answer(page)).to_contain_text(re.compile(r"\w+ \w+ \w+"), timeout=SLOW)
    first = answer(page).inner_text()
    expect(answer(page)).not_to_have_text(first)

    page.get_by_role("button", name="Stop", exact=False).locator("visible=true").click()

    finished(page)
    expect(page.get_by_text("What had been written is kept")).to_be_visible()
    assert len(answer(page).inner_text()) >= len(first)


def test_escape_stops_an_answer(page, server):
    visit(page, server.url)
    ask(page, f"{QUESTION} @slow")
    expect(answer(page)).to_contain_text(re.compile(r"\w+ \w+"), timeout=SLOW)

    page.keyboard.press("Escape")

    finished(page)
    expect(page.get_by_text("What had been written is kept")).to_be_visible()


def test_something_is_seen_before_the_first_word(page, server):
    visit(page, server.url)
    ask(page, f"{QUESTION} @prefill")

    expect(page.get_by_text(re.compile(r"[\d,]+ of [\d,]+ tokens")).first).to_be_visible()
    finished(page)


def test_a_pressed_citation_shows_its_highlight_and_a_reload_shows_it_again(page, server):
    visit(page, server.url)
    ask(page, QUESTION)
    finished(page)
    expect(page.locator(".mark.current").first).to_be_visible(timeout=SLOW)

    answer(page).locator(".chip").first.click()
    expect(answer(page).locator(".chip.current")).not_to_have_count(0)
    expect(page.locator(".page:has(.mark.current) .wait")).to_have_count(0, timeout=SLOW)
    assert in_view(page)
    quote = page.locator(".quote").inner_text()
    page.reload()
    page.wait_for_selector(READY)

    expect(page.locator(".mark.current").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".quote")).to_have_text(quote)
    expect(answer(page).locator(".chip.current")).not_to_have_count(0)


def test_a_hovered_chip_says_what_stands_behind_it(page, server):
    visit(page, server.url)
    ask(page, QUESTION)
    finished(page)
    # The evidence opens by itself and draws the answer anew, which closes a card.
    expect(page.locator(".mark.current").first).to_be_visible(timeout=SLOW)

    answer(page).locator(".chip").first.hover()

    card = page.get_by_role("tooltip")
    expect(card).to_contain_text(re.compile(r"\.pdf.*(Verified|support)", re.I | re.DOTALL))


def test_a_closed_tab_loses_nothing(page, server):
    visit(page, server.url)
    ask(page, f"{QUESTION} @slow")
    expect(answer(page)).to_contain_text(re.compile(r"\w+ \w+ \w+"), timeout=SLOW)
    before, address = answer(page).inner_text(), page.url

    context = page.context
    page.close()
    again = context.new_page()
    visit(again, address)

    expect(answer(again)).to_be_visible(timeout=SLOW)
    finished(again)
    assert len(answer(again).inner_text()) > len(before)


def test_code_opens_at_its_lines(page, server):
    visit(page, server.url)
    ask(page, "What does the DueQueue class remove method do with a job name in the heap?")
    finished(page)
    code = page.locator(".sources button").filter(has_text=".py").first
    code.click()

    expect(page.locator(".line.current").first).to_be_in_viewport(timeout=SLOW)


def test_an_address_opens_a_document_at_its_page(page, server):
    visit(page, f"{server.url}/?w=1&d=1&p=3")

    third = page.locator(".page[data-page='3']")
    expect(third.locator("img")).to_be_visible(timeout=SLOW)
    expect(third).to_be_in_viewport()


def test_the_first_visit_of_a_process_may_go_straight_to_a_page(page, start, filled):
    server = start(filled)

    visit(page, f"{server.url}/library?w=1&d=1&p=2")

    expect(page.get_by_test_id("stSidebar")).to_contain_text("Conversations")
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    expect(page.locator(".page[data-page='2'] img")).to_be_visible(timeout=SLOW)


def test_the_policy_stops_what_would_leave_the_machine(page, server):
    visit(page, server.url)

    blocked = page.evaluate(
        """() => new Promise(done => {
            document.addEventListener('securitypolicyviolation', e => done(e.violatedDirective));
            new Image().src = 'https://example.com/pixel.png';
        })"""
    )

    assert blocked == "img-src"


def test_erasing_asks_first_and_then_leaves_nothing(
    page, empty_server, empty_home, store, tmp_path
):
    workspace = store.workspaces.create("Erased")
    library = f"{empty_server.url}/library?w={workspace.id}"
    note = tmp_path / "note.md"
    note.write_text("# Note\n\nThe spare key hangs behind the blue door.\n")
    visit(page, library)
    page.locator("input[type=file]").set_input_files(note)
    expect(page.get_by_text("1 file read")).to_be_visible(timeout=SLOW)
    [document] = store.documents.all(workspace.id)
    visit(page, f"{library}&d={document.id}")

    page.get_by_role("button", name="Erase", exact=False).first.click()
    expect(page.get_by_text("tokens to prefill again")).to_be_visible()
    page.get_by_role("button", name="Erase for good").click()

    expect(page.get_by_text("No documents yet.")).to_be_visible(timeout=SLOW)
    files = [file for file in empty_home.rglob("*") if file.is_file()]
    assert not any(b"blue door" in file.read_bytes() for file in files)


def code_folder(parent: Path) -> Path:
    """A small repository with something to ignore and something that is not text."""
    folder = parent / "tool"
    (folder / "src").mkdir(parents=True)
    (folder / "build").mkdir()
    (folder / ".gitignore").write_text("build/\n")
    (folder / "main.py").write_text("from src.heap import Heap\n\nHEAP = Heap()\n")
    (folder / "src" / "heap.py").write_text("class Heap:\n    pass\n")
    (folder / "src" / "table.bin").write_bytes(bytes(range(256)) * 8)
    (folder / "build" / "made.py").write_text("MADE = True\n")
    return folder


def choose_folder(page: Page, folder: Path) -> None:
    page.get_by_role("radio", name="Folder").click()
    page.locator("input[type=file][webkitdirectory]").set_input_files(folder)


def test_a_folder_comes_in_with_its_paths_and_says_what_stays_out(
    page, empty_server, store, tmp_path
):
    workspace = store.workspaces.create("Folder")
    visit(page, f"{empty_server.url}/library?w={workspace.id}")

    choose_folder(page, code_folder(tmp_path))

    expect(page.get_by_text("3 files read")).to_be_visible(timeout=SLOW)
    job = page.locator("[class*=st-key-job-]").first
    expect(job).to_contain_text(re.compile(r"src/table\.bin: \w+"))
    cells = page.locator("[role=gridcell]")
    expect(cells.filter(has_text="src/heap.py")).to_have_count(1)
    expect(cells.filter(has_text="main.py")).to_have_count(1)
    expect(cells.filter(has_text="made.py")).to_have_count(0)


def test_a_first_visitor_drops_a_folder(page, start, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    server = start(home, engine="extractive")
    visit(page, server.url)

    choose_folder(page, code_folder(tmp_path))

    sources = page.locator(".st-key-pane-sources")
    expect(sources).to_contain_text("src/heap.py", timeout=SLOW)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible()


def test_workspaces_are_made_and_switched(page, empty_server):
    visit(page, empty_server.url)

    for name, outcome in (("a/b", "is not a valid workspace name"), ("Contracts", None)):
        page.locator("[class*=st-key-workspace-menu] button").first.click()
        page.get_by_text("New workspace", exact=True).click()
        field = page.get_by_label("Name", exact=True)
        field.fill(name)
        field.press("Tab")  # typed and left: what it brings is drawn before the click
        page.wait_for_selector(READY)
        page.get_by_role("button", name="Create").click()
        if outcome:
            expect(page.get_by_text(outcome)).to_be_visible()
            page.keyboard.press("Escape")

    box = page.get_by_role("combobox", name="Workspace")
    expect(box).to_have_value("Contracts", timeout=SLOW)


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_for_people_to_look_at(chromium, server, width, scheme):
    context = chromium.new_context(
        viewport={"width": width, "height": 800 if width == 1280 else 1080}, color_scheme=scheme
    )
    page = context.new_page()
    visit(page, server.url)
    ask(page, QUESTION)
    finished(page)
    expect(page.locator(".mark.current").first).to_be_visible(timeout=SLOW)
    expect(page.locator(".page:has(.mark.current) .wait")).to_have_count(0, timeout=SLOW)
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"ask-{width}-{scheme}.png")
    if os.environ.get("DOCQA_DOCS_SCREENSHOT") and (width, scheme) == (1280, "light"):
        page.screenshot(path=ROOT / "docs" / "screenshot.png")
    for name in ("library", "engine"):
        visit(page, f"{server.url}/{name}")
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=SLOW)
        expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=SLOW)
        page.screenshot(path=RESULTS / f"{name}-{width}-{scheme}.png")
    context.close()
