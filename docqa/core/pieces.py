"""Long texts in pieces that tiktoken can take, whose ids joined are the whole text's."""

import re
from collections.abc import Iterator

from docqa.core.escaping import encodable

PIECE_CHARACTERS = 500_000
"""Texts beyond this are cut, so that a corpus can be counted without its ids in memory."""
MAX_RUN = 100_000
"""tiktoken's regular expression engine overflows its stack on white space of several hundred
thousand characters. Longer runs are cut; cuts count from the run's start, so that they fall on the
same place wherever the run stands."""
_RUN = re.compile(rf"\S{{{MAX_RUN}}}|\s{{{MAX_RUN}}}")


def pieces(text: str, safe_cut: re.Pattern[str]) -> Iterator[str]:
    """The text in order, cut behind matches of `safe_cut`: places where a token always ends."""
    text = encodable(text)
    start = 0
    while len(text) - start > PIECE_CHARACTERS:
        cut = safe_cut.search(text, start + PIECE_CHARACTERS)
        if cut is None:
            break
        yield from _bounded(text[start : cut.end()])
        start = cut.end()
    yield from _bounded(text[start:])


def _bounded(piece: str) -> Iterator[str]:
    if not _may_have_long_run(piece):
        yield piece
        return
    start = 0
    for run in _RUN.finditer(piece):
        yield piece[start : run.end()]
        start = run.end()
    yield piece[start:]


def _may_have_long_run(piece: str) -> bool:
    # A run of MAX_RUN characters covers a whole block of half that length, wherever it begins; a
    # look at each block's few first characters settles nearly all of them.
    step = MAX_RUN // 2
    for start in range(0, len(piece) - step + 1, step):
        block = piece[start : start + step]
        if block.isspace() or not any(space in block for space in " \n\t\r"):
            return True
    return False
