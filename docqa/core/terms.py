"""Search terms: the one function that text and question both pass through on the way to the index.

A term is a normalised, stemmed word; a pair of characters in scripts that write no spaces; a number
without its separators, and the value of one in words, with a scale, or of a date; an identifier,
whole and in parts. Terms contain no white space.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import chain

import Stemmer

from docqa.core.compounds import compound_parts
from docqa.core.number_terms import (
    attached_value,
    date_terms,
    dotted_date,
    period_terms,
    tells_values,
    with_values,
)
from docqa.core.stopwords import stop_words

SEARCH_TERMS_VERSION = 3
"""Changes whenever the same text gives other terms: indexes of another version are rebuilt."""

_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u0900-\u0963\u0966-\u0dff\u200c\u200d"
)
_NUMBER = r"\d+(?:[.,]\d+)+(?=[^\W\d_])|\d+(?:[.,]\d+)*(?![^\W_])(?:[ \u00a0]?%)?"
_PLAIN_TOKEN = re.compile(rf"{_NUMBER}|\w+(?:['’]\w+)*")
_LETTER = rf"(?:[^\W{_UNSPACED}]|[{_MARKS}])"
TOKEN = re.compile(rf"[{_UNSPACED}]+|{_NUMBER}|{_LETTER}+(?:['’]{_LETTER}+)*")
_UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]+")
_NOT_PLAIN = re.compile(rf"[{_UNSPACED}{_MARKS}]")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_CONTRACTIONS = frozenset(("s", "t", "d", "m", "ll", "re", "ve"))
_SAME_UNITS = dict.fromkeys(("percent", "pct", "prozent", "procent"), "percent")
_CACHED_WORDS = 200_000

_STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}


def stemming_language(language: str) -> str:
    """The language code whose words' ends are taken off: `language` where known, else English.

    Programming languages and scripts without endings come out as English, which leaves the words of
    other scripts alone.
    """
    code = language.partition("-")[0].partition("_")[0].lower()
    return code if code in _STEMMERS else "en"


def search_terms(text: str, language: str = "", *, question: bool = False) -> str:
    """The terms of a text in its order, joined by spaces; function words are left out.

    `language` is the document's (`en`, `de`), English if empty or a programming language. The same
    for text and question, so that they meet; a question in a workspace of several languages goes
    through it once for each. Only of a question, a single character of a script without spaces
    becomes a prefix, which ends in `*`.
    """
    words = _words(stemming_language(language))
    found: Iterable[str]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        if _NOT_PLAIN.search(text):
            pairs = _question_pairs if question else _pairs
            found = (
                pairs(token) if _UNSPACED_RUN.match(token) else words[token]
                for token in TOKEN.findall(text)
            )
            return " ".join(filter(None, found))
    tokens = _PLAIN_TOKEN.findall(text)
    if tells_values(tokens):
        found = chain.from_iterable((words[token], value) for token, value in with_values(tokens))
    else:
        found = map(words.__getitem__, tokens)
    return " ".join(filter(None, (*found, *date_terms(text, tokens))))


class _Words(dict[str, str]):
    """The terms of a word, worked out when it is first met."""

    def __init__(self, language: str) -> None:
        super().__init__()
        # Not thread-safe by its documentation, but it holds the interpreter lock for a word.
        self._stemmer = Stemmer.Stemmer(_STEMMERS[language], 0)
        self._stop_words = stop_words(language)
        self._language = language

    def __missing__(self, token: str) -> str:
        if len(self) >= _CACHED_WORDS:
            self.clear()
        terms = self[token] = " ".join(self._terms(token))
        return terms

    def _terms(self, token: str) -> list[str]:
        if token[0].isdecimal() and not any(character.isalpha() for character in token):
            return _number(token)
        if period := period_terms(token):
            return [token.casefold().replace("’", "").replace("'", ""), *period]
        pieces = token.replace("’", "'").split("'")
        while len(pieces) > 1 and pieces[-1].casefold() in _CONTRACTIONS:
            pieces.pop()
        return [term for piece in pieces for term in self._word(piece.strip("_"))]

    def _word(self, word: str) -> list[str]:
        folded = word.casefold()
        if not folded or folded in self._stop_words:
            return []
        if folded in _SAME_UNITS:
            return [_SAME_UNITS[folded]]
        parts = _PART.findall(word) if _is_compound(word) else []
        if len(parts) < 2:
            joined = compound_parts(folded, self._language)
            return [self._stem(part) for part in (folded, *joined)]
        inner = (part.casefold() for part in parts if len(part) > 1)
        terms = [folded, *(self._stem(part) for part in inner if part not in self._stop_words)]
        return [*terms, value] if (value := attached_value(word)) else terms

    def _stem(self, folded: str) -> str:
        stem: str = self._stemmer.stemWord(folded)
        return stem if stem.isascii() else _without_accents(stem)


@cache
def _words(language: str) -> _Words:
    return _Words(language)


def _is_compound(word: str) -> bool:
    """Whether it may be an identifier: `snake_case`, `camelCase`, `sha256`."""
    if not word.isascii() and _NOT_PLAIN.search(word):
        return False  # marks over and under letters are no boundaries
    return not (word.isalpha() and (word.islower() or word[1:].islower() or word.isupper()))


def _number(token: str) -> list[str]:
    if token.endswith("%"):
        return [*_number(token.rstrip("% \u00a0")), "percent"]
    if date := dotted_date(token):
        return [token, date]
    if _THOUSANDS.fullmatch(token):
        separator = next(character for character in token if not character.isdecimal())
        token = token.replace(separator, "")
    return [token.replace(",", ".")]


def _pairs(run: str) -> str:
    """Overlapping pairs of characters, then the last one, so that every one begins a term."""
    pairs = [run[at : at + 2] for at in range(len(run) - 1)]
    return " ".join((*pairs, run[-1]))


def _question_pairs(run: str) -> str:
    return _pairs(run)[:-2] if len(run) > 1 else f"{run}*"


def _without_accents(stem: str) -> str:
    decomposed = unicodedata.normalize("NFD", stem)
    if not ("a" <= decomposed[0] <= "z" or decomposed.isascii()):
        return stem
    return "".join(c for c in decomposed if not unicodedata.combining(c))
