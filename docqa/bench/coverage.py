"""How long it takes to count every page: `python -m docqa.bench.coverage --documents 4000`.

Makes a library of documents without words (what is counted are rows), in a folder of its own.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from docqa.bootstrap import App, build_app
from docqa.core.documents import PageInfo, PageStatus, ParsedDocument
from docqa.core.left_out import LeftOut
from docqa.settings import Settings
from docqa.store.coverage_units import CoverageFilter
from docqa.store.values import NewVersion

STATUSES: tuple[PageStatus, ...] = ("text", "text", "text", "ocr", "image_only", "empty")
SEED = 6
RUNS = 5


def fill(app: App, documents: int, pages: int) -> int:
    """Put so many documents with so many pages each into four sources; the workspace's id."""
    chance = random.Random(SEED)
    workspace_id = app.workspaces.get_or_create("default").id
    store = app.store.documents
    for part in range(4):
        source = store.add_source(workspace_id, "folder", f"source {part}", f"/source/{part}")
        names = [(f"folder {n % 20}/{n}.pdf",) * 2 for n in range(documents // 4)]
        ids = store.add_documents(workspace_id, source, names)
        store.stage_many(_version(number, pages, chance) for number in ids)
        app.store.left_out.replace(
            source, [LeftOut(f"left/{n}.bin", "binary", "binary", n) for n in range(100)]
        )
    versions = [version.id for version in store.unpublished(workspace_id)]
    app.library.publish(workspace_id, versions)
    for document in app.library.documents(workspace_id)[::50]:
        app.library.exclude(document.id)
    return workspace_id


def _version(document_id: int, pages: int, chance: random.Random) -> NewVersion:
    made = tuple(
        PageInfo(n, 612, 792, chance.choice(STATUSES), confidence=None) for n in range(1, pages + 1)
    )
    parsed = ParsedDocument("pdf", (), made, reader="bench/1")
    return NewVersion(document_id, f"{document_id:064x}", 1_000, "", parsed, ())


def measured(app: App, workspace_id: int, folder: Path) -> Iterator[tuple[str, float]]:
    """What the page and the exports do, and the median seconds that each takes."""
    coverage = app.coverage
    scanned = CoverageFilter(page_class="ocr")
    acts: dict[str, Callable[[], object]] = {
        "sums of all sources": lambda: coverage.ledger(workspace_id),
        "documents": lambda: coverage.documents(workspace_id, most=2_000),
        "200 pages": lambda: coverage.pages(workspace_id, most=200),
        "200 pages of one class": lambda: coverage.pages(workspace_id, scanned, most=200),
        "CSV": lambda: coverage.export(workspace_id, folder / "coverage.csv"),
        "JSON": lambda: coverage.export(workspace_id, folder / "coverage.json"),
        "XLSX": lambda: coverage.export(workspace_id, folder / "coverage.xlsx"),
    }
    for name, act in acts.items():
        times = []
        for _ in range(RUNS):
            start = time.perf_counter()
            act()
            times.append(time.perf_counter() - start)
        yield name, sorted(times)[RUNS // 2]


def main() -> None:
    """Fill a library, count it, print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=4_000)
    parser.add_argument("--pages", type=int, default=5, help="of each document")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = build_app(Settings(home=Path(folder) / "home", engine="extractive"))
        try:
            workspace_id = fill(app, chosen.documents, chosen.pages)
            total = app.coverage.ledger(workspace_id).total
            sys.stdout.write(f"{total.total:,} pages: {total.named()}\n")
            for name, seconds in measured(app, workspace_id, Path(folder)):
                sys.stdout.write(f"{name}: {seconds:.3f} s\n")
        finally:
            app.close()


if __name__ == "__main__":
    main()
