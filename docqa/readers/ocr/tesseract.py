"""The program `tesseract`: a process a page, killed when it takes too long."""

import io
import shutil

from PIL.Image import Image

from docqa.readers.ocr.base import OcrWord
from docqa.readers.ocr.process import run

PROGRAM = "tesseract"
_WORD = "5"
_LEVEL, _PLACE, _BOX, _TEXT, _COLUMNS = 0, slice(2, 5), slice(6, 11), 11, 12


class Tesseract:
    """Reads with languages that the installed program has."""

    name = "tesseract"
    dpi = 300
    doubt = 0.6
    tight = True

    def __init__(self, languages: str) -> None:
        self._languages = languages

    def words(self, picture: Image, timeout_s: float) -> list[OcrWord]:
        """The words of a grey picture, line by line.

        Raises:
            OcrError: If it takes longer than `timeout_s` seconds, or the program fails.
        """
        sent = io.BytesIO()
        picture.save(sent, "PPM")
        command = [shutil.which(PROGRAM) or PROGRAM, "stdin", "stdout", "-l", self._languages]
        command += ["--dpi", str(self.dpi), "--psm", "3", "tsv"]
        return words_of(run(command, sent.getvalue(), timeout_s))

    def close(self) -> None:
        """Nothing runs between two pages."""


def words_of(output: str) -> list[OcrWord]:
    """The words in Tesseract's table; lines of it that are none are passed over."""
    found: list[OcrWord] = []
    lines: dict[tuple[str, ...], int] = {}
    for row in output.splitlines():
        cells = row.split("\t")
        if len(cells) != _COLUMNS or cells[_LEVEL] != _WORD:
            continue
        text = "".join(cells[_TEXT].split())
        try:
            left, top, width, height, confidence = map(float, cells[_BOX])
        except ValueError:
            continue
        if not text:
            continue
        line = lines.setdefault(tuple(cells[_PLACE]), len(lines))
        sure = min(max(confidence / 100, 0.0), 1.0)
        found.append(OcrWord(left, top, left + width, top + height, text, sure, line))
    return found
