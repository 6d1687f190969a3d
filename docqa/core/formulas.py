"""Text for spreadsheets: nothing in it is run as a formula, nothing breaks the file.

Spreadsheet programs run a cell that begins with `=`, `+`, `-` or `@` (full-width forms count), also
after white space. A leading apostrophe makes it text; OWASP, "CSV Injection".
"""

import re

_BEFORE = r"\s\u200b-\u200f\u2060\ufeff'’"
_LEADS = rf"[{_BEFORE}]*[=+\-@＝＋－＠﹢﹣﹫⁺⁻₊₋−]|['’]*[\t\r\n]"
_FORMULA = re.compile(_LEADS)
# An apostrophe counts as what may stand before, so that whatever was given comes back as it was.
_RESTORED = re.compile(rf"'(?={_LEADS})")
_ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def clean(text: str) -> str:
    """The text without characters that XML and terminals cannot have; line feeds end lines."""
    return _ILLEGAL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet program might run it."""
    return _FORMULA.match(text) is not None


def neutral(text: str) -> str:
    """The text so that spreadsheet programs show it and run nothing; `restored` undoes it."""
    return f"'{text}" if is_formula(text) else text


def restored(text: str) -> str:
    """What was given to `neutral`."""
    return _RESTORED.sub("", text, count=1) if _RESTORED.match(text) else text
