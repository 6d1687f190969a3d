"""Near duplicates: what is found of altered copies of real contracts, and what is wrongly found.

`python -m docqa.bench.duplicates DATA` with the folder of the unpacked benchmark bundle. Prints
JSON: the similarity and the share found by kind of change, pairs of different contracts that were
taken for duplicates, and how long fingerprints and groups of `--documents` documents take.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

from docqa.core.near_duplicates import LEAST_SIMILARITY, Sketch, groups
from docqa.errors import ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.parse import parse_file

DOCUMENTS = 4_000
SEED = 20_261_122

Change = Callable[[list[str], random.Random], list[str]]
"""Of the words of a text."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How copies that were altered in one way came out."""

    change: str
    copies: int
    found: int
    """Taken for duplicates of their originals."""
    least: float
    median: float
    """Similarity to the original."""


def words_changed(share: float) -> Change:
    """Words here and there replaced by others."""

    def change(words: list[str], numbers: random.Random) -> list[str]:
        return [f"x{n}" if numbers.random() < share else word for n, word in enumerate(words)]

    return change


def part_gone(share: float) -> Change:
    """A part of the text missing, somewhere in the middle."""

    def change(words: list[str], numbers: random.Random) -> list[str]:
        gone = round(len(words) * share)
        start = numbers.randrange(max(1, len(words) - gone))
        return words[:start] + words[start + gone :]

    return change


def appended(share: float) -> Change:
    """A text of others behind it."""

    def change(words: list[str], numbers: random.Random) -> list[str]:
        more = round(len(words) * share)
        return words + [f"y{numbers.randrange(5_000)}" for _ in range(more)]

    return change


CHANGES: dict[str, Change] = {
    "0.5 % of the words changed": words_changed(0.005),
    "1 % of the words changed": words_changed(0.01),
    "2 % of the words changed": words_changed(0.02),
    "5 % of the words changed": words_changed(0.05),
    "10 % of the words changed": words_changed(0.1),
    "5 % of the text missing": part_gone(0.05),
    "15 % of the text missing": part_gone(0.15),
    "40 % of the text missing": part_gone(0.4),
    "10 % more text": appended(0.1),
}


def measure(data: Path, documents: int) -> dict[str, object]:
    """All figures."""
    texts = _contracts(data)
    originals = [Sketch.of([text]) for text in texts]
    kinds = [_kind(name, change, texts, originals) for name, change in CHANGES.items()]
    kinds.append(_pdfs(data, originals))
    return {
        "least_similarity": LEAST_SIMILARITY,
        "changes": [asdict(kind) for kind in kinds],
        "unrelated": [
            _unrelated("contracts", texts),
            _unrelated("procedures", _texts(data / "policy_map", "*.md")),
            _unrelated("NDAs", _agreements(data)),
        ],
        "speed": _speed(texts, documents),
    }


def _contracts(data: Path) -> list[str]:
    return _texts(data / "cuad25" / "txt", "*.txt")


def _agreements(data: Path) -> list[str]:
    told = json.loads((data / "contractnli_dev" / "dev.json").read_text(encoding="utf-8"))
    return [document["text"] for document in told["documents"]]


def _texts(folder: Path, pattern: str) -> list[str]:
    return [path.read_text(errors="replace") for path in sorted(folder.rglob(pattern))]


def _kind(name: str, change: Change, texts: Sequence[str], originals: Sequence[Sketch]) -> Kind:
    numbers = random.Random(SEED)
    copies = [Sketch.of([" ".join(change(text.split(), numbers))]) for text in texts]
    return _told(name, list(zip(originals, copies, strict=True)))


def _pdfs(data: Path, originals: Sequence[Sketch]) -> Kind:
    """The contracts as PDFs, read as docqa reads them, beside their texts by others."""
    pairs = []
    for path, original in zip(
        sorted((data / "cuad25" / "txt").glob("*.txt")), originals, strict=True
    ):
        pdf = next((data / "cuad25" / "pdf").glob(f"{path.stem}.*"), None)
        try:
            if pdf is None:
                continue
            document = parse_file(pdf, pdf.name, ReaderOptions(), lambda done, total: None)
        except ReadError:
            continue
        pairs.append((original, Sketch.of(passage.text for passage in document.passages)))
    return _told("the same as PDF", pairs)


def _told(name: str, pairs: Sequence[tuple[Sketch, Sketch]]) -> Kind:
    alike = sorted(one.similarity(other) for one, other in pairs)
    found = sum(one.is_duplicate(other) for one, other in pairs)
    if not alike:
        return Kind(name, 0, 0, 0.0, 0.0)
    return Kind(name, len(alike), found, round(alike[0], 3), round(alike[len(alike) // 2], 3))


def _unrelated(name: str, texts: Sequence[str]) -> dict[str, object]:
    """Of different texts, how alike the most alike are, and what is taken for duplicates."""
    sketches = {n: Sketch.of([text]) for n, text in enumerate(texts)}
    alike = sorted(
        (one.similarity(other) for one, other in combinations(sketches.values(), 2)), reverse=True
    )
    return {
        "set": name,
        "documents": len(texts),
        "pairs": len(alike),
        "most_alike": [round(each, 3) for each in alike[:3]],
        "taken_for_duplicates": sum(len(group) - 1 for group in groups(sketches)),
    }


def _speed(texts: Sequence[str], documents: int) -> dict[str, object]:
    """Fingerprints and groups of contracts by the thousands, one in ten a near copy of another."""
    numbers = random.Random(SEED)
    bases = [text.split() for text in texts]
    sketches: dict[int, Sketch] = {}
    words: list[str] = []
    count, spent_s = 0, 0.0
    for n in range(documents):
        is_copy = n % 10 == 9  # of the one before; all others differ by half of their words
        change, base = (0.01, words) if is_copy else (0.5, bases[n % len(bases)])
        words = [f"x{n}.{i}" if numbers.random() < change else w for i, w in enumerate(base)]
        count += len(words)
        text = " ".join(words)
        begun = time.process_time()
        sketches[n] = Sketch.of([text])
        spent_s += time.process_time() - begun
    begun = time.process_time()
    found = groups(sketches)
    grouped_s = time.process_time() - begun
    copies = sum(len(group) == 2 and group[1] % 10 == 9 for group in found)
    return {
        "documents": documents,
        "words": count,
        "fingerprints_cpu_s": round(spent_s, 1),
        "groups_cpu_s": round(grouped_s, 2),
        "copies": documents // 10,
        "copies_found": copies,
        "wrong_groups": len(found) - copies,
        "bytes": sum(len(sketch.to_bytes()) for sketch in sketches.values()),
    }


if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else DOCUMENTS
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), count), indent=1) + "\n")
