"""Contracts (CUAD): is the page of a clause found, within its contract?

Asked with the clause's own words (five at least), and with its category as a question, as CUAD
describes it. A page's score is its best passage's; plain BM25 ranks whole pages.
"""

import json
import re
import time
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pymupdf

from docqa.bench.corpus import BenchCorpus, Found
from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.scores import Hits, Row, unique
from docqa.core.extractive import best_sentences
from docqa.core.geometry import quote_page
from docqa.store.store import Store

_CATEGORY = re.compile(r"Category:[ \t]*(.*)\r?\n[ \t]*Description:[ \t]*(.*)")
_LEAST_WORDS = 5
_PASSAGES = 40

Ranking = Callable[[str], list[object]]


def measure(store: Store, data: Path) -> list[Row]:
    """Scores for clause texts and category questions."""
    contracts, described = given(data), descriptions(data)
    corpus = BenchCorpus(store, "contracts")
    corpus.add((contract["pdf"], data / contract["pdf"]) for contract in contracts)
    counts = {(what, by): Hits() for what in ("question", "clause") for by in ("docqa", "plain")}
    seconds = 0.0
    for contract in contracts:
        asked = questions(contract, described)
        plain = _plain(data / contract["pdf"])
        start = time.perf_counter()
        found = [_pages(corpus, contract["pdf"], question) for _, question, _ in asked]
        seconds += time.perf_counter() - start
        for (what, question, right), pages in zip(asked, found, strict=True):
            counts[what, "docqa"].count(pages, right)
            counts[what, "plain"].count(plain(question), right)
    total = sum(counts[what, "docqa"].questions for what in ("question", "clause"))
    return [
        Row(
            "contracts",
            f"page by {what}, first / in five",
            counts[what, "docqa"].questions,
            str(counts[what, "docqa"]),
            str(counts[what, "plain"]),
            seconds / total,
        )
        for what in ("question", "clause")
    ]


def given(data: Path) -> list[dict[str, Any]]:
    """The contracts with their clauses, as the bundle has them."""
    contracts: list[dict[str, Any]] = json.loads((data / "cuad25" / "gold.json").read_text())
    return contracts


def descriptions(data: Path) -> dict[str, str]:
    """By category in lower case, what CUAD asks for."""
    readme = (data / "cuad25" / "CUAD_v1_README.txt").read_text(errors="replace")
    return {name.strip().lower(): text.strip() for name, text in _CATEGORY.findall(readme)}


def questions(
    contract: dict[str, Any], described: dict[str, str]
) -> list[tuple[str, str, set[object]]]:
    """What is asked, the question, and the 1-based pages that are right."""
    asked: list[tuple[str, str, set[object]]] = []
    for category, clauses in contract["clauses"].items():
        pages = [set(range(c["page"] + 1, c["page_end"] + 2)) for c in clauses]
        near = get_close_matches(category.lower(), described, 1, 0.4)
        question = f"{category}: {described[near[0]] if near else ''}"
        asked.append(("question", question, set().union(*pages)))
        asked.extend(
            ("clause", clause["text"], set(right))
            for clause, right in zip(clauses, pages, strict=True)
            if len(clause["text"].split()) >= _LEAST_WORDS
        )
    return asked


def _pages(corpus: BenchCorpus, path: str, question: str) -> list[object]:
    found = corpus.search(question, k=_PASSAGES, path=path)
    return unique([page for item in found for page in pages_of(question, item)])


def pages_of(question: str, found: Found) -> Sequence[int]:
    """Of a passage that goes over a page's end, first the page of its best sentence."""
    if len(found.pages) < 2:
        return found.pages
    quotes = best_sentences(question, [(found.score, found.packed)], limit=1)
    first = [quote_page(quote.passage.passage, quote.start, quote.end) for quote in quotes]
    return [*(page for page in first if page), *found.pages]


def _plain(file: Path) -> Ranking:
    with pymupdf.open(file) as document:
        pages = [(str(number), page.get_text()) for number, page in enumerate(document, 1)]
    index = PlainBM25(pages)
    return lambda question: [int(key) for key in index.ranked(question)]
