"""Which texts are numbers, amounts or dates rather than words."""

import re

_NUMBER = re.compile(
    r"[(\-+−]?\s?(?:[$€£¥]|[A-Z]{3}\s)?\s?[(\-+−]?\d[\d.,'\u00a0\u202f ]*(?:[eE][+-]?\d+)?"
    r"\s?(?:%|[$€£¥]|[A-Z]{3})?\)?"
)
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?\S{0,6})?")
_LONGEST = 40


def is_number(text: str) -> bool:
    """Whether a cell's text is a number, an amount of money, a share or a date."""
    if len(text) > _LONGEST or not any(map(str.isdecimal, text)):
        return False
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))
