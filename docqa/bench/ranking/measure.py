"""Every question of a set to every ranker: what comes first, what in the first five, how fast."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from docqa.bench.corpus import BenchCorpus, Rank, lexical
from docqa.bench.meaning import by_meaning
from docqa.bench.ranking.contracts import RULES, contracts, rules
from docqa.bench.ranking.files import code, policies, wikipedia
from docqa.bench.ranking.filings import filings, statement_pages
from docqa.bench.ranking.grounds import Case, Ground
from docqa.bench.ranking.languages import manuals
from docqa.bench.scores import Hits, unique
from docqa.store.store import Store

Ranker = Callable[[Store], Rank]
"""Makes the ranking of a store; asked once for each corpus."""

RANKERS: Mapping[str, Ranker] = {"lexical": lexical, **by_meaning()}
"""The columns of the table, by name; the second where the extra `semantic` is installed."""
SETS: Mapping[str, Callable[[Path], Iterator[Ground]]] = {
    "contracts": contracts,
    "nq-60": wikipedia(60),
    "nq-400": wikipedia(400),
    "10-q": filings,
    "10-q pages": statement_pages,
    "rules": rules,
    "policies": policies,
    "code": code,
    "languages": manuals,
}
FOLDERS: Mapping[str, str] = {
    "contracts": "cuad25",
    "nq-60": "nq_haystack",
    "nq-400": "nq_haystack",
    "10-q": "sec10q45",
    "10-q pages": "sec10q45",
    "rules": "contractnli_dev",
    "policies": "policy_map",
    "code": "code_qa",
    "languages": "debian_pdfs",
}
"""Of the bundle, what a set needs."""
FLOORS: Mapping[tuple[str, str], str] = {
    ("nq-60", "passage"): ".92",
    ("nq-400", "passage"): ".87",
    ("rules", RULES): ".40 / .72",
    ("code", "docstring -> file"): ".46 / .80",
    ("code", "commit -> files"): ".40 / .71",
    ("code", "question -> files"): ".39 / .71",
}
"""As the README of the bundle gives them for these very sets; plain BM25 stands beside all."""
_PASSAGES = 60


@dataclass(slots=True)
class Line:
    """One line of the table: a kind of question of a set."""

    set: str
    what: str
    plain: Hits = field(default_factory=Hits)
    ranked: dict[str, Hits] = field(default_factory=dict)
    """By ranker."""
    seconds: dict[str, list[float]] = field(default_factory=dict)
    """Of each question, by ranker."""

    def milliseconds(self, ranker: str) -> str:
        """Median and 95th percentile of a question: `3 / 7`."""
        took = sorted(1_000 * each for each in self.seconds.get(ranker, ()))
        if not took:
            return ""
        return f"{statistics.median(took):.0f} / {took[int(0.95 * (len(took) - 1))]:.0f}"


def measure(data: Path, sets: Sequence[str], rankers: Mapping[str, Ranker]) -> list[Line]:
    """The lines of these sets over an unpacked bundle."""
    lines: dict[tuple[str, str], Line] = {}
    for name in sets:
        for ground in SETS[name](data):
            with tempfile.TemporaryDirectory(prefix="docqa-ranking-") as home:
                store = Store(Path(home))
                _ask(name, ground, store, rankers, lines)
                store.close()
    return list(lines.values())


def _ask(
    name: str,
    ground: Ground,
    store: Store,
    rankers: Mapping[str, Ranker],
    lines: dict[tuple[str, str], Line],
) -> None:
    corpus = BenchCorpus(store, "bench")
    corpus.add(ground.files)
    made = {ranker: make(store) for ranker, make in rankers.items()}
    for case in ground.cases(corpus):
        line = lines.setdefault((name, case.what), Line(name, case.what))
        line.plain.count(ground.plain(corpus, case.document).ranked(case.question), case.right)
        for ranker, rank in made.items():
            line.ranked.setdefault(ranker, Hits()).count(
                _keys(ground, corpus, case, rank, line.seconds.setdefault(ranker, [])), case.right
            )


def _keys(
    ground: Ground, corpus: BenchCorpus, case: Case, rank: Rank, seconds: list[float]
) -> list[object]:
    begun = time.perf_counter()
    scored = corpus.ranked(rank, case.question, k=_PASSAGES, path=case.document)
    seconds.append(time.perf_counter() - begun)
    return unique([k for found in corpus.found(scored) for k in ground.keys(case.question, found)])
