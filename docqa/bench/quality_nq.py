"""Questions over Wikipedia passages: is the passage found, and is the answer in what is quoted?"""

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docqa.bench.corpus import BenchCorpus, Found
from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.scores import Hits, Row, unique
from docqa.core.extractive import best_sentences
from docqa.store.store import Store

_SIZES = (60, 400)
_NUMBERED = re.compile(r"\[(\d{4})\]")
_PASSAGES = 20


def measure(store: Store, data: Path) -> list[Row]:
    """Scores for ranking and for quotes, over 60 and over 400 passages."""
    rows: list[Row] = []
    for size in _SIZES:
        name = f"haystack_{size}.md"
        items = json.loads((data / "nq_haystack" / f"items_{size}.json").read_text())
        text = (data / "nq_haystack" / name).read_text()
        corpus = BenchCorpus(store, name)
        corpus.add([(name, data / "nq_haystack" / name)])
        rows.extend(_rows(f"nq {size}", items, corpus, plain_of(text)))
    return rows


def _rows(
    name: str, items: Sequence[dict[str, Any]], corpus: BenchCorpus, plain: PlainBM25
) -> list[Row]:
    ranked, plainly = Hits(), Hits()
    right = wrong = absent = 0
    search_s = quote_s = 0.0
    for item in items:
        start = time.perf_counter()
        found = corpus.search(item["question"], k=_PASSAGES)
        middle = time.perf_counter()
        weights = corpus.weights(item["question"])
        candidates = [(each.score, each.packed) for each in found]
        quotes = best_sentences(item["question"], candidates, weights=weights)
        search_s += middle - start
        quote_s += time.perf_counter() - start
        ranked.count(unique([number_of(each) for each in found]), {item["passage"]})
        plainly.count(plain.ranked(item["question"]), {str(item["passage"])})
        right += any(has_answer(quote.text, item) for quote in quotes)
        wrong += bool(quotes)
        without = [
            (each.score, each.packed)
            for each in found
            if number_of(each) != item["passage"] and not has_answer(each.packed.passage.text, item)
        ]
        absent += not best_sentences(item["question"], without, weights=weights)
    count = len(items)
    return [
        Row(name, "passage, first / in five", count, str(ranked), str(plainly), search_s / count),
        Row(
            name,
            "answer in the one or two quotes",
            count,
            f"{right / count:.3f}",
            "",
            quote_s / count,
        ),
        Row(name, "something quoted", count, f"{wrong / count:.3f}", "", quote_s / count),
        Row(
            name,
            "not found, its answer taken away",
            count,
            f"{absent / count:.3f}",
            "",
            quote_s / count,
        ),
    ]


def number_of(found: Found) -> int:
    """The passage's number in the haystack; 0 where none is known."""
    passage = found.packed.passage
    match = _NUMBERED.search(passage.heading) or _NUMBERED.search(passage.text)
    return int(match[1]) if match else 0


def has_answer(text: str, item: dict[str, Any]) -> bool:
    """Whether one of the question's answers stands in the text, in either case."""
    return any(_normal(answer) in _normal(text) for answer in item["answers"])


def _normal(text: str) -> str:
    return " ".join(text.lower().split())


def plain_of(text: str) -> PlainBM25:
    """Plain BM25 over the passages of a haystack, by their numbers."""
    parts = re.split(r"(?m)^## ", text)[1:]
    return PlainBM25([(str(number), part) for number, part in enumerate(parts, 1)])
