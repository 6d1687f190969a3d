"""A page's words -> its lines of text in reading order, each word with its place.

The words' columns are made once per page, a line takes slices of them: it has to cost little
beside the extraction itself.
"""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from docqa.core.geometry import BACKWARD, UNIT, VERTICAL, unit
from docqa.readers.layout import Fragment, regions, rows, without_floats, without_shadows

MuWord = tuple[float, float, float, float, str, int, int, int]
"""As MuPDF gives it: x0, y0, x1, y1, text, block, line in block, word in line."""

UPRIGHT, DOWN, UP, OVER = 0, VERTICAL, VERTICAL | BACKWARD, BACKWARD
"""Where text runs: to the right, down, up, or to the left standing on its head."""

CELL_GAP = 1.3
"""Gap between two cells of a row, in line heights; words of justified text stand closer."""

_LABEL = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivxIVX]{1,5})[.)]?|[•●▪■□◦‣∙·*–—-]")
"""What stands before an item of a list, whatever the gap after it."""


_CURRENCIES = frozenset("$€£¥")
_NEXT_AMOUNT = re.compile(r"(?<=[\d)%—–]) (?=[$€£¥] ?[\d(—–-])")
"""Between the amounts of a row that are painted in one run: `$63,355 $63,948`."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDE = re.compile("[\u2e80-\ufe6f\uff01-\uffdc]")


class Line(NamedTuple):
    """A line of text: what stands on one baseline of one column."""

    page: int
    """1-based."""
    flags: int
    """`VERTICAL`, `BACKWARD` of `docqa.core.geometry`."""
    region: int
    """Lines of one column, between two things that span columns, have the same number."""
    x0: float
    y0: float
    x1: float
    y1: float
    """The box in points, of the page turned so that the line is upright."""
    height: float
    """Of its words in the median: stands for the font size."""
    text: str
    cells: int
    """How many cells of a table it may be; they are separated by tabs."""
    origin: int
    """What `starts` and `ends` have at the beginning of this line's text."""
    starts: "array[int]"
    ends: "array[int]"
    near: "array[int]"
    far: "array[int]"
    """The words as `Geometry` keeps them."""
    across_near: int
    across_far: int


@dataclass(frozen=True, slots=True)
class PageFrame:
    """The displayed page: its number, its size in points, and the way to it from the raw words."""

    number: int
    width: float
    height: float
    matrix: tuple[float, ...] | None = None
    """Six numbers, from the words' coordinates to the displayed page; None where the same."""


@dataclass(frozen=True, slots=True)
class _Words:
    """The page's words by column; `starts` and `ends` as if all were joined by spaces."""

    x0: tuple[float, ...]
    y0: tuple[float, ...]
    x1: tuple[float, ...]
    y1: tuple[float, ...]
    texts: tuple[str, ...]
    numbers: tuple[int, ...]
    """From 0 in each fragment."""
    starts: "array[int]"
    ends: "array[int]"
    near: "array[int]"
    far: "array[int]"
    """Along x; lines that run up or down make their own."""


def page_lines(words: Sequence[MuWord], frame: PageFrame) -> list[Line]:
    """The page's lines in reading order; words outside of the displayed page are left out."""
    if frame.matrix is not None:
        words = _turned(words, frame.matrix)
    if not words:
        return []
    columns = _columns(words, frame)
    if columns is None:
        words = [word for word in words if _on_page(word, frame)]
        columns = _columns(words, frame, clipped=True) if words else None
    if columns is None:
        return []
    by_direction = _fragments(columns, frame)
    lines: list[Line] = []
    region = 0
    # What most of the page's text does comes first: a landscape table on a portrait page is read
    # as it was meant, and a stamp up the margin comes last.
    size = {d: sum(f.end - f.begin for f in found) for d, found in by_direction.items()}
    for direction in sorted(by_direction, key=lambda d: (-size[d], d)):
        for column in regions(without_floats(by_direction[direction])):
            lines += [_line(columns, row, direction, region, frame) for row in rows(column)]
            region += 1
    return lines


def _turned(words: Sequence[MuWord], matrix: Sequence[float]) -> list[MuWord]:
    a, b, c, d, e, f = matrix
    turned: list[MuWord] = []
    for x0, y0, x1, y1, text, block, line, number in words:
        left, right = sorted((a * x0 + c * y0 + e, a * x1 + c * y1 + e))
        top, bottom = sorted((b * x0 + d * y0 + f, b * x1 + d * y1 + f))
        turned.append((left, top, right, bottom, text, block, line, number))
    return turned


def _on_page(word: MuWord, frame: PageFrame) -> bool:
    return 0 <= word[0] + word[2] <= 2 * frame.width and 0 <= word[1] + word[3] <= 2 * frame.height


def _columns(words: Sequence[MuWord], frame: PageFrame, *, clipped: bool = False) -> _Words | None:
    """The words by column; None if some are not on the page and they are not clipped yet."""
    x0, y0, x1, y1, texts, _, _, numbers = zip(*words, strict=True)
    if not clipped and (
        min(x0) < 0 or min(y0) < 0 or max(x1) > frame.width or max(y1) > frame.height
    ):
        return None
    starts = list(accumulate([len(text) + 1 for text in texts], initial=0))
    ends = [start - 1 for start in starts]
    del ends[0], starts[-1]
    near, far = _units(x0, frame.width), _units(x1, frame.width)
    return _Words(x0, y0, x1, y1, texts, numbers, array("I", starts), array("I", ends), near, far)


def _units(edges: Sequence[float], length: float) -> "array[int]":
    """The edges as fractions of the page's length, in the units of `Geometry`."""
    scale = UNIT / length
    try:
        return array("H", [int(edge * scale + 0.5) for edge in edges])
    except OverflowError:  # a word that is cut by the edge of the page
        return array("H", [unit(edge / length) for edge in edges])


def _fragments(columns: _Words, frame: PageFrame) -> dict[int, list[Fragment]]:
    """The page's fragments by direction, in the order they were painted."""
    # A fragment that begins off the page begins with a higher number here.
    numbered = enumerate(pairwise(columns.numbers), start=1)
    begins = [at for at, (before, number) in numbered if number <= before]
    x0s, y0s, x1s, y1s, texts = columns.x0, columns.y0, columns.x1, columns.y1, columns.texts
    upright: list[Fragment] = []
    found = {UPRIGHT: upright}
    for begin, end in pairwise([0, *begins, len(texts)]):
        x0, y0, x1, y1 = x0s[begin], y0s[begin], x1s[end - 1], y1s[begin]
        text = texts[begin]
        if end - begin > 1:
            y0, y1 = min(y0s[begin:end]), max(y1s[begin:end])
            text = " ".join(texts[begin:end])
        if x0s[end - 1] >= x0 and x1 - x0 >= y1 - y0 and text.isascii():
            upright.append(Fragment(x0, y0, x1, y1, begin, end, text, False))
        else:
            direction, fragment = _turned_fragment(columns, begin, end, text, frame)
            found.setdefault(direction, []).append(fragment)
    return {direction: fragments for direction, fragments in found.items() if fragments}


def _turned_fragment(
    words: _Words, begin: int, end: int, text: str, frame: PageFrame
) -> tuple[int, Fragment]:
    """The direction and the fragment of words that may run in any direction."""
    x0, x1 = min(words.x0[begin:end]), max(words.x1[begin:end])
    y0, y1 = min(words.y0[begin:end]), max(words.y1[begin:end])
    backward = not text.isascii() and right_to_left(text)
    direction = UPRIGHT
    if y1 - y0 > x1 - x0:
        direction = _vertical_direction(words, begin, end)
    elif words.x1[end - 1] < words.x0[begin] and not backward:
        direction = OVER
    if direction == DOWN:
        x0, y0, x1, y1 = y0, frame.width - x1, y1, frame.width - x0
    elif direction == UP:
        x0, y0, x1, y1 = frame.height - y1, x0, frame.height - y0, x1
    elif direction == OVER:
        x0, y0, x1, y1 = frame.width - x1, frame.height - y1, frame.width - x0, frame.height - y0
    return direction, Fragment(x0, y0, x1, y1, begin, end, text, backward)


def _vertical_direction(words: _Words, begin: int, end: int) -> int:
    """The direction of a fragment that is higher than wide."""
    last = end - 1
    rise = (words.y0[last] + words.y1[last] - words.y0[begin] - words.y1[begin]) / 2
    if abs(rise) > 0.5 * (words.x1[begin] - words.x0[begin]):
        return DOWN if rise > 0 else UP
    tall = words.y1[begin] - words.y0[begin] > 2 * (words.x1[begin] - words.x0[begin])
    return UP if tall and len(words.texts[begin]) >= 3 else UPRIGHT


def right_to_left(text: str) -> bool:
    """Whether the text begins in a script that runs to the left (Hebrew, Arabic and kin)."""
    return any("\u0590" <= c <= "\u08ff" or "\ufb1d" <= c <= "\ufefc" for c in text[:8])


def _line(
    words: _Words, row: list[Fragment], direction: int, region: int, frame: PageFrame
) -> Line:
    """The words of a row, put together as text, with their places."""
    first = row[0]
    if len(row) == 1:
        x0, y0, x1, y1, begin, end, text, _ = first
        part = slice(begin, end)
        origin = words.starts[begin]
        starts, ends = words.starts[part], words.ends[part]
        near, far = words.near[part], words.far[part]
        height = _height(words, begin, end) if direction == UPRIGHT else y1 - y0
    else:
        row = without_shadows(row)
        text, starts, ends = _joined(words, row)
        origin = 0
        near, far = array("H"), array("H")
        for fragment in row:
            near += words.near[fragment.begin : fragment.end]
            far += words.far[fragment.begin : fragment.end]
        x0, x1 = min(f.x0 for f in row), max(f.x1 for f in row)
        y0, y1 = min([f.y0 for f in row]), max([f.y1 for f in row])
        height = sorted([f.y1 - f.y0 for f in row])[len(row) // 2]
    across_near = min(max(int(y0 * UNIT / frame.height + 0.5), 0), UNIT)
    across_far = min(max(int(y1 * UNIT / frame.height + 0.5), 0), UNIT)
    flags = direction
    if direction:
        near, far, across_near, across_far = _turned_edges(words, row, direction, frame)
    if not text.isascii():
        # A soft hyphen that is painted is a hyphen: some fonts map it so.
        text = _SURROGATE.sub("\ufffd", text.replace("\u00ad", "-"))
        if first.backward and direction == UPRIGHT:
            flags |= BACKWARD
        if _WIDE.search(text):
            starts, ends, near, far = _by_character(text, origin, (starts, ends, near, far))
    return Line(
        frame.number,
        flags,
        region,
        x0,
        y0,
        x1,
        y1,
        height,
        text,
        text.count("\t") + 1,
        origin,
        starts,
        ends,
        near,
        far,
        across_near,
        across_far,
    )


def _height(words: _Words, begin: int, end: int) -> float:
    """The height of the words in the median."""
    height = words.y1[begin] - words.y0[begin]
    if words.y0[begin] == words.y0[end - 1] and words.y1[begin] == words.y1[end - 1]:
        return height
    pairs = zip(words.y0[begin:end], words.y1[begin:end], strict=True)
    return sorted([y1 - y0 for y0, y1 in pairs])[(end - begin) // 2]


def _turned_edges(
    words: _Words, row: list[Fragment], direction: int, frame: PageFrame
) -> tuple["array[int]", "array[int]", int, int]:
    """Edges along and across the line on the displayed page, for a line that is not upright."""
    indexes = [index for fragment in row for index in range(fragment.begin, fragment.end)]
    x0, x1 = [words.x0[i] for i in indexes], [words.x1[i] for i in indexes]
    y0, y1 = [words.y0[i] for i in indexes], [words.y1[i] for i in indexes]
    if direction & VERTICAL:
        across = _units((min(x0), max(x1)), frame.width)
        return _units(y0, frame.height), _units(y1, frame.height), across[0], across[1]
    across = _units((min(y0), max(y1)), frame.height)
    return _units(x0, frame.width), _units(x1, frame.width), across[0], across[1]


def _joined(words: _Words, row: list[Fragment]) -> tuple[str, "array[int]", "array[int]"]:
    """Text, starts and ends of fragments on one baseline."""
    starts: list[int] = []
    ends: list[int] = []
    text = ""
    before: Fragment | None = None
    for fragment in row:
        if before is not None:
            gap = max(fragment.x0 - before.x1, before.x0 - fragment.x1)
            text += _separator(text, fragment, gap)
        before = fragment
        shift = len(text) - words.starts[fragment.begin]
        starts += [start + shift for start in words.starts[fragment.begin : fragment.end]]
        ends += [end + shift for end in words.ends[fragment.begin : fragment.end]]
        text += fragment.text
    return _NEXT_AMOUNT.sub("\t", text), array("I", starts), array("I", ends)


def _separator(text: str, fragment: Fragment, gap: float) -> str:
    """What stands between the text so far and the next fragment of its row."""
    if (text[-1] in _CURRENCIES or text[-1] == "(") and not fragment.text[0].isalpha():
        return ""
    if fragment.text in (")", "%", ")%") and text[-1].isdigit():
        return ""
    # Amounts that fill their columns: the sign of the next one stands right behind the figure.
    if fragment.text[0] in _CURRENCIES and (text[-1].isdigit() or text[-1] in ")%—–"):
        return "\t"
    if gap <= CELL_GAP * (fragment.y1 - fragment.y0) or _LABEL.fullmatch(text):
        return " "
    return "\t"


_WordColumns = tuple["array[int]", "array[int]", "array[int]", "array[int]"]


def _by_character(text: str, origin: int, columns: _WordColumns) -> _WordColumns:
    """The columns, words in scripts without spaces cut into characters by their usual width."""
    starts, ends, near, far = array("I"), array("I"), array("H"), array("H")
    for start, end, low, high in zip(*columns, strict=True):
        word = text[start - origin : end - origin]
        wide = [character >= "\u2e80" for character in word]
        if not any(wide):
            starts.append(start)
            ends.append(end)
            near.append(low)
            far.append(high)
            continue
        step = (high - low) / (len(wide) + sum(wide))
        edge = float(low)
        for offset, is_wide in enumerate(wide):
            starts.append(start + offset)
            ends.append(start + offset + 1)
            near.append(round(edge))
            edge += (1 + is_wide) * step
            far.append(round(edge))
    return starts, ends, near, far
