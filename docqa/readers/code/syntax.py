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
MAX_DEPTH = 1_000
"""Nodes; a query's time grows with its square. Nothing deeper is looked at."""
MAX_RUBBLE = 2_000
"""Pieces side by side that no rule of the grammar explains: a query's time grows with its square
too. Such a file is cut by lines."""
MAX_OPEN = 1_000
"""Angle brackets of TypeScript that are not closed."""


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
    if grammar is None or len(data) > MAX_BYTES or _is_ambiguous(data, grammar.name):
        return NO_STRUCTURE

    def text_of(node: Node) -> str:
        return data[node.start_byte : node.end_byte].decode(errors="replace")

    tree = grammar.parser.parse(data)
    if _is_rubble(tree.root_node):
        return NO_STRUCTURE
    cursor = QueryCursor(grammar.query)
    cursor.set_max_start_depth(MAX_DEPTH)
    captured = cursor.captures(tree.root_node)
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


def _is_ambiguous(data: bytes, grammar: str) -> bool:
    """Whether it has so many `a<b,` that the parser would fill the memory with readings of it."""
    return grammar in ("typescript", "tsx") and data.count(b"<") > data.count(b">") + MAX_OPEN


def _is_rubble(root: Node) -> bool:
    """Whether the parser found no more than a heap of pieces somewhere in the text."""
    waiting = [root] if root.has_error else []
    visited = 0
    while waiting and visited < 10 * MAX_RUBBLE:
        node = waiting.pop()
        if node.is_error and node.child_count > MAX_RUBBLE:
            return True
        children = node.children
        visited += len(children)
        waiting += [child for child in children if child.has_error]
    return bool(waiting)
