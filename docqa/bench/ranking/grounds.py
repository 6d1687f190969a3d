"""What a set of the ranking bench consists of: documents, questions, and which places are right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from docqa.bench.corpus import BenchCorpus, Found
from docqa.bench.plain_bm25 import PlainBM25


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the keys (pages, passages, files) that are right for it."""

    what: str
    """The line of the table it counts for."""
    question: str
    right: frozenset[str]
    document: str = ""
    """The path of the only document it is asked of; empty is all."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One corpus and what is asked of it."""

    name: str
    files: tuple[tuple[str, Path], ...]
    """Path in the corpus, and the file."""
    cases: Callable[[BenchCorpus], Sequence[Case]]
    """The questions, once the files are in."""
    plain: Callable[[BenchCorpus, str], PlainBM25]
    """Plain BM25 over a document, or over all where its path is empty; its keys are the cases'."""
    keys: Callable[[str, Found], Sequence[str]]
    """The keys that a passage found for a question stands for, best first."""
