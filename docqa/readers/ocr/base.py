"""The OCR engine's protocol."""

from typing import NamedTuple, Protocol

from PIL.Image import Image


class OcrWord(NamedTuple):
    """A word of a picture; its box is in pixels from the top left."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    confidence: float
    """0 to 1, as the engine says it."""
    line: int
    """Words of one line have the same number and stand one after the other."""


class OcrEngine(Protocol):
    """Reads the words of one picture at a time; several threads may ask at once."""

    name: str
    dpi: int
    """Pictures of paper are best drawn with so many pixels an inch."""
    doubt: float
    """Mean confidence below which a page is tried again the other way up."""
    tight: bool
    """Whether boxes end where the ink does; else all boxes of a line are as high as the line."""

    def words(self, picture: Image, timeout_s: float) -> list[OcrWord]:
        """The words of a grey picture, line by line.

        Raises:
            OcrError: If it takes longer than `timeout_s` seconds, or the engine fails on it.
        """
        ...

    def close(self) -> None:
        """End what runs beside this process."""
        ...
