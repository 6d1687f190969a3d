"""An answer's text as blocks for the transcript component: a safe subset of Markdown.

The text is hostile: documents speak through it. Paragraphs, headings, lists, quotes, code, tables,
bold and italics are understood; images, links and HTML stay the characters they are. Every run
remembers its offset in the text, so that chips and marks stand where the checks say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from docqa.core.answers import Citation, SentenceCheck

Block = dict[str, Any]
Run = dict[str, Any]

UNSUPPORTED = "no supporting passage"
MAX_DEPTH = 6

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
_FENCE = re.compile(r"(`{3,}|~{3,})\s*([\w+#.-]*)")
_HEADING = re.compile(r"(#{1,6})\s+(?=\S)")
_RULE = re.compile(r"(?:[-*_]\s*){3,}$")
_ITEM = re.compile(r"(?P<bullet>[-*+•])\s+|(?P<number>\d{1,9})[.)]\s+")
_SEPARATOR = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without what its containers took off its front; `offset` is where it begins."""

    text: str
    offset: int

    def cut(self, count: int) -> "_Line":
        return _Line(self.text[count:], self.offset + count)

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip(" \t"))

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def blocks(
    text: str,
    citations: Sequence[Citation] = (),
    sentences: Sequence[SentenceCheck] = (),
    *,
    running: bool = False,
) -> list[Block]:
    """The blocks of an answer, with its chips and with its unsupported sentences marked."""
    lines = []
    offset = 0
    for line in text.split("\n"):
        lines.append(_Line(line, offset))
        offset += len(line) + 1
    return _Parser(text, citations, sentences, running).blocks(lines, 0)


@dataclass
class _Parser:
    text: str
    citations: Sequence[Citation]
    sentences: Sequence[SentenceCheck]
    running: bool
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

    def blocks(self, lines: Sequence[_Line], depth: int) -> list[Block]:
        made: list[Block] = []
        at = 0
        while at < len(lines):
            if lines[at].blank:
                at += 1
                continue
            block, at = self._block(lines, at, depth)
            made.append(block)
        return made

    def _block(self, lines: Sequence[_Line], at: int, depth: int) -> tuple[Block, int]:
        line = lines[at].cut(lines[at].indent)
        if fence := _FENCE.match(line.text):
            return self._fenced(lines, at, fence[1])
        if heading := _HEADING.match(line.text):
            return {"kind": "heading", "runs": self._inline(line.cut(heading.end()))}, at + 1
        if _RULE.match(line.text):
            return {"kind": "rule"}, at + 1
        if line.text.startswith(">") and depth < MAX_DEPTH:
            return self._quote(lines, at, depth)
        if _ITEM.match(line.text) and depth < MAX_DEPTH:
            return self._list(lines, at, depth)
        if _is_table(lines, at):
            return self._table(lines, at)
        return self._paragraph(lines, at)

    def _fenced(self, lines: Sequence[_Line], at: int, fence: str) -> tuple[Block, int]:
        stop = at + 1
        while stop < len(lines) and not lines[stop].text.strip().startswith(fence):
            stop += 1
        code = "\n".join(line.text for line in lines[at + 1 : stop])
        return {"kind": "code", "text": code}, stop + 1

    def _quote(self, lines: Sequence[_Line], at: int, depth: int) -> tuple[Block, int]:
        inner = []
        while at < len(lines) and lines[at].text.lstrip().startswith(">"):
            line = lines[at].cut(lines[at].indent + 1)
            inner.append(line.cut(1) if line.text.startswith(" ") else line)
            at += 1
        return {"kind": "quote", "blocks": self.blocks(inner, depth + 1)}, at

    def _list(self, lines: Sequence[_Line], at: int, depth: int) -> tuple[Block, int]:
        base = lines[at].indent
        first = _ITEM.match(lines[at].text.strip())
        ordered = bool(first and first["number"])
        items: list[list[_Line]] = []
        while at < len(lines):
            line = lines[at]
            item = _ITEM.match(line.text[line.indent :])
            if line.blank:
                following = lines[at + 1] if at + 1 < len(lines) else None
                if following is None or following.blank or not self._goes_on(following, base):
                    break
                items[-1].append(line)
            elif item and line.indent <= base + 1:
                if bool(item["number"]) != ordered:
                    break
                items.append([line.cut(line.indent + item.end())])
            elif line.indent > base:
                items[-1].append(line)
            else:
                break
            at += 1
        start = int(first["number"]) if first and ordered else 1
        made = [self.blocks(item, depth + 1) for item in items]
        return {"kind": "list", "ordered": ordered, "start": start, "items": made}, at

    @staticmethod
    def _goes_on(line: _Line, base: int) -> bool:
        return line.indent > base or bool(_ITEM.match(line.text[line.indent :]))

    def _table(self, lines: Sequence[_Line], at: int) -> tuple[Block, int]:
        head = self._cells(lines[at])
        at += 2
        rows = []
        while at < len(lines) and "|" in lines[at].text and not lines[at].blank:
            cells = self._cells(lines[at])[: len(head)]
            rows.append(cells + [[] for _ in range(len(head) - len(cells))])
            at += 1
        return {"kind": "table", "head": head, "rows": rows}, at

    def _cells(self, line: _Line) -> list[list[Run]]:
        stripped = line.text.rstrip()
        start = line.indent + (1 if stripped[line.indent :].startswith("|") else 0)
        stop = len(stripped) - (1 if stripped.endswith("|") else 0)
        cells: list[list[Run]] = []
        for part in re.finditer(r"(?:[^|\\]|\\.)*(?:\||$)", line.text[start:stop]):
            cell = part[0].removesuffix("|")
            if part[0] or not cells:
                blank = len(cell) - len(cell.lstrip())
                cells.append(
                    self._inline(_Line(cell.strip(), line.offset + start + part.start() + blank))
                )
        return cells

    def _paragraph(self, lines: Sequence[_Line], at: int) -> tuple[Block, int]:
        runs: list[Run] = []
        first = at
        while at < len(lines) and not lines[at].blank:
            line = lines[at].cut(lines[at].indent)
            if at > first and (_begins_block(line.text) or _is_table(lines, at)):
                break
            if at > first:
                runs.append({"text": "\n" if lines[at - 1].text.endswith("  ") else " "})
            runs.extend(self._inline(line))
            at += 1
        return {"kind": "paragraph", "runs": runs}, at

    def _inline(self, line: _Line, style: dict[str, bool] | None = None) -> list[Run]:
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
            return self._plain(found[0][1], start, style, length=2)
        if kind == "code":
            return self._plain(
                found["code_text"], start, {**style, "code": True}, length=end - start
            )
        if kind == "marker":
            return self._marker(int(found["number"]), start, end, style)
        group, flag = _NESTED[kind]
        inner = _Line(found[group], offset + found.start(group))
        return self._inline(inner, {**style, flag: True}) + self._notes(end)

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

    def _plain(
        self, text: str, start: int, style: dict[str, bool], *, length: int | None = None
    ) -> list[Run]:
        """Runs of plain text, cut where a mark begins or ends and where a chip is added."""
        end = start + (len(text) if length is None else length)
        if not text:
            return []
        cuts = {position for span in self._bare for position in span}
        cuts |= {position for position, _ in self._added}
        # What was transformed (escapes, code) cannot be cut: its offsets are not the text's.
        inside = sorted(c for c in cuts if start < c < end) if length is None else []
        runs: list[Run] = []
        for first, last in zip([start, *inside], [*inside, end], strict=True):
            part = text[first - start : last - start] if length is None else text
            run: Run = {"text": part, **style}
            if any(first < stop and begin < last for begin, stop in self._bare) and part.strip():
                run["bare"] = True
            runs.append(run)
            runs.extend(self._notes(last))
        return runs

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


def _is_table(lines: Sequence[_Line], at: int) -> bool:
    return (
        "|" in lines[at].text
        and at + 1 < len(lines)
        and "-" in lines[at + 1].text
        and bool(_SEPARATOR.match(lines[at + 1].text.strip()))
    )


def _begins_block(text: str) -> bool:
    return bool(
        _FENCE.match(text) or _HEADING.match(text) or text.startswith(">") or _ITEM.match(text)
    )
