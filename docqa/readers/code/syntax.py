"""One file's syntax tree, asked once for everything."""

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node, QueryCursor

from docqa.core.symbols import NO_FACTS, CodeFacts
from docqa.readers.code.definitions import Definition, definitions
from docqa.readers.code.grammars import grammar_for
from docqa.readers.code.imports import imports
from docqa.readers.code.uses import uses

MAX_BYTES = 2_000_000
"""Larger files are cut by lines."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What tree-sitter sees in a file."""

    facts: CodeFacts = NO_FACTS
    definitions: tuple[Definition, ...] = ()


NO_STRUCTURE = Structure()


def structure(text: str, lines: Sequence[str], language: str) -> Structure:
    """The structure of a file, also of one that does not compile; none without a grammar."""
    grammar = grammar_for(language, text)
    data = text.encode(errors="replace")
    if grammar is None or len(data) > MAX_BYTES:
        return NO_STRUCTURE

    def text_of(node: Node) -> str:
        return data[node.start_byte : node.end_byte].decode(errors="replace")

    tree = grammar.parser.parse(data)
    captured = QueryCursor(grammar.query).captures(tree.root_node)
    found, ends = definitions(captured, text_of, lines, grammar.name)
    used = uses(
        captured,
        data,
        defined=ends,
        names={definition.symbol.name for definition in found},
        grammar=grammar.name,
    )
    asked = imports(captured.get("import", ()), text_of, grammar.name)
    return Structure(CodeFacts(tuple(each.symbol for each in found), asked, used), found)
