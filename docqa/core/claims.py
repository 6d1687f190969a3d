"""What an answer claims, sentence by sentence, and which markers stand for which claim."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from docqa.core.citations import Displayed, Mark, code_spans
from docqa.core.figures import stated_figures
from docqa.core.prompts import NOT_FOUND_SENTENCE
from docqa.core.sentences import Span, split
from docqa.core.wording import plain, substance, words

_LEAST_SUBSTANCE = 2
"""Words with meaning that make a sentence a claim, if it states no figure."""
_LEAST_PART = 3
"""The same for the part of a sentence that a marker in its middle stands for."""
_TALK = re.compile(
    r"\W*(?:here (?:is|are)|below (?:is|are)|let me|i hope|i can|i will|i am|i'm|please|if you|sure"
    r"|certainly|of course|based on the (?:documents?|passages?)|in summary\W*$|hinweis|gerne)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"\s*(?:\#{1,6}\s|\*\*[^*]+\*\*:?$|__[^_]+__:?$|\|?[\s:|-]+\|?$)")
_SAY = "say|state|mention|contain|specify|provide|include|hold|address|cover|indicate|answer"
_SOURCES = "documents?|passages?|texts?|sources?|context|files?"
_NOT_FOUND = re.compile(
    rf"(?:{_SOURCES})\W+(?:\w+\W+){{0,3}}?(?:do(?:es)?\W*n[o']?t|don.?t|did not|never)\W+"
    rf"(?:\w+\W+)?(?:{_SAY})"
    rf"|(?:is|are|was|were)\W+not\W+(?:\w+\W+){{0,2}}?(?:in|by)\W+the\W+(?:\w+\W+)?(?:{_SOURCES})"
    rf"|(?:no information|nothing)\W+(?:\w+\W+){{0,8}}?in\W+the\W+(?:\w+\W+)?(?:{_SOURCES})"
    r"|(?:dokumente?n?|unterlagen)\W+(?:\w+\W+){0,3}?(?:nicht|nichts|kein\w*)\b"
    r"|documents\W+ne\W+(?:\w+\W+){0,2}?(?:disent|mentionnent|précisent|contiennent)"
    r"|documentos\W+no\W+(?:\w+\W+)?(?:dicen|mencionan|contienen|indican)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Part of a sentence and the marks that stand for it; offsets in the displayed text."""

    start: int
    end: int
    text: str
    """Without markers."""
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer; offsets in the displayed text, trailing markers not included."""

    start: int
    end: int
    text: str
    states: bool
    """Whether it is to be supported: no heading, code, question, courtesy or `not found`."""
    claims: tuple[Claim, ...]
    """Those with marks, in order; none if nothing is cited."""


@dataclass(frozen=True, slots=True)
class _Bare:
    """A displayed text without its chips."""

    text: str
    places: tuple[int, ...]
    """Offset in the displayed text of every character, and of the end."""
    marks: tuple[tuple[int, Mark], ...]
    """(offset in the bare text, mark)"""

    def shown(self, span: Span) -> Span:
        return self.places[span[0]], self.places[span[1] - 1] + 1


def sentences_of(displayed: Displayed) -> tuple[Sentence, ...]:
    """The sentences of an answer with the claims they make and what each claim cites."""
    bare = _without_chips(displayed)
    spans = split(bare.text)
    if not spans:
        return _markers_alone(displayed)
    code = [span for span in code_spans(bare.text) if "\n" in bare.text[span[0] : span[1]]]
    cited: list[list[tuple[int, Mark]]] = [[] for _ in spans]
    for place, mark in bare.marks:
        cited[_owner(bare.text, spans, place)].append((place, mark))
    found = []
    for span, marks in zip(spans, cited, strict=True):
        text = bare.text[span[0] : span[1]]
        in_code = any(start <= span[0] and span[1] <= end for start, end in code)
        states = not in_code and _states(text, alone=len(spans) == 1)
        start, end = bare.shown(span)
        found.append(Sentence(start, end, text, states, _claims(bare, span, marks)))
    return tuple(found)


def says_not_found(text: str) -> bool:
    """Whether a text says plainly that the documents do not hold what was asked for."""
    if plain(NOT_FOUND_SENTENCE).rstrip(".") in plain(text):
        return True
    return _NOT_FOUND.search(text) is not None


def _without_chips(displayed: Displayed) -> _Bare:
    places: list[int] = []
    pieces: list[str] = []
    marks: list[tuple[int, Mark]] = []
    position = 0
    for mark in displayed.marks:
        before = displayed.text[position : mark.position].rstrip(" \t")
        pieces.append(before)
        places += range(position, position + len(before))
        marks.append((len(places), mark))
        position = mark.position + len(f"[{mark.marker}]")
    pieces.append(displayed.text[position:])
    places += range(position, len(displayed.text) + 1)
    return _Bare("".join(pieces), tuple(places), tuple(marks))


def _markers_alone(displayed: Displayed) -> tuple[Sentence, ...]:
    if not displayed.marks:
        return ()
    start, end = displayed.marks[0].position, len(displayed.text.rstrip())
    return (Sentence(start, end, "", True, (Claim(start, end, "", displayed.marks),)),)


def _owner(text: str, spans: Sequence[Span], place: int) -> int:
    """Index of the sentence a marker stands in or after; before, where a line begins with it."""
    after = bisect_left(spans, place, key=lambda span: span[0])
    if after == 0:
        return 0
    if after == len(spans) or place <= spans[after - 1][1]:
        return after - 1
    begins_line = "\n" in text[spans[after - 1][1] : place]
    return after if begins_line and "\n" not in text[place : spans[after][0]] else after - 1


def _claims(bare: _Bare, span: Span, marks: Sequence[tuple[int, Mark]]) -> tuple[Claim, ...]:
    """The sentence's parts by the markers behind them; markers side by side go together."""
    groups: list[tuple[int, list[Mark]]] = []
    for place, mark in marks:
        if groups and not any(map(str.isalnum, bare.text[groups[-1][0] : place])):
            groups[-1] = (place, [*groups[-1][1], mark])
        else:
            groups.append((place, [mark]))
    claims = []
    begin = span[0]
    for index, (place, group) in enumerate(groups):
        # What follows the last marker belongs to it: `According to [#41], notice is ...`
        last = index == len(groups) - 1
        end = span[1] if last else max(min(place, span[1]), begin)
        if len(substance(words(bare.text[begin:end]))) < _LEAST_PART:
            begin = span[0]
        if len(substance(words(bare.text[begin:end]))) < _LEAST_PART or begin >= end:
            begin, end = span
        start, stop = bare.shown((begin, end))
        claims.append(Claim(start, stop, bare.text[begin:end].strip(), tuple(group)))
        begin = end if end < span[1] else span[0]
    return tuple(claims)


def _states(text: str, *, alone: bool) -> bool:
    bare = text.rstrip("*_ \t")
    if bare.endswith(("?", "？", ":")) or _HEADING.match(text) or _TALK.match(text):
        return False
    if says_not_found(text):
        return False
    found = substance(words(text))
    return bool(stated_figures(text)) or len(found) >= (1 if alone else _LEAST_SUBSTANCE)
