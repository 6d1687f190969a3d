"""What people found in the documents of the bench: cells with the spans that are evidence."""

import json
import shutil
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from docqa.core.packed import PackedPassage


@dataclass(frozen=True, slots=True)
class GoldCell:
    """A requirement in a document, as people judged it."""

    document: str
    """File name."""
    requirement_id: str
    spans: tuple[str, ...] = ()
    """The evidence, verbatim; none where the requirement is not mentioned."""
    pages: frozenset[int] = frozenset()
    """1-based pages of the evidence; none for text."""

    @property
    def mentioned(self) -> bool:
        """Whether there is evidence."""
        return bool(self.spans)


@dataclass(frozen=True, slots=True)
class GoldSet:
    """Documents with their cells, and the checklist that has the requirements."""

    name: str
    checklist_id: str
    folder: str
    """In the bundle."""
    prepare: Callable[[Path, Path, Collection[str]], list[GoldCell]]
    """Takes the bundle, a folder to put the documents into, and the requirements' ids."""


def ndas(data: Path, folder: Path, requirement_ids: Collection[str]) -> list[GoldCell]:
    """61 non-disclosure agreements, as text files, and ContractNLI's annotations."""
    given = json.loads((data / "contractnli_dev" / "dev.json").read_text(encoding="utf-8"))
    cells = []
    for number, document in enumerate(given["documents"]):
        name, text = f"{number:02}.txt", document["text"]
        (folder / name).write_bytes(text.encode())
        for rule, judged in document["annotation_sets"][0]["annotations"].items():
            spans = [document["spans"][index] for index in judged["spans"]]
            if rule in requirement_ids:
                cells.append(GoldCell(name, rule, tuple(text[a:b] for a, b in spans)))
    return cells


def contracts(data: Path, folder: Path, requirement_ids: Collection[str]) -> list[GoldCell]:
    """25 contracts as PDFs and CUAD's clauses."""
    cells = []
    given = json.loads((data / "cuad25" / "gold.json").read_text(encoding="utf-8"))
    for contract in given:
        name = Path(contract["pdf"]).name
        shutil.copyfile(data / contract["pdf"], folder / name)
        for category in requirement_ids:
            clauses = contract["clauses"].get(category, [])
            pages = (range(each["page"] + 1, each["page_end"] + 2) for each in clauses)
            cells.append(
                GoldCell(
                    name,
                    category,
                    tuple(each["text"] for each in clauses),
                    frozenset(page for span in pages for page in span),
                )
            )
    return cells


SETS: Mapping[str, GoldSet] = {
    "nda": GoldSet("nda", "nda-rules", "contractnli_dev", ndas),
    "contracts": GoldSet("contracts", "commercial-clauses", "cuad25", contracts),
}


class SpanFinder:
    """Finds spans in the passages of a document, whatever stands between letters and digits."""

    def __init__(self, passages: Sequence[PackedPassage]) -> None:
        self._passages = passages
        self._starts: list[int] = []
        self._letters = ""
        for packed in passages:
            self._starts.append(len(self._letters))
            self._letters += letters(packed.passage.text)

    def places(self, span: str) -> list[tuple[int, int]]:
        """Where the span stands: from and to, in letters of the whole document."""
        wanted = letters(span)
        found = []
        at = self._letters.find(wanted) if wanted else -1
        while at >= 0:
            found.append((at, at + len(wanted)))
            at = self._letters.find(wanted, at + 1)
        return found

    def passages(self, cell: GoldCell) -> frozenset[int]:
        """Ordinals of the passages with evidence; where pages are known, on those only."""
        found = set()
        for span in cell.spans:
            touched = {
                index
                for start, end in self.places(span)
                for index in range(self._index(start), self._index(end - 1) + 1)
            }
            found |= {index for index in touched if self._on(index, cell.pages)} or touched
        return frozenset(self._passages[index].passage.ordinal for index in found)

    def touches(self, cell: GoldCell, packed: PackedPassage, start: int, end: int) -> bool:
        """Whether passage.text[start:end] has words in common with the evidence."""
        index = next(
            n for n, each in enumerate(self._passages) if each.passage_id == packed.passage_id
        )
        text = packed.passage.text
        first = self._starts[index] + len(letters(text[:start]))
        last = first + len(letters(text[start:end]))
        return any(a < last and first < b for span in cell.spans for a, b in self.places(span))

    def _index(self, letter: int) -> int:
        return bisect_right(self._starts, letter) - 1

    def _on(self, index: int, pages: Collection[int]) -> bool:
        locator = self._passages[index].passage.locator
        first = getattr(locator, "first_page", None)
        if first is None or not pages:
            return True
        last = getattr(locator, "last_page", first)
        return any(first <= page <= last for page in pages)


def letters(text: str) -> str:
    """The letters and digits of a text, in lower case."""
    return "".join(character for character in text if character.isalnum()).lower()
