"""How a page lies in its picture, and its picture made straight: quarter turns and slight skew."""

import math
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageOps

SIDE = 800
"""Pixels of the picture in which the skew is looked for, and up to twice as many."""
MOST_SKEW = 4.0
"""Degrees."""
LEAST_SKEW = 0.15
_COARSE, _FINE = 0.5, 0.1
_SIDEWAYS = 1.6
"""Columns must be so much sharper than rows."""
_GAIN = 1.08
_TURNS = {
    1: Image.Transpose.ROTATE_90,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True, slots=True)
class Lie:
    """How the text of a page lies: how often it is turned, and by how much it is skewed."""

    turns: int = 0
    """Quarter turns clockwise: 1 is text that runs down the page, 2 text that is upside down."""
    skew: float = 0.0
    """Degrees by which the picture is turned counterclockwise to make its lines level."""
    ratio: float = 1.0
    """Height over width of the picture after the quarter turns."""

    @property
    def is_straight(self) -> bool:
        """Whether nothing has to be done."""
        return self.turns == 0 and self.skew == 0.0

    def shown(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the straight page is on the displayed one; fractions of each."""
        if self.skew:
            across, down = x - 0.5, (y - 0.5) * self.ratio
            cosine, sine = math.cos(math.radians(self.skew)), math.sin(math.radians(self.skew))
            x = cosine * across - sine * down + 0.5
            y = (sine * across + cosine * down) / self.ratio + 0.5
        match self.turns:
            case 1:
                return 1 - y, x
            case 2:
                return 1 - x, 1 - y
            case 3:
                return y, 1 - x
        return x, y


def turned(picture: Image.Image, turns: int) -> Image.Image:
    """The picture with text that lay so many quarter turns clockwise made upright."""
    return picture.transpose(_TURNS[turns]) if turns in _TURNS else picture


def levelled(picture: Image.Image, skew: float) -> Image.Image:
    """The picture turned by so many degrees, its size kept."""
    if not skew:
        return picture
    return picture.rotate(skew, Image.Resampling.BICUBIC, fillcolor=255)


def lie_of(picture: Image.Image) -> tuple[bool, float]:
    """Whether the lines of a grey picture run up or down it, and its skew in degrees.

    Lines of text make rows of ink and rows of paper: the angle at which these differ most is that
    of the text. Which way up it is cannot be told so.
    """
    ink = _ink(picture)
    if ink is None:
        return False, 0.0
    steps = round(MOST_SKEW / _COARSE)
    level = {0.0: _sharpness(ink, 0.0)}
    for step in range(1, steps + 1):
        for angle in (step * _COARSE, -step * _COARSE):
            level[angle] = _sharpness(ink, angle)
    across = max(rows for rows, _ in level.values())
    along = max(columns for _, columns in level.values())
    sideways = along > _SIDEWAYS * across
    scores = {angle: pair[sideways] for angle, pair in level.items()}
    best = max(scores, key=lambda angle: (scores[angle], -abs(angle)))
    for step in range(-4, 5):
        angle = round(best + step * _FINE, 2)
        if angle not in scores:
            scores[angle] = _sharpness(ink, angle)[sideways]
    best = max(scores, key=lambda angle: (scores[angle], -abs(angle)))
    if abs(best) < LEAST_SKEW or scores[best] < _GAIN * scores[0.0]:
        return sideways, 0.0
    return sideways, best


def _ink(picture: Image.Image) -> Image.Image | None:
    """A small picture of where the ink is; None for a blank page."""
    small = picture.reduce(max(1, max(picture.size) // SIDE))
    low, high = small.getextrema()
    if not isinstance(low, int) or not isinstance(high, int) or high - low < 40:
        return None
    return ImageOps.invert(small).point([0] * 96 + [255] * 160)


def _sharpness(ink: Image.Image, angle: float) -> tuple[float, float]:
    """How much the ink differs from row to row and from column to column at this angle."""
    turned_ink = ink.rotate(angle, Image.Resampling.NEAREST) if angle else ink
    rows = turned_ink.resize((1, ink.height), Image.Resampling.BOX).tobytes()
    columns = turned_ink.resize((ink.width, 1), Image.Resampling.BOX).tobytes()
    return _differences(rows) / ink.height, _differences(columns) / ink.width


def _differences(profile: bytes) -> float:
    return sum((a - b) ** 2 for a, b in pairwise(profile))
