"""Where passages of code begin and end: at definitions."""

import re
from collections.abc import Iterator, Sequence

from docqa.readers.blocks import PASSAGE_BYTES, Block
from docqa.readers.code.definitions import CONTAINERS, Definition

MAX_DEPTH = 30
"""Definitions that stand deeper are part of what is around them."""
OWN_LINES = 3
"""A constant or type of fewer lines stays with its neighbours."""
LONG_BYTES = 4 * PASSAGE_BYTES
"""A function that is longer is cut where the functions in it begin."""
MAX_CLOSING_LINES = 20
_CLOSING = re.compile(r"\s*(?:[)\]};,]*|end)\s*")
_SMALL = frozenset(("constant", "macro", "type"))


def code_blocks(definitions: Sequence[Definition], lines: Sequence[str]) -> Iterator[Block]:
    """Blocks that cover all lines, one or more for each definition."""
    members: dict[int | None, list[Definition]] = {}
    for definition in definitions:
        members.setdefault(definition.symbol.parent, []).append(definition)
    yield from _Blocks(lines, members).body(None, 0, len(lines), "", 0)


class _Blocks:
    def __init__(self, lines: Sequence[str], members: dict[int | None, list[Definition]]) -> None:
        self._lines = lines
        self._members = members

    def body(
        self, parent: int | None, first: int, stop: int, heading: str, depth: int
    ) -> Iterator[Block]:
        """The definitions between two lines for themselves, the rest between them."""
        at = first
        own = [definition for definition in self._members.get(parent, ()) if _is_own(definition)]
        for definition in own:
            begin, end = max(definition.first, at), min(definition.stop, stop)
            if end <= at:
                continue  # several on one line
            if definition is own[-1] and self._only_closes(end, stop):
                end = stop
            if begin > at:
                yield Block(at, begin, "code", heading)
            yield from self._definition(definition, begin, end, depth)
            at = end
        if at < stop:
            yield Block(at, stop, "code", heading)

    def _definition(
        self, definition: Definition, begin: int, end: int, depth: int
    ) -> Iterator[Block]:
        symbol = definition.symbol
        if depth < MAX_DEPTH and self._is_cut(definition, begin, end):
            yield from self.body(symbol.ordinal, begin, end, definition.heading, depth + 1)
        else:
            alone = symbol.kind not in _SMALL
            yield Block(begin, end, "code", definition.heading, alone=alone)

    def _is_cut(self, definition: Definition, begin: int, end: int) -> bool:
        members = self._members.get(definition.symbol.ordinal, ())
        if not any(map(_is_own, members)):
            return False
        if definition.symbol.kind in CONTAINERS:
            return True
        return sum(len(line) + 1 for line in self._lines[begin:end]) > LONG_BYTES

    def _only_closes(self, first: int, stop: int) -> bool:
        """Whether these lines only close what is around the definition before them."""
        return stop - first <= MAX_CLOSING_LINES and all(
            map(_CLOSING.fullmatch, self._lines[first:stop])
        )


def _is_own(definition: Definition) -> bool:
    """Whether it gets passages of its own."""
    if not definition.has_body:
        return False
    return definition.symbol.kind not in _SMALL or definition.stop - definition.first >= OWN_LINES
