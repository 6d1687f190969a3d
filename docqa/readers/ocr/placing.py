"""Passages of scanned pages, laid out straight, put back where they stand on the displayed page."""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from docqa.core.documents import Passage
from docqa.core.geometry import UNIT, VERTICAL, Geometry, Word
from docqa.readers.ocr.base import OcrWord
from docqa.readers.ocr.scanning import Scan

STEP = 0.35
"""How far a skewed line may rise within one rectangle, in its heights."""
_NEAR = 12
"""Units of `Geometry` by which an edge may have been rounded."""


@dataclass(frozen=True, slots=True)
class _Edges:
    """The words of a scan by their left edge, to find the confidence of a word again."""

    scan: Scan
    lefts: list[int] = field(default_factory=list)
    words: list[OcrWord] = field(default_factory=list)

    @classmethod
    def of(cls, scan: Scan) -> "_Edges":
        words = sorted(scan.words, key=lambda word: word.x0)
        return cls(scan, [round(word.x0 / scan.width * UNIT) for word in words], words)

    def confidence(self, near: int, far: int, middle: float) -> float:
        """Of the word between these edges nearest to `middle`, a fraction of the page's height."""
        stop = bisect_right(self.lefts, near + _NEAR)
        reach = [
            word
            for word in self.words[:stop]
            if word.x1 / self.scan.width * UNIT >= far - _NEAR
            and abs((word.y0 + word.y1) / 2 / self.scan.height - middle) < 0.05
        ]
        if not reach:
            return self.scan.confidence
        at = middle * self.scan.height
        return min(reach, key=lambda word: abs((word.y0 + word.y1) / 2 - at)).confidence


def put_back(passages: Sequence[Passage], scans: Mapping[int, Scan]) -> tuple[Passage, ...]:
    """The passages, those on scanned pages with their true places and confidences.

    `scans` are by 1-based page number. A passage's confidence is the mean of its scanned words'.
    """
    if not scans:
        return tuple(passages)
    edges = {number: _Edges.of(scan) for number, scan in scans.items()}
    return tuple(_put_back(passage, edges) for passage in passages)


def _put_back(passage: Passage, edges: Mapping[int, _Edges]) -> Passage:
    geometry = Geometry.from_bytes(passage.geometry)
    if not any(page // 4 in edges for page in geometry.line_pages):
        return passage
    lines: list[tuple[int, int, list[Word]]] = []
    sure = weight = 0.0
    for page, flags, words in _lines(geometry):
        if page not in edges:
            lines.append((page, flags, words))
            continue
        scanned = edges[page]
        for word in words:
            near, far = round(word.x0 * UNIT), round(word.x1 * UNIT)
            length = word.end - word.start
            sure += length * scanned.confidence(near, far, (word.y0 + word.y1) / 2)
            weight += length
        lines += [
            (page, (flags + scanned.scan.lie.turns) % 4, piece)
            for piece in _pieces(words, flags, scanned.scan)
        ]
    confidence = round(sure / weight, 4) if weight else None
    return replace(passage, geometry=Geometry.from_words(lines).to_bytes(), confidence=confidence)


def _lines(geometry: Geometry) -> Iterator[tuple[int, int, list[Word]]]:
    """Page, flags and words of each line, the words as boxes."""
    starts = [*geometry.line_words, len(geometry.starts)]
    for line, packed in enumerate(geometry.line_pages):
        page, flags = divmod(packed, 4)
        low, high = geometry.line_near[line] / UNIT, geometry.line_far[line] / UNIT
        words = []
        for index in range(starts[line], starts[line + 1]):
            near, far = geometry.near[index] / UNIT, geometry.far[index] / UNIT
            box = (low, near, high, far) if flags & VERTICAL else (near, low, far, high)
            words.append(Word(geometry.starts[index], geometry.ends[index], *box))
        yield page, flags, words


def _pieces(words: Sequence[Word], flags: int, scan: Scan) -> Iterator[list[Word]]:
    """The words where they are displayed, in runs that a level rectangle can cover."""
    lie = scan.lie
    piece: list[Word] = []
    begin: Word | None = None
    for word in words:
        if begin is not None and lie.skew and _rise(begin, word, flags, scan) > STEP:
            yield piece
            piece, begin = [], None
        begin = begin or word
        first, second = lie.shown(word.x0, word.y0), lie.shown(word.x1, word.y1)
        if lie.skew:
            # The middle of each side: the corners of a skewed box reach into its neighbours.
            first, second = _level_box(word, scan)
        x0, x1 = sorted((first[0], second[0]))
        y0, y1 = sorted((first[1], second[1]))
        piece.append(Word(word.start, word.end, x0, y0, x1, y1))
    if piece:
        yield piece


def _level_box(word: Word, scan: Scan) -> tuple[tuple[float, float], tuple[float, float]]:
    """A box of the word's size around the place of its middle."""
    straight = replace(scan.lie, skew=0.0)
    x, y = scan.lie.shown((word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2)
    first, second = straight.shown(word.x0, word.y0), straight.shown(word.x1, word.y1)
    half = abs(second[0] - first[0]) / 2, abs(second[1] - first[1]) / 2
    return (x - half[0], y - half[1]), (x + half[0], y + half[1])


def _rise(begin: Word, word: Word, flags: int, scan: Scan) -> float:
    """How far the line has risen since the piece began, in heights of the line."""
    slope = abs(math.tan(math.radians(scan.lie.skew)))
    if flags & VERTICAL:
        return (abs(word.y1 - begin.y0) * scan.lie.ratio * slope) / max(word.x1 - word.x0, 1e-6)
    return (abs(word.x1 - begin.x0) * slope) / max((word.y1 - word.y0) * scan.lie.ratio, 1e-6)
