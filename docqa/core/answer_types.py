"""What kind of thing a question asks for, and whether a sentence holds one."""

import re
from collections.abc import Collection
from typing import Literal

from docqa.core.terms import search_terms

AnswerType = Literal["date", "measure", "number", "person", "place"]

_MONTH = r"(?:jan|febr?|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    "seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|"
    "thousand|million|billion|dozen|half|twice|once|one|single|both|several"
)
_UNITS = (
    "second|minute|hour|day|week|month|year|decade|centur|mile|km|kilomet|met(?:er|re)|feet|foot|"
    "inch|mm|cm|kg|pound|ton|page|episode|season"
)
_QUESTIONS: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    (
        "date",
        re.compile(
            r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|time|century)\b|"
            r"\b(?:release|birth|start|expiry|due|effective) date\b|\bdate of\b|"
            r"\b(?:wann|quand|cuándo|quando|wanneer)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "measure",
        re.compile(
            r"\bhow (?:long|far|tall|high|deep|old|big|large|fast|often|wide|heavy)\b|"
            r"\bwie (?:lange|weit|hoch|tief|alt|groß|schnell|oft)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "number",
        re.compile(
            r"\bhow (?:many|much)\b|\bwhat (?:percent|percentage|number|amount)\b|\bnumber of\b|"
            r"\bpopulation\b|\b(?:wie ?viele?|combien|cuánt[oa]s?|quant[aio]s?|hoeveel)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "person",
        re.compile(r"\bwho(?:m|se)?\b|\b(?:wer|wem|wen|wessen|quién|wie is)\b", re.IGNORECASE),
    ),
    (
        "place",
        re.compile(
            r"\bwhere\b|\b(?:wo|woher|wohin|où|dónde|waar)\b|\b(?:what|which) (?:\w+ )?"
            r"(?:city|country|state|place|county|town|location|continent|region)\b",
            re.IGNORECASE,
        ),
    ),
)
_DATE = re.compile(
    rf"\b(?:1[0-9]|20)\d\ds?\b|\b{_MONTH} \d{{1,2}}\b|\b\d{{1,2}}\.? {_MONTH}|"
    r"\b\d{1,2}(?:st|nd|rd|th) century\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_MEASURE = re.compile(
    rf"(?:\d|\b(?:{_NUMBER_WORDS})\b)[\w ,.()-]{{0,12}}\b(?:{_UNITS})", re.IGNORECASE
)
_NAME = re.compile(
    r"(?<![.!?] )(?<!^)\b[A-ZÀ-Þ][\w'’.-]+(?: (?:of|the|de|von|van|and|[A-ZÀ-Þ][\w'’.-]*))*"
)
_PLACE = re.compile(
    r"\b(?:in|at|near|from|on|to|of|outside|between|across|inside|within|into|along|off) "
    r"(?:the |downtown |northern |southern |eastern |western )*[A-ZÀ-Þ]\w+"
)


def answer_type(question: str) -> AnswerType | None:
    """What the question asks for, by its question words; None where they do not tell."""
    return next((kind for kind, pattern in _QUESTIONS if pattern.search(question)), None)


def holds(kind: AnswerType, sentence: str, question_terms: Collection[str]) -> float:
    """How well the sentence has such a thing that the question does not name itself: 0 to 1."""
    if kind == "date":
        return float(bool(_DATE.search(sentence)))
    if kind == "measure":
        return 1.0 if _MEASURE.search(sentence) else 0.5 * bool(_NUMBER.search(sentence))
    if kind == "number":
        return float(bool(_NUMBER.search(sentence)))
    pattern = _NAME if kind == "person" else _PLACE
    return float(
        any(
            term not in question_terms
            for match in pattern.finditer(sentence)
            for term in search_terms(match[0]).split()
        )
    )
