"""What counts when code is ranked beside the words: where a file stands, names, the whole file."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from docqa.core.documents import DocumentKind
from docqa.core.terms import search_terms

CODE_PAIR_WEIGHT = 0.25
REST_WEIGHT = 0.5
"""Of what a text about code says after its first sentence or line: a commit's, a docstring's."""
AUXILIARY_WEIGHT = 0.5
"""Of tests and documentation."""
_NAME_WEIGHT = 0.5
_FILE_SHARE = 0.05
"""Of a file's other passages in the score of one: the best counts in full, each next one half."""
_MOST_SHARING = 8

_SYMBOL_KEYWORDS = re.compile(
    r"\b(?:async|class|def|enum|fn|func|function|impl|interface|macro|mod|module|namespace|struct"
    r"|trait|type)\s+(?=\S)|>"
)
"""What a heading says of a definition beside its name."""
_AUXILIARY_FOLDERS = re.compile(r"(?:test|spec|doc|example|benchmark)s?|testing")
_AUXILIARY_SUFFIXES = re.compile(r".*\.(?:cfg|ini|json|lock|md|rst|toml|txt|yaml|yml)")
_TEST_FILE = re.compile(r"test_.*|.*[_.-](?:test|spec)\.\w+|conftest\.py")
_AUXILIARY_TERMS = frozenset(("test", "doc", "exampl", "benchmark"))


def symbol_names(heading: str) -> str:
    """The names of a symbol's path: `Flask   route` of `class Flask > def route`."""
    return _SYMBOL_KEYWORDS.sub(" ", heading)


def name_score(heading: str, weights: Mapping[str, float]) -> float:
    """What a passage gains by the name of its definition, where the question has its words.

    A name that the question says in full counts more than one it says a part of.
    """
    terms = _name_terms(heading.rpartition(" > ")[2])
    said = [weights[term] for term in terms if term in weights]
    return _NAME_WEIGHT * sum(said) * len(said) / len(terms) if said else 0.0


@lru_cache(maxsize=65_536)
def _name_terms(symbol: str) -> tuple[str, ...]:
    """The words in a name; not the name itself, which comes first where there are several."""
    name = symbol_names(symbol).strip()
    terms = search_terms(name).split()
    return tuple(terms if " " in name else terms[1:] or terms)


def wanted_aside(terms: Collection[str]) -> frozenset[str]:
    """Which kinds of files beside the code a question with these terms asks for."""
    return _AUXILIARY_TERMS.intersection(terms)


def is_auxiliary(path: str, kind: DocumentKind, wanted: Collection[str] = ()) -> bool:
    """Whether a file stands beside the code: tests, examples, documentation, settings.

    Folders and files whose name begins with a word of `wanted` do not.
    """
    if kind == "pdf":
        return False
    *folders, file = path.lower().split("/")
    aside = [folder for folder in folders if _AUXILIARY_FOLDERS.fullmatch(folder)]
    if _TEST_FILE.fullmatch(file):
        aside.append("test")
    if any(name.startswith(term) for name in aside for term in wanted):
        return False
    return bool(aside or kind != "code" or _AUXILIARY_SUFFIXES.fullmatch(file))


def file_shares(scores: Sequence[float]) -> list[float]:
    """What the other passages of a file add to the score of each."""
    best = sorted(range(len(scores)), key=lambda at: -scores[at])[: _MOST_SHARING + 1]
    found: list[float] = []
    for at in range(len(scores)):
        others = [scores[other] for other in best if other != at][:_MOST_SHARING]
        found.append(_FILE_SHARE * sum(score / 2**rank for rank, score in enumerate(others)))
    return found
