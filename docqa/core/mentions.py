"""Names and places of code in an answer's text: what is looked up, and what is judged.

Looked up is what stands alone in a code span and is a name: `route`, `Flask.route`, `run()`,
`std::move`; and places, in a code span or not: `src/app.py:L10-L24`, `app.py:12`,
`app.py#L3@9f3c2ab`. Nothing in fenced blocks is.

Called unknown, when it occurs nowhere, is only what can hardly be anything but a name of this code:
names of several parts (`wait_for`, `waitFor`, `Queue.wait_for`), calls (`run()`), and places in
files of source code. Never plain words, keywords and literals of languages, file names, hosts,
options and commands, products (`GitHub`): these are linked where they exist, and else left alone.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docqa.core.citations import code_spans, inline_code

MOST = 500
"""Mentions of one answer that are looked up."""
MAX_CHARACTERS = 300
"""Of one name or path."""

_PART = r"[^\W\d][\w$]*[!?]?"
_NAME = re.compile(
    rf"(?P<sigil>[$@&*#]{{0,2}})(?P<name>{_PART}(?:(?:\.|::|->|#){_PART}){{0,12}})"
    r"(?P<call>\([^()`]{0,200}\)|\(\))?"
)
# `[id]` and `$id` stand in paths of routes; what begins with `$` is a variable: `$HOME/app.py`.
_IN_BRACKETS = r"\[{1,2}[\w.$-]{1,80}\]{1,2}"
_FIRST = rf"(?:[\w.@+-]|{_IN_BRACKETS})"
_LATER = rf"(?:[\w.@+$-]|{_IN_BRACKETS})"
_PLACE = re.compile(
    r"(?<![\w/.:@#+$)\]}~-])"
    rf"(?P<path>(?:{_FIRST}+/(?:{_LATER}+/){{0,39}}{_LATER}*|{_FIRST}*)[\w@+-])"
    r"(?::|\#)(?P<mark>L)?(?P<first>[0-9]{1,7})(?:[-–]L?(?P<last>[0-9]{1,7}))?"
    r"(?:@(?P<revision>[0-9a-f]{7,64}))?(?![\w/-])"
)
_SEVERAL_PARTS = re.compile(r"[^\W_]_+[^\W_]|[a-z0-9][A-Z]|[A-Z][A-Z][a-z]")
_SEPARATOR = re.compile(r"\.|::|->|#")
_SOURCE_FILE = re.compile(
    r"\.(?:py|pyi|js|jsx|mjs|cjs|ts|tsx|rs|go|java|kt|scala|c|h|cc|cpp|cxx|hpp|hh|cs|rb|php|swift"
    r"|m|mm|sh|lua|ex|exs|erl|hs|ml|r|jl|dart|vue|svelte|sql|pl|zig)\Z",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r".+\.(?:[a-z]{1,2}|py[ci]?|jsx?|tsx?|[cm][jt]s|java|cpp|cxx|hpp|php|swift|kts?|scala|html?|s?css"
    r"|json[5c]?|ya?ml|toml|ini|cfg|conf|env|lock|txt|md|rst|csv|xml|sql|proto|vue|svelte|dart"
    r"|zip|tar|gz|png|svg|pdf|log|bat|exe|dll|so|jar|war|whl|com|org|net|io|dev|app|edu|gov|local)\Z",
    re.IGNORECASE,
)
_NEVER_UNKNOWN = frozenset(
    (
        *("javascript", "typescript", "github", "gitlab", "postgresql", "mysql", "mongodb", "ios"),
        *("macos", "opengl", "graphql", "youtube", "openapi", "oauth", "webassembly", "websocket"),
        *("numpy", "pytorch", "tensorflow", "nodejs", "node.js", "vue.js", "next.js", "latex"),
        *("asp.net", "x86_64", "utf_8", "e.g", "i.e", "iphone", "rabbitmq", "dynamodb", "webgl"),
    )
)


@dataclass(frozen=True, slots=True)
class NameAsked:
    """A name in a code span of an answer; offsets are in the answer's text."""

    start: int
    end: int
    name: str
    """With its qualifiers, without the brackets of a call."""
    parts: tuple[str, ...]
    judged: bool
    """Whether it is called unknown if it occurs nowhere."""
    telling: bool
    """Whether its last part is hardly anything but a name: `wait_for`, not `wait`."""


@dataclass(frozen=True, slots=True)
class PlaceAsked:
    """A path in an answer, with or without lines; offsets are in the answer's text."""

    start: int
    end: int
    path: str
    lines: tuple[int, int] | None
    revision: str
    """As far as it was given; empty if it was not."""
    judged: bool
    """Whether it is called unknown if there is no such place."""


Asked = NameAsked | PlaceAsked


def asked(text: str) -> tuple[Asked, ...]:
    """What is to be looked up of an answer, in the order of the text, at most `MOST`."""
    inline = _Spans(inline_code(text))
    fenced = _Spans(span for span in code_spans(text) if not inline.meet(*span))
    found: list[Asked] = [
        place for place in _places(text) if not fenced.meet(place.start, place.end)
    ]
    places = _Spans((place.start, place.end) for place in found)
    for start, end in inline:
        if end - start <= MAX_CHARACTERS and not places.meet(start, end):
            each = _name(text[start:end], start)
            if each is not None:
                found.append(each)
    return tuple(sorted(found, key=lambda each: each.start)[:MOST])


class _Spans:
    """Spans of a text in their order, none over another."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = list(spans)
        self._ends = [end for _, end in self._spans]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._spans)

    def meet(self, start: int, end: int) -> bool:
        """Whether one of them has a character between the two offsets."""
        at = bisect_right(self._ends, start)
        return at < len(self._spans) and self._spans[at][0] < end


def _places(text: str) -> Iterator[PlaceAsked]:
    for match in _PLACE.finditer(text):
        path = match["path"].removeprefix("./")
        if len(path) > MAX_CHARACTERS or path.isdecimal():
            continue
        first = int(match["first"])
        last = int(match["last"] or first)
        source = _SOURCE_FILE.search(path) is not None
        if not (source or match["mark"] or "/" in path or "." in path):
            continue  # `localhost:80`, `at 10:30`
        yield PlaceAsked(
            start=match.start(),
            end=match.end(),
            path=path,
            lines=(first, last),
            revision=match["revision"] or "",
            judged=source or (match["mark"] is not None and "." in path),
        )


def _name(text: str, start: int) -> Asked | None:
    """What the contents of a code span ask for, if they are a name or a file."""
    end = start + len(text)
    if "/" in text and re.fullmatch(r"(?:\./)?(?:[\w.@+-]+/)+[\w.@+-]*[\w@+-]", text):
        return PlaceAsked(start, end, text.removeprefix("./"), None, "", judged=False)
    match = _NAME.fullmatch(text)
    if match is None:
        return None
    name, called = match["name"], match["call"] is not None
    if not called and _FILE_NAME.fullmatch(name):
        return PlaceAsked(start, end, name, None, "", judged=False)
    parts = tuple(_SEPARATOR.split(name))
    telling = is_telling(parts[-1])
    judged = telling or len(parts) > 1 or called
    judged = judged and len(name) > 2 and name.lower() not in _NEVER_UNKNOWN
    return NameAsked(start, end, name, parts, judged, telling)


def is_telling(name: str) -> bool:
    """Whether a name of one part consists of several words: `wait_for`, `waitFor`, `WaitFor`."""
    return _SEVERAL_PARTS.search(name) is not None
