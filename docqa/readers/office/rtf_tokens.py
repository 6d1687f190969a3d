"""Rich text -> tokens, and the encodings its fonts stand for."""

import codecs
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,9})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n\0]+"
    r"|([^\\{}\r\n\0]+)|\\",
    re.S,
)
_CHARSETS = {
    2: "cp1252",  # symbols; their letters mean nothing in any encoding
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    255: "cp437",
}
"""Windows' numbers of character sets, as `\\fcharset` has them."""

Kind = Literal["word", "symbol", "hex", "open", "close", "text"]


class Token(NamedTuple):
    """A control word with its number, a control symbol, a byte in hex, a brace, or text."""

    kind: Kind
    text: str
    number: int | None = None


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a file whose bytes are the characters of `text`; binary data is left out."""
    at = 0
    while (match := _TOKEN.match(text, at)) is not None:
        at = match.end()
        word, number, hexadecimal, symbol, brace, plain = match.groups()
        if plain is not None:
            yield Token("text", plain)
        elif word is not None:
            value = int(number) if number else None
            if word == "bin":
                at += max(value or 0, 0)
            else:
                yield Token("word", word, value)
        elif brace is not None:
            yield Token("open" if brace == "{" else "close", brace)
        elif hexadecimal is not None:
            yield Token("hex", hexadecimal)
        elif symbol is not None:
            yield Token("symbol", symbol)


def charset_codec(charset: int, default: str) -> str:
    """The encoding of a font's character set, the default where it names none."""
    return _CHARSETS.get(charset, default)


def page_codec(page: int, default: str) -> str:
    """The encoding of a code page of Windows, the default where Python knows none."""
    try:
        return "utf-8" if page == 65_001 else codecs.lookup(f"cp{page}").name
    except LookupError:
        return default
