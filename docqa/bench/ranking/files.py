"""Sets that look for whole files: code, a company's procedures; and NQ's passages."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from docqa.bench.corpus import BenchCorpus, Found
from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.quality_code import FILES, blocks
from docqa.bench.quality_nq import number_of, plain_of
from docqa.bench.ranking.grounds import Case, Ground
from docqa.readers.sources import list_source

_PASSAGE = "passage"
POLICIES = "a procedure that meets it (NIST)"
_FUNCTION = "docstring -> function"


def wikipedia(size: int) -> Callable[[Path], Iterator[Ground]]:
    """Questions over so many Wikipedia passages in one file."""

    def grounds(data: Path) -> Iterator[Ground]:
        folder, name = data / "nq_haystack", f"haystack_{size}.md"
        items = json.loads((folder / f"items_{size}.json").read_text())
        cases = [
            Case(_PASSAGE, item["question"], frozenset((str(item["passage"]),))) for item in items
        ]
        plain = plain_of((folder / name).read_text())
        yield _ground(f"Wikipedia {size}", [(name, folder / name)], cases, lambda: plain, _number)

    return grounds


def policies(data: Path) -> Iterator[Ground]:
    """Requirements of the NIST CSF over 141 procedures."""
    folder = data / "policy_map"
    given = json.loads((folder / "bench.json").read_text(encoding="utf-8"))
    names = {key: Path(each["file"]).name for key, each in given["procedures"].items()}
    cases = [
        Case(POLICIES, each["requirement"], frozenset(names[k] for k in each["gold_procedures"]))
        for each in given["requirements"]["nist_csf"]
        if each["gold_procedures"]
    ]
    files = _files(folder / "procedures")
    yield _ground("policies", files, cases, lambda: PlainBM25(list(blocks(folder / "procedures"))))


def code(data: Path) -> Iterator[Ground]:
    """The file that a docstring was in, that a commit changed, that an answer cites."""
    root = data / "code_qa"
    asked: dict[str, list[Case]] = {}
    for what, file in FILES.items():
        for item in json.loads((root / file).read_text()) if what != _FUNCTION else ():
            asked.setdefault(item["corpus"], []).append(_code_case(what, item))
    for name, cases in asked.items():
        yield _code_ground(root, name, cases)


def _code_case(what: str, item: dict[str, Any]) -> Case:
    right = item.get("gold_files") or [item["gold_file"]]
    return Case(what, item.get("query") or item["question"], frozenset(right))


def _code_ground(root: Path, name: str, cases: Sequence[Case]) -> Ground:
    folder = root / name
    return _ground(name, _files(folder), cases, lambda: PlainBM25(list(blocks(folder))))


def _ground(
    name: str,
    files: Sequence[tuple[str, Path]],
    cases: Sequence[Case],
    plain: Callable[[], PlainBM25],
    keys: Callable[[str, Found], Sequence[str]] | None = None,
) -> Ground:
    """A ground that is asked as a whole."""
    made = cache(plain)

    def known(_corpus: BenchCorpus) -> Sequence[Case]:
        return cases

    def index(_corpus: BenchCorpus, _document: str) -> PlainBM25:
        return made()

    return Ground(name, tuple(files), known, index, keys or _path)


def _files(folder: Path) -> list[tuple[str, Path]]:
    return [(file.path, folder / file.path) for file in list_source(folder).files]


def _path(_question: str, found: Found) -> Sequence[str]:
    return (found.path,)


def _number(_question: str, found: Found) -> Sequence[str]:
    return (str(number_of(found)),)
