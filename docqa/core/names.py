"""Proper names of a text, told by their capitals."""

import re
from collections.abc import Iterable

from docqa.core.sentences import STARTERS, split
from docqa.core.stopwords import stop_words
from docqa.core.wording import STOP_WORDS, plain, stem, words

_CAPITALISED = re.compile(
    r"[^\W\d_a-zß-öø-ÿ][\w&'’-]*(?:\.(?=[^\W\d_a-z]))?"
    r"(?:(?:[ \t]+(?:of|of[ \t]the|de|la|von|van|der|&))?[ \t]+[^\W\d_a-zß-öø-ÿ][\w&'’.-]*\w)*"
)
_MONTHS_AND_PARTS = """
section sections article articles clause clauses exhibit schedule annex appendix paragraph part
chapter page table figure item note january february march april may june july august september
october november december monday tuesday wednesday thursday friday saturday sunday mr mrs ms dr yes
no additionally furthermore moreover finally first second third overall specifically similarly
notably instead otherwise also
"""
_NO_NAMES = frozenset(_MONTHS_AND_PARTS.split())
_GERMAN = stop_words("de") - stop_words("en")
_ENGLISH = stop_words("en") - stop_words("de")
# More than this share of capitals among the words: a title, where a capital tells nothing.
_TITLE = 0.8
_FEW_WORDS = 8


def stated_names(text: str) -> tuple[str, ...]:
    """The proper names of a claim, in order; none where most words are capitalised anyway."""
    by_capital = not _capitalises_nouns(text)
    names = []
    for start, end in split(text) or [(0, len(text))]:
        for match in _CAPITALISED.finditer(text, start, end):
            name = _trimmed(match[0], first=not text[start : match.start()].strip("\"'“‘(*_-•# "))
            if name and (by_capital or _unmistakable(name)):
                names.append(name)
    return tuple(dict.fromkeys(names))


def holds_name(name: str, texts: Iterable[str]) -> bool:
    """Whether all words of the name, or its initials, stand in the texts."""
    wanted = [word for word in words(name) if word.form not in STOP_WORDS]
    initials = "".join(word.form[0] for word in wanted)
    keys: set[str] = set()
    forms: list[str] = []
    for text in texts:
        found = words(text)
        keys.update(word.key for word in found)
        forms += [word.form for word in found if word.form not in STOP_WORDS]
    if all(word.key in keys or stem(word.form.removesuffix("s")) in keys for word in wanted):
        return True
    if len(initials) > 1 and initials in forms:
        return True
    letters = plain("".join(char for char in name if char.isalnum()))
    beginnings = "".join(form[0] for form in forms)
    joined = "".join(forms)
    return (name.isupper() and len(letters) > 1 and letters in beginnings) or letters in joined


def _trimmed(name: str, *, first: bool) -> str:
    name = re.sub(r"['’]s?$", "", name)
    parts = name.split()
    while parts and (parts[0] in STARTERS or plain(parts[0]) in _NO_NAMES | STOP_WORDS):
        parts = parts[1:]
        first = False
    while parts and plain(parts[-1].strip(".")) in _NO_NAMES | STOP_WORDS:
        parts = parts[:-1]
    # The first word of a sentence is capitalised anyway.
    if first and len(parts) == 1 and not _unmistakable(parts[0]):
        return ""
    name = " ".join(parts)
    return name if len(name) > 1 else ""


def _unmistakable(name: str) -> bool:
    return any(
        sum(char.isupper() for char in word) > 1
        or (word[:1].isupper() and any(map(str.isdigit, word)))
        for word in re.split(r"[\s-]", name)
    )


def _capitalises_nouns(text: str) -> bool:
    found = words(text)[1:]
    german = sum(word.form in _GERMAN for word in found)
    if german > sum(word.form in _ENGLISH for word in found):
        return True
    later = [text[word.start] for word in found if word.form not in STOP_WORDS]
    return len(later) >= _FEW_WORDS and sum(map(str.isupper, later)) >= _TITLE * len(later)
