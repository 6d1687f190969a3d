"""Tree-sitter's grammars: each is loaded when a file first needs it."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from tree_sitter import Language, Parser, Query

from docqa.readers.code.queries import QUERIES

_MODULES = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "rust": ("tree_sitter_rust", "language"),
    "go": ("tree_sitter_go", "language"),
    "java": ("tree_sitter_java", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "php": ("tree_sitter_php", "language_php"),
}
_OTHER_NAMES = {"jsx": "javascript", "html+php": "php", "cuda": "cpp", "arduino": "cpp"}
_CPP_HEADER = re.compile(r"^[ \t]*(?:class|namespace|template|public:|private:)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Grammar:
    """What parses a language, and what is looked for in its trees."""

    name: str
    parser: Parser
    query: Query


def grammar_for(language: str, text: str) -> Grammar | None:
    """The grammar of a text in this language (a Pygments alias), None where there is none."""
    name = _OTHER_NAMES.get(language, language)
    if name == "c" and _CPP_HEADER.search(text):
        name = "cpp"  # headers of both have the same names
    return _grammar(name) if name in _MODULES else None


@cache
def _grammar(name: str) -> Grammar:
    module, function = _MODULES[name]
    language = Language(getattr(import_module(module), function)())
    return Grammar(name, Parser(language), Query(language, QUERIES[name]))
