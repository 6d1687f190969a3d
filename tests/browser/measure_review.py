"""The Review page with 10,000 cells: `python -m tests.browser.measure_review`.

100 documents by 100 requirements, their findings written straight into the store. A real browser
opens the grid, filters it, opens a cell and scrolls; of each step the seconds are printed, from the
click to what it brought being on the screen.
"""

import random
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from docqa.bench.review.scale import made_up_checklist, write_documents
from docqa.bootstrap import build_app
from docqa.core.findings import NewFinding
from docqa.settings import Settings
from tests.browser.measuring import READY, opened, said, served, settle, timed

DOCUMENTS = REQUIREMENTS = 100
STATUSES = ("met", "partly_met", "not_met", "not_found", "needs_person")
WEIGHTS = (60, 10, 8, 12, 10)
FILTERS = (
    ("Not met", "Not met", "Partly met"),
    ("Needs a person", "Needs a person", "Not met"),
    ("All", "Partly met", "none of this"),
)
"""Their names, what their cells say, and what none of them says any more."""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="docqa-page-") as folder:
        home = Path(folder) / "home"
        fill(home, Path(folder) / "documents")
        with served(home) as url, opened() as page:
            measure(page, url)


def fill(home: Path, folder: Path) -> None:
    """A workspace with a review that is done; the same in every run."""
    checklist = made_up_checklist(REQUIREMENTS)
    write_documents(folder, checklist, DOCUMENTS)
    app = build_app(Settings(home=home))
    app.start()
    workspace = app.workspaces.get_or_create("default")
    app.ingestion.wait(app.ingestion.submit_paths(workspace.id, [folder]))
    documents = app.library.documents(workspace.id)
    versions = {document.id: document.version_id for document in documents}
    reviews = app.store.reviews
    review_id = reviews.create(
        workspace.id,
        checklist=checklist,
        title="Ten thousand",
        target="documents",
        scope=(),
        documents=documents,
        user="local",
        pack=app.library.pack(workspace.id).hash,
    )
    chance = random.Random(1)
    for cell in reviews.claim(review_id, "measuring", DOCUMENTS * REQUIREMENTS):
        found = NewFinding(
            chance.choices(STATUSES, WEIGHTS)[0],
            rationale="As section 4 says.",
            version_id=versions[cell.document_id],
        )
        reviews.record(cell.id, "measuring", found, user="local", keep=False)
    reviews.set_status(review_id, "done")
    app.close()


def measure(page: Page, url: str) -> None:
    page.goto(f"{url}/library")
    settle(page)
    timed("from the menu to the grid", page.get_by_role("link", name="Review").click)
    cell(page, "Partly met")
    said()
    settle(page)
    timed("page loaded by its address", lambda: page.goto(page.url))
    cell(page, "Partly met")
    said()
    pills = page.locator(".st-key-review-filters")
    for name, seen, gone in FILTERS:
        settle(page)
        timed(f"filter {name!r}", pills.get_by_text(name).first.click)
        cell(page, gone, state="detached")
        cell(page, seen)
        said()
    settle(page)
    box = page.get_by_test_id("stDataFrame").locator("canvas").first.bounding_box()
    timed("scrolled down", lambda: scroll(page, box))
    cell(page, "08")
    said()
    settle(page)
    timed("cell opened", lambda: page.mouse.click(box["x"] + 400, box["y"] + 120))
    page.locator(".st-key-drawer").wait_for()
    said()
    settle(page)
    before = page.url
    timed("next unreviewed cell", lambda: page.keyboard.press("n"))
    page.wait_for_url(lambda now: now != before)
    page.wait_for_selector(READY)
    said()


def scroll(page: Page, box: dict[str, float]) -> None:
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    for _ in range(20):
        page.mouse.wheel(0, 200)


def cell(page: Page, text: str, state: str = "attached") -> None:
    page.locator("[role=gridcell]").filter(has_text=text).first.wait_for(state=state)


if __name__ == "__main__":
    main()
