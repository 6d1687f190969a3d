"""`python -m docqa.bench.quality_code`: is the code found that a question is about?

The function and the file that a docstring was taken from (its text is not there any more), the
files that a commit changed, the files that the answer to a question names. A file's score is its
best passage's. Plain BM25 ranks blocks of 60 lines, a file by its best block, of all files and of
source files alone; for functions it ranks docqa's own passages.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from docqa.bench.corpus import BenchCorpus, Found
from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.scores import Hits, Row, unique
from docqa.core.documents import LineLocator
from docqa.readers.sources import list_source
from docqa.store.store import Store

_FUNCTION = "docstring -> function"
FILES = {
    _FUNCTION: "docstring_to_symbol30.json",
    "docstring -> file": "docstring_to_symbol30.json",
    "commit -> files": "commits100.json",
    "question -> files": "swe_qa95.json",
}
"""What is asked, and the file of the bundle that has the questions."""
_LANGUAGES = {".py": "python", ".rs": "rust"}
_BLOCK_LINES = 60
_PASSAGES = 60


@dataclass(slots=True)
class Score:
    """How often what is right was found, in one corpus."""

    what: str
    corpus: str
    docqa: Hits = field(default_factory=Hits)
    plain: Hits = field(default_factory=Hits)
    plain_source: Hits = field(default_factory=Hits)
    """Plain BM25 that knows of source files only."""
    languages: set[str] = field(default_factory=set)
    """Of the source files that are right."""
    seconds: float = 0.0

    def add(self, other: "Score") -> None:
        """Count what the other one counted, too."""
        for mine, its in (
            (self.docqa, other.docqa),
            (self.plain, other.plain),
            (self.plain_source, other.plain_source),
        ):
            mine.add(its)
        self.languages |= other.languages
        self.seconds += other.seconds


class _Corpus:
    """One tree, as docqa reads it and as plain BM25 does."""

    def __init__(self, store: Store, root: Path, name: str) -> None:
        self.docqa = BenchCorpus(store, name.replace("/", "-"))
        self.docqa.add_folder(root / name)
        texts = list(blocks(root / name))
        self.plain = PlainBM25(texts)
        self.plain_source = PlainBM25([each for each in texts if _language(each[0])])
        self.plain_passages = PlainBM25(
            [(_key(path, lines), text) for path, lines, text in self.docqa.line_passages()]
        )


def scores(store: Store, data: Path, *, half: int | None = None) -> list[Score]:
    """The scores by corpus and kind of question; of every second question (0 or 1) if given."""
    root = data / "code_qa"
    corpora: dict[str, _Corpus] = {}
    found: dict[tuple[str, str], Score] = {}
    for what, file in FILES.items():
        for number, item in enumerate(json.loads((root / file).read_text())):
            if half is not None and number % 2 != half:
                continue
            name = item["corpus"]
            if name not in corpora:
                corpora[name] = _Corpus(store, root, name)
            score = found.setdefault((what, name), Score(what, name))
            (_ask_for_function if what == _FUNCTION else _ask)(score, corpora[name], item)
    return list(found.values())


def measure(store: Store, data: Path) -> list[Row]:
    """Scores for the kinds of questions about code, over all corpora."""
    return [
        Row(
            "code",
            f"{each.what}, first / in five",
            each.docqa.questions,
            str(each.docqa),
            str(each.plain),
            each.seconds / max(1, each.docqa.questions),
        )
        for each in _summed(scores(store, data), lambda each: "all")
    ]


def table(found: Sequence[Score]) -> Table:
    """A line for every corpus, language and kind of question."""
    made = Table(box=box.MARKDOWN)
    titles = ("what", "language", "corpus", "questions", "docqa", "plain BM25")
    for title in (*titles, "plain, source files only"):
        made.add_column(title, no_wrap=True)
    by_language = _summed(found, _languages)
    totals = [each for each in _summed(found, lambda each: "all") if len(each.languages) > 1]
    for each in (*found, *by_language, *totals):
        made.add_row(
            each.what,
            _languages(each),
            each.corpus,
            f"{each.docqa.questions:,}",
            str(each.docqa),
            str(each.plain),
            str(each.plain_source) if each.plain_source.questions else "",
        )
    return made


def _summed(found: Iterable[Score], by: Callable[[Score], str]) -> list[Score]:
    summed: dict[tuple[str, str], Score] = {}
    for each in found:
        summed.setdefault((each.what, by(each)), Score(each.what, "all")).add(each)
    return list(summed.values())


def _languages(score: Score) -> str:
    return ", ".join(sorted(score.languages))


def _ask(score: Score, corpus: _Corpus, item: dict[str, Any]) -> None:
    question = item.get("query") or item["question"]
    right = set(item.get("gold_files") or [item["gold_file"]])
    found = _timed(score, corpus, question)
    score.docqa.count(unique([each.path for each in found]), right)
    score.plain.count(corpus.plain.ranked(question), right)
    score.plain_source.count(corpus.plain_source.ranked(question), right)
    score.languages |= {language for path in right if (language := _language(path))}


def _ask_for_function(score: Score, corpus: _Corpus, item: dict[str, Any]) -> None:
    """A passage is right when most of it is the function's."""
    first, last = item["gold_lines"]
    right = {
        _key(path, lines)
        for path, lines, _ in corpus.docqa.line_passages()
        if path == item["gold_file"]
        and 2 * (min(lines[1], last) - max(lines[0], first) + 1) > lines[1] - lines[0] + 1
    }
    found = _timed(score, corpus, item["query"])
    score.docqa.count(unique([_key(each.path, lines_of(each)) for each in found]), right)
    score.plain.count(corpus.plain_passages.ranked(item["query"]), right)
    score.languages.add(_language(item["gold_file"]))


def _timed(score: Score, corpus: _Corpus, question: str) -> list[Found]:
    start = time.perf_counter()
    found = corpus.docqa.search(question, k=_PASSAGES)
    score.seconds += time.perf_counter() - start
    return found


def lines_of(found: Found) -> tuple[int, int]:
    """First and last line of a passage; zeros for what has pages."""
    locator = found.packed.passage.locator
    return (locator.first_line, locator.last_line) if isinstance(locator, LineLocator) else (0, 0)


def _key(path: str, lines: tuple[int, int]) -> str:
    return f"{path}:{lines[0]}-{lines[1]}"


def _language(path: str) -> str:
    return _LANGUAGES.get(PurePosixPath(path).suffix, "")


def blocks(folder: Path) -> Iterable[tuple[str, str]]:
    """Path and text of every 60 lines of the files that docqa reads."""
    for file in list_source(folder).files:
        lines = (folder / file.path).read_text(errors="replace").splitlines()
        for first in range(0, len(lines), _BLOCK_LINES):
            yield file.path, "\n".join(lines[first : first + _BLOCK_LINES])


def main(
    data: Annotated[Path | None, typer.Option(envvar="DOCQA_BENCH_DATA")] = None,
    half: Annotated[
        int | None, typer.Option(min=0, max=1, help="Only every second question.")
    ] = None,
) -> None:
    """Measure how well code is found, by corpus and language."""
    from docqa.bench.quality import bundle  # it has this module in its list

    with (
        bundle(data, ["code"]) as folder,
        tempfile.TemporaryDirectory(prefix="docqa-quality-") as home,
    ):
        store = Store(Path(home))
        found = scores(store, folder, half=half)
        store.close()
    Console(width=140).print(table(found))


if __name__ == "__main__":
    typer.run(main)
