"""What is told of files in so many tokens: as much detail as fits, and what was left away."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
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
_SOME_FILES = (20, 8, 3)
"""Of each folder, where not all fit."""
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
    some_files: bool = False
    """Whether a group may show some of its files only; else it shows all, or none."""


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


@dataclass(frozen=True, slots=True)
class _Outer:
    """An outermost definition of a file, and what is defined inside of it, as they are shown."""

    symbol: Symbol
    shown: str
    members: list[str] = field(default_factory=list)
    """With their lines."""
    names: list[str] = field(default_factory=list)
    """Without, constants left away."""


def definitions(symbols: Sequence[Symbol], details: Collection[Detail]) -> dict[Detail, str]:
    """The symbols of a file: `class Flask L71-L90: run() L80-L85; main() L95-L99`, by detail."""
    outers = _outers(symbols[:_MOST_DEFINITIONS])
    more = len(symbols) - _MOST_DEFINITIONS
    told: dict[Detail, str] = {}
    for detail in details:
        shown = [_with_members(each, detail) for each in outers if _wanted(each.symbol, detail)]
        if more > 0 and detail in ("all", "names"):
            shown.append(f"and {more:,} more")
        told[detail] = "; ".join(shown)
    return told


def _outers(symbols: Sequence[Symbol]) -> list[_Outer]:
    holders: dict[int, _Outer] = {}
    outers = []
    for symbol in symbols:
        holder = None if symbol.parent is None else holders.get(symbol.parent)
        lines = f" {LineLocator(symbol.first_line, symbol.last_line)}"
        if holder is None:
            holder = _Outer(symbol, _name(symbol) + lines)
            outers.append(holder)
        else:
            name = _name(symbol, below=holder.symbol.path)
            holder.members.append(name + lines)
            if symbol.kind != "constant":
                holder.names.append(name)
        holders[symbol.ordinal] = holder
    return outers


def _with_members(outer: _Outer, detail: Detail) -> str:
    if detail == "all":
        members: Iterable[str] = outer.members
    elif detail == "names":
        members = dict.fromkeys(outer.names)  # a property is defined twice under one name
    else:
        members = ()
    inside = ", ".join(members)
    return f"{outer.shown}: {inside}" if inside else outer.shown


def _wanted(symbol: Symbol, detail: Detail) -> bool:
    if detail in ("names", "outer"):
        return symbol.kind != "constant"
    return detail == "all" or symbol.kind in _TYPES


def _name(symbol: Symbol, *, below: str = "") -> str:
    name = symbol.path or symbol.name
    if below and name.startswith(f"{below}."):
        name = name[len(below) + 1 :]
    name = one_line(name)[:_MOST_NAME]
    if symbol.kind in _CALLED:
        return f"{name}()"
    return f"{symbol.kind} {name}" if symbol.kind in _TYPES else name


def _candidates(text: MapText, symbols: Iterable[Sequence[Symbol]], most: int) -> Iterator[str]:
    told = _told(text.groups, symbols, most)
    for detail, lines in told.items():
        yield _assembled(text, _grouped(text.groups, iter(lines)), _LEFT_AWAY[detail])
    longest = max((len(group.entries) for group in text.groups), default=0)
    for files in (longest, *(most for most in _SOME_FILES if text.some_files and most < longest)):
        left_away = "definitions" if files == longest else "definitions and some files"
        yield _assembled(text, (_named(group, files) for group in text.groups), left_away)
    for outline in text.outlines:
        yield _outlined(text, outline)


def _named(group: Group, most: int) -> str:
    names = [entry.label for entry in group.entries[:most]]
    if more := len(group.entries) - len(names):
        names.append(f"and {more:,} more")
    return f"{group.heading} {', '.join(names)}".rstrip()


def _told(
    groups: Sequence[Group], symbols: Iterable[Sequence[Symbol]], most: int
) -> dict[Detail, list[str]]:
    """The entries' lines at each level of detail; levels that cannot fit are given up at once."""
    lines: dict[Detail, list[str]] = {"all": [], "names": [], "outer": [], "types": []}
    sizes = dict.fromkeys(lines, 0)
    reading = iter(symbols)
    for entry in (entry for group in groups for entry in group.entries):
        found = next(reading, ()) if entry.defines else ()
        for detail, said in definitions(found, tuple(lines)).items():
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
