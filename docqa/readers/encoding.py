"""Bytes -> text, whatever the encoding."""

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

SAMPLE_BYTES = 100_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x08\x1b")) + b"\x7f"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with line feeds only, and the encoding it had."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """The text of these bytes; bytes that no encoding explains become U+FFFD."""
    encoding = marked_encoding(data) or _guessed(data)
    text = data.decode(encoding, errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return Decoded(text, encoding)


def lines_of(text: str) -> list[str]:
    """The lines as an editor counts them: a line feed at the end begins no further line."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def marked_encoding(data: bytes) -> str:
    """The encoding that a byte order mark tells, or the zero bytes of UTF-16; else empty."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:SAMPLE_BYTES]
    if len(sample) >= 4 and 0 in sample:
        half = len(sample) // 2
        if sample[1::2].count(0) > 0.4 * half and sample[0::2].count(0) < 0.05 * half:
            return "utf-16-le"
        if sample[0::2].count(0) > 0.4 * half and sample[1::2].count(0) < 0.05 * half:
            return "utf-16-be"
    return ""


def looks_binary(head: bytes) -> bool:
    """Whether these first bytes of a file are no text in any encoding."""
    if marked_encoding(head):
        return False
    if 0 in head:
        return True
    controls = len(head) - len(head.translate(None, _CONTROL))
    return controls > 0.02 * len(head)


def _guessed(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.start > 0:
            return "utf-8"
    else:
        return "utf-8"
    # The sample begins where the first odd byte stands: a long ASCII head tells nothing.
    first = next((at for at, byte in enumerate(data[: 20 * SAMPLE_BYTES]) if byte > 127), 0)
    begin = data.rfind(b"\n", 0, first) + 1
    best = from_bytes(data[begin : begin + SAMPLE_BYTES]).best()
    if best is None or best.encoding == "ascii":
        return "cp1252"
    return best.encoding
