"""A document's lines -> its passages: running lines set aside, paragraphs, lists, tables, headings.

A line end inside a paragraph becomes a space, or nothing after a hyphen; between items, rows and
small paragraphs of one passage it is a line feed. Cells of a row are separated by tabs.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from docqa.core.documents import PageLocator, Passage, PassageKind
from docqa.core.geometry import packed
from docqa.readers.lines import Line

PASSAGE_BYTES = 1_200
"""Most UTF-8 bytes of a passage: about 300 tokens, in Latin script and in Chinese alike."""
SMALL_BYTES = 220
"""Paragraphs below this are put together with their neighbours."""

TOP_POINTS = 50
"""Above this a line that counts with the pages is taken for a running header."""

_ITEM = re.compile(
    r"(?:[•●▪■□◦‣∙·*–—-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)]|\d{1,3}(?:\.\d{1,3})+\.?"
    r"|(?:Section|SECTION|Article|ARTICLE|§)\s*[\dIVX]+(?:\.\d+)*[.:]?)\s"
)
_BULLET = re.compile(r"(?:[•●▪■□◦‣∙·*–—-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)])\s")
_NAMED = re.compile(
    r"(?:(?:Part|Chapter|Article|Section|Appendix|Annex|Schedule|Exhibit|Item|Note)\s+"
    r"(?:\d+[A-Z]?|[IVXLC]+|[A-Z])(?:\.\d+)*\b)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)\.?\s+[^\W\d_]")
_SENTENCE_END = re.compile(r"[.!?;:][\"'”’»)\]]*\s|[。！？；]|\n")
_CLOSING = "\"'”’»)]"
_CLOSED = frozenset(".!?:;。！？：；")
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True)
class _Block:
    """Lines that belong together, and how they are joined."""

    kind: PassageKind
    lines: list[Line]
    heading: str = ""
    joined: bool = True
    """Line ends inside are spaces; else line feeds."""


@dataclass(slots=True)
class _Draft:
    """A passage being put together: its text, and its words in the columns of `Geometry`."""

    kind: PassageKind
    heading: str
    text: str = ""
    lines: list[Line] = field(default_factory=list)
    line_words: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    near: list[int] = field(default_factory=list)
    far: list[int] = field(default_factory=list)

    def add(self, line: Line, separator: str, *, drop: int = 0) -> None:
        """Append a line; `drop` characters at the end of the text so far (a hyphen) go."""
        if drop:
            self.text = self.text[:-drop]
            self.ends[-1] -= drop
        self.text += separator
        base = len(self.text) - line.origin
        self.text += line.text
        self.lines.append(line)
        self.line_words.append(len(self.starts))
        self.starts += [base + start for start in line.starts]
        self.ends += [base + end for end in line.ends]
        self.near += line.near
        self.far += line.far


def passages(pages: Sequence[Sequence[Line]]) -> tuple[Passage, ...]:
    """The passages of a document, given the lines of each of its pages."""
    running = _running_lines(pages)
    pages = [_without_repetitions(lines, running) for lines in pages]
    body = _body_height(pages)
    blocks = _with_headings(_continued(_blocks(pages)), body, running)
    vocabulary = _Vocabulary(pages)
    found: list[Passage] = []
    for draft in _drafts(blocks, vocabulary):
        found.extend(_cut(draft, len(found)))
    return tuple(found)


# Running headers and footers

_Running = dict[tuple[str, int], bool]
"""By side (`top`, `end`) and identity of a running header or footer: whether it is kept."""


def _running_lines(pages: Sequence[Sequence[Line]]) -> _Running:
    """The running headers and footers; each is kept where it occurs first, page numbers never."""
    groups: dict[str, list[tuple[int, Line]]] = {}
    for lines in pages:
        for key, rank, line in _edge_lines(lines):
            groups.setdefault(key, []).append((rank, line))
    running: _Running = {}
    for key, ranked in groups.items():
        bare = _bare_number(key)
        enough = 2 if bare else 3
        if len(ranked) < enough:
            continue
        found = _same_or_counting(key, _same_place(ranked))
        if len(found) >= enough:
            side = key[:3]
            running.update({(side, id(line)): False for line in found})
            running[side, id(found[0])] = not bare
    return running


def _without_repetitions(lines: Sequence[Line], running: _Running) -> list[Line]:
    """The page's lines without running ones, as far as they reach from its edges."""
    if not running:
        return list(lines)
    ordered = sorted(lines, key=lambda line: line.y0)
    dropped: set[int] = set()
    for side, inwards in (("top", ordered), ("end", ordered[::-1])):
        for line in inwards:
            kept = running.get((side, id(line)))
            if kept is None:
                break
            if not kept:
                dropped.add(id(line))
    return [line for line in lines if id(line) not in dropped]


def _edge_lines(lines: Sequence[Line]) -> Iterator[tuple[str, int, Line]]:
    """A page's first and last lines: text without numbers, place from the edge, line."""
    ordered = sorted([line for line in lines if len(line.text) <= 200], key=lambda line: line.y0)
    for rank, line in enumerate(ordered[:4]):
        yield f"top {_DIGITS.sub('#', line.text).casefold()}", rank, line
    for rank, line in enumerate(ordered[:-5:-1]):
        yield f"end {_DIGITS.sub('#', line.text).casefold()}", rank, line


def _same_place(ranked: list[tuple[int, Line]]) -> list[Line]:
    """Those that stand at the usual height of the page, or as far from its edge as usual."""
    heights = Counter(round(line.y0 / 8) for _, line in ranked)
    height = max(heights, key=lambda h: (heights[h], h))
    ranks = Counter(rank for rank, _ in ranked)
    usual = min(ranks, key=lambda r: (-ranks[r], r))
    return [line for rank, line in ranked if rank == usual or abs(line.y0 / 8 - height) <= 1.5]


def _bare_number(key: str) -> bool:
    return (
        re.fullmatch(r"(?:top|end) (?:page )?[-–—\s|]*(?:#|[ivxlc]+)[-–—\s|]*(?:of #)?", key)
        is not None
    )


def _same_or_counting(key: str, lines: list[Line]) -> list[Line]:
    """Those lines whose numbers are the same everywhere, or count with the pages."""
    numbers = [[int(n[:9]) for n in _DIGITS.findall(line.text)] for line in lines]
    # `Question 3` on top of page 3 is a title; a page number stands at the very edge or says so.
    low = key.startswith("top") and "page" not in key
    fits = [True] * len(lines)
    for column in zip(*numbers, strict=True):
        same, _ = Counter(column).most_common(1)[0]
        steps = [number - line.page for number, line in zip(column, lines, strict=True)]
        step, _ = Counter(steps).most_common(1)[0]
        for index, number in enumerate(column):
            counts = steps[index] == step and not (low and lines[index].y0 > TOP_POINTS)
            fits[index] &= number == same or counts
    return [line for line, fit in zip(lines, fits, strict=True) if fit]


# Blocks


def _body_height(pages: Iterable[Iterable[Line]]) -> float:
    """The height of most of the text, in points."""
    heights: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            heights[round(line.height * 2) / 2] += len(line.text)
    return max(heights, key=lambda h: (heights[h], -h), default=0.0)


def _blocks(pages: Sequence[Sequence[Line]]) -> Iterator[_Block]:
    for lines in pages:
        begin = 0
        for index in range(1, len(lines) + 1):
            if index == len(lines) or lines[index].region != lines[begin].region:
                yield from _region_blocks(lines[begin:index])
                begin = index


def _region_blocks(lines: Sequence[Line]) -> Iterator[_Block]:
    """The paragraphs, tables and lists of one column."""
    leading = _leading(lines)
    right = max(line.x1 for line in lines)
    left = min(line.x0 for line in lines)
    rows = _table_rows(lines)
    block: _Block | None = None
    for index, line in enumerate(lines):
        if rows[index]:
            kind: PassageKind = "table"
        else:
            kind = "list" if _BULLET.match(line.text) else "paragraph"
        if block is not None:
            before = block.lines[-1]
            apart = line.y1 - before.y1
            if block.kind == "table" and kind == "table":
                if apart < 3 * leading:
                    block.lines.append(line)
                    continue
            elif (
                block.kind != "table"
                and kind != "table"
                and not _parts(before, line, apart, leading=leading, left=left, right=right)
            ):
                block.lines.append(line)
                continue
            yield block
        block = _Block(kind, [line], joined=kind != "table")
    if block is not None:
        yield block


def _leading(lines: Sequence[Line]) -> float:
    """The usual distance of two lines of this column, in points."""
    usual = [
        apart
        for before, line in pairwise(lines)
        if 0.5 * line.height < (apart := line.y1 - before.y1) < 3.2 * line.height
    ]
    if len(usual) < 3:
        return min(usual, default=1.4 * lines[0].height)
    return sorted(usual)[len(usual) // 4]


def _table_rows(lines: Sequence[Line]) -> list[bool]:
    """Per line, whether it is a row of a table: it has cells, and so have its neighbours."""
    cells = [line.cells for line in lines]
    rows = [False] * len(lines)
    if max(cells) == 1:
        return rows
    for index, count in enumerate(cells):
        near = max(cells[max(index - 2, 0) : index] + cells[index + 1 : index + 3], default=1)
        rows[index] = count >= 3 or (count == 2 and near >= 2)
    # A row label without figures between two rows belongs to them.
    for index in range(1, len(lines) - 1):
        if not rows[index] and rows[index - 1] and rows[index + 1] and len(lines[index].text) < 60:
            rows[index] = True
    return rows


def _parts(
    before: Line, line: Line, apart: float, *, leading: float, left: float, right: float
) -> bool:
    """Whether a new paragraph begins with this line."""
    if apart > 1.35 * leading + 0.5 or apart < -line.height or line.text.isdigit():
        return True
    if (
        not 0.85 < line.height / (before.height or 1) < 1.18
        and min(len(line.text), len(before.text)) > 3
    ):
        return True
    closed = _is_closed(before.text)
    short = right - before.x1 > 0.15 * (right - left)
    if _ITEM.match(line.text) and (closed or short or apart > 1.1 * leading):
        return True
    if not line.text[0].isupper():
        return False
    indented = line.x0 - before.x0 > 1.2 * line.height and before.x0 - left < line.height
    return (closed and (short or indented)) or (short and _shouts(before) != _shouts(line))


def _is_closed(text: str) -> bool:
    """Whether a sentence or clause ends here."""
    if text[-1] in _CLOSED:
        return True
    return text[-1] in _CLOSING and text[-4:].rstrip(_CLOSING)[-1:] in _CLOSED


def _shouts(line: Line) -> bool:
    return line.text.isupper() and sum(map(str.isalpha, line.text)) >= 4


def _continued(blocks: Iterable[_Block]) -> Iterator[_Block]:
    """Paragraphs that go on in the next column or on the next page, as one block."""
    held: _Block | None = None
    for block in blocks:
        if held is None:
            held = block
            continue
        last, first = held.lines[-1], block.lines[0]
        goes_on = (
            held.kind != "table"
            and block.kind == "paragraph"
            and (last.page, last.region) != (first.page, first.region)
            and first.page - last.page <= 1
            and first.text[0].islower()
            and not _is_closed(last.text)
            and last.text[-1] != "."
            and len(last.text) > 20
            and abs(first.height - last.height) < 0.15 * last.height
        )
        if goes_on:
            held.lines.extend(block.lines)
        else:
            yield held
            held = block
    if held is not None:
        yield held


# Headings


def _with_headings(blocks: Iterable[_Block], body: float, running: _Running) -> Iterator[_Block]:
    """The blocks, headings marked and their path given to what stands under them."""
    path: list[tuple[float, int, str]] = []
    for block in blocks:
        first = id(block.lines[0])
        running_line = ("top", first) in running or ("end", first) in running
        if block.kind != "table" and not running_line and _is_heading(block, body):
            text = " ".join(line.text.replace("\t", " ") for line in block.lines)
            height = round(block.lines[0].height * 2) / 2
            numbered = _NUMBERED.match(text)
            depth = numbered[1].count(".") + 1 if numbered else 0
            while path and path[-1][0] <= height and path[-1][1] >= depth:
                path.pop()
            block.heading = " > ".join(title for _, _, title in path[-3:])
            block.kind = "heading"
            path.append((height, depth, text[:120]))
        else:
            block.heading = " > ".join(title for _, _, title in path[-3:])
        yield block


def _is_heading(block: _Block, body: float) -> bool:
    if len(block.lines) > 3 or sum([len(line.text) for line in block.lines]) > 160:
        return False
    text = " ".join(line.text for line in block.lines)
    letters = sum(map(str.isalpha, text))
    if len(text) > 160 or letters < 3 or letters < 0.5 * len(text):
        return False
    if text[-1] in ",;:，；：。" or (text[-1] == "." and len(text) > 60):
        return False
    if block.lines[0].height > 1.15 * body:
        return True
    if text.isupper() and letters >= 4 and len(text) <= 100:
        return True
    numbered = _NUMBERED.match(text)
    if len(text) > 80 or text[-1] == ":" or (text[-1] == "." and not numbered):
        return False
    if _NAMED.match(text):
        return True
    return numbered is not None and text[numbered.end() - 1].isupper() and _titled(text)


def _titled(text: str) -> bool:
    """Whether most longer words begin with a capital, as in a title."""
    words = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.6 * len(words)


# Text


class _Vocabulary:
    """The words of the document, gathered when the first hyphen at a line end asks for them."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        self._pages = pages
        self._words: set[str] | None = None

    def keeps_hyphen(self, before: str, after: str) -> bool:
        """Whether `before-after` is written with a hyphen: both are words here, joined is not."""
        if self._words is None:
            self._words = set()
            for lines in self._pages:
                text = " ".join([line.text for line in lines])
                self._words.update(text.casefold().split())
        first, second = before.casefold(), after.casefold()
        if f"{first}-{second}" in self._words:
            return True
        return first + second not in self._words and {first, second} <= self._words


_LAST_WORD = re.compile(r"([^\W\d_]+)([-\u2010])$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")


def _add(draft: _Draft, line: Line, separator: str, vocabulary: _Vocabulary) -> None:
    if not draft.text or separator != " ":
        draft.add(line, separator if draft.text else "")
        return
    last = draft.text[-1]
    if last in "-\u2010" and line.text[0].islower():
        broken = _LAST_WORD.search(draft.text[-40:])
        after = _FIRST_WORD.match(line.text)
        if broken and after:
            keep = vocabulary.keeps_hyphen(broken[1], after[0])
            draft.add(line, "", drop=0 if keep else 1)
            return
    wide = last >= "\u2e80" and line.text[0] >= "\u2e80"
    draft.add(line, "" if wide else " ")


def _drafts(blocks: Iterable[_Block], vocabulary: _Vocabulary) -> Iterator[_Draft]:
    """The blocks as text, small ones under the same heading put together."""
    draft: _Draft | None = None
    size = 0
    for block in blocks:
        length = sum([len(line.text) for line in block.lines])
        together = (
            draft is not None
            and draft.heading == block.heading
            and block.kind != "heading"
            and draft.kind != "heading"
            and (block.kind == "table") == (draft.kind == "table")
            and draft.lines[-1].page == block.lines[0].page
            and (size < SMALL_BYTES or length < SMALL_BYTES / 2)
            and size + length < PASSAGE_BYTES
        )
        if draft is not None and not together:
            yield draft
        if draft is None or not together:
            draft, size = _Draft(block.kind, block.heading), 0
        separator = "\n"
        for line in block.lines:
            _add(draft, line, separator, vocabulary)
            separator = " " if block.joined else "\n"
        size += length
    if draft is not None:
        yield draft


def _cut(draft: _Draft, ordinal: int) -> Iterator[Passage]:
    """The draft as passages that are short enough, cut at the ends of sentences, rows or words."""
    begin = 0
    while begin < len(draft.text):
        end = _cut_at(draft.text, begin)
        text = draft.text[begin:end].rstrip()
        first = bisect_left(draft.ends, begin + 1)
        stop = bisect_left(draft.starts, end)
        if text and first < stop:
            yield _passage(draft, ordinal, text, begin, first, stop)
            ordinal += 1
        begin = end
        while begin < len(draft.text) and draft.text[begin].isspace():
            begin += 1


def _cut_at(text: str, begin: int) -> int:
    rest = text[begin : begin + PASSAGE_BYTES]
    if begin + len(rest) == len(text) and (rest.isascii() or len(rest.encode()) <= PASSAGE_BYTES):
        return len(text)
    limit = len(rest.encode()[:PASSAGE_BYTES].decode(errors="ignore"))
    ends = [match.end() for match in _SENTENCE_END.finditer(rest, 0, limit)]
    if ends and ends[-1] > limit // 3:
        return begin + ends[-1]
    space = max(rest.rfind(" ", 1, limit), rest.rfind("\t", 1, limit))
    return begin + (space if space > limit // 3 else limit)


def _passage(draft: _Draft, ordinal: int, text: str, begin: int, first: int, stop: int) -> Passage:
    """The words from `first` up to `stop` of the draft, whose text begins at `begin`."""
    low = bisect_left(draft.line_words, first + 1) - 1
    high = bisect_left(draft.line_words, stop)
    lines = draft.lines[low:high]
    starts, ends = draft.starts[first:stop], draft.ends[first:stop]
    if begin:
        starts = [max(start - begin, 0) for start in starts]
        ends = [end - begin for end in ends]
    ends[-1] = min(ends[-1], len(text))
    geometry = packed(
        (
            [line.page * 4 + line.flags for line in lines],
            [max(word - first, 0) for word in draft.line_words[low:high]],
            [line.across_near for line in lines],
            [line.across_far for line in lines],
        ),
        (
            starts,
            ends,
            draft.near[first:stop],
            draft.far[first:stop],
        ),
    )
    return Passage(
        ordinal,
        text,
        PageLocator(lines[0].page, max(line.page for line in lines)),
        draft.kind,
        draft.heading,
        geometry,
    )
