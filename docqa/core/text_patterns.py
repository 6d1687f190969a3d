"""Strings and regular expressions that texts are searched for, character by character.

The matcher is RE2: its time is linear in the text, whatever the pattern. A pattern also tells which
strings each of its matches has in it, so that a store can pass over texts without them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import re2

from docqa.core.escaping import encodable
from docqa.errors import PatternError

MAX_PATTERN_CHARACTERS = 1_000
_LEAST_NEEDLE = 2
_MAX_MEMORY = 16 << 20
_LINES = "(?m)"
_TEXT_ENDS = {"A": "^", "z": "$"}
_REPEAT = re.compile(r"\{\d+(?:,\d*)?\}")
_LITERAL_ESCAPE = re.compile(r"\\[^\w\s]")
_BREAKING_ESCAPE = re.compile(r"\\[bBdDsSwWnrtfvaAz]")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)
_ASCII_RUN = re.compile(r"[ -~]+")


class _Match(Protocol):
    def span(self) -> tuple[int, int]: ...


class Regex(Protocol):
    """A compiled regular expression of RE2."""

    def search(self, text: str | bytes, pos: int = 0) -> _Match | None:
        """The first match from this position on."""
        ...

    def finditer(self, text: str, pos: int = 0) -> Iterator[_Match]:
        """The matches from this position on, none over another; empty ones too."""
        ...

    def fullmatch(self, text: str) -> _Match | None:
        """The match of all of the text."""
        ...


@dataclass(frozen=True, slots=True)
class TextPattern:
    """What to look for in texts."""

    needles: tuple[str, ...]
    """Strings that every text with a match contains, ASCII letters in either case."""
    _regex: Regex
    _screen: Regex | None
    """Matches whatever has a match in it, and what is around it does not matter."""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of the first match that begins in each line and is not empty, in order."""
        at = 0
        # Not by `search` for each: that encodes the whole text each time.
        matches = self._regex.finditer(text)
        while match := next(matches, None):
            start, end = match.span()
            if start == end:
                continue
            if start >= at:
                yield start, end
                line_end = text.find("\n", end - 1)
                at = len(text) if line_end < 0 else line_end + 1
            elif end > at:
                matches = self._regex.finditer(text, at)

    def may_match(self, texts: bytes) -> bool:
        """False only if none of the texts, joined by line feeds, has a match."""
        return self._screen is None or self._screen.search(texts) is not None


def exact_pattern(text: str) -> TextPattern:
    """The text as it stands; in either case if it has no capital letter.

    Raises:
        PatternError: If it is too long.
    """
    text = encodable(_checked(text))
    folded = text == text.lower()
    # Only of ASCII is the case passed over by who looks for needles.
    needles = _ASCII_RUN.findall(text) if folded else [text]
    regex = compiled(re2.escape(text), shown=text, folded=folded)
    return TextPattern(_chosen(needles), regex, regex)


def regex_pattern(pattern: str) -> TextPattern:
    """A regular expression of RE2's syntax; `^` and `$` are the ends of lines.

    Raises:
        PatternError: If it is none, or too long.
    """
    regex = compiled(f"{_LINES}{_checked(pattern)}", shown=pattern)
    needles = _chosen(_literals(pattern))
    if not re.search(r"\\[AzQ]", pattern):
        return TextPattern(needles, regex, regex)
    # The beginning and end of a passage are those of lines where passages are joined.
    loose = re.sub(r"\\(.)", lambda found: _TEXT_ENDS.get(found[1], found[0]), pattern)
    screen = None if "\\Q" in pattern else compiled(f"{_LINES}{loose}", shown=pattern)
    return TextPattern(needles, regex, screen)


def compiled(pattern: str, *, shown: str, folded: bool = False, lines: bool = True) -> Regex:
    """The pattern, `shown` to the user as what is wrong; `.` takes line feeds without `lines`.

    Raises:
        PatternError: If RE2 does not take it.
    """
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = not folded
    options.dot_nl = not lines
    try:
        regex: Regex = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise PatternError(shown, _message(error)) from error
    return regex


def _checked(pattern: str) -> str:
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        raise PatternError(pattern, f"it has more than {MAX_PATTERN_CHARACTERS:,} characters")
    return pattern


def _message(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return text.replace(_LINES, "", 1)


def _chosen(needles: list[str]) -> tuple[str, ...]:
    """The longest few, each once; a single character stands nearly everywhere."""
    useful = {needle for needle in needles if len(needle) >= _LEAST_NEEDLE and "\0" not in needle}
    return tuple(sorted(useful, key=lambda needle: (-len(needle), needle))[:3])


def _literals(pattern: str) -> list[str]:
    """Strings that stand in every match; none where that is not plain to see."""
    found: list[str] = []
    run = ""
    at = 0
    while at < len(pattern):
        character = pattern[at]
        step, literal = 1, ""
        if character == "|":
            return []
        if character in "?*{":
            run = run[:-1]  # what stands before may occur not at all
            repeat = _REPEAT.match(pattern, at)
            step = len(repeat[0]) if repeat else 1
        elif character == "\\":
            escape = _LITERAL_ESCAPE.match(pattern, at)
            if not escape and not _BREAKING_ESCAPE.match(pattern, at):
                return []
            step, literal = 2, pattern[at + 1] if escape else ""
        elif character in "([":
            end = _end_of_group(pattern, at) if character == "(" else _end_of_class(pattern, at)
            if end is None:
                return []
            step = end - at
        elif character not in ".^$+)" and " " <= character <= "~":
            literal = character
        run += literal
        if not literal:
            found.append(run)
            run = ""
        at += step
    return [*found, run]


def _end_of_class(pattern: str, at: int) -> int | None:
    match = _CLASS.match(pattern, at)
    return match.end() if match else None


def _end_of_group(pattern: str, at: int) -> int | None:
    depth = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            if pattern[at + 1 : at + 2] == "Q":
                return None
            at += 1
        elif character == "[":
            end = _end_of_class(pattern, at)
            if end is None:
                return None
            at = end - 1
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return at + 1
        at += 1
    return None
