"""Which statements say the same, told strictly: two facts must never become one.

Signs, currencies, units, comparators, numbers, names and negations, and the order of all words,
must be the same. Only articles and a few small words may differ, and the ending of a plural.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_TOKEN = re.compile(
    r"(?:(?<!\w)\.)?[0-9]+(?:[.,:'’/–-][0-9]+)*|[^\W\d]+(?:['’][^\W\d]+)*|[^\w\s]|\w"
)
# Of no meaning between words; beside a number they may be a sign, a loss, feet or minutes.
_PUNCTUATION = frozenset("*_`.,;:!?…\"“”„«»'‘’()[]#。、，；：！？-–—")
_BEFORE_A_NUMBER = re.compile(r"[(–—-](?=[^\w\s]?\s?[.0-9])")
_BEHIND_A_NUMBER = frozenset("\"'”’′″")
_ARTICLES = frozenset(("a", "an", "the"))
_SMALL_WORDS = "in within of that which also therefore thus however hereby"
_LIGHT = _ARTICLES.union(_SMALL_WORDS.split())
_SAID_OF_OTHERS = """
it its he she his her him they their them this that these those we our us you your i my such
both neither either one another same latter former er sie es ihr ihre sein seine dies diese
dieser dieses il elle ils elles ce cela ceci cette ces son sa ses leur él ella ellos ellas esto
este esta su sus
"""
_PRONOUNS = frozenset(_SAID_OF_OTHERS.split())
_OPENING = re.compile(r"(?:\A\W*|,\s+)(?:the\s+)?(\w+)", re.IGNORECASE)
_OPENING_CHARACTERS = 40
_LEAST_PLURAL = 4

Wording = tuple[str, ...]


def wording(parts: Iterable[str]) -> Wording:
    """What must be equal for two texts to say the same anywhere; a text may come in parts."""
    return tuple(token for part in parts for token in _tokens(part) if token not in _ARTICLES)


def gist(words: Sequence[str]) -> Wording:
    """Of a wording, what must be equal where both texts rest on a passage of the same words."""
    return tuple(_singular(word) for word in words if word not in _LIGHT)


def begins_with_pronoun(text: str) -> bool:
    """Whether it speaks of what stood before it: `It pays`, `This agreement`, `However, they`."""
    found = _OPENING.findall(text[:_OPENING_CHARACTERS])
    return any(word.casefold() in _PRONOUNS for word in found[:2])


def _tokens(text: str) -> list[str]:
    text = unicodedata.normalize("NFC", text)
    found: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match[0].strip("_").replace("’", "'") if len(match[0]) > 1 else match[0]
        if token in _PUNCTUATION and not _counts(text, match):
            continue
        if token:
            # A sentence's first word is capitalised anyway.
            found.append(token.lower() if not found and token.istitle() else token)
    return found


def _counts(text: str, match: re.Match[str]) -> bool:
    """Whether a mark belongs to a number: `-5%`, `(5)`, `5"`."""
    before = text[match.start() - 1 : match.start()]
    if match[0] in _BEHIND_A_NUMBER and before.isdigit():
        return True
    return not before.isalnum() and _BEFORE_A_NUMBER.match(text, match.start()) is not None


def _singular(word: str) -> str:
    if len(word) >= _LEAST_PLURAL and word.isascii() and word.islower() and word[-2:] != "ss":
        return word.removesuffix("s")
    return word
