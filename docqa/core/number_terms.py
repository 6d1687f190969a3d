"""Numbers as search terms by value: `thirty`, `$1.2 million`, `FY18`, `5 March 2021`.

What is written in words, with a scale or as a date gets its value as one more term, so that text
and question meet however each of them writes it: `30`, `1200000`, `2018`, `20210305`.
"""

import re
from collections.abc import Iterator, Sequence

from docqa.core.dates import dates
from docqa.core.number_words import TENS, UNITS

_WORDS = UNITS | TENS
_SCALES = {
    word: value
    for words, value in (
        ("hundred", 100),
        ("thousand k", 1_000),
        ("million millions mn m mio millionen", 10**6),
        ("billion billions bn b mrd milliarden", 10**9),
        ("trillion trillions", 10**12),
    )
    for word in words.split()
}
_QUARTERS = {"first": "q1", "second": "q2", "third": "q3", "fourth": "q4"}
_MONTHS = frozenset(
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Sept",
        "Oct",
        "Nov",
        "Dec",
        "Januar",
        "Februar",
        "März",
        "Mai",
        "Juni",
        "Juli",
        "Oktober",
        "Dezember",
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ]
)
_TELLING = frozenset(
    spelled
    for word in ({*_WORDS, *_SCALES, "quarter"} - {"one", "k", "m", "b"})
    for spelled in (word, word.title(), word.upper())
) | {"K", "M", "B"}
_PLAIN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_ISO = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
_DOTTED = re.compile(r"(\d\d?)\.(\d\d?)\.([12]\d{3})")
_PERIOD = re.compile(
    r"(?:(?:(?P<half>q[1-4]|[1-4]q)?(?:fy)?|fy)['’]?(?P<year>(?:19|20)\d\d|\d\d))", re.IGNORECASE
)
_ATTACHED = re.compile(r"(\d+(?:\.\d+)?)(k|m|b|bn|mn)", re.IGNORECASE)
_MOST_DIGITS = 18


def tells_values(tokens: Sequence[str]) -> bool:
    """Whether there may be a number among the words that is not written as one."""
    return not _TELLING.isdisjoint(tokens)


def with_values(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The tokens, each with the value of the number that it ends, or nothing."""
    at = 0
    while at < len(tokens):
        end = _number_end(tokens, at)
        for token in tokens[at : max(at, end - 1)]:
            yield token, ""
        if end > at:
            yield tokens[end - 1], _value(tokens[at:end])
            at = end
        else:
            yield tokens[at], _quarter(tokens, at)
            at += 1


def date_terms(text: str, tokens: Sequence[str]) -> list[str]:
    """The full dates of a text as `20210305`, as far as their day and month are certain."""
    if _MONTHS.isdisjoint(tokens) and not _ISO.search(text):
        return []
    read = (next(iter(readings)) for _, _, readings in dates(text) if len(readings) == 1)
    return [_date(y, m, d) for y, m, d in read if y is not None and d is not None]


def period_terms(token: str) -> list[str]:
    """The year, and the quarter before it, of `FY18`, `FY2018`, `Q3'23` or `3Q2023`."""
    match = _PERIOD.fullmatch(token)
    if not match or match["year"] == token:
        return []
    year, quarter = match["year"], (match["half"] or "").lower()
    terms = [f"q{quarter.strip('q')}"] if quarter else []
    if "fy" in token.lower():
        terms.append("fy")
    return [*terms, year if len(year) == 4 else f"20{year}"]


def attached_value(token: str) -> str:
    """The value of `5M` or `1.2bn`; nothing for all else."""
    match = _ATTACHED.fullmatch(token)
    return _plain(float(match[1]) * _SCALES[match[2].lower()]) if match else ""


def dotted_date(token: str) -> str:
    """The date of `05.03.2021`, day first, as it is written with dots; nothing for all else."""
    match = _DOTTED.fullmatch(token)
    if not match or not 1 <= int(match[2]) <= 12 or not 1 <= int(match[1]) <= 31:
        return ""
    return _date(int(match[3]), int(match[2]), int(match[1]))


def _number_end(tokens: Sequence[str], at: int) -> int:
    """Where the number that begins here ends; `at` where none begins."""
    end = at
    while end < len(tokens) and _is_part(tokens, at, end):
        end += 1
    return end


def _is_part(tokens: Sequence[str], at: int, end: int) -> bool:
    word = tokens[end].lower()
    if end == at:
        return word in _WORDS or bool(_PLAIN.fullmatch(word))
    before = tokens[end - 1].lower()
    if word in _SCALES:
        return before in _WORDS or before in _SCALES or end == at + 1
    joined = before in _SCALES or (before in TENS and 0 < _WORDS.get(word, 0) < 10)
    if word == "and":
        following = tokens[end + 1].lower() if end + 1 < len(tokens) else ""
        return before == "hundred" and following in _WORDS
    return word in _WORDS and (joined or before == "and")


def _value(number: Sequence[str]) -> str:
    """The value of a number in words or with a scale; nothing where it is a plain one."""
    words = [word.lower() for word in number if word.lower() != "and"]
    if len(words) == 1 and (words[0] == "one" or words[0] not in _WORDS):
        return ""
    total = group = 0.0
    for word in words:
        if word == "hundred":
            group *= 100
        elif word in _SCALES:
            total, group = total + group * _SCALES[word], 0.0
        else:
            group += _WORDS[word] if word in _WORDS else float(word.replace(",", "")[:_MOST_DIGITS])
    return _plain(total + group)


def _quarter(tokens: Sequence[str], at: int) -> str:
    if tokens[at].lower() not in ("quarter", "quarterly") or not at:
        return ""
    said = [token.lower() for token in tokens[max(0, at - 2) : at]]
    if said[-1] == "fiscal":
        said.pop()
    return _QUARTERS.get(said[-1], "") if said else ""


def _plain(value: float) -> str:
    if value >= 10**_MOST_DIGITS:
        return ""  # a manner of speaking, or made to break what counts
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")


def _date(year: int, month: int, day: int) -> str:
    return f"{year:04}{month:02}{day:02}"
