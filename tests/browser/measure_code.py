"""The Code page with 30,000 files: `python -m tests.browser.measure_code [--files N] [--tokens N]`.

A tree made of the standard library's files is ingested; then a real browser opens the page three
times, filters the tree, opens a file, searches, and looks at the graph and the window.
"""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from docqa.bench.code_scale import BYTES_PER_TOKEN, standard_library
from docqa.bench.code_trees import make_tree
from docqa.bootstrap import build_app
from docqa.settings import Settings
from tests.browser.measuring import opened, said, served, settle, timed

FOUND = re.compile(r"^([\d,]+ places?|Found nowhere)$")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=30_000)
    parser.add_argument("--tokens", type=int, default=10_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="docqa-page-") as folder:
        home = Path(folder) / "home"
        fill(home, Path(folder) / "tree", options.files, options.tokens)
        with served(home) as url, opened() as page:
            measure(page, url, f"module{options.files - 1:05d}")


def fill(home: Path, tree: Path, files: int, tokens: int) -> None:
    """A workspace with the tree."""
    make_tree(standard_library(), tree, files=files, bytes_each=tokens * BYTES_PER_TOKEN // files)
    app = build_app(Settings(home=home))
    app.start()
    workspace = app.workspaces.get_or_create("default")
    start = time.perf_counter()
    app.ingestion.wait(app.ingestion.submit_paths(workspace.id, [tree]))
    pack = app.library.pack(workspace.id)
    took = time.perf_counter() - start
    sys.stdout.write(f"{files:,} files, {pack.token_count:,} tokens ingested in {took:,.0f} s\n")
    app.close()


def measure(page: Page, url: str, last: str) -> None:
    page.goto(f"{url}/engine")
    settle(page)
    timed("from the menu to the tree", page.get_by_role("link", name="Code").click)
    drawn(page, "area000")
    said()
    for _ in range(3):
        settle(page)
        timed("page loaded by its address", lambda: page.goto(f"{url}/code"))
        drawn(page, "area000")
        said()
    settle(page)
    field = page.get_by_placeholder("Filter files")
    timed("filtered", lambda: field.fill(last))
    drawn(page, f"{last}.py")
    said()
    settle(page)
    timed("file opened", page.get_by_role("treeitem", name=f"{last}.py").first.click)
    page.locator(".st-key-code-middle").get_by_text("1", exact=True).first.wait_for()
    said()
    for what, address, seen in (
        ("search, ranked", "t=search&q=parse+arguments", FOUND),
        ("search, exact", "t=search&q=def+parse_args&h=exact", FOUND),
        ("search, a pattern", "t=search&q=raise+%5CwError%5C%28&h=regex", FOUND),
        ("graph", "v=graph", "Imported most"),
        ("window", "v=window", "Largest files"),
    ):
        settle(page)
        timed(
            f"{what}, page loaded by its address", lambda to=address: page.goto(f"{url}/code?{to}")
        )
        page.get_by_text(seen).first.wait_for()
        said()


def drawn(page: Page, name: str) -> None:
    page.get_by_role("treeitem").filter(has_text=name).first.wait_for()


if __name__ == "__main__":
    main()
