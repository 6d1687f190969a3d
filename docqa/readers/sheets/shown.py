"""Numbers and dates as a sheet shows them, from their value and format code (ECMA-376, 18.8.30).

Dates are written year first whatever the code says, so that none can be misread; a month stays one.
"""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    37: "#,##0;(#,##0)",
    38: "#,##0;(#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)",
    48: "0.0E+0",
}
_BUILT_IN_DATES = {
    **dict.fromkeys((*range(14, 17), *range(27, 32), *range(34, 37), *range(50, 59)), "yyyy-mm-dd"),
    17: "mmm-yy",
    **dict.fromkeys((18, 20, 32), "hh:mm"),
    **dict.fromkeys((19, 21, 33), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss",
}
_QUOTED = re.compile(r'"([^"]*)"|\\(.)')
_HIDDEN = re.compile(r"_.|\*.")
_CURRENCY = re.compile(r"\[\$([^\]-]*)[^\]]*\]")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*)?,*|\.[#0?]+,*")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_EPOCH_1904 = datetime(1904, 1, 1)
# Day 60 of the 1900 system is a 29 February that never was; later days count from a day less.
_EPOCH, _EPOCH_EARLY = datetime(1899, 12, 30), datetime(1899, 12, 31)
_MOST_SERIAL = 2_958_466
"""The day after 9999-12-31."""


class _Pattern(NamedTuple):
    """How a number is written."""

    before: str
    after: str
    decimals: int
    thousands: bool
    scale: float
    scientific: bool


def code_of(number_format: int, custom: dict[int, str]) -> str:
    """The format code of a number format; empty for General."""
    code = custom.get(number_format) or _BUILT_IN.get(number_format)
    return code or _BUILT_IN_DATES.get(number_format, "")


def shown(value: float, code: str, *, from_1904: bool = False) -> str:
    """A number as the format code shows it."""
    if not code or code == "General" or code == "@":
        return plain(value)
    kind = _kind(code)
    if kind == "elapsed":
        return _elapsed(value)
    if kind == "date":
        return _date(value, code, from_1904=from_1904)
    sections = _sections(code)
    section, sign = sections[0], ""
    if value < 0:
        sign = "-"
        if len(sections) > 1:
            section, sign = sections[1], ""
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    pattern = _pattern(section)
    if pattern is None:
        return plain(value)
    number = abs(value) * pattern.scale
    form = f"{'' if pattern.scientific else ',' if pattern.thousands else ''}.{pattern.decimals}"
    digits = f"{number:{form}{'E' if pattern.scientific else 'f'}}"
    return f"{sign}{pattern.before}{digits}{pattern.after}"


def plain(value: float) -> str:
    """A number without a format: all digits of an integer, 11 of others."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.11g}"


def date_text(moment: datetime) -> str:
    """A date, with its time unless that is midnight."""
    if moment.hour or moment.minute or moment.second:
        seconds = ":%S" if moment.second else ""
        return moment.strftime(f"%Y-%m-%d %H:%M{seconds}")
    return f"{moment:%Y-%m-%d}"


@lru_cache(maxsize=1_024)
def _kind(code: str) -> str:
    if _ELAPSED.search(code):
        return "elapsed"
    bare = _BRACKETS.sub("", _HIDDEN.sub("", _QUOTED.sub("", code.split(";")[0]))).lower()
    if "general" in bare:
        return "number"
    return "date" if re.search(r"[ymdhs]", bare) else "number"


@lru_cache(maxsize=1_024)
def _sections(code: str) -> list[str]:
    sections, held, quoted = [], "", False
    for character in code:
        quoted ^= character == '"'
        if character == ";" and not quoted:
            sections.append(held)
            held = ""
        else:
            held += character
    return [*sections, held]


@lru_cache(maxsize=1_024)
def _pattern(section: str) -> _Pattern | None:
    """How a section writes a number; None if it does not, or in a way that is not known here."""
    literals: list[str] = []

    def keep(text: str) -> str:
        literals.append(text)
        return chr(0xE000 + len(literals) - 1)

    bare = _CURRENCY.sub(lambda m: keep(m[1]), section)
    bare = _QUOTED.sub(lambda m: keep(m[1] if m[1] is not None else m[2]), bare)
    bare = _BRACKETS.sub("", _HIDDEN.sub("", bare))
    digits = _DIGITS.search(bare)
    if digits is None or "/" in bare or len(literals) > 50:
        return None
    body = digits[0]
    rest = bare[digits.end() :]
    exponent = re.match(r"E[+-]0+", rest)
    if exponent:
        rest = rest[exponent.end() :]
    # Commas at the end divide by a thousand each; those before separate the thousands.
    shortened = body.rstrip(",")
    whole, _, decimals = shortened.partition(".")
    scale = 100.0 if "%" in bare else 1.0
    scale /= 1000.0 ** min(len(body) - len(shortened), 5)

    def said(text: str) -> str:
        return "".join(
            literals[ord(c) - 0xE000] if 0xE000 <= ord(c) < 0xE000 + len(literals) else c
            for c in text
        )

    return _Pattern(
        before=said(bare[: digits.start()]).lstrip(),
        after=said(rest).rstrip(),
        decimals=min(len(decimals), 15),
        thousands="," in whole,
        scale=scale,
        scientific=exponent is not None,
    )


def _date(value: float, code: str, *, from_1904: bool) -> str:
    if not 0 <= value < _MOST_SERIAL:
        return plain(value)
    start = _EPOCH_1904 if from_1904 else _EPOCH if value >= 60 else _EPOCH_EARLY
    moment = start + timedelta(seconds=round(value * 86_400))
    pattern = _date_pattern(code)
    return date_text(moment) if pattern == "date" else _part_of_date(moment, pattern)


@lru_cache(maxsize=1_024)
def _date_pattern(code: str) -> str:
    """What of a moment a code shows: `date` (and time), or only a time, a month, a year."""
    bare = _BRACKETS.sub("", _QUOTED.sub("", code)).lower()
    if "d" in bare or ("y" in bare and "h" in bare):
        return "date"
    if "y" in bare:
        return "%b %Y" if "m" in bare else "%Y"
    if "s" in bare:
        return "%H:%M:%S"
    return "%H:%M" if "h" in bare else "%b" if "mmm" in bare else "%m"


def _part_of_date(moment: datetime, pattern: str) -> str:
    return moment.strftime(pattern.replace("%b", _MONTHS[moment.month - 1]))


def _elapsed(value: float) -> str:
    seconds = round(abs(value) * 86_400)
    sign = "-" if value < 0 else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
