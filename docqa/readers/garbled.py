"""Whether the text layer of a page is text: fonts may not tell which characters they show."""

import re
from typing import Literal

UNKNOWN = 0.3
"""Share of characters that stand for nothing from which a page counts as unreadable."""
_NOTHING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffd\ufffe\uffff]"
)
_MOJIBAKE = re.compile("(?:Ã|â€)[\x80-\xbf\u0152-\u2122]|Â[\xa0-\xbf]|Ð[\x80-\xbf]")
_LATIN = re.compile("[A-Za-z]")
_VOWEL = re.compile("[AEIOUYaeiouy]")
_FEW_LETTERS = 150
_FEW_VOWELS = 0.22
"""English has .39, no language in Latin script has less than .35."""
_MUCH_MOJIBAKE = 0.01

Garbled = Literal["", "unknown", "doubtful"]


def garbled(text: str) -> Garbled:
    """`unknown` where the characters stand for nothing, `doubtful` where they make no words.

    What is doubtful may be a table of codes: only a picture of the page can tell.
    """
    characters = len(text) - text.count(" ") - text.count("\n") - text.count("\t")
    if not characters:
        return ""
    if len(_NOTHING.findall(text)) > UNKNOWN * characters:
        return "unknown"
    if len(_MOJIBAKE.findall(text)) > _MUCH_MOJIBAKE * characters:
        return "doubtful"
    letters = len(_LATIN.findall(text))
    if letters >= _FEW_LETTERS and len(_VOWEL.findall(text)) < _FEW_VOWELS * letters:
        return "doubtful"
    return ""
