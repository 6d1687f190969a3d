"""A page's picture -> its words: made straight, read, and tried the other way up where doubtful."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PIL.Image import Image

from docqa.errors import OcrError
from docqa.readers.ocr.base import OcrEngine, OcrWord
from docqa.readers.ocr.cleaning import cleaned
from docqa.readers.ocr.straight import Lie, levelled, lie_of, turned

NOISE = 0.2
"""Words of less confidence are specks and lines."""
MARK_NOISE = 0.5
"""The same for words without a letter or digit."""
FEW_WORDS = 5


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read of a page; words are in pixels of the straightened picture."""

    words: tuple[OcrWord, ...]
    lie: Lie
    width: int
    height: int
    """Of the straightened picture, in pixels."""
    confidence: float
    """0 to 1, the mean over the characters; 0 where there are none."""


def scan(picture: Image, engine: OcrEngine, timeout_s: float, *, likely: int = 0) -> Scan:
    """Read a grey picture; `likely` is how many quarter turns the page before it was turned.

    Raises:
        OcrError: If it takes longer than `timeout_s` seconds in all, or the engine fails.
    """
    deadline = time.monotonic() + timeout_s
    picture = cleaned(picture)
    sideways, skew = lie_of(picture)
    best: Scan | None = None
    for tried, turns in enumerate(_turns(likely, sideways=sideways)):
        left_s = deadline - time.monotonic()
        if best is not None and (left_s <= 0 or (tried >= 2 and len(best.words) < FEW_WORDS)):
            break
        # The skew was measured across or along: it is that of the lines only where they agree.
        angle = skew if turns % 2 == sideways else 0.0
        straight = levelled(turned(picture, turns), angle)
        try:
            found = _without_noise(engine.words(straight, max(left_s, 0.1)))
        except OcrError:
            if best is None:
                raise
            break
        lie = Lie(turns, angle, straight.height / straight.width)
        read = Scan(found, lie, straight.width, straight.height, sureness(found))
        if best is None or _merit(read) > _merit(best):
            best = read
        settled = read.confidence >= engine.doubt and is_upright(found)
        if settled and len(found) >= FEW_WORDS:
            break
    assert best is not None
    return best


def sureness(words: Sequence[OcrWord]) -> float:
    """The mean confidence of the characters, 0 to 1; 0 where there are none."""
    characters = sum(len(word.text) for word in words)
    if not characters:
        return 0.0
    return sum(word.confidence * len(word.text) for word in words) / characters


def is_upright(words: Sequence[OcrWord]) -> bool:
    """Whether words are wider than high: engines may read lines that run up or down a page."""
    long = [word for word in words if len(word.text) >= 3]
    wide = sum(word.x1 - word.x0 > word.y1 - word.y0 for word in long)
    return 2 * wide >= len(long)


def _merit(read: Scan) -> tuple[bool, float]:
    """What speaks for this way up: sure words, and many of them."""
    told = sum((word.confidence - 0.5) * len(word.text) for word in read.words)
    return is_upright(read.words), told


def _turns(likely: int, *, sideways: bool) -> list[int]:
    """The quarter turns to try, the likeliest first."""
    order = [1, 0, 3, 2] if sideways else [0, 2, 1, 3]
    if likely % 2 == sideways:
        order.remove(likely)
        order.insert(0, likely)
    return order


def _without_noise(words: Sequence[OcrWord]) -> tuple[OcrWord, ...]:
    return tuple(
        word
        for word in words
        if word.confidence >= NOISE
        and (word.confidence >= MARK_NOISE or any(map(str.isalnum, word.text)))
    )
