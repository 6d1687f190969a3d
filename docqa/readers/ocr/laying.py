"""The words of a scan -> lines, as those of a text page: whole lines high, apart at wide gaps."""

from collections import defaultdict
from collections.abc import Sequence

from docqa.readers.lines import Line, MuWord, PageFrame, page_lines
from docqa.readers.ocr.base import OcrWord
from docqa.readers.ocr.scanning import Scan

GAP = 1.1
"""Between two words of one line that may be cells of a table, in line heights."""
_ASCENDING = frozenset("bdfhklijtß0123456789!?()[]{}|/\\\"'`“”‘’&%$€£@#§*^")
_DESCENDING = frozenset("gjpqy,;()[]{}|/\\Q§@ç")
_ASCENT, _DESCENT = 0.24, 0.22
"""Of capitals and of g above and below small letters, as parts of the font size."""
_LOOSE = 0.8
"""Font size over the height of boxes that are not tight."""
_SNAP = 0.2
"""Sizes so near the usual one are the usual one: boxes are measured in pixels of noise."""


def lines_of(scan: Scan, number: int, *, points: float, tight: bool) -> list[Line]:
    """The lines of page `number` in reading order, on the straight page.

    `points` is the size of a pixel. Their boxes are as high as the font, as MuPDF's are.
    """
    frame = PageFrame(number, scan.width * points, scan.height * points)
    return page_lines(mu_words(scan.words, points=points, tight=tight), frame)


def mu_words(words: Sequence[OcrWord], *, points: float, tight: bool) -> list[MuWord]:
    """The words as MuPDF would give them."""
    by_line: dict[int, list[OcrWord]] = defaultdict(list)
    for word in words:
        by_line[word.line].append(word)
    boxes = {line: _line_box(row, tight=tight) for line, row in by_line.items()}
    usual = _usual([bottom - top for top, bottom in boxes.values()], list(by_line.values()))
    found: list[MuWord] = []
    for line, row in by_line.items():
        top, bottom = boxes[line]
        if abs(bottom - top - usual) < _SNAP * usual:
            top, bottom = bottom - usual, bottom
        number, right = 0, None
        for word in _without_specks(row, bottom - top):
            number = 0 if right is not None and word.x0 - right > GAP * (bottom - top) else number
            box = (word.x0 * points, top * points, word.x1 * points, bottom * points)
            found.append((*box, word.text, 0, line, number))
            number, right = number + 1, word.x1
    return found


def _without_specks(row: list[OcrWord], height: float) -> list[OcrWord]:
    """The line without marks that stand far off at its end: dirt on the paper."""
    last = len(row)
    while last > 1 and not any(map(str.isalnum, row[last - 1].text)):
        if row[last - 1].x0 - row[last - 2].x1 <= GAP * height:
            break
        last -= 1
    return row[:last]


def _line_box(row: Sequence[OcrWord], *, tight: bool) -> tuple[float, float]:
    """Top and bottom of a line from the top of its highest letters to the foot of its lowest."""
    middle = sorted(row, key=lambda word: word.y1 - word.y0)
    limit = 2 * (middle[len(middle) // 2].y1 - middle[len(middle) // 2].y0)
    # A bar or a smear that the engine took for a letter does not make the line higher.
    plain = [word for word in row if word.y1 - word.y0 <= limit] or list(row)
    top, bottom = min(word.y0 for word in plain), max(word.y1 for word in plain)
    height = bottom - top
    if not tight:
        spare = (1 - _LOOSE) / 2 * height
        return top + spare, bottom - spare
    letters = "".join(word.text for word in plain)
    rises = any(c in _ASCENDING or c.isupper() or c >= "\u2e80" for c in letters)
    falls = any(c in _DESCENDING for c in letters)
    size = height / (1 - _ASCENT * (not rises) - _DESCENT * (not falls))
    return top - _ASCENT * size * (not rises), bottom + _DESCENT * size * (not falls)


def _usual(heights: Sequence[float], rows: Sequence[Sequence[OcrWord]]) -> float:
    """The height of most of the text."""
    weighed = sorted(
        (height, sum(len(word.text) for word in row))
        for height, row in zip(heights, rows, strict=True)
    )
    half, passed = sum(count for _, count in weighed) / 2, 0
    for height, count in weighed:
        passed += count
        if passed >= half:
            return height
    return 0.0
