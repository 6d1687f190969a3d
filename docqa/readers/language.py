"""The natural language of a text, by its script or its commonest words."""

import re
from collections import Counter

SAMPLE_CHARACTERS = 20_000

_COMMON = {
    "en": "the of and to in is that for with as be by this are or on from shall it not",
    "de": "der die und das den von zu mit ist des auf für im dem nicht eine ein als auch werden",
    "fr": "le la les de des et en du que une est pour dans qui par sur au avec pas ce",
    "es": "el la de que los las del en por con una para es se como su al más no lo",
    "pt": "o a de que os as do da em um para com uma não por mais dos como no na",
    "it": "il di che la e in un per è una del della con non si le dei sono al da",
    "nl": "de het een van en in is dat op te voor met zijn niet aan door die worden als ook",
    "sv": "och att det som en på är av för med den till inte om ett har de kan från eller",
    "da": "og at det som en på er af for med den til ikke der de har et kan fra eller",
    "pl": "w na i z do się nie że jest to o jak od za przez dla oraz po są lub",
    "ru": "и в не на что с по для это как из или от к при если может быть его",
    "tr": "ve bir bu için ile da de olarak olan daha gibi çok en her kadar ya veya ise",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]"), 0.05),
    ("ko", re.compile("[\uac00-\ud7af]"), 0.2),
    ("zh", re.compile("[\u4e00-\u9fff]"), 0.2),
    ("ar", re.compile("[\u0600-\u06ff]"), 0.3),
    ("he", re.compile("[\u0590-\u05ff]"), 0.3),
    ("el", re.compile("[\u0370-\u03ff]"), 0.3),
    ("hi", re.compile("[\u0900-\u097f]"), 0.3),
    ("th", re.compile("[\u0e00-\u0e7f]"), 0.3),
)


def guess_language(text: str) -> str:
    """An ISO 639-1 code such as `en`, empty when there is too little to tell."""
    text = text[:SAMPLE_CHARACTERS]
    if not text.isascii():
        letters = sum(map(str.isalpha, text)) or 1
        for language, script, share in _SCRIPTS:
            if len(script.findall(text)) > share * letters:
                return language
    counts = Counter(text.lower().split())
    scores = {language: sum(counts[word] for word in words) for language, words in _WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= 3 else ""
