"""What is told of files in so many tokens: as much detail as fits, and what was left away."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Literal

from docqa.core.documents import LineLocator
from docqa.core.prompts import one_line
from docqa.core.symbols import Symbol

Detail = Literal["all", "names", "outer", "types"]

_LEFT_AWAY: dict[Detail, str] = {
    "all": "",
    "names": "constants and the lines of members",
    "outer": "constants and members",
    "types": "constants, functions and members",
}
_TYPES = frozenset(("class", "enum", "impl", "interface", "module", "struct", "trait", "type"))
_CALLED = frozenset(("function", "method"))
_MOST_CHARACTERS = 5
"""Of a token in maps, 3.2 to 3.9 measured: a text longer than that many budgets is not counted."""
_MOST_DEFINITIONS = 300
"""Of a file."""
_MOST_NAME = 120
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a line."""

    label: str
    told: str = ""
    """Its language and length."""
    defines: bool = True
    """Whether the symbols that are read have this file's among them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Files under a heading."""

    heading: str
    entries: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class MapText:
    """What there is to tell."""

    intro: str
    """Lines that always stand; ends with a line feed."""
    groups: Sequence[Group]
    outlines: Sequence[Sequence[str]]
    """Lines instead of the groups where not even the files' names fit, shorter ones last."""


def fitted(
    text: MapText,
    symbols: Iterable[Sequence[Symbol]],
    *,
    tokens: int,
    count: Callable[[str], int],
) -> str:
    """The most detailed telling that has at most so many tokens, as `count` counts them.

    `symbols` are those of the entries that define some, in their order; read one by one, and only
    as far as they may fit.
    """
    most = tokens * _MOST_CHARACTERS

    def fits(candidate: str) -> bool:
        return len(candidate) <= most and count(candidate) <= tokens

    for candidate in _candidates(text, symbols, most):
        if fits(candidate):
            return candidate
    return _cut(text, fits)


def definitions(symbols: Sequence[Symbol], detail: Detail) -> str:
    """The symbols of a file with their lines: `class Flask L71-L90: run() L80; main() L95-L99`."""
    inner = _inner(symbols)
    shown, left = [], _MOST_DEFINITIONS
    for symbol in symbols:
        if symbol.ordinal not in inner or left <= 0 or not _wanted(symbol, detail):
            continue
        within = _within(inner[symbol.ordinal], detail)[: left - 1]
        left -= 1 + len(within)
        members = dict.fromkeys(  # a property has one name and several definitions
            _shown(each, below=symbol.path, lines=detail == "all") for each in within
        )
        shown.append(_shown(symbol) + (f": {', '.join(members)}" if members else ""))
    told = sum(len(each) + 1 for key, each in inner.items())
    if detail == "all" and told > _MOST_DEFINITIONS:
        shown.append(f"and {told - _MOST_DEFINITIONS:,} more")
    return "; ".join(shown)


def _inner(symbols: Sequence[Symbol]) -> dict[int, list[Symbol]]:
    """What is defined inside of each outermost definition, by that one's ordinal."""
    outer: dict[int, int] = {}
    inner: dict[int, list[Symbol]] = {}
    for symbol in symbols:
        holder = None if symbol.parent is None else outer.get(symbol.parent)
        if holder is None:
            outer[symbol.ordinal] = symbol.ordinal
            inner[symbol.ordinal] = []
        else:
            outer[symbol.ordinal] = holder
            inner[holder].append(symbol)
    return inner


def _within(symbols: Sequence[Symbol], detail: Detail) -> Sequence[Symbol]:
    if detail == "names":
        return [symbol for symbol in symbols if symbol.kind != "constant"]
    return symbols if detail == "all" else ()


def _wanted(symbol: Symbol, detail: Detail) -> bool:
    if detail in ("names", "outer"):
        return symbol.kind != "constant"
    return detail == "all" or symbol.kind in _TYPES


def _shown(symbol: Symbol, *, below: str = "", lines: bool = True) -> str:
    name = symbol.path or symbol.name
    if below and name.startswith(f"{below}."):
        name = name[len(below) + 1 :]
    name = one_line(name)[:_MOST_NAME]
    if symbol.kind in _CALLED:
        name += "()"
    elif symbol.kind in _TYPES:
        name = f"{symbol.kind} {name}"
    return f"{name} {LineLocator(symbol.first_line, symbol.last_line)}" if lines else name


def _candidates(text: MapText, symbols: Iterable[Sequence[Symbol]], most: int) -> Iterator[str]:
    told = _told(text.groups, symbols, most)
    for detail, lines in told.items():
        yield _assembled(text, _grouped(text.groups, iter(lines)), _LEFT_AWAY[detail])
    names = [
        f"{group.heading} " + ", ".join(entry.label for entry in group.entries)
        for group in text.groups
    ]
    yield _assembled(text, names, "definitions")
    for outline in text.outlines:
        yield _outlined(text, outline)


def _told(
    groups: Sequence[Group], symbols: Iterable[Sequence[Symbol]], most: int
) -> dict[Detail, list[str]]:
    """The entries' lines at each level of detail; levels that cannot fit are given up at once."""
    lines: dict[Detail, list[str]] = {"all": [], "names": [], "outer": [], "types": []}
    sizes = dict.fromkeys(lines, 0)
    reading = iter(symbols)
    for entry in (entry for group in groups for entry in group.entries):
        found = next(reading, ()) if entry.defines else ()
        for detail in tuple(lines):
            said = definitions(found, detail)
            line = f"{_INDENT}{entry.label}{entry.told}{f': {said}' if said else ''}"
            sizes[detail] += len(line)
            if sizes[detail] > most:
                del lines[detail]
            else:
                lines[detail].append(line)
        if not lines:
            break
    return lines


def _grouped(groups: Sequence[Group], lines: Iterator[str]) -> Iterator[str]:
    for group in groups:
        yield group.heading
        for _, line in zip(repeat(None, len(group.entries)), lines, strict=False):
            yield line


def _assembled(text: MapText, lines: Iterable[str], left_away: str) -> str:
    note = f"Left away to be short: {left_away}.\n" if left_away else ""
    return text.intro + note + "".join(f"{line}\n" for line in lines)


def _outlined(text: MapText, lines: Sequence[str]) -> str:
    folders = len(text.outlines[0]) - len(lines)
    left_away = f"definitions, files and {folders:,} folders" if folders else "definitions, files"
    return _assembled(text, lines, left_away)


def _cut(text: MapText, fits: Callable[[str], bool]) -> str:
    """The beginning of the shortest outline, as much of it as fits; the intro at least."""
    lines = text.outlines[-1]
    shown = len(lines)
    while shown:
        shown //= 2
        if fits(candidate := _outlined(text, lines[:shown])):
            return candidate
    return _outlined(text, ())
