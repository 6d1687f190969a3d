"""The definitions in a syntax tree: what they are called, what they stand in, their lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

from tree_sitter import Node

from docqa.core.symbols import Symbol, SymbolKind
from docqa.readers.code.names import Text, named

MAX_SYMBOLS = 20_000
MAX_PATH = 500
MAX_SIGNATURE = 200
MAX_COMMENT_LINES = 200
CONTAINERS = frozenset(("class", "enum", "impl", "interface", "module", "struct", "trait"))
"""Kinds that are cut where the definitions in them begin."""
_OWNERS = CONTAINERS - {"module"}
_KINDS: tuple[str, ...] = get_args(SymbolKind)
_WEAK = frozenset(("constant", "type", "macro"))
"""Kinds that give way to another of the same node."""
_PYTHON_LEAD = re.compile(r"\s*#")
_LEAD = re.compile(r"\s*(?:#(?!\s*(?:include|define|if|endif|else|pragma|undef))|//|/\*|\*|@|--)")
_BODILESS = frozenset(
    (
        "abstract_method_signature",
        "declaration",
        "field_declaration",
        "function_signature",
        "function_signature_item",
        "method_declaration",
        "method_signature",
    )
)
_WORDS = {
    ("python", "function"): "def",
    ("python", "method"): "def",
    ("ruby", "method"): "def",
    ("rust", "function"): "fn",
    ("rust", "method"): "fn",
    ("rust", "module"): "mod",
    ("go", "function"): "func",
    ("go", "method"): "func",
    ("go", "struct"): "type",
    ("go", "interface"): "type",
    ("php", "function"): "function",
    ("php", "method"): "function",
    ("cpp", "module"): "namespace",
    ("csharp", "module"): "namespace",
    ("typescript", "module"): "namespace",
    ("tsx", "module"): "namespace",
}
_KEYWORDS = frozenset(
    ("class", "enum", "impl", "interface", "macro", "module", "struct", "trait", "type")
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol and what passages need of it; lines from `first` up to `stop`, 0-based."""

    symbol: Symbol
    first: int
    stop: int
    heading: str
    """Of the passages in it: words and names from the outermost definition on."""
    has_body: bool


@dataclass(slots=True)
class _Open:
    """A definition that later ones may stand in."""

    end: int
    definition: Definition


def definitions(
    captured: dict[str, list[Node]], text: Text, lines: Sequence[str], grammar: str
) -> tuple[tuple[Definition, ...], set[int]]:
    """The definitions in the order of the text, and the byte offsets where their names stand."""
    return _Collector(text, lines, grammar).collect(captured)


class _Collector:
    def __init__(self, text: Text, lines: Sequence[str], grammar: str) -> None:
        self._text = text
        self._lines = lines
        self._grammar = grammar
        self._lead = _PYTHON_LEAD if grammar in ("python", "ruby") else _LEAD
        self._found: list[Definition] = []
        self._names: set[int] = set()
        self._constants: set[str] = set()
        self._open: list[_Open] = []
        self._outer: list[tuple[int, int, int]] = []
        """First row, end row, end byte of what a definition's decorators stand in."""

    def collect(self, captured: dict[str, list[Node]]) -> tuple[tuple[Definition, ...], set[int]]:
        """All of them."""
        for end, kind, node in _ordered(captured):
            if kind == "outer":
                self._outer.append((node.start_point[0], node.end_point[0], end))
                continue
            if len(self._found) >= MAX_SYMBOLS:
                break
            self._add(node, kind, end)
        return tuple(self._found), self._names

    def _add(self, node: Node, kind: str, end: int) -> None:
        start = node.start_byte
        while self._open and self._open[-1].end <= start:
            self._open.pop()
        called = named(node, self._text)
        if called is None:
            return
        scope, name, at = called
        parent = self._open[-1].definition if self._open else None
        path = ".".join((*([parent.symbol.path] if parent else ()), *scope, name))[-MAX_PATH:]
        if kind == "constant" and (path in self._constants or self._is_import(node)):
            return
        self._names.add(at.end_byte)
        self._constants.add(path)
        if kind == "function" and (scope or (parent and parent.symbol.kind in _OWNERS)):
            kind = "method"
        first = self._begin(node, end, parent)
        line = at.start_point[0]
        symbol = Symbol(
            ordinal=len(self._found),
            parent=parent.symbol.ordinal if parent else None,
            name=name,
            path=path,
            kind=cast("SymbolKind", kind),
            first_line=first + 1,
            last_line=min(self._stop(node), len(self._lines)),
            line=line + 1,
            signature=self._lines[line].strip()[:MAX_SIGNATURE] if line < len(self._lines) else "",
        )
        heading = " > ".join(
            part
            for part in (parent.heading if parent else "", *scope, self._title(kind, node, name))
            if part
        )
        has_body = node.type not in _BODILESS or node.child_by_field_name("body") is not None
        definition = Definition(symbol, first, symbol.last_line, heading, has_body)
        self._found.append(definition)
        if kind not in _WEAK:
            self._open.append(_Open(end, definition))

    def _title(self, kind: str, node: Node, name: str) -> str:
        """The language's word for it, where there is one, and its name."""
        word = _WORDS.get((self._grammar, kind), kind if kind in _KEYWORDS else "")
        if not word and node.type in ("function_declaration", "generator_function_declaration"):
            word = "function"
        return f"{word} {name}" if word else name

    def _stop(self, node: Node) -> int:
        row, column = node.end_point
        return row if column == 0 and row > node.start_point[0] else row + 1

    def _begin(self, node: Node, end: int, parent: Definition | None) -> int:
        """The row where it begins, with its decorators and the comments above it."""
        begin, last = node.start_point[0], node.end_point[0]
        around = [row for row, end_row, stop in self._outer if stop >= end and end_row == last]
        self._outer.clear()
        begin = min([begin, *around])
        earliest = max(
            parent.symbol.line if parent else 0,
            begin - MAX_COMMENT_LINES,
            self._previous_stop(parent),
        )
        while (above := self._lead_above(begin, earliest)) < begin:
            begin = above
        return begin

    def _lead_above(self, row: int, earliest: int) -> int:
        """Where the comment or decorator that ends above this row begins; the row if none does."""
        if row <= earliest or row > len(self._lines):
            return row
        line = self._lines[row - 1]
        if self._lead.match(line):
            return row - 1
        if self._lead is _PYTHON_LEAD or not line.rstrip().endswith("*/"):
            return row
        first = row - 1
        while first > earliest and "/*" not in self._lines[first]:
            first -= 1
        return first if self._lines[first].lstrip().startswith("/*") else row

    def _previous_stop(self, parent: Definition | None) -> int:
        """Where the definition before it ended."""
        if not self._found:
            return 0
        previous = self._found[-1]
        return previous.symbol.line if previous is parent else previous.stop

    def _is_import(self, node: Node) -> bool:
        """Whether it is JavaScript's `x = require("y")`."""
        value = node.child_by_field_name("value")
        return value is not None and self._text(value).startswith("require(")


def _ordered(captured: dict[str, list[Node]]) -> list[tuple[int, str, Node]]:
    """Definitions and what is around them by where they begin, the outer ones first; (end, ...)."""
    spans: dict[tuple[int, int], tuple[str, Node]] = {}
    outer: list[tuple[int, int, int, str, Node]] = []
    for kind in _KINDS:
        for node in captured.get(kind, ()):
            span = (node.start_byte, -node.end_byte)
            if span not in spans or spans[span][0] in _WEAK:
                spans[span] = (kind, node)
    for node in captured.get("outer", ()):
        outer.append((node.start_byte, -node.end_byte, 0, "outer", node))
    found = [(*span, 1, kind, node) for span, (kind, node) in spans.items()]
    ordered = sorted([*found, *outer], key=lambda each: each[:3])
    return [(-each[1], each[3], each[4]) for each in ordered]
