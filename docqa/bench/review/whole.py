"""Whole reviews, from the checklist to the exported file: by quotes alone, and by a script.

The scripted engine answers as models do, some of its cells wrongly on purpose: requirements are
added whose answers cite labels that do not exist, of other documents, or none.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

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
    worked: float = 0.0
    """Seconds of processor time."""
    states: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    unproven: int = 0
    """Verdicts without a verified citation of the model's in the cell's own document: none may
    be."""
    hostile: int = 0
    hostile_unproven: int = 0
    rejected: int = 0
    """Cells with labels that do not exist, or are of other documents."""
    quotes: QuoteCheck = field(default_factory=QuoteCheck)


def with_hostile(checklist: Checklist) -> Checklist:
    """The checklist, and requirements that a scripted model answers wrongly."""
    return replace(checklist, requirements=(*checklist.requirements, *HOSTILE))


def run(corpus: ReviewCorpus, checklist: Checklist, folder: Path) -> Run:
    """Review all documents of the corpus, export, and look into the export."""
    start, worked = time.perf_counter(), time.process_time()
    review_id = corpus.app.reviewing.submit(corpus.workspace_id, checklist)
    corpus.app.reviewing.wait(review_id)
    made = Run(seconds=time.perf_counter() - start, worked=time.process_time() - worked)
    packet = corpus.app.exporting.export(review_id, "json", folder / f"review-{review_id}.json")
    for cell in json.loads(packet.read_text(encoding="utf-8"))["cells"]:
        _count(made, cell)
    made.quotes = check(corpus, packet)
    return made


def _count(made: Run, cell: dict[str, Any]) -> None:
    made.cells += 1
    made.states[cell["state"]] += 1
    made.statuses[cell["verdict"]] += 1
    finding = cell["finding"] or {}
    unproven = cell["verdict"] in _JUDGED and not any(
        each["origin"] == "model"
        and each["support"] != "unsupported"
        and each["document_id"] == cell["document_id"]
        for each in finding["citations"]
    )
    made.unproven += unproven
    made.rejected += bool(finding.get("unresolved_labels"))
    if cell["requirement"].startswith("hostile"):
        made.hostile += 1
        made.hostile_unproven += unproven


def figures(name: str, engine: str, made: Run) -> list[Figure]:
    """The lines of the table."""
    quotes = made.quotes
    set_ = f"{name}, {engine}"
    verdicts = ", ".join(f"{count:,} {status}" for status, count in made.statuses.most_common())
    lines = [
        Figure(set_, "cells done", made.cells, share(made.states["done"], made.cells)),
        Figure(set_, "cells a second", made.cells, f"{made.cells / made.seconds:.0f}"),
        Figure(
            set_,
            "milliseconds of processor time a cell",
            made.cells,
            f"{1_000 * made.worked / made.cells:.1f}",
        ),
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
        lines += [
            Figure(set_, "cells with labels that were rejected", made.cells, str(made.rejected)),
            Figure(
                set_,
                "answers bad on purpose, shown as a verdict",
                made.hostile,
                str(made.hostile_unproven),
            ),
        ]
    return lines
