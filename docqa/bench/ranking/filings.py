"""10-Q filings: which filing answers a question, and on which of its pages its statements stand."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pymupdf

from docqa.bench.corpus import Found
from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.quality_contracts import pages_of
from docqa.bench.ranking.grounds import Case, Ground

FILINGS = "a filing that the answer cites"
FIGURES = "page with the answer's figures"
STATEMENTS = "page of the statement asked for"
_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+|\d+\.\d+%?")
_FEW_PAGES = 4
_TOP_CHARACTERS = 400
_LEAST_FIGURES = 20
_ASKED: Mapping[str, Sequence[str]] = {
    r"STATEMENTS OF (?:CONSOLIDATED )?(?:OPERATIONS|INCOME)\b": (
        "What was net income for the quarter?",
        "How much was spent on R&D in the fiscal quarter?",
        "What was the operating profit this quarter compared with last year?",
        "How much revenue was reported for the quarter, and what was the cost of goods sold?",
        "What were diluted earnings per share in the quarter?",
    ),
    r"BALANCE SHEETS": (
        "What were total assets at the end of the quarter?",
        "How high were accounts receivable and inventory at year end?",
        "What are total liabilities and shareholders' equity in this filing?",
        "How much goodwill is on the balance sheet in this 10-Q?",
    ),
    r"STATEMENTS OF CASH FLOWS|CASH FLOWS STATEMENTS": (
        "What was cash flow from operations in the quarter?",
        "What were capital expenditures this fiscal year?",
        "How much was spent on stock buybacks and dividends in the year to date?",
        "How large was depreciation in the quarter?",
    ),
}
"""By the title that the page of a statement begins with, what is asked of every filing."""


def filings(data: Path) -> Iterator[Ground]:
    """45 questions over 20 quarterly filings; a filing's score is its best passage's."""
    pages = _pages(data)
    cases = [
        Case(FILINGS, item["question"], frozenset(item["answer_cited_docs"]))
        for item in _items(data)
    ]
    plain = PlainBM25([(name, text) for name, texts in pages.items() for _, text in texts])
    yield Ground("10-Q", _files(data), lambda _: cases, lambda _, __: plain, _path)


def statement_pages(data: Path) -> Iterator[Ground]:
    """Pages within a filing: those with an answer's figures, and those of the statements."""
    pages = _pages(data)
    plain = {name: PlainBM25(texts) for name, texts in pages.items()}
    cases = [*_figure_cases(data, pages), *_statement_cases(pages)]
    yield Ground(
        "10-Q pages", _files(data), lambda _: cases, lambda _, name: plain[name], _page_numbers
    )


def _figure_cases(data: Path, pages: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[Case]:
    """The pages that have most of the answer's figures, where they are few."""
    for item in _items(data):
        wanted = set(_FIGURE.findall(item["answer"]))
        for name in item["answer_cited_docs"]:
            held = {n: len(wanted.intersection(_FIGURE.findall(text))) for n, text in pages[name]}
            most = max(held.values())
            right = frozenset(number for number, count in held.items() if count == most)
            if most and len(right) <= _FEW_PAGES:
                yield Case(FIGURES, item["question"], right, name)


def _statement_cases(pages: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[Case]:
    for name, texts in pages.items():
        for title, questions in _ASKED.items():
            right = frozenset(
                number
                for number, text in texts
                if re.search(title, text[:_TOP_CHARACTERS].upper())
                and len(_FIGURE.findall(text)) >= _LEAST_FIGURES
            )
            if 0 < len(right) <= _FEW_PAGES:
                yield from (Case(STATEMENTS, question, right, name) for question in questions)


def _items(data: Path) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((data / "sec10q45" / "bench.json").read_text())
    return items


def _files(data: Path) -> tuple[tuple[str, Path], ...]:
    return tuple((file.name, file) for file in sorted((data / "sec10q45" / "docs").glob("*.pdf")))


def _pages(data: Path) -> dict[str, list[tuple[str, str]]]:
    """By file, number and text of its pages."""
    pages = {}
    for name, file in _files(data):
        with pymupdf.open(file) as opened:
            pages[name] = [(str(number), page.get_text()) for number, page in enumerate(opened, 1)]
    return pages


def _page_numbers(question: str, found: Found) -> Sequence[str]:
    return [str(page) for page in pages_of(question, found)]


def _path(_question: str, found: Found) -> Sequence[str]:
    return (found.path,)
