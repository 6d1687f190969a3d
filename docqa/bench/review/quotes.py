"""Do exported quotes stand in the documents, verbatim, and on the pages that are named?

The export's own JSON is read. Against docqa's passage a quote has to be equal character by
character; against the original file, as PyMuPDF and a decoder of bytes read it on their own, up to
white space, hyphens at line ends and ligatures. A PDF's words stand in its file in any order: a
quote counts if it stands in the page's text as filed or as seen, or else if the words under its
rectangles are its words and no others.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pymupdf

from docqa.bench.review.corpus import ReviewCorpus

Json = dict[str, Any]
_NOT_COMPARED = frozenset("-\u00ad\u2010\u2011\u0000")
"""Hyphens, soft and hard: at line ends they cannot be told from each other."""


@dataclass(slots=True)
class QuoteCheck:
    """Quotes of one export, and how many of them stand where it says."""

    quotes: int = 0
    in_passage: int = 0
    in_original: int = 0
    by_support: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """The first few that do not stand where it says."""


def check(corpus: ReviewCorpus, packet: Path) -> QuoteCheck:
    """Check all quotes of an exported JSON packet."""
    found = QuoteCheck()
    for citation in citations(packet):
        exact = _in_passage(corpus, citation)
        original = stands(corpus.app.library.original(citation["version_id"]), citation)
        found.quotes += 1
        found.in_passage += exact
        found.in_original += original
        found.by_support[f"{citation['origin']} {citation['support']}"] += 1
        if not (exact and original) and len(found.wrong) < 20:
            place = citation["page"] or citation["lines"]
            found.wrong.append(f"{citation['document']} {place}: {citation['quote'][:200]!r}")
    return found


def citations(packet: Path) -> Iterator[Json]:
    """All citations of the current findings."""
    for cell in json.loads(packet.read_text(encoding="utf-8"))["cells"]:
        yield from (cell["finding"] or {}).get("citations", ())


def _in_passage(corpus: ReviewCorpus, citation: Json) -> bool:
    packed = corpus.app.store.packs.passage(corpus.pack.id, citation["label"])
    if packed is None:
        return False
    text = packed.passage.text[citation["quote_start"] : citation["quote_end"]]
    return bool(text) and text == citation["quote"]


def stands(original: Path, citation: Json) -> bool:
    """Whether the quote is in the file, beginning on the page or in the lines that are named."""
    quote = folded(citation["quote"])
    if citation["page"] is None:
        first, last = citation["lines"]
        return quote in folded("\n".join(_lines(original)[first - 1 : last]))
    pages = _page(original, citation["page"]), _page(original, citation["page"] + 1)
    return any(
        quote in here or _over_the_edge(quote, here, following)
        for here, following in zip(*pages, strict=True)
    ) or _under(original, citation) == Counter(quote)


def _over_the_edge(quote: str, here: str, following: str) -> bool:
    """Whether it runs over the end of its page, past what stands at both pages' edges."""
    cuts = range(len(quote) - 1, 0, -1)
    return any(quote[:cut] in here and quote[cut:] in following for cut in cuts)


def _under(original: Path, citation: Json) -> Counter[str]:
    """The letters of the words under the quote's rectangles: a table's order is anyone's."""
    further = {int(page): rects for page, rects in citation["rects_on_other_pages"].items()}
    return Counter(
        letter
        for page, rects in {citation["page"]: citation["rects"], **further}.items()
        for x, y, word in _words(original, page)
        if any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in rects)
        for letter in word
    )


@lru_cache(maxsize=8)
def _lines(original: Path) -> list[str]:
    return original.read_bytes().decode("utf-8", "replace").split("\n")


@lru_cache(maxsize=256)
def _page(original: Path, page: int) -> tuple[str, str]:
    """The page's text in the order of the file, and in the order in which it is seen."""
    with pymupdf.open(original) as document:
        if page > len(document):
            return "", ""
        return folded(document[page - 1].get_text()), folded(document[page - 1].get_text(sort=True))


@lru_cache(maxsize=64)
def _words(original: Path, page: int) -> list[tuple[float, float, str]]:
    """The middle of each word of a page, in fractions of the page, and the word."""
    with pymupdf.open(original) as document:
        shown = document[page - 1]
        width, height = shown.rect.width, shown.rect.height
        return [
            ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, folded(word))
            for x0, y0, x1, y1, word, *_ in shown.get_text("words")
        ]


def folded(text: str) -> str:
    """The text without white space and hyphens, ligatures taken apart."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(c for c in normal if not c.isspace() and c not in _NOT_COMPARED)
