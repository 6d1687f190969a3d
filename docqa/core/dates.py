"""Dates in a text, in the notations of contracts and letters."""

import re
from collections.abc import Iterator

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero",
            "february feb februar février febrero",
            "march mar märz mars marzo",
            "april apr avril abril",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet julio",
            "august aug août agosto",
            "september sep sept septembre septiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre diciembre",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th|\.)?"
_YEAR = r"(?P<year>[12][0-9]{3})"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_DAY}\s+(?:day\s+)?(?:of\s+|de\s+)?(?P<month>{_MONTH})\b\.?,?\s+(?:de\s+)?{_YEAR}\b",
        rf"\b(?P<month>{_MONTH})\b\.?\s+{_DAY},?\s+{_YEAR}\b",
        rf"\b(?P<month>{_MONTH})\b\.?,?\s+(?:of\s+)?{_YEAR}\b",
        rf"(?<![\w.-]){_YEAR}[-/.](?P<month>[01]?[0-9])[-/.]{_DAY}(?![\w-])",
        rf"(?<![\w.-])(?P<one>[0-3]?[0-9])(?P<mark>[./])(?P<two>[0-3]?[0-9])(?P=mark){_YEAR}(?![\w-])",
        rf"\b(?P<month>{_MONTH})\b\.?\s+{_DAY}\b(?![,.]?[0-9])",
        rf"\b{_DAY}\s+(?:of\s+)?(?P<month>{_MONTH})\b",
    )
)

Date = tuple[int | None, int, int | None]
"""Year, month, day."""


def dates(text: str) -> Iterator[tuple[int, int, frozenset[Date]]]:
    """(start, end, readings) of every date in a text; two readings where day and month may swap."""
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            readings = frozenset(_readings(match.groupdict()))
            month = match.groupdict().get("month") or "M"
            if not readings or (
                month.isalpha() and month[0].islower() and "year" not in match.groupdict()
            ):
                continue  # `may 30 people`
            taken.append(match.span())
            yield match.start(), match.end(), readings


def _readings(groups: dict[str, str | None]) -> Iterator[Date]:
    year = _whole(groups.get("year"))
    day = _whole(groups.get("day"))
    said = groups.get("month") or ""
    month = _MONTHS.get(said.lower()) or _whole(said)
    one, two = _whole(groups.get("one")), _whole(groups.get("two"))
    for this_day, this_month in ((day, month), (one, two), (two, one)):
        if this_month and 1 <= this_month <= 12 and (this_day is None or 1 <= this_day <= 31):
            yield year, this_month, this_day


def _whole(digits: str | None) -> int | None:
    return int(digits) if digits else None
