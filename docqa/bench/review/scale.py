"""10,000 cells: what a review of 100 documents by 100 requirements costs docqa itself.

The documents are made up, the same in every run: each has a paragraph about most of the
requirements, between others. The scripted engine answers, so that what is measured is docqa.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import psutil

from docqa.bench.memory import PeakMemory
from docqa.bench.review.corpus import ReviewCorpus, filled, opened
from docqa.bench.review.report import Figure
from docqa.core.checklists import Checklist, Requirement
from docqa.services.exporting.service import Format

DOCUMENTS, REQUIREMENTS = 100, 100
_OTHERS = 20
_MENTIONED = 0.6
_SYLLABLES = [
    "ba",
    "co",
    "du",
    "fe",
    "gi",
    "ha",
    "jo",
    "ku",
    "le",
    "mi",
    "no",
    "pa",
    "ru",
    "se",
    "ti",
    "vo",
    "xa",
    "ze",
]
_NAME = "scale"


@dataclass(slots=True)
class _Meter:
    """Collects figures as work is done, and says them."""

    say: Callable[[str], None]
    figures: list[Figure] = field(default_factory=list)

    def add(self, what: str, count: int, figure: str) -> None:
        """Keep a figure."""
        self.say(f"{what}: {figure}")
        self.figures.append(Figure(_NAME, what, count, figure))

    @contextmanager
    def time(self, what: str, count: int) -> Iterator[None]:
        """Seconds of the block, of them at work here, and the most memory held with children."""
        start, worked = time.perf_counter(), time.process_time()
        with PeakMemory() as memory:
            yield
        took, worked = time.perf_counter() - start, time.process_time() - worked
        peak = memory.peak_bytes / 2**20
        self.add(what, count, f"{took:.2f} s ({worked:.2f} s CPU), {peak:,.0f} MiB at most")

    def memory(self, what: str) -> None:
        """What this process holds now."""
        held = psutil.Process().memory_info().rss / 2**20
        self.add(what, 1, f"{held:,.0f} MiB")


def measure(
    say: Callable[[str], None], documents: int = DOCUMENTS, requirements: int = REQUIREMENTS
) -> list[Figure]:
    """The figures of a review with so many documents and requirements."""
    checklist = made_up_checklist(requirements)
    cells = documents * requirements
    meter = _Meter(say)
    with tempfile.TemporaryDirectory(prefix="docqa-review-") as name:
        folder = Path(name)
        write_documents(folder / "documents", checklist, documents)
        with opened(folder / "home", "scripted") as app:
            with meter.time("documents read", documents):
                corpus = filled(app, folder / "documents")
            meter.memory("memory before the review")
            review_id = _review(meter, corpus, checklist, cells)
            meter.memory("memory after the review")
            with meter.time("store.reviews.cells", cells):
                app.store.reviews.cells(review_id)
            with meter.time("reviewing.grid", cells):
                app.reviewing.grid(review_id)
            for kind in get_args(Format):
                path = folder / f"review.{kind}"
                with meter.time(f"export to {kind}", cells):
                    app.exporting.export(review_id, kind, path)
                size = path.stat().st_size / 2**20
                meter.add(f"size of the {kind}", 1, f"{size:.1f} MiB")
            meter.memory("memory after the exports")
            with meter.time("audit log verified", cells):
                problem = app.store.audit.verify()
            meter.add("problems in the audit log", 1, str(problem))
    return meter.figures


def _review(meter: _Meter, corpus: ReviewCorpus, checklist: Checklist, cells: int) -> int:
    with meter.time("review made and queued", cells):
        review_id = corpus.app.reviewing.submit(corpus.workspace_id, checklist)
    with meter.time("review done", cells):
        review = corpus.app.reviewing.wait(review_id)
    done = f"{review.counts.done:,} done, {review.counts.failed:,} failed"
    meter.add("cells", cells, done)
    return review_id


def made_up_checklist(requirements: int) -> Checklist:
    """Requirements, each about things of its own."""
    return Checklist(
        "scale",
        "Scale",
        "1",
        "made up",
        tuple(
            Requirement(
                f"R-{number:04}",
                f"The {_thing(number, 0)} of every {_thing(number, 1)} is kept.",
                look_for=(f"{_thing(number, 0)} is kept", _thing(number, 2)),
                across="independent",
            )
            for number in range(requirements)
        ),
    )


def write_documents(folder: Path, checklist: Checklist, documents: int) -> None:
    """Markdown files that speak of most requirements."""
    folder.mkdir()
    for document in range(documents):
        chance = random.Random(document)
        paragraphs = [
            f"The {_thing(number, 0)} is kept with its {_thing(number, 1)} for "
            f"{chance.randint(1, 90)} days, and so is the {_thing(number, 2)}."
            for number in range(len(checklist.requirements))
            if chance.random() < _MENTIONED
        ]
        others = range(len(paragraphs) * _OTHERS // 100 + 1)
        paragraphs += [_filler(chance) for _ in others]
        chance.shuffle(paragraphs)
        text = "\n\n".join((f"# Document {document}", *paragraphs))
        (folder / f"{document:03}.md").write_text(text + "\n", encoding="utf-8")


def _thing(number: int, which: int) -> str:
    chance = random.Random(number * 10 + which)
    return "".join(chance.choice(_SYLLABLES) for _ in range(4))


def _filler(chance: random.Random) -> str:
    words = ("".join(chance.choices(_SYLLABLES, k=3)) for _ in range(40))
    return f"{' '.join(words).capitalize()}."
