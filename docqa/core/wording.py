"""The words of a text in a form that can be compared, each with its place in the text."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from docqa.core.stopwords import stop_words

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
# A word, also hyphenated at a line's end; or one character of a script without spaces.
_WORD = re.compile(rf"[{_CJK}]|(?:[^\W_{_CJK}]|[\u00ad\u0300-\u036f]|-\n[ \t]*(?=[a-zß-ÿ]))+")
_NOT_OF_THE_WORD = re.compile("[\u00ad\u0300-\u036f]|-\\n[ \\t]*")
_SUFFIXES = (
    *("izations", "isations", "ization", "isation", "ifications", "ification", "ations", "ation"),
    *("itions", "ition", "tions", "tion", "sions", "sion", "ments", "ment", "ities", "ity", "ness"),
    *("ances", "ance", "ences", "ence", "ingly", "edly", "ings", "ing", "ible", "able", "ally"),
    *("ers", "ors", "ies", "ied", "ive", "al", "ly", "er", "or", "ed", "es", "en", "s", "e", "y"),
)
NEGATIONS = frozenset(
    (
        *("not", "no", "never", "neither", "nor", "none", "cannot", "without", "nothing", "nobody"),
        *("don", "doesn", "didn", "isn", "aren", "wasn", "weren", "hasn", "haven", "hadn", "won"),
        *("wouldn", "couldn", "shouldn", "mustn", "needn", "nicht", "kein", "keine", "keinen"),
        *("keiner", "keinem", "keines", "nie", "niemals", "ohne", "weder", "noch", "pas", "jamais"),
        *("sans", "aucun", "aucune", "nunca", "sin", "ningún", "ninguna", "non", "niet", "geen"),
    )
)
# Words of every claim and question that carry none of its substance.
_EMPTY = frozenset(
    (
        *("must", "shall", "should", "may", "might", "will", "would", "can", "could", "need"),
        *("also", "any", "all", "each", "every", "some", "such", "other", "both", "only", "same"),
        *("about", "after", "before", "between", "during", "under", "over", "per", "via", "upon"),
        *("however", "therefore", "thus", "hence", "whether", "while", "because", "since", "until"),
        *("according", "document", "documents", "text", "passage", "passages", "states", "stated"),
        *("says", "said", "mentions", "mentioned", "specifies", "specified", "provides", "section"),
        *("within", "among", "against", "through", "unless", "except", "who", "whose", "them"),
        *("more", "most", "much", "many", "one", "just", "then", "once", "too", "very", "yes"),
        *("around", "approximately", "roughly", "exactly", "correct", "indeed", "okay", "sure"),
        *("ja", "nein", "oui", "sí"),
    )
)
STOP_WORDS = (
    frozenset().union(*(stop_words(code) for code in ("en", "de", "fr", "es"))) | _EMPTY | NEGATIONS
)
_PREFIX = 5
"""Words with this many first characters in common may be forms of one another."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word at text[start:end]; `form` is case-folded, `key` also without its ending."""

    start: int
    end: int
    form: str
    key: str


@lru_cache(maxsize=1_024)
def words(text: str) -> tuple[Word, ...]:
    """The words of a text, in order; in scripts without spaces every character is one."""
    found = []
    for match in _WORD.finditer(text):
        raw = match[0]
        form = raw.casefold() if raw.isascii() else plain(raw)
        if form:
            found.append(Word(match.start(), match.end(), form, stem(form)))
    return tuple(found)


def plain(text: str) -> str:
    """Case-folded, compatibility forms and ligatures resolved, without accents and soft hyphens."""
    decomposed = unicodedata.normalize("NFKD", _NOT_OF_THE_WORD.sub("", text)).casefold()
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=16_384)
def stem(form: str) -> str:
    """The form without an English ending; other languages' words compare by their beginning."""
    if len(form) > 4 and form.isalpha():
        for suffix in _SUFFIXES:
            if form.endswith(suffix) and len(form) - len(suffix) >= 3:
                return form.removesuffix(suffix)
    return form


def substance(found: Iterable[Word]) -> dict[str, float]:
    """The keys of the words that carry meaning, with their weights: short words count less."""
    weights: dict[str, float] = {}
    previous: Word | None = None
    for word in found:
        if is_wide(word.form):
            # A pair of characters says something, a single one nearly nothing.
            if previous is not None and is_wide(previous.form) and previous.end == word.start:
                weights[previous.form + word.form] = 1.0
        elif word.form not in STOP_WORDS and (len(word.form) > 1 or word.form.isdigit()):
            weights[word.key] = 1.0 if len(word.form) > 3 or word.form.isdigit() else 0.7
        previous = word
    return weights


def occurrences(wanted: Mapping[str, float], found: tuple[Word, ...]) -> list[tuple[int, str]]:
    """(index of the word, wanted key) of all words that are forms of wanted ones, in order."""
    by_beginning: dict[str, list[str]] = {}
    for key in wanted:
        if len(key) >= _PREFIX:
            by_beginning.setdefault(key[:_PREFIX], []).append(key)
    hits = []
    for index, word in enumerate(found):
        if word.key in wanted:
            hits.append((index, word.key))
        elif is_wide(word.form) and index:
            pair = found[index - 1].form + word.form
            if pair in wanted:
                hits.append((index, pair))
        else:
            hits += [
                (index, key)
                for key in by_beginning.get(word.key[:_PREFIX], ())
                if 5 * min(len(key), len(word.key)) >= 3 * max(len(key), len(word.key))
            ]
    return hits


def is_wide(form: str) -> bool:
    """Whether it is a character of a script without spaces."""
    return len(form) == 1 and form > "\u3000" and not form.isdigit()


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text's letters and digits alone, in plain form; `places` are their offsets in the text."""

    letters: str
    places: tuple[int, ...]


@lru_cache(maxsize=512)
def squeezed(text: str) -> Squeezed:
    """What remains when white space, punctuation, case, accents and ligatures do not count."""
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for letter in char.lower() if char < "\x80" else _plain_char(char):
            if letter.isalnum():
                letters.append(letter)
                places.append(place)
    return Squeezed("".join(letters), tuple(places))


@lru_cache(maxsize=4_096)
def _plain_char(char: str) -> str:
    return plain(char)
