"""Contracts (CUAD): the page of a clause in its contract. NDAs (ContractNLI): a rule's evidence."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pymupdf

from docqa.bench import quality_contracts
from docqa.bench.corpus import BenchCorpus, Found
from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.ranking.grounds import Case, Ground
from docqa.bench.review.gold import SpanFinder, ndas

RULES = "passage by rule's text"


def contracts(data: Path) -> Iterator[Ground]:
    """Asked with the clauses' categories as questions, and with the clauses' own words."""
    given = quality_contracts.given(data)
    described = quality_contracts.descriptions(data)
    cases = [
        Case(f"page by {what}", question, frozenset(map(str, right)), contract["pdf"])
        for contract in given
        for what, question, right in quality_contracts.questions(contract, described)
    ]
    files = tuple((contract["pdf"], data / contract["pdf"]) for contract in given)
    yield Ground("contracts", files, lambda _: cases, _pages_of(data), _pages)


def rules(data: Path) -> Iterator[Ground]:
    """61 NDAs: which passage is evidence for, or against, a rule."""
    given = json.loads((data / "contractnli_dev" / "dev.json").read_text(encoding="utf-8"))
    texts = {key: rule["hypothesis"] for key, rule in given["labels"].items()}
    with tempfile.TemporaryDirectory(prefix="docqa-ndas-") as folder:
        cells = ndas(data, Path(folder), texts)
        files = tuple((path.name, path) for path in sorted(Path(folder).iterdir()))

        def cases(corpus: BenchCorpus) -> list[Case]:
            finders = {path: SpanFinder(corpus.packed(path)) for path, _ in files}
            made = []
            for cell in cells:
                ordinals = finders[cell.document].passages(cell) if cell.mentioned else ()
                if right := frozenset(map(str, ordinals)):
                    made.append(Case(RULES, texts[cell.requirement_id], right, cell.document))
            return made

        yield Ground("contract rules", files, cases, _passages_of, _ordinals)


def _pages(question: str, found: Found) -> Sequence[str]:
    return [str(page) for page in quality_contracts.pages_of(question, found)]


def _pages_of(data: Path) -> Callable[[BenchCorpus, str], PlainBM25]:
    @cache
    def plain(_corpus: BenchCorpus, document: str) -> PlainBM25:
        with pymupdf.open(data / document) as opened:
            return PlainBM25([(str(n), page.get_text()) for n, page in enumerate(opened, 1)])

    return plain


def _ordinals(_question: str, found: Found) -> Sequence[str]:
    return (str(found.packed.passage.ordinal),)


@cache
def _passages_of(corpus: BenchCorpus, document: str) -> PlainBM25:
    found = corpus.packed(document)
    return PlainBM25([(str(each.passage.ordinal), each.passage.text) for each in found])
