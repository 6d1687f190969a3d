"""Numbers as documents write them: of lists, headings and notes."""

BULLET = "-"
"""The label of any item that has a sign and no number."""

_ROMAN_WORTH = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
_ROMAN_SIGNS = ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i")


def formatted(count: int, form: str) -> str:
    """The number in a format of Word's (ECMA-376, 17.18.59); decimal in those not known here."""
    match form:
        case "none" | "bullet":
            return ""
        case "lowerLetter" | "upperLetter" if count > 0:
            letter = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 10)
            return letter.upper() if form == "upperLetter" else letter
        case "lowerRoman" | "upperRoman" if 0 < count < 4_000:
            roman = ""
            for worth, sign in zip(_ROMAN_WORTH, _ROMAN_SIGNS, strict=True):
                roman += sign * (count // worth)
                count %= worth
            return roman.upper() if form == "upperRoman" else roman
        case "decimalZero":
            return f"{count:02}"
        case _:
            return str(count)


def note_mark(count: int, *, at_end: bool) -> str:
    """How a note is marked, in the text and at its own beginning: `[3]`, or `[iii]` at the end."""
    return f"[{formatted(count, 'lowerRoman') if at_end else count}]"
