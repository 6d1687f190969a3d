"""A page's fragments -> columns and rows, in reading order. Works on boxes alone.

A fragment is a run of words without a wide gap, as MuPDF finds them, in the order they were
painted. Boxes are in points, of the page turned so that the text is upright.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple


class Fragment(NamedTuple):
    """Words without a wide gap."""

    x0: float
    y0: float
    x1: float
    y1: float
    begin: int
    end: int
    """The words of the page from `begin` up to `end`."""
    text: str
    backward: bool
    """Whether it is in a script that runs to the left."""


def without_floats(fragments: list[Fragment]) -> list[Fragment]:
    """The fragments, huge ones that lie across several others (watermarks) moved to the end."""
    heights = sorted([fragment.y1 - fragment.y0 for fragment in fragments])
    limit = 5 * heights[len(heights) // 2]
    if heights[-1] <= limit:
        return fragments
    floats = [
        fragment
        for fragment in fragments
        if fragment.y1 - fragment.y0 > limit
        and sum(_overlap(fragment, other) for other in fragments) > 2
    ]
    if not floats:
        return fragments
    far = max(fragment.y1 for fragment in fragments)
    return [fragment for fragment in fragments if fragment not in floats] + [
        fragment._replace(y0=far + fragment.y0, y1=far + fragment.y1) for fragment in floats
    ]


def _overlap(one: Fragment, other: Fragment) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


# Columns


def regions(fragments: list[Fragment]) -> list[list[Fragment]]:
    """The fragments column by column, in reading order."""
    gutter = _gutter(fragments) if len(fragments) >= 8 else None
    if gutter is None:
        return [fragments] if fragments else []
    x, top, bottom = gutter
    above = [f for f in fragments if (f.y0 + f.y1) / 2 < top]
    below = [f for f in fragments if (f.y0 + f.y1) / 2 > bottom]
    between = [f for f in fragments if top <= (f.y0 + f.y1) / 2 <= bottom]
    found = regions(above)
    for row in _table_rows(between, x):
        for band in _bands(row, x):
            found += regions(band)
    return found + regions(below)


def _table_rows(fragments: list[Fragment], x: float) -> list[list[Fragment]]:
    """The rows of a table with prose in its cells; all as one where these are columns."""
    left = _paragraph_tops([f for f in fragments if f.x1 <= x])
    right = _paragraph_tops([f for f in fragments if f.x0 >= x])
    shared = [top for top in left if any(abs(top - other) < 2 for other in right)]
    if len(shared) < 3 or len(shared) < 0.7 * max(len(left), len(right)):
        return [fragments]
    found: list[list[Fragment]] = [[] for _ in range(len(shared) + 1)]
    for fragment in fragments:
        found[bisect_right(shared, fragment.y0 + 2)].append(fragment)
    return [row for row in found if row]


def _paragraph_tops(side: list[Fragment]) -> list[float]:
    """Where a paragraph begins in a column: after a gap."""
    tops: list[float] = []
    bottom = float("-inf")
    for fragment in sorted(side, key=lambda f: f.y0):
        if fragment.y0 - bottom > 0.4 * (fragment.y1 - fragment.y0):
            tops.append(fragment.y0)
        bottom = max(bottom, fragment.y1)
    return tops


def _bands(fragments: list[Fragment], x: float) -> Iterator[list[Fragment]]:
    """Left and right columns between the fragments that cross the gutter at x, and those."""
    left: list[Fragment] = []
    right: list[Fragment] = []
    across: list[Fragment] = []
    for fragment in sorted(fragments, key=lambda f: f.y0 + f.y1):
        if fragment.x0 < x < fragment.x1:
            yield from (side for side in (left, right) if side)
            left, right = [], []
            across.append(fragment)
            continue
        if across:
            yield across
            across = []
        (left if fragment.x1 <= x else right).append(fragment)
    yield from (side for side in (left, right, across) if side)


def _gutter(fragments: list[Fragment]) -> tuple[float, float, float] | None:
    """The x at which two columns of prose part, and the top and bottom of where they do."""
    left = min([fragment.x0 for fragment in fragments])
    width = max([fragment.x1 for fragment in fragments]) - left
    margins = Counter([round(f.x0 / 2) for f in fragments if f.x0 > left + 0.15 * width])
    for margin, count in sorted(margins.items(), key=lambda item: (-item[1], item[0]))[:4]:
        if count < 4:
            return None
        found = _parted(fragments, margin * 2 - 2)
        if found is not None:
            return found
    return None


def _parted(fragments: list[Fragment], x: float) -> tuple[float, float, float] | None:
    left = [fragment for fragment in fragments if fragment.x1 <= x]
    right = [fragment for fragment in fragments if fragment.x0 >= x]
    if len(left) < 4 or len(right) < 4:
        return None
    # Where both sides stand beside each other, and a line more: columns end unevenly.
    top = max(min(f.y0 for f in left), min(f.y0 for f in right))
    bottom = min(max(f.y1 for f in left), max(f.y1 for f in right))
    left = [f for f in left if f.y1 > top and f.y0 < bottom]
    right = [f for f in right if f.y1 > top and f.y0 < bottom]
    across = [f for f in fragments if f.x0 < x < f.x1 and top < (f.y0 + f.y1) / 2 < bottom]
    both = len(left) + len(right)
    if not (_is_prose(left) and _is_prose(right)) and (
        len(across) > 0.05 * both or not _stand_apart(left, right)
    ):
        return None
    if len(across) > 0.2 * both:
        return None
    crossings = sorted((f.y0, f.y1) for f in fragments if f.x0 < x < f.x1)
    low = max((y1 for _, y1 in crossings if y1 <= top + 1), default=float("-inf"))
    high = min((y0 for y0, _ in crossings if y0 >= bottom - 1), default=float("inf"))
    return x, low, high


def _is_prose(side: list[Fragment]) -> bool:
    """Whether these are lines of running text rather than cells of a table."""
    if len(side) < 4:
        return False
    width = max(f.x1 for f in side) - min(f.x0 for f in side)
    wide = sum(f.x1 - f.x0 > 0.4 * width and f.end - f.begin >= 3 for f in side)
    return sum(len(f.text) for f in side) >= 18 * len(side) and wide >= 0.5 * len(side)


def _stand_apart(left: list[Fragment], right: list[Fragment]) -> bool:
    """Whether these are columns of text with formulas or lists: words, on lines of their own."""
    if len(left) + len(right) < 24:
        return False
    sides = rows(left), rows(right)
    if not all(_has_wide_lines(side) for side in sides):
        return False
    bottoms = [sorted(max(f.y1 for f in row) for row in side) for side in sides]
    fewer, more = sorted(bottoms, key=len)
    shared = sum(_has_near(more, bottom) for bottom in fewer)
    return shared < 0.5 * len(fewer)


def _has_wide_lines(side: list[list[Fragment]]) -> bool:
    """Whether at least a third of a column's lines are words that fill most of its width."""
    width = max(f.x1 for row in side for f in row) - min(f.x0 for row in side for f in row)
    wide = 0
    for row in side:
        text = "".join(f.text for f in row)
        letters = sum(map(str.isalpha, text))
        wide += row[-1].x1 - row[0].x0 > 0.6 * width and 2 * letters > len(text) > 18
    return 3 * wide >= len(side)


def _has_near(places: list[float], place: float) -> bool:
    at = bisect_right(places, place)
    return any(abs(near - place) < 1 for near in places[max(at - 1, 0) : at + 1])


# Lines


def rows(fragments: list[Fragment]) -> list[list[Fragment]]:
    """The fragments line by line from the top, in reading order within each."""
    found: list[list[Fragment]] = []
    row: list[Fragment] = []
    top = bottom = height = 0.0
    for fragment in sorted(fragments, key=lambda f: f.y0 + f.y1):
        y0, y1 = fragment.y0, fragment.y1
        if row and y0 < bottom:
            shared = (bottom if bottom < y1 else y1) - (top if top > y0 else y0)
            ratio = (y1 - y0) / height if height else 0
            if 1 / 2.2 < ratio < 2.2 and shared > 0.5 * height * min(ratio, 1):
                row.append(fragment)
                continue
        row = [fragment]
        found.append(row)
        top, bottom, height = y0, y1, y1 - y0
    for row in found:
        if len(row) > 1:
            backward = sum(f.backward for f in row) * 2 > len(row)
            row.sort(key=lambda f: f.x0, reverse=backward)
    return found


def without_shadows(row: list[Fragment]) -> list[Fragment]:
    """The row without fragments that are painted twice to look bold or to throw a shadow."""
    kept = [row[0]]
    for fragment in row[1:]:
        before = kept[-1]
        near = abs(fragment.x0 - before.x0) < 0.3 * (fragment.y1 - fragment.y0)
        shadow = near and fragment.text == before.text
        if not shadow:
            kept.append(fragment)
    return kept
