"""Numbers, dates and amounts of a text by value: 1,000 is 1000, seventy-two is 72."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from docqa.core.dates import Date, dates
from docqa.core.number_words import TENS, UNITS

_CURRENCIES = {
    name: code
    for code, names in {
        "USD": "$ us$ usd dollar dollars",
        "EUR": "€ eur euro euros",
        "GBP": "£ gbp pounds",
        "CHF": "chf",
        "JPY": "¥ jpy yen 円",
        "CNY": "rmb cny",
        "INR": "₹ inr",
    }.items()
    for name in names.split()
}
_SCALES = {
    name: value
    for value, names in {
        1e3: "thousand k tsd",
        1e4: "万 萬 만",
        1e6: "million millions millionen mio mn m",
        1e8: "億 亿 억",
        1e9: "billion billions milliarden mrd bn b",
        1e12: "trillion 兆",
    }.items()
    for name in names.split()
}
_PERCENT = ("%", "％", "percent", "per cent", "prozent", "pct")
_WORD_SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9}
# Scripts without spaces write letters next to a number: `期限は30日`, `500원`.
_LATIN = "A-Za-zªºÀ-ÖØ-öø-ɏ"
_LETTER = re.compile(f"[{_LATIN}]")
_NUMBER = re.compile(
    rf"(?<![{_LATIN}0-9_.,#])"
    r"(?P<currency>US\$|[$€£¥₹]|(?:USD|EUR|GBP|CHF|JPY|RMB|CNY|INR)\b)?[ \u00a0]?"
    r"(?P<digits>[0-9]{1,3}(?:['’\u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?"
    r"|[0-9]+(?:[.,][0-9]+)*|(?<![0-9])\.[0-9]+)"
    r"(?:(?:st|nd|rd|th)\b)?"
    r"(?:(?:[ \u00a0-]?(?P<scale>thousand|millions?|billions?|trillion"
    r"|Millionen|Milliarden|Mio|Mrd)"
    r"|[ \u00a0]?(?P<letters>bn|mn|[kKMB]))\b\.?|(?P<wide>[万萬만億亿억兆]))?"
    r"(?:[ \u00a0]?(?P<after>[%％円]|percent\b|per cent\b|Prozent\b|pct\b|USD\b|EUR\b|GBP\b|CHF\b"
    r"|dollars?\b|euros?\b|€|£))?"
)
_SAID = "|".join((*TENS, *sorted(UNITS, key=len, reverse=True)))
_SAID_SCALES = "|".join(_WORD_SCALES)
_WORDS = re.compile(
    rf"\b(?:{_SAID})(?:(?:[ \u00a0]*-[ \u00a0]*|\s+(?:and\s+)?)(?:{_SAID}|{_SAID_SCALES}))*\b",
    re.IGNORECASE,
)
# Behind these, a number in words is a figure and not a manner of speaking.
_COUNTED = re.compile(
    r"\W{0,3}(?:\([0-9,.]+\)\W{0,2})?(?:%|per ?cent"
    r"|(?:(?:business|calendar|working|full|consecutive|additional)[ -])?"
    r"(?:days?|hours?|weeks?|months?|years?|minutes?|seconds?|quarters?|dollars?|euros?|pounds?"
    r"|times|pages?|copies|fold|basis points?))\b",
    re.IGNORECASE,
)
# Where a model says that something stands; no statement about what stands there.
_PLACE = re.compile(
    r"\b(?:pages?|pp?\.|lines?|passages?|documents?|labels?)\s*[0-9]+"
    r"(?:\s*(?:-|–|to|and)\s*[0-9]+)?"
    r"|\bL[0-9]+(?:-L?[0-9]+)?\b|[0-9]+[ ]?(?:页|頁|ページ|쪽|페이지)",
    re.IGNORECASE,
)
_WIDE_DATE = re.compile(
    rf"(?<![{_LATIN}0-9_.,])(?:(?P<year>[12][0-9]{{3}}) ?[年년] ?)?"
    r"(?P<month>1[0-2]|0?[1-9]) ?[月월](?: ?(?P<day>3[01]|[12][0-9]|0?[1-9]) ?[日일])?"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number or date at text[start:end]; several values where the notation is ambiguous."""

    start: int
    end: int
    text: str
    values: frozenset[float | str] = frozenset()
    dates: frozenset[Date] = frozenset()
    unit: str = ""
    """A currency's code, `%` or nothing."""
    scaled: bool = False
    in_words: bool = False


def figures(text: str) -> tuple[Figure, ...]:
    """Every number and date of a text. A date's numbers are not numbers again."""
    stated = [
        Figure(start, end, text[start:end], dates=readings) for start, end, readings in dates(text)
    ]
    stated += _apart_from(stated, _wide_dates(text))
    found = _apart_from(stated, _all_numbers(text))
    return tuple(sorted((*stated, *found), key=lambda figure: figure.start))


def stated_figures(text: str) -> tuple[Figure, ...]:
    """The figures that a claim stands or falls with; `two reasons` and `page 3` are none."""
    places = [Figure(match.start(), match.end(), match[0]) for match in _PLACE.finditer(text)]
    return tuple(
        figure
        for figure in _apart_from(places, figures(text))
        if not figure.in_words
        or _COUNTED.match(text, figure.end)
        or any(isinstance(value, float) and value > 12 for value in figure.values)
    )


def _wide_dates(text: str) -> Iterator[Figure]:
    """Dates as `2020年3月5日`; a month alone, `3月`, is none."""
    for match in _WIDE_DATE.finditer(text):
        year, month, day = (int(part) if part else None for part in match.group(1, 2, 3))
        if month and (year or day):
            readings: frozenset[Date] = frozenset([(year, month, day)])
            yield Figure(match.start(), match.end(), match[0], dates=readings)


def _all_numbers(text: str) -> list[Figure]:
    digits = list(_numbers(text))
    return [*digits, *_apart_from(digits, _numbers_in_words(text))]


def _apart_from(taken: Iterable[Figure], found: Iterable[Figure]) -> list[Figure]:
    spans = [(figure.start, figure.end) for figure in taken]
    return [
        figure
        for figure in found
        if not any(start < figure.end and figure.start < end for start, end in spans)
    ]


@dataclass(frozen=True, slots=True)
class FigureSet:
    """The figures of the passages that a claim is held against."""

    found: tuple[Figure, ...]
    numbers: frozenset[float | str]
    """All values, those inside dates too."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> "FigureSet":
        """The figures of these texts together."""
        found: list[Figure] = []
        numbers: set[float | str] = set()
        for text in texts:
            found += figures(text)
            for number in _all_numbers(text):
                numbers |= number.values
        return cls(tuple(found), frozenset(numbers))

    def holds(self, wanted: Figure) -> bool:
        """Whether the figure stands in the texts, however it is written."""
        if wanted.dates:
            return any(self._same_date(one) for one in wanted.dates)
        return any(_same_number(wanted, other) for other in self.found if not other.dates) or (
            not wanted.unit and not wanted.scaled and bool(wanted.values & self.numbers)
        )

    def _same_date(self, wanted: Date) -> bool:
        year, month, day = wanted
        for figure in self.found:
            for other_year, other_month, other_day in figure.dates:
                if other_month != month or (day is not None and other_day != day):
                    continue
                if year is None or other_year == year:
                    return True
                if other_year is None and float(year) in self.numbers:
                    return True
        return False


def _same_number(wanted: Figure, other: Figure) -> bool:
    if wanted.unit and other.unit and wanted.unit != other.unit:
        return False
    if wanted.values & other.values:
        return True
    # `$3.5 million` of a table whose cells say 3.5; but not of `3.5 billion`.
    return wanted.scaled and not other.scaled and bool(_unscaled(wanted) & other.values)


def _unscaled(figure: Figure) -> frozenset[float | str]:
    match = _NUMBER.match(figure.text)
    return _values(match["digits"]) if match else frozenset()


def _numbers(text: str) -> Iterator[Figure]:
    for match in _NUMBER.finditer(text):
        end = match.end("digits")
        if match.end() == end and _LETTER.match(text, end):
            continue  # `3rd` and `30日` are numbers, `3com` and `2x4` are not
        values = _values(match["digits"])
        scale = _SCALES.get((match["scale"] or match["letters"] or match["wide"] or "").lower())
        if scale:
            values = frozenset(
                round(value * scale, 2) for value in values if isinstance(value, float)
            )
        after = (match["after"] or "").lower()
        unit = (
            "%" if after in _PERCENT else _CURRENCIES.get((match["currency"] or after).lower(), "")
        )
        start = match.start("currency") if match["currency"] else match.start("digits")
        yield Figure(
            start, match.end(), text[start : match.end()], values, unit=unit, scaled=bool(scale)
        )


def _values(digits: str) -> frozenset[float | str]:
    digits = re.sub("['’\u00a0\u202f]", "", digits)
    marks = [char for char in digits if char in ".,"]
    if not marks:
        return frozenset((float(digits),)) if len(digits) < 300 else frozenset((digits,))
    groups = re.split("[.,]", digits)
    thousands = all(len(group) == 3 for group in groups[1:]) and 1 <= len(groups[0]) <= 3
    joined = "".join(groups)
    if len(joined) > 300:
        return frozenset((digits,))
    if len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
        return frozenset((float("".join(groups[:-1]) + "." + groups[-1]),))
    if len(marks) > 1:
        return frozenset((float(joined),)) if thousands else frozenset((digits,))
    decimal = float(f"{groups[0] or 0}.{groups[1]}")
    if thousands and groups[0] != "0":
        # `1,000` is a thousand; `1.000` is one in English and a thousand in German.
        return frozenset((float(joined),) if marks == [","] else (float(joined), decimal))
    return frozenset((decimal,))


def _numbers_in_words(text: str) -> Iterator[Figure]:
    for match in _WORDS.finditer(text):
        said = [word for word in re.findall(r"[a-z]+", match[0].lower()) if word != "and"]
        total = group = 0
        for before, word in pairwise(["", *said]):
            if word not in _WORD_SCALES:
                value = UNITS.get(word, TENS.get(word, 0))
                if before in UNITS or (before in TENS and word in TENS):
                    group = 0  # `nineteen eighty`, `two three`: not one number
                group += value
            elif word == "hundred":
                group = max(group, 1) * 100
            else:
                total += max(group, 1) * _WORD_SCALES[word]
                group = 0
        yield Figure(
            match.start(), match.end(), match[0], frozenset((float(total + group),)), in_words=True
        )
