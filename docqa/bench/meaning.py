"""`python -m docqa.bench.meaning`: extractive answers and time with the extra `semantic`, without.

Needs torch, the package with the model, and the bundle of benchmark data: a folder (`--data` or
DOCQA_BENCH_DATA), or the archive `shared/bench/given.tar.xz` beside the repository. What ranking
gains is told by `docqa.bench.ranking`.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from docqa.bench.corpus import BenchCorpus, Found, Rank
from docqa.bench.quality import bundle
from docqa.bench.quality_nq import has_answer, number_of
from docqa.core.extractive import ExtractiveQuote, best_sentences
from docqa.embeddings.base import Embedder
from docqa.embeddings.registry import create_embedder
from docqa.embeddings.weights import INSTALL_COMMAND
from docqa.errors import EmbeddingError
from docqa.services.ranking import PassageRanker
from docqa.store.store import Store

SIZES = (60, 400)
_PASSAGES = 25
_EMBEDDED = 200
"""Passages by which the model's speed is told."""


def by_meaning() -> Mapping[str, Callable[[Store], Rank]]:
    """The ranker of the extra `semantic`, by the name of its column; none if it is not there."""
    embedder = create_embedder("auto")
    if embedder is None:
        return {}
    return {"with meaning": lambda store: PassageRanker(store, embedder).rank}


@dataclass(slots=True)
class Quoted:
    """What came of the questions over one set."""

    set: str
    how: str
    right: list[bool] = field(default_factory=list)
    """Whether the answer stands in the one or two sentences shown."""
    shown: list[bool] = field(default_factory=list)
    refused: list[bool] = field(default_factory=list)
    """Whether nothing is shown when the passages with the answer are taken away."""
    first_s: list[float] = field(default_factory=list)
    again_s: list[float] = field(default_factory=list)
    """When the passages' vectors are known, and the question's is not."""


def measure(data: Path, size: int, embedder: Embedder | None) -> Quoted:
    """The questions over so many Wikipedia passages, answered in quotes."""
    folder, name = data / "nq_haystack", f"haystack_{size}.md"
    items = json.loads((folder / f"items_{size}.json").read_text())
    found = Quoted(f"Wikipedia {size}", "words and meaning" if embedder else "words")
    with tempfile.TemporaryDirectory(prefix="docqa-meaning-") as home, Store(Path(home)) as store:
        corpus = BenchCorpus(store, name)
        corpus.add([(name, folder / name)])
        for timed in (found.first_s, found.again_s):
            ranker = PassageRanker(store, embedder)
            for item in items:
                begun = time.perf_counter()
                ranked = corpus.found(corpus.ranked(ranker.rank, item["question"], k=_PASSAGES))
                quotes = _quotes(corpus, ranker, item["question"], ranked)
                timed.append(time.perf_counter() - begun)
                if timed is found.first_s:
                    _count(found, item, quotes)
                    left = [each for each in ranked if not _tells(each, item)]
                    found.refused.append(not _quotes(corpus, ranker, item["question"], left))
    return found


def _count(found: Quoted, item: Mapping[str, Any], quotes: Sequence[ExtractiveQuote]) -> None:
    found.right.append(any(has_answer(quote.text, dict(item)) for quote in quotes))
    found.shown.append(bool(quotes))


def _quotes(
    corpus: BenchCorpus, ranker: PassageRanker, question: str, ranked: Sequence[Found]
) -> Sequence[ExtractiveQuote]:
    return best_sentences(
        question,
        [(each.score, each.packed) for each in ranked],
        weights=corpus.weights(question),
        likeness=ranker.likeness(question, [each.packed for each in ranked[:10]]),
    )


def _tells(found: Found, item: Mapping[str, Any]) -> bool:
    text = found.packed.passage.text
    return number_of(found) == item["passage"] or has_answer(text, dict(item))


def speed(data: Path, embedder: Embedder) -> str:
    """How long the model takes: to load, for a question, and passages a second."""
    begun = time.perf_counter()
    embedder.embed(["ready"])
    loaded = time.perf_counter() - begun
    text = (data / "nq_haystack" / "haystack_400.md").read_text()
    passages = [part for part in text.split("\n\n") if len(part) > _EMBEDDED][:_EMBEDDED]
    begun = time.perf_counter()
    embedder.embed(passages)
    rate = len(passages) / (time.perf_counter() - begun)
    took = []
    for number in range(20):
        begun = time.perf_counter()
        embedder.embed([f"who wrote the {number}th book of the series about the wizard school"])
        took.append(time.perf_counter() - begun)
    question = 1_000 * statistics.median(took)
    return f"loaded in {loaded:.1f} s; a question {question:.0f} ms; {rate:.0f} passages/s"


def table(lines: Sequence[Quoted]) -> Table:
    """The lines for people: shares of the questions, and medians and 95th percentiles of time."""
    made = Table(box=box.MARKDOWN)
    titles = ("set", "by", "questions", "right", "shown", "refused without its answer")
    for title in (*titles, "first time, ms", "again, ms"):
        made.add_column(title, no_wrap=True)
    for line in lines:
        shares = (line.right, line.shown, line.refused)
        made.add_row(
            line.set,
            line.how,
            f"{len(line.right):,}",
            *(f"{sum(share) / max(1, len(share)):.3f}" for share in shares),
            *(_milliseconds(took) for took in (line.first_s, line.again_s)),
        )
    return made


def _milliseconds(seconds: Sequence[float]) -> str:
    took = sorted(1_000 * each for each in seconds)
    return f"{statistics.median(took):.0f} / {took[int(0.95 * (len(took) - 1))]:.0f}"


def main(data: Annotated[Path | None, typer.Option(envvar="DOCQA_BENCH_DATA")] = None) -> None:
    """Measure extractive answers by words alone, and by words and meaning."""
    embedder = create_embedder("auto")
    if embedder is None:
        raise EmbeddingError("the extra `semantic` is not installed", INSTALL_COMMAND)
    console = Console(width=140)
    with bundle(data, folders=["nq_haystack"]) as folder:
        console.print(speed(folder, embedder))
        lines = [measure(folder, size, each) for size in SIZES for each in (None, embedder)]
    console.print(table(lines))


if __name__ == "__main__":
    typer.run(main)
