"""An answer's text as blocks for the transcript component: a safe subset of Markdown.

The text is hostile: documents speak through it. Paragraphs, headings, lists, quotes, code, tables,
bold and italics are understood; images, links and HTML stay the characters they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docqa.core.answers import Citation, SentenceCheck
from docqa.ui.markdown_runs import Line, Run, Runs

Block = dict[str, Any]

MAX_DEPTH = 6

_FENCE = re.compile(r"(`{3,}|~{3,})\s*([\w+#.-]*)")
_HEADING = re.compile(r"(#{1,6})\s+(?=\S)")
_RULE = re.compile(r"(?:[-*_]\s*){3,}$")
_ITEM = re.compile(r"(?P<bullet>[-*+•])\s+|(?P<number>\d{1,9})[.)]\s+")
_SEPARATOR = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")


def blocks(
    text: str,
    citations: Sequence[Citation] = (),
    sentences: Sequence[SentenceCheck] = (),
    mentions: Sequence[tuple[int, int]] = (),
    *,
    running: bool = False,
) -> list[Block]:
    """The blocks of an answer, with its chips and with its unsupported sentences marked.

    `mentions` are spans of the text that name code; their runs, or parts of a code span, carry
    their number as `mention`.
    """
    lines = []
    offset = 0
    for line in text.split("\n"):
        lines.append(Line(line, offset))
        offset += len(line) + 1
    return _Parser(Runs(text, citations, sentences, mentions, running)).blocks(lines, 0)


@dataclass(frozen=True, slots=True)
class _Parser:
    runs: Runs

    def blocks(self, lines: Sequence[Line], depth: int) -> list[Block]:
        made: list[Block] = []
        at = 0
        while at < len(lines):
            if lines[at].blank:
                at += 1
                continue
            block, at = self._block(lines, at, depth)
            made.append(block)
        return made

    def _block(self, lines: Sequence[Line], at: int, depth: int) -> tuple[Block, int]:
        line = lines[at].cut(lines[at].indent)
        if fence := _FENCE.match(line.text):
            return self._fenced(lines, at, fence[1])
        if heading := _HEADING.match(line.text):
            return {"kind": "heading", "runs": self.runs.of(line.cut(heading.end()))}, at + 1
        if _RULE.match(line.text):
            return {"kind": "rule"}, at + 1
        if line.text.startswith(">") and depth < MAX_DEPTH:
            return self._quote(lines, at, depth)
        if _ITEM.match(line.text) and depth < MAX_DEPTH:
            return self._list(lines, at, depth)
        if _is_table(lines, at):
            return self._table(lines, at)
        return self._paragraph(lines, at)

    def _fenced(self, lines: Sequence[Line], at: int, fence: str) -> tuple[Block, int]:
        stop = at + 1
        while stop < len(lines) and not lines[stop].text.strip().startswith(fence):
            stop += 1
        code = "\n".join(line.text for line in lines[at + 1 : stop])
        return {"kind": "code", "text": code}, stop + 1

    def _quote(self, lines: Sequence[Line], at: int, depth: int) -> tuple[Block, int]:
        inner = []
        while at < len(lines) and lines[at].text.lstrip().startswith(">"):
            line = lines[at].cut(lines[at].indent + 1)
            inner.append(line.cut(1) if line.text.startswith(" ") else line)
            at += 1
        return {"kind": "quote", "blocks": self.blocks(inner, depth + 1)}, at

    def _list(self, lines: Sequence[Line], at: int, depth: int) -> tuple[Block, int]:
        base = lines[at].indent
        first = _ITEM.match(lines[at].text.strip())
        ordered = bool(first and first["number"])
        items: list[list[Line]] = []
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
    def _goes_on(line: Line, base: int) -> bool:
        return line.indent > base or bool(_ITEM.match(line.text[line.indent :]))

    def _table(self, lines: Sequence[Line], at: int) -> tuple[Block, int]:
        head = self._cells(lines[at])
        at += 2
        rows = []
        while at < len(lines) and "|" in lines[at].text and not lines[at].blank:
            cells = self._cells(lines[at])[: len(head)]
            rows.append(cells + [[] for _ in range(len(head) - len(cells))])
            at += 1
        return {"kind": "table", "head": head, "rows": rows}, at

    def _cells(self, line: Line) -> list[list[Run]]:
        stripped = line.text.rstrip()
        start = line.indent + (1 if stripped[line.indent :].startswith("|") else 0)
        stop = len(stripped) - (1 if stripped.endswith("|") else 0)
        cells: list[list[Run]] = []
        for part in re.finditer(r"(?:[^|\\]|\\.)*(?:\||$)", line.text[start:stop]):
            cell = part[0].removesuffix("|")
            if part[0] or not cells:
                blank = len(cell) - len(cell.lstrip())
                cells.append(
                    self.runs.of(Line(cell.strip(), line.offset + start + part.start() + blank))
                )
        return cells

    def _paragraph(self, lines: Sequence[Line], at: int) -> tuple[Block, int]:
        runs: list[Run] = []
        first = at
        while at < len(lines) and not lines[at].blank:
            line = lines[at].cut(lines[at].indent)
            if at > first and (_begins_block(line.text) or _is_table(lines, at)):
                break
            if at > first:
                runs.append({"text": "\n" if lines[at - 1].text.endswith("  ") else " "})
            runs.extend(self.runs.of(line))
            at += 1
        return {"kind": "paragraph", "runs": runs}, at


def _is_table(lines: Sequence[Line], at: int) -> bool:
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
