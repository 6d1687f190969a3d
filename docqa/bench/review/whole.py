"""Whole reviews, from the checklist to the exported file: by quotes alone, and by a script.

The scripted engine answers as models do, some of its cells wrongly on purpose: requirements are
added whose answers cite labels that do not exist, of other documents, or none.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from docqa.bench.review.corpus import ReviewCorpus
from docqa.bench.review.quotes import QuoteCheck, check
from docqa.bench.review.report import Figure, share
from docqa.core.checklists import Checklist, Requirement

HOSTILE = tuple(
    Requirement(f"hostile {directive[1:]}", f"{directive} The parties keep their word.")
    for directive in ("@met_garbage", "@met_outside", "@met_uncited", "@badjson")
)
_JUDGED = ("met", "partly_met", "not_met", "not_applicable")


@dataclass(slots=True)
class Run:
    """What came of one review."""

    cells: int = 0
    seconds: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    hostile_judged: int = 0
    """Hostile cells that are shown with a verdict: none may be."""
    unproven: int = 0
    """Verdicts without a verified citation of the model's: none may be."""
    hostile: int = 0
    quotes: QuoteCheck = field(default_factory=QuoteCheck)


def with_hostile(checklist: Checklist) -> Checklist:
    """The checklist, and requirements that a scripted model answers wrongly."""
    return replace(checklist, requirements=(*checklist.requirements, *HOSTILE))


def run(corpus: ReviewCorpus, checklist: Checklist, folder: Path) -> Run:
    """Review all documents of the corpus, export, and look into the export."""
    start = time.perf_counter()
    review_id = corpus.app.reviewing.submit(corpus.workspace_id, checklist)
    corpus.app.reviewing.wait(review_id)
    made = Run(seconds=time.perf_counter() - start)
    packet = corpus.app.exporting.export(review_id, "json", folder / f"review-{review_id}.json")
    for cell in json.loads(packet.read_text(encoding="utf-8"))["cells"]:
        _count(made, cell)
    made.quotes = check(corpus, packet)
    return made


def _count(made: Run, cell: dict[str, object]) -> None:
    made.cells += 1
    made.states[str(cell["state"])] += 1
    made.statuses[str(cell["verdict"])] += 1
    judged = cell["verdict"] in _JUDGED
    finding = cell["finding"]
    citations = finding["citations"] if isinstance(finding, dict) else []
    if str(cell["requirement"]).startswith("hostile"):
        made.hostile += 1
        made.hostile_judged += judged
    made.unproven += judged and not any(
        each["origin"] == "model" and each["support"] != "unsupported" for each in citations
    )


def figures(name: str, engine: str, made: Run) -> list[Figure]:
    """The lines of the table."""
    quotes = made.quotes
    set_ = f"{name}, {engine}"
    verdicts = ", ".join(f"{count:,} {status}" for status, count in made.statuses.most_common())
    lines = [
        Figure(set_, "cells done", made.cells, share(made.states["done"], made.cells)),
        Figure(set_, "cells a second", made.cells, f"{made.cells / made.seconds:.0f}"),
        Figure(set_, "verdicts", made.cells, verdicts),
        Figure(
            set_,
            "exported quotes equal to the passage",
            quotes.quotes,
            share(quotes.in_passage, quotes.quotes),
        ),
        Figure(
            set_,
            "exported quotes on their page or lines",
            quotes.quotes,
            share(quotes.in_original, quotes.quotes),
        ),
        Figure(set_, "verdicts without a verified quote", made.cells, str(made.unproven)),
    ]
    if made.hostile:
        shown = str(made.hostile_judged)
        lines.append(Figure(set_, "bad answers shown as a verdict", made.hostile, shown))
    return lines
