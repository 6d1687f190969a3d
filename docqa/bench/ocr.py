"""How well and how fast scanned pages are read, by each engine: scans made of real contracts.

`python -m docqa.bench.ocr DATA` with the folder of the unpacked benchmark bundle. Of each contract,
pages that hold a clause are scanned, read by OCR, and compared with what docqa reads of their text:
character error rate, and whether each clause is found on its page and on no better one. `--mixed`
instead makes a file of 311 pages, 198 of them scanned, and counts what became of each. Prints JSON.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import mean, median
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from docqa.bench.quality_contracts import given
from docqa.bench.scanned import ScannedFrom, scanned
from docqa.core.documents import PageLocator, ParsedDocument
from docqa.readers.base import ReaderOptions
from docqa.readers.mupdf import pymupdf
from docqa.readers.ocr.registry import Choice, engine_of, ocr_setup
from docqa.readers.ocr.setup import OcrSetup
from docqa.readers.pdf import PdfReader

FOUND = 90
"""Share of a clause's characters, in percent, that must stand on its page."""
LEAST_WORDS = 5
PAGE_TIMEOUT_S = 600
MIXED_PAGES, MIXED_SCANS = 311, 198


@dataclass(slots=True)
class _Scores:
    """What was counted for one engine at one resolution."""

    errors: list[float] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    clauses: int = 0
    found: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def told(self) -> dict[str, Any]:
        pages = len(self.errors)
        return {
            "pages": pages,
            "character_error_rate": round(mean(self.errors), 4),
            "median": round(median(self.errors), 4),
            "worst": round(max(self.errors), 4),
            "confidence": round(mean(self.confidences or [0.0]), 3),
            "clauses": self.clauses,
            "clauses_on_their_page": round(self.found / max(1, self.clauses), 4),
            "cpu_s_per_page": round(self.cpu_s / pages, 2),
            "wall_s_per_page": round(self.wall_s / pages, 2),
        }


def measure(
    data: Path,
    engines: Sequence[Choice],
    resolutions: Sequence[int],
    pages: int,
    *,
    contracts: int = 25,
) -> list[dict[str, Any]]:
    """Each engine at each resolution, over so many pages of each of the first contracts."""
    scores = {(engine, dpi): _Scores() for engine in engines for dpi in resolutions}
    for contract in given(data)[:contracts]:
        path = data / contract["pdf"]
        chosen = _chosen(contract, pages)
        if not chosen:
            continue
        text = _text(path, list(chosen))
        for dpi in resolutions:
            scan = _scan(path, list(chosen), dpi)
            for engine in engines:
                _count(scores[engine, dpi], scan, engine, chosen, text)
        sys.stderr.write(f"{path.name}: {json.dumps(_told(scores))}\n")
    return _told(scores)


def _told(scores: dict[tuple[Choice, int], _Scores]) -> list[dict[str, Any]]:
    return [{"engine": engine, "dpi": dpi, **each.told()} for (engine, dpi), each in scores.items()]


def _chosen(contract: dict[str, Any], pages: int) -> dict[int, list[str]]:
    """0-based pages of a contract that hold whole clauses, and these."""
    clauses: dict[int, list[str]] = {}
    for found in contract["clauses"].values():
        for clause in found:
            long = len(clause["text"].split()) >= LEAST_WORDS
            if long and clause["page"] == clause["page_end"]:
                clauses.setdefault(clause["page"], []).append(clause["text"])
    chance = random.Random(contract["pdf"])
    some = chance.sample(sorted(clauses), min(pages, len(clauses)))
    return {page: clauses[page] for page in sorted(some)}


def _scan(path: Path, pages: Sequence[int], dpi: int) -> bytes:
    with pymupdf.open(path) as document:
        return scanned(ScannedFrom(document, page, dpi) for page in pages)


def _text(path: Path, pages: Sequence[int]) -> dict[int, str]:
    """What docqa reads of these pages where they have their text, by their place among them."""
    with pymupdf.open(path) as document, tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(scanned(document[page] for page in pages))
        file.flush()
        return _texts(_read(Path(file.name), OcrSetup()))


def _count(
    scores: _Scores,
    scan: bytes,
    engine: Choice,
    chosen: dict[int, list[str]],
    text: dict[int, str],
) -> None:
    setup = ocr_setup(engine, "eng", PAGE_TIMEOUT_S)
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(scan)
        file.flush()
        began, spent = time.perf_counter(), _cpu_s()
        document = _read(Path(file.name), setup)
        engine_of(setup).close()  # so that its processor time counts
        scores.wall_s += time.perf_counter() - began
        scores.cpu_s += _cpu_s() - spent
    read = _texts(document)
    scores.confidences += [page.confidence or 0.0 for page in document.pages]
    for number, clauses in enumerate(chosen.values(), start=1):
        wanted = text.get(number, "")
        scores.errors.append(_error_rate(wanted, read.get(number, "")))
        for clause in clauses:
            scores.clauses += 1
            scores.found += _is_on(_plain(clause), number, read)


def _read(path: Path, setup: OcrSetup) -> ParsedDocument:
    return PdfReader().read(path, path.name, ReaderOptions(ocr=setup), lambda done, total: None)


def _texts(document: ParsedDocument) -> dict[int, str]:
    """The text of each page as docqa has it; a passage counts where it begins."""
    found: dict[int, list[str]] = {}
    for passage in document.passages:
        assert isinstance(passage.locator, PageLocator)
        found.setdefault(passage.locator.first_page, []).append(passage.text)
    return {page: _plain("\n".join(parts)) for page, parts in found.items()}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _error_rate(wanted: str, read: str) -> float:
    """Insertions, deletions and replacements a character of what is wanted."""
    return Levenshtein.distance(wanted, read) / max(1, len(wanted))


def _is_on(clause: str, number: int, read: dict[int, str]) -> bool:
    """Whether the clause stands on this page, and on no other better."""
    shares = {page: fuzz.partial_ratio(clause, text) for page, text in read.items()}
    own = shares.get(number, 0.0)
    return own >= FOUND and own >= max(shares.values())


def _cpu_s() -> float:
    """Seconds of processor that this process and those that it has waited for took."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def mixed(data: Path, engine: Choice, dpi: int) -> dict[str, Any]:
    """What became of each page of a file of which most pages are scanned."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(scanned(_mixed_pages(data, dpi)))
        file.flush()
        began = time.perf_counter()
        document = _read(Path(file.name), ocr_setup(engine, "eng", PAGE_TIMEOUT_S))
        seconds = time.perf_counter() - began
    statuses = Counter(str(page.status) for page in document.pages)
    named = [page.number for page in document.pages if not page.readable and page.reason]
    lost = [p.number for p in document.pages if not p.readable and not p.reason]
    return {
        "pages": len(document.pages),
        "scanned": MIXED_SCANS,
        **statuses,
        "named": len(named),
        "lost": len(lost),
        "seconds": round(seconds, 1),
    }


def _mixed_pages(data: Path, dpi: int) -> Iterator[ScannedFrom | pymupdf.Page]:
    """Pages of the contracts in turn; the scanned ones are spread over the file."""
    opened = [pymupdf.open(data / contract["pdf"]) for contract in given(data)]
    places = [(document, page) for document in opened for page in range(document.page_count)]
    # 198 of 311, evenly: a page is scanned where the share so far passes a whole number.
    for number, (document, page) in enumerate(islice(cycle(places), MIXED_PAGES)):
        before, after = (MIXED_SCANS * n // MIXED_PAGES for n in (number, number + 1))
        yield ScannedFrom(document, page, dpi) if after > before else document[page]


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m docqa.bench.ocr")
    parser.add_argument("data", type=Path, help="the folder of the benchmark bundle")
    parser.add_argument("--engines", nargs="+", default=["tesseract", "rapidocr"])
    parser.add_argument("--dpi", nargs="+", type=int, default=[150, 300])
    parser.add_argument("--pages", type=int, default=2, help="of each contract")
    parser.add_argument("--contracts", type=int, default=25, help="that are taken, from the first")
    parser.add_argument("--mixed", action="store_true", help="the file of 311 pages instead")
    asked = parser.parse_args(arguments)
    result: Any
    if asked.mixed:
        result = {engine: mixed(asked.data, engine, asked.dpi[0]) for engine in asked.engines}
    else:
        result = measure(
            asked.data, asked.engines, asked.dpi, asked.pages, contracts=asked.contracts
        )
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
