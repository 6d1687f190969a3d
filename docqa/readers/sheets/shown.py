"""Numbers and dates as a sheet shows them, from their value and format code (ECMA-376, 18.8.30).

Dates are written year first whatever the code says, so that none can be misread; a month stays one.
Digits are put into a code's placeholders as Excel does: before the point from the right, so that
`000-00-0000` and `(###) ###-####` group the digits of one number.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
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
_TOKEN = re.compile(r'"([^"]*)"?|\\(.)|[_*].|\[([^\]]*)\]|(E[+-])|(.)', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d{1,20}(?:\.\d{0,20})?(?:E[+-]?\d{1,2})?)", re.I)
_COLOR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color\s*\d+", re.I)
_PLACEHOLDERS = frozenset("0#?")
_MEANING = frozenset("0#?.,%")
_MINUS = frozenset("-−–(")
_MOST_DIGITS = 60
"""Placeholders of a section; Excel's numbers have 15 digits."""
_EXACT = 2**53
# Numbers have up to 309 digits before the point.
_CONTEXT = Context(prec=500, rounding=ROUND_HALF_UP)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_EPOCH_1904 = datetime(1904, 1, 1)
# Day 60 of the 1900 system is a 29 February that never was; later days count from a day less.
_EPOCH, _EPOCH_EARLY = datetime(1899, 12, 30), datetime(1899, 12, 31)
_MOST_SERIAL = 2_958_466
"""The day after 9999-12-31."""


def code_of(number_format: int, custom: dict[int, str]) -> str:
    """The format code of a number format; empty for General."""
    code = custom.get(number_format) or _BUILT_IN.get(number_format)
    return code or _BUILT_IN_DATES.get(number_format, "")


def shown(value: float, code: str, *, from_1904: bool = False) -> str:
    """A number as the format code shows it."""
    if not code or code == "General" or code == "@":
        return plain(value)
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    section = _section_for(value, code)
    if section is None:
        return plain(value)
    kind = _kind(section.code)
    if kind == "elapsed":
        return _elapsed(value)
    if kind == "date":
        return _date(value, section.code, from_1904=from_1904)
    return _written(value, section) or plain(value)


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
def _kind(section: str) -> str:
    if _ELAPSED.search(section):
        return "elapsed"
    bare = _bare(section).lower()
    if "general" in bare:
        return "number"
    return "date" if re.search(r"[ymdhs]", bare) else "number"


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
    bare = _bare(code).lower()
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


# Sections of a code for numbers


class _Part(NamedTuple):
    """A piece of a section: a placeholder for a digit, or what is written as it is."""

    text: str
    is_digit: bool = False
    """While a section is parsed, also of other characters that mean something."""

    def means(self, characters: Collection[str]) -> bool:
        """Whether it is one of these, and not only written."""
        return self.is_digit and self.text in characters


class _Section(NamedTuple):
    """What a section of a code says."""

    code: str
    before: str = ""
    whole: tuple[_Part, ...] = ()
    decimals: tuple[_Part, ...] = ()
    """Both are empty where it writes no digits, or in a way that is not known here."""
    after: str = ""
    thousands: bool = False
    power: int = 0
    """Of ten, by which the number is multiplied."""
    exponent: str = ""
    """The mark and zeros of an exponent, such as `E+00`."""
    condition: tuple[str, Decimal] | None = None
    is_colored: bool = False
    is_signed: bool = True
    """Whether a negative number has a minus before it."""
    is_simple: bool = False
    """Whether it has a digit before the point, no literals between digits, and only zeros after."""

    def takes(self, value: float) -> bool:
        """Whether the condition holds; False without one."""
        if self.condition is None:
            return False
        sign, limit = self.condition
        number = _decimal(value)
        if number == limit:
            return sign in ("=", "<=", ">=")
        return sign == "<>" or sign[0] == ("<" if number < limit else ">")


def _section_for(value: float, code: str) -> _Section | None:
    """The section of a code by which a finite number is written; None if no condition holds."""
    sections = _sections(code)
    count = len(sections)
    if not any(section.condition for section in sections[:2]):
        at = 1 if value < 0 and count > 1 else 2 if value == 0 and count > 2 else 0
        return sections[at]
    first = sections[0]
    if first.takes(value):
        return first
    if first.condition is None and (value > 0 or (value == 0 and count < 3)):
        return first
    rest = sections[2] if count > 2 else None if first.condition else first
    if count > 1 and sections[1].condition is not None:
        return sections[1] if sections[1].takes(value) else rest
    return sections[1] if count == 2 or (count > 2 and value < 0) else rest


def _written(value: float, section: _Section) -> str:
    """A finite number as a section writes it; empty where that writes none, or is not known."""
    if not section.whole and not section.decimals:
        return ""
    number = _scaled(abs(_decimal(value)), section)
    if section.is_simple:  # most are
        digits = f"{number:,f}" if section.thousands else f"{number:f}"
    else:
        digits = _scientific(number, section) if section.exponent else _filled(number, section)
    said = f"{section.before}{digits}{section.after}".strip()
    return f"-{said}" if said and value < 0 and section.is_signed else said


@lru_cache(maxsize=1_024)
def _sections(code: str) -> tuple[_Section, ...]:
    """The sections for numbers, with their signs."""
    texts = [""]
    for token in _TOKEN.finditer(code):
        if token[0] == ";":
            texts.append("")
        else:
            texts[-1] += token[0]
    if len(texts) > 3 or (len(texts) > 1 and "@" in _bare(texts[-1])):
        texts = texts[: min(3, len(texts) - 1)]  # the last is for words
    sections = [_section(text) for text in texts]
    has_conditions = any(section.condition for section in sections[:2])
    return tuple(
        section._replace(
            is_signed=not _MINUS & set(section.before)
            if has_conditions
            else at == 0 or _is_like(section, sections[0])
        )
        for at, section in enumerate(sections)
    )


def _is_like(section: _Section, first: _Section) -> bool:
    """Whether only its colour, which a text has not, tells negative numbers from positive ones."""
    return section.is_colored and (section.before, section.after) == (first.before, first.after)


def _bare(section: str) -> str:
    """The characters of a section that are not quoted, in brackets, or for spacing."""
    return "".join(token[5] or "" for token in _TOKEN.finditer(section))


def _section(code: str) -> _Section:
    parts: list[_Part] = []
    about = _Section(code)
    exponent = ""
    for quoted, escaped, bracket, mark, character in _TOKEN.findall(code):
        if bracket.startswith("$"):
            parts.append(_Part(bracket[1:].partition("-")[0]))
        elif bracket:
            about = _told(bracket, about)
        elif mark:
            exponent = mark
        elif exponent and character == "0":
            exponent += "0"
        elif _is_unknown(character, code) or (exponent and character in _PLACEHOLDERS):
            return about
        elif character:
            parts.append(_Part(character, character in _MEANING))
        else:
            parts.append(_Part(quoted or escaped))
    return _divided(parts, about._replace(exponent=exponent))


def _told(bracket: str, about: _Section) -> _Section:
    """With what stands in brackets: a condition, or a colour."""
    if found := _CONDITION.fullmatch(bracket):
        return about._replace(condition=(found[1], Decimal(found[2])))
    return about._replace(is_colored=about.is_colored or _COLOR.fullmatch(bracket) is not None)


def _is_unknown(character: str, code: str) -> bool:
    """Whether it begins a fraction, a text, or a number without a format."""
    is_general = character in ("g", "G") and "general" in _bare(code).lower()
    return is_general or character in ("/", "@")


def _divided(parts: list[_Part], about: _Section) -> _Section:
    """With the parts before, in and after the digits."""
    digits = [at for at, part in enumerate(parts) if part.means(_PLACEHOLDERS)]
    if not digits or len(digits) > _MOST_DIGITS:
        return about
    point = next((at for at, part in enumerate(parts) if part.means(".")), -2)
    if not digits[0] - 1 <= point <= digits[-1] + 1:
        point = digits[-1] + 1
    has_point = point < len(parts) and parts[point].means(".")
    first, last = min(digits[0], point), max(digits[-1], point if has_point else 0)
    whole = [at for at in digits if at < point]
    # Commas after the digits divide by a thousand each; those between them separate the thousands.
    dividing = {*_commas(parts, whole[-1] if whole else last), *_commas(parts, last)}
    between = {at for at in range(first, last) if parts[at].means(",")} - dividing
    unwritten = {*dividing, *between, *([point] if has_point else ())}
    kept = [
        part if part.means(_PLACEHOLDERS) else _Part("" if at in unwritten else part.text)
        for at, part in enumerate(parts)
    ]
    before_point = tuple(part for part in kept[first:point] if part.text)
    decimals = tuple(part for part in kept[point : last + 1] if part.text)
    return about._replace(
        before="".join(part.text for part in kept[:first]).lstrip(),
        whole=before_point,
        decimals=decimals,
        is_simple=not about.exponent
        and all(part.is_digit for part in before_point)
        and "".join(part.text for part in before_point).lstrip("#?") == "0"
        and all(part == _Part("0", True) for part in decimals),
        after="".join(part.text for part in kept[last + 1 :]).rstrip(),
        thousands=any(at < max(whole, default=0) for at in between),
        power=2 * sum(part.means("%") for part in parts) - 3 * len(dividing),
    )


def _commas(parts: Sequence[_Part], after: int) -> list[int]:
    """The commas right after this part."""
    stop = after + 1
    while stop < len(parts) and parts[stop].means(","):
        stop += 1
    return list(range(after + 1, stop))


def _decimal(value: float) -> Decimal:
    """A number with the 15 digits that Excel counts; all of those of an integer."""
    if value == int(value) and abs(value) < _EXACT:
        return Decimal(int(value))
    return Decimal(f"{value:.15g}")


def _scaled(number: Decimal, section: _Section) -> Decimal:
    """The number as it is written, rounded half away from zero."""
    if section.power:
        number = number.scaleb(section.power, _CONTEXT)
    places = len(section.decimals)
    if not section.is_simple:
        places = sum(part.is_digit for part in section.decimals)
    least = -places + (number.adjusted() if section.exponent and number else 0)
    return number.quantize(Decimal((0, (1,), least)), context=_CONTEXT)


def _filled(number: Decimal, section: _Section) -> str:
    whole, _, decimals = f"{number:f}".partition(".")
    return _whole(whole.lstrip("0"), section) + _decimals(decimals, section.decimals)


def _whole(digits: str, section: _Section) -> str:
    """The digits in the placeholders before the point, from the right."""
    found: list[str] = []
    count = 0
    left = sum(part.is_digit for part in section.whole)
    at = len(digits)
    for part in reversed(section.whole):
        if not part.is_digit:
            found.append(part.text)
            continue
        left -= 1
        # The first placeholder has all digits for which there are no more.
        for _ in range(1 if left else max(1, at)):
            at -= 1
            digit = digits[at] if at >= 0 else "0" if part.text == "0" else ""
            if digit and section.thousands and count and count % 3 == 0:
                found.append(",")
            count += bool(digit)
            found.append(digit)
    return "".join(reversed(found)) if section.whole else digits


def _decimals(digits: str, parts: Sequence[_Part]) -> str:
    """The digits after the point, with it; zeros at the end only where the code has zeros."""
    kept = list(parts)
    given = iter(digits)
    texts = [next(given, "0") if part.is_digit else part.text for part in kept]
    for at in range(len(kept) - 1, -1, -1):
        if kept[at].is_digit and (kept[at].text == "0" or texts[at] != "0"):
            break
        if kept[at].is_digit:
            texts[at] = ""
    said = "".join(texts)
    return f".{said}" if said else ""


def _scientific(number: Decimal, section: _Section) -> str:
    places = sum(part.is_digit for part in section.decimals)
    mantissa, _, exponent = f"{number:.{places}E}".partition("E")
    mark = "-" if int(exponent) < 0 else section.exponent[1].replace("-", "")
    return f"{mantissa}E{mark}{abs(int(exponent)):0{len(section.exponent) - 2}}"
