"""Two texts word by word: what stayed, what went, what came."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import LCSseq

from docqa.core.sentences import Span

PieceKind = Literal["same", "removed", "added"]
MOST_WORDS = 4_000
"""Longer texts are not compared word by word."""
# Letters of scripts without spaces are compared one by one.
_WORD = re.compile(r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+|[^\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of two texts; the text is the newer one's where both have it."""

    kind: PieceKind
    text: str


def words(text: str) -> list[str]:
    """Words and signs of a text, white space left out."""
    return _WORD.findall(text)


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """The two texts as one, in order; white space alone makes no difference."""
    one, other = _spans(before), _spans(after)
    if max(len(one), len(other)) > MOST_WORDS:
        return Piece("removed", before), Piece("added", after)
    steps = LCSseq.opcodes(
        [before[start:end] for start, end in one], [after[start:end] for start, end in other]
    )
    found: list[Piece] = []
    for step in steps:
        if step.tag == "equal":
            found += _piece("same", after, other[step.dest_start : step.dest_end])
        else:
            found += _piece("removed", before, one[step.src_start : step.src_end])
            found += _piece("added", after, other[step.dest_start : step.dest_end])
    return tuple(_joined(found))


def _spans(text: str) -> list[Span]:
    """The words, each with the white space that follows it left out."""
    return [match.span() for match in _WORD.finditer(text)]


def _piece(kind: PieceKind, text: str, spans: list[Span]) -> Iterator[Piece]:
    """These words with the white space between them and behind them."""
    if not spans:
        return
    start, end = spans[0][0], spans[-1][1]
    while end < len(text) and text[end].isspace():
        end += 1
    yield Piece(kind, text[start:end])


def _joined(found: list[Piece]) -> Iterator[Piece]:
    """Between two words that stayed, all that went and then all that came."""
    went, came = "", ""
    for piece in found:
        if piece.kind == "removed":
            went += piece.text
        elif piece.kind == "added":
            came += piece.text
        else:
            yield from _told(went, came)
            went, came = "", ""
            yield piece
    yield from _told(went, came)


def _told(went: str, came: str) -> Iterator[Piece]:
    if went:
        yield Piece("removed", went)
    if came:
        yield Piece("added", came)
