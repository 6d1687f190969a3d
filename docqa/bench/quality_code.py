"""Code: is the file found that a docstring was taken from, that a commit changed, that answers?

A file's score is its best passage's; plain BM25 ranks blocks of 60 lines, a file by its best block.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docqa.bench.corpus import BenchCorpus
from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.scores import Hits, Row, unique
from docqa.readers.sources import list_source
from docqa.store.store import Store

_FILES = {
    "docstring -> file": "docstring_to_symbol30.json",
    "commit -> files": "commits100.json",
    "question -> files": "swe_qa95.json",
}
_BLOCK_LINES = 60
_PASSAGES = 60


def measure(store: Store, data: Path) -> list[Row]:
    """Scores for the three kinds of questions about code."""
    root = data / "code_qa"
    corpora: dict[str, BenchCorpus] = {}
    plain: dict[str, PlainBM25] = {}
    return [
        _row(store, root, what, json.loads((root / file).read_text()), corpora, plain)
        for what, file in _FILES.items()
    ]


def _row(
    store: Store,
    root: Path,
    what: str,
    items: Sequence[dict[str, Any]],
    corpora: dict[str, BenchCorpus],
    plain: dict[str, PlainBM25],
) -> Row:
    docqa_hits, plain_hits = Hits(), Hits()
    seconds = 0.0
    for item in items:
        name = item["corpus"]
        if name not in corpora:
            corpora[name] = BenchCorpus(store, name.replace("/", "-"))
            corpora[name].add_folder(root / name)
            plain[name] = _plain(root / name)
        question = item.get("query") or item["question"]
        right = set(item.get("gold_files") or [item["gold_file"]])
        start = time.perf_counter()
        found = corpora[name].search(question, k=_PASSAGES)
        seconds += time.perf_counter() - start
        docqa_hits.count(unique([each.path for each in found]), right)
        plain_hits.count(plain[name].ranked(question), right)
    return Row(
        "code",
        f"{what}, first / in five",
        len(items),
        str(docqa_hits),
        str(plain_hits),
        seconds / len(items),
    )


def _plain(folder: Path) -> PlainBM25:
    blocks: list[tuple[str, str]] = []
    for file in list_source(folder).files:
        lines = (folder / file.path).read_text(errors="replace").splitlines()
        blocks.extend(
            (file.path, "\n".join(lines[first : first + _BLOCK_LINES]))
            for first in range(0, len(lines), _BLOCK_LINES)
        )
    return PlainBM25(blocks)
