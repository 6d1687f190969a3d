"""Running headers, footers and page numbers, told from text by where and how they repeat."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from docqa.readers.lines import Line

TOP_POINTS = 50
"""Above this a line that counts with the pages is taken for a running header."""

_DIGITS = re.compile(r"\d+")

Running = dict[tuple[str, int], bool]
"""By side (`top`, `end`) and identity of a running header or footer: whether it is kept."""


def running_lines(pages: Sequence[Sequence[Line]]) -> Running:
    """The running headers and footers; each is kept where it occurs first, page numbers never."""
    groups: dict[str, list[tuple[int, Line]]] = {}
    for lines in pages:
        for key, rank, line in _edge_lines(lines):
            groups.setdefault(key, []).append((rank, line))
    running: Running = {}
    for key, ranked in groups.items():
        bare = _bare_number(key)
        enough = 2 if bare else 3
        if len(ranked) < enough:
            continue
        found = _same_or_counting(key, _same_place(ranked))
        if len(found) >= enough:
            side = key[:3]
            running.update({(side, id(line)): False for line in found})
            running[side, id(found[0])] = not bare
    return running


def without_repetitions(lines: Sequence[Line], running: Running) -> list[Line]:
    """The page's lines without running ones, as far as they reach from its edges."""
    if not running:
        return list(lines)
    ordered = sorted(lines, key=lambda line: line.y0)
    dropped: set[int] = set()
    for side, inwards in (("top", ordered), ("end", ordered[::-1])):
        for line in inwards:
            kept = running.get((side, id(line)))
            if kept is None:
                break
            if not kept:
                dropped.add(id(line))
    return [line for line in lines if id(line) not in dropped]


def _edge_lines(lines: Sequence[Line]) -> Iterator[tuple[str, int, Line]]:
    """A page's first and last lines: text without numbers, place from the edge, line."""
    ordered = sorted([line for line in lines if len(line.text) <= 200], key=lambda line: line.y0)
    for rank, line in enumerate(ordered[:4]):
        yield f"top {_DIGITS.sub('#', line.text).casefold()}", rank, line
    for rank, line in enumerate(ordered[:-5:-1]):
        yield f"end {_DIGITS.sub('#', line.text).casefold()}", rank, line


def _same_place(ranked: list[tuple[int, Line]]) -> list[Line]:
    """Those that stand at the usual height of the page, or as far from its edge as usual."""
    heights = Counter(round(line.y0 / 8) for _, line in ranked)
    height = max(heights, key=lambda h: (heights[h], h))
    ranks = Counter(rank for rank, _ in ranked)
    usual = min(ranks, key=lambda r: (-ranks[r], r))
    return [line for rank, line in ranked if rank == usual or abs(line.y0 / 8 - height) <= 1.5]


def _bare_number(key: str) -> bool:
    return (
        re.fullmatch(r"(?:top|end) (?:page )?[-–—\s|]*(?:#|[ivxlc]+)[-–—\s|]*(?:of #)?", key)
        is not None
    )


def _same_or_counting(key: str, lines: list[Line]) -> list[Line]:
    """Those lines whose numbers are the same everywhere, or count with the pages."""
    numbers = [[int(n[:9]) for n in _DIGITS.findall(line.text)] for line in lines]
    # `Question 3` on top of page 3 is a title; a page number stands at the very edge or says so.
    low = key.startswith("top") and "page" not in key
    fits = [True] * len(lines)
    for column in zip(*numbers, strict=True):
        same, _ = Counter(column).most_common(1)[0]
        steps = [number - line.page for number, line in zip(column, lines, strict=True)]
        step, _ = Counter(steps).most_common(1)[0]
        for index, number in enumerate(column):
            counts = steps[index] == step and not (low and lines[index].y0 > TOP_POINTS)
            fits[index] &= number == same or counts
    return [line for line, fit in zip(lines, fits, strict=True) if fit]
