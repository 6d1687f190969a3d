"""Do the rectangles of a quote cover its words and no others? On real contracts' clauses.

`python -m docqa.bench.highlights DATA` with the folder of the unpacked benchmark bundle. Each
clause is looked up in the passages as docqa reads them, its rectangles are taken, and the words
whose middle is in them are extracted again by PyMuPDF itself and compared. Prints JSON.
"""

import json
import sys
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pymupdf

from docqa.core.documents import Passage, Rect
from docqa.core.geometry import quote_rects
from docqa.readers.base import ReaderOptions
from docqa.readers.pdf import PdfReader

Quote = tuple[Passage, int, int]


@dataclass(frozen=True, slots=True)
class _Flat:
    """Letters and digits of a text, lower case, with the offset each had."""

    text: str
    offsets: list[int]

    @classmethod
    def of(cls, text: str) -> "_Flat":
        kept: list[str] = []
        offsets: list[int] = []
        for offset, character in enumerate(text):
            for part in unicodedata.normalize("NFKC", character).casefold():
                if part.isalnum():
                    kept.append(part)
                    offsets.append(offset)
        return cls("".join(kept), offsets)


class _Document:
    """The passages of one PDF, and PyMuPDF's own words of its pages."""

    def __init__(self, path: Path) -> None:
        parsed = PdfReader().read(path, path.name, ReaderOptions(), lambda done, total: None)
        self.passages = parsed.passages
        self._starts: list[int] = []
        text = ""
        for passage in self.passages:
            self._starts.append(len(text))
            text += passage.text + "\n"
        self._flat = _Flat.of(text)
        self._pdf = pymupdf.open(path)
        self._words: dict[int, list[tuple[float, float, str]]] = {}

    def find(self, clause: str) -> Iterator[list[Quote]]:
        """Each place where the clause stands, as quotes of one or several passages."""
        wanted = _Flat.of(clause).text
        at = self._flat.text.find(wanted) if wanted else -1
        while at >= 0:
            first = self._flat.offsets[at]
            last = self._flat.offsets[at + len(wanted) - 1] + 1
            yield list(self._quotes(first, last))
            at = self._flat.text.find(wanted, at + 1)

    def _quotes(self, first: int, last: int) -> Iterator[Quote]:
        index = bisect_right(self._starts, first) - 1
        while index < len(self.passages) and self._starts[index] < last:
            passage, base = self.passages[index], self._starts[index]
            start, end = max(first - base, 0), min(last - base, len(passage.text))
            if start < end:
                yield passage, start, end
            index += 1

    def words_under(self, rects: Sequence[Rect]) -> str:
        """Letters and digits of the words whose middle lies in the rectangles, in their order."""
        found: list[str] = []
        taken: set[tuple[int, int]] = set()
        for rect in rects:
            for number, (x, y, text) in enumerate(self._page_words(rect.page)):
                inside = rect.x0 <= x <= rect.x1 and rect.y0 <= y <= rect.y1
                if inside and (rect.page, number) not in taken:
                    taken.add((rect.page, number))
                    found.append(text)
        return _Flat.of(" ".join(found)).text

    def _page_words(self, number: int) -> list[tuple[float, float, str]]:
        if number not in self._words:
            page = self._pdf[number - 1]
            self._words[number] = [
                (
                    (box.x0 + box.x1) / 2 / page.rect.width,
                    (box.y0 + box.y1) / 2 / page.rect.height,
                    w[4],
                )
                for w in page.get_text("words")
                for box in [pymupdf.Rect(w[:4]) * page.rotation_matrix]
            ]
        return self._words[number]


def _expected(quotes: Sequence[Quote]) -> str:
    """Letters and digits of the words of which at least half is quoted."""
    found: list[str] = []
    for passage, start, end in quotes:
        at = 0
        for word in passage.text.replace("\n", " ").replace("\t", " ").split(" "):
            covered = min(at + len(word), end) - max(at, start)
            if word and covered * 2 >= len(word):
                found.append(word)
            at += len(word) + 1
    return _Flat.of(" ".join(found)).text


def measure(data: Path) -> dict[str, object]:
    """How many clauses are found, on the right page, and exactly under their rectangles."""
    counts: Counter[str] = Counter()
    misses: list[str] = []
    for document in json.loads((data / "cuad25" / "gold.json").read_text(encoding="utf-8")):
        opened = _Document(data / document["pdf"])
        for clauses in document["clauses"].values():
            for clause in clauses:
                outcome = _outcome(opened, clause)
                counts["clauses"] += 1
                counts[outcome] += 1
                if outcome != "exact":
                    misses.append(
                        f"{outcome}: {document['pdf']} p. {clause['page'] + 1}: "
                        f"{clause['text'][:120]!r}"
                    )
    right_page = counts["exact"] + counts["other words"]
    return {
        **counts,
        "right_page_share": right_page / max(counts["clauses"], 1),
        "words_exact_share": counts["exact"] / max(right_page, 1),
        "misses": misses,
    }


def _outcome(document: _Document, clause: dict[str, object]) -> str:
    outcome = "not found"
    for quotes in document.find(str(clause["text"])):
        rects = [
            rect for passage, start, end in quotes for rect in quote_rects(passage, start, end)
        ]
        pages = {rect.page for rect in rects}
        if clause["page"] + 1 not in pages:  # type: ignore[operator]
            outcome = "wrong page" if outcome == "not found" else outcome
            continue
        if document.words_under(rects) == _expected(quotes):
            return "exact"
        outcome = "other words"
    return outcome


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    sys.stdout.write(json.dumps(measure(Path(arguments[0])), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
