"""The text inside an answer's blocks, as runs: plain, styled, code, chips, and what is said of it.

Every run remembers its offset in the text, so that chips, marks and links stand where the checks
say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from docqa.core.answers import Citation, SentenceCheck

Run = dict[str, Any]

UNSUPPORTED = "no supporting passage"

_INLINE = re.compile(
    r"(?P<escape>\\[\\`*_\[\]~#>|.-])"
    r"|(?P<code>(?P<ticks>`+)(?P<code_text>.{1,2000}?)(?<!`)(?P=ticks)(?!`))"
    r"|(?P<marker>\[(?P<number>\d{1,4})\])"
    r"|(?P<bold>\*\*(?=\S)(?P<bold_text>.{1,2000}?)(?<=\S)\*\*)"
    r"|(?P<italic>\*(?=[^\s*])(?P<italic_text>.{1,2000}?)(?<=[^\s*])\*(?!\*))"
    r"|(?P<emph>(?<!\w)_(?=[^\s_])(?P<emph_text>.{1,2000}?)(?<=[^\s_])_(?!\w))"
    r"|(?P<strike>~~(?=\S)(?P<strike_text>.{1,2000}?)(?<=\S)~~)"
)
_NESTED = {
    "bold": ("bold_text", "bold"),
    "italic": ("italic_text", "italic"),
    "emph": ("emph_text", "italic"),
    "strike": ("strike_text", "strike"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line without what its containers took off its front; `offset` is where it begins."""

    text: str
    offset: int

    def cut(self, count: int) -> "Line":
        """The line without its first characters."""
        return Line(self.text[count:], self.offset + count)

    @property
    def indent(self) -> int:
        """White space at its front, in characters."""
        return len(self.text) - len(self.text.lstrip(" \t"))

    @property
    def blank(self) -> bool:
        """Whether there is nothing on it."""
        return not self.text.strip()


@dataclass
class Runs:
    """Turns lines of one answer into runs, from its beginning to its end."""

    text: str
    citations: Sequence[Citation] = ()
    sentences: Sequence[SentenceCheck] = ()
    mentions: Sequence[tuple[int, int]] = ()
    """Spans of the text that name code: their runs carry their number."""
    running: bool = False
    _said: set[int] = field(default_factory=set)
    _placed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._bare = [
            (s.start, len(self.text[: s.end].rstrip()))
            for s in self.sentences
            if s.mark == "unsupported"
        ]
        shown = {int(number) for number in re.findall(r"\[(\d{1,4})\]", self.text)}
        # docqa's own finds have no marker in the model's text: their chip goes after the claim.
        self._added = [
            (len(self.text[: c.end].rstrip()), number)
            for number, c in enumerate(self.citations)
            if c.marker not in shown
        ]

    def of(self, line: Line, style: dict[str, bool] | None = None) -> list[Run]:
        """The runs of a line."""
        style = style or {}
        text = line.text.rstrip() if not style else line.text
        runs: list[Run] = []
        at = 0
        for found in _INLINE.finditer(text):
            runs.extend(self._plain(text[at : found.start()], line.offset + at, style))
            runs.extend(self._markup(found, line.offset, style))
            at = found.end()
        runs.extend(self._plain(text[at:], line.offset + at, style))
        return runs

    def _markup(self, found: re.Match[str], offset: int, style: dict[str, bool]) -> list[Run]:
        kind = found.lastgroup or ""
        kind = next((name for name in ("escape", "code", "marker", *_NESTED) if found[name]), kind)
        start, end = offset + found.start(), offset + found.end()
        if kind == "escape":
            return self._whole(found[0][1], start, end, style)
        if kind == "code":
            runs = self._whole(found["code_text"], start, end, {**style, "code": True})
            return [self._linked(runs[0], offset + found.start("code_text")), *runs[1:]]
        if kind == "marker":
            return self._marker(int(found["number"]), start, end, style)
        group, flag = _NESTED[kind]
        inner = Line(found[group], offset + found.start(group))
        return self.of(inner, {**style, flag: True}) + self._notes(end)

    def _marker(self, marker: int, start: int, end: int, style: dict[str, bool]) -> list[Run]:
        number = self._citation_at(marker, start)
        if number is None and not self.running:
            return self._plain(f"[{marker}]", start, style)
        return [{"marker": marker, "citation": number}, *self._notes(end)]

    def _citation_at(self, marker: int, position: int) -> int | None:
        """The citation with this marker whose claim ends nearest to the position."""
        same = [
            (abs(position - c.end), n) for n, c in enumerate(self.citations) if c.marker == marker
        ]
        return min(same)[1] if same else None

    def _plain(self, text: str, start: int, style: dict[str, bool]) -> list[Run]:
        """Runs of plain text, cut where a mark begins or ends and where a chip is added."""
        if not text:
            return []
        end = start + len(text)
        cuts = {position for span in (*self._bare, *self.mentions) for position in span}
        cuts |= {position for position, _ in self._added}
        inside = sorted(cut for cut in cuts if start < cut < end)
        runs: list[Run] = []
        for first, last in zip([start, *inside], [*inside, end], strict=True):
            [run, *notes] = self._whole(text[first - start : last - start], first, last, style)
            if (number := self._mention(first, last)) is not None:
                run["mention"] = number
            runs.extend([run, *notes])
        return runs

    def _whole(self, text: str, start: int, end: int, style: dict[str, bool]) -> list[Run]:
        """One run for this span of the answer, and what is to be said after it."""
        run: Run = {"text": text, **style}
        if text.strip() and any(start < stop and begin < end for begin, stop in self._bare):
            run["bare"] = True
        return [run, *self._notes(end)]

    def _linked(self, run: Run, start: int) -> Run:
        """A code span whose text begins at `start`, in parts if some of it names code."""
        text: str = run["text"]
        end = start + len(text)
        cuts = {min(max(at, start), end) for span in self.mentions for at in span}
        places = sorted({start, end} | cuts)
        parts = [
            ({"text": text[a - start : b - start]}, self._mention(a, b))
            for a, b in pairwise(places)
        ]
        if all(number is None for _, number in parts):
            return run
        return run | {"parts": [part if n is None else part | {"mention": n} for part, n in parts]}

    def _mention(self, start: int, end: int) -> int | None:
        """The number of the mention that has this whole span in it."""
        return next((n for n, (a, b) in enumerate(self.mentions) if a <= start < end <= b), None)

    def _notes(self, position: int) -> list[Run]:
        """What is to be said once the text up to this position has been shown."""
        notes: list[Run] = []
        for end, number in self._added:
            if end <= position and number not in self._placed:
                self._placed.add(number)
                notes.append({"marker": self.citations[number].marker, "citation": number})
        for start, end in self._bare:
            if end <= position and start not in self._said:
                self._said.add(start)
                notes.append({"said": UNSUPPORTED})
        return notes
