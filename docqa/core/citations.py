"""Markers in a model's answer: `[#41]` as it writes them, `[1]` as people see them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from docqa.core.answers import Citation

# `[#N]` stands in the instructions, and small models copy it from there: a label of nothing.
_LABEL = r"(?:[0-9]{1,12}|[NM])"
_LABELS = rf"\#[ \t]*{_LABEL}(?:[ \t]*[,;–-][ \t]*\#?[ \t]*{_LABEL})*"
_MARKER = rf"\[[ \t]*{_LABELS}[ \t]*\]"
# A run of markers with the spaces before it, or a number in brackets that the model wrote itself.
_FOUND = re.compile(rf"(?P<run>(?:[ \t]*{_MARKER})+)|\[(?P<literal>[0-9]{{1,9}})\]")
_RANGE = re.compile(r"([0-9]+)(?:[ \t]*[-–][ \t]*\#?[ \t]*([0-9]+))?")
_LONGEST_RANGE = 8
_HALF_MARKER = r"[ \t]*\[[ \t]*\#[\#0-9NM \t,;–-]*\Z"
_CUT_OFF = re.compile(_HALF_MARKER)
# What may yet become a marker, a number in brackets, or the spaces before a marker.
_UNFINISHED = re.compile(rf"{_HALF_MARKER}|[ \t]*\[(?:[ \t]*|[0-9]*)\Z|[ \t]+\Z")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_FENCE = re.compile(r"[ \t>]*(?:[-*+] +|[0-9]+[.)] +)?(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)")
_BACKTICKS = re.compile(r"\\[\\`]|(?P<run>`+)")
_BRACKET = re.compile(r"[ \t]*\[")
_CHIP = re.compile(r"\[([1-9][0-9]{0,8})\]")
# Where leaving out a marker could make a chip or a fence of the text on its two sides.
_JOINT = re.compile(r"(?:\[[0-9]*|(?:^|\n)[ \t>]*(?:[-*+] +|[0-9]+[.)] +)?)\Z")
REVISION_DIGITS = 7
"""Of a revision, as people see it."""
LOW_CONFIDENCE = 0.8
"""Of OCR: below this, readers are told."""
WORD_JOINER = "\u2060"
"""Stands inside a `[1]` that the model wrote itself, which is thereby no chip."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A resolved marker: `[marker]` stands at `position` of the displayed text."""

    marker: int
    label: int
    position: int


@dataclass(frozen=True, slots=True)
class Displayed:
    """An answer as people see it."""

    text: str
    marks: tuple[Mark, ...]
    unresolved: int
    """Labels that resolve to nothing; not shown."""


def display(raw: str, resolves: Callable[[int], bool], *, final: bool) -> Displayed:
    """The answer with its labels as numbered chips: `[#41]` becomes `[1]`, and `[1]` again later.

    `raw` is all that has arrived. Code spans and fenced blocks stay as they are. While `final` is
    False, what may yet become a marker is held back, so that every displayed text is a beginning of
    the next one.
    """
    # Backticks at the end may go on: what they open or close is not known yet.
    arrived = raw if final else raw.rstrip("`~")
    parts = list(_parts(arrived, whole=final))
    if parts and not parts[-1][0]:
        ending = _CUT_OFF if final else _UNFINISHED
        parts[-1] = (False, ending.sub("", parts[-1][1]))
    shown = _Display(resolves)
    for is_code, text in parts:
        if is_code:
            shown.text += text
        else:
            shown.add(text)
    return Displayed(shown.text, tuple(shown.marks), shown.unresolved)


def chips(text: str) -> tuple[tuple[int, int, int], ...]:
    """(start, end, marker) of every chip in a displayed text, in order."""
    found = []
    position = 0
    for is_code, part in _parts(text, whole=True):
        if not is_code:
            found += [
                (position + chip.start(), position + chip.end(), int(chip[1]))
                for chip in _CHIP.finditer(part)
            ]
        position += len(part)
    return tuple(found)


def code_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where code spans and fenced blocks stand in a text, fences included, a line at a time."""
    spans = []
    position = 0
    for is_code, part in _parts(text, whole=True):
        if is_code:
            spans.append((position, position + len(part)))
        position += len(part)
    return tuple(spans)


def place(citation: Citation) -> str:
    """`src/app.py:L10-L24@9f3c2ab`, without what is not known; `agreement.pdf, p. 3`."""
    said = place_label(citation.page, citation.lines, citation.place)
    if not said:
        return citation.document
    if citation.lines is None or citation.page is not None:
        return f"{citation.document}, {said}"
    revision = f"@{citation.revision[:REVISION_DIGITS]}" if citation.revision else ""
    return f"{citation.document}:{said}{revision}"


def place_label(page: int | None, lines: tuple[int, int] | None, place: str) -> str:
    """`p. 3`, `L10-L24`, `slide 3`, `Budget!B12:D12`; empty where nothing is known."""
    if page is not None:
        return f"p. {page}"
    return lines_label(lines) if lines is not None else place


def ocr_note(confidence: float | None) -> str:
    """`read by OCR, 62 % sure of the words`, where that is so little that it should be said."""
    if confidence is None or confidence >= LOW_CONFIDENCE:
        return ""
    return f"read by OCR, {percent(confidence)} sure of the words"


def percent(share: float) -> str:
    """`62 %`, rounded down: 99.6 is not yet all."""
    return f"{int(share * 100 + 1e-9)} %"


def lines_label(lines: tuple[int, int]) -> str:
    """`L10-L24`, `L10` for a single line."""
    first, last = lines
    return f"L{first}" if first == last else f"L{first}-L{last}"


def inline_code(text: str) -> tuple[tuple[int, int], ...]:
    """Where what stands in code spans begins and ends, without backticks and white space.

    Not what stands in fenced blocks.
    """
    spans = []
    for start, end in code_spans(text):
        piece = text[start:end]
        ticks = len(piece) - len(piece.lstrip("`"))
        inner = piece[ticks : len(piece) - ticks]
        # Lines of fenced blocks end with a line feed, or do not begin and end alike.
        if ticks and piece.endswith("`" * ticks) and inner.strip():
            lead = len(inner) - len(inner.lstrip())
            spans.append((start + ticks + lead, start + ticks + lead + len(inner.strip())))
    return tuple(spans)


class _Display:
    """Collects the displayed text and its marks."""

    def __init__(self, resolves: Callable[[int], bool]) -> None:
        self._resolves = resolves
        self._markers: dict[int, int] = {}
        self.text = ""
        self.marks: list[Mark] = []
        self.unresolved = 0

    def add(self, text: str) -> None:
        position = 0
        for found in _FOUND.finditer(text):
            self.text += text[position : found.start()]
            if found["literal"] is not None:
                self.text += f"[{WORD_JOINER}{found['literal']}]"
            else:
                self._add_run(found[0])
            position = found.end()
        self.text += text[position:]

    def _add_run(self, run: str) -> None:
        labels = list(dict.fromkeys(_labels(run)))
        resolved = [label for label in labels if self._resolves(label)]
        self.unresolved += max(len(labels), 1) - len(resolved)
        # Decided by the first label: the rest of the run may not have arrived yet.
        if labels[:1] != resolved[:1] and _JOINT.search(self.text, max(0, len(self.text) - 200)):
            self.text += WORD_JOINER
        elif resolved:
            self.text += run[: len(run) - len(run.lstrip(" \t"))]
        for label in resolved:
            marker = self._markers.setdefault(label, len(self._markers) + 1)
            self.marks.append(Mark(marker, label, len(self.text)))
            self.text += f"[{marker}]"


def _labels(run: str) -> Iterator[int]:
    for first, last in _RANGE.findall(run):
        yield int(first)
        if last and int(first) < int(last) <= int(first) + _LONGEST_RANGE:
            yield from range(int(first) + 1, int(last) + 1)
        elif last:
            yield int(last)


def _parts(text: str, *, whole: bool) -> Iterator[tuple[bool, str]]:
    """(is code, piece) of each piece of a text; together all of it, if it is the whole text.

    Else it ends before a line that may be a fence, and before a bracket that may stand in code.
    """
    fence = ""
    for line in _LINE.findall(text):
        complete = whole or line.endswith("\n")
        match = _FENCE.match(line)
        if fence:
            yield True, line
            if match and match["fence"].startswith(fence) and not match["info"].strip():
                fence = ""
        elif match and not (match["fence"][0] == "`" and "`" in match["info"]):
            if not complete:
                yield False, line[: match.start("fence")]
                return
            fence = match["fence"]
            yield True, line
        else:
            yield from _line_parts(line, complete=complete)


def _line_parts(line: str, *, complete: bool) -> Iterator[tuple[bool, str]]:
    start = position = 0
    end = len(line)
    while match := _BACKTICKS.search(line, position):
        position = match.end()
        if not match["run"]:
            continue
        close = re.compile(rf"(?<!`){match['run']}(?!`)").search(line, position)
        if close:
            yield False, line[start : match.start()]
            yield True, line[match.start() : close.end()]
            start = position = close.end()
        elif not complete:
            bracket = _BRACKET.search(line, position)
            end = bracket.start() if bracket else end
            break
    yield False, line[start:end]
