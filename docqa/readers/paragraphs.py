"""A document's lines -> its passages: running lines set aside, paragraphs, lists, tables, headings.

A line end inside a paragraph becomes a space, or nothing after a hyphen; between items, rows and
small paragraphs of one passage it is a line feed. Cells of a row are separated by tabs.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from docqa.core.documents import PageLocator, Passage, PassageKind
from docqa.core.geometry import packed
from docqa.readers.footnotes import with_footnotes
from docqa.readers.headings import with_headings
from docqa.readers.lines import Line
from docqa.readers.pdf_blocks import Block, blocks_of, body_height, continued
from docqa.readers.pdf_tables import table_parts
from docqa.readers.running import running_lines, without_repetitions

PASSAGE_BYTES = 1_200
"""Most UTF-8 bytes of a passage: about 300 tokens, in Latin script and in Chinese alike."""
SMALL_BYTES = 220
"""Paragraphs below this are put together with their neighbours."""

_SENTENCE_END = re.compile(r"[.!?;:][\"'”’»)\]]*\s|[。！？；]|\n")


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
    running = running_lines(pages)
    pages = [without_repetitions(lines, running) for lines in pages]
    body = body_height(pages)
    blocks = with_headings(continued(with_footnotes(blocks_of(pages), body)), body, running)
    vocabulary = _Vocabulary(pages)
    found: list[Passage] = []
    for draft in _drafts(blocks, vocabulary):
        for part in _parts(draft):
            found.extend(_cut(part, len(found)))
    return tuple(found)


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


def _drafts(blocks: Iterable[Block], vocabulary: _Vocabulary) -> Iterator[_Draft]:
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
            and not block.footnote
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


def _parts(draft: _Draft) -> Iterator[_Draft]:
    """The draft; a long table in parts that each have the headings of its columns."""
    if draft.kind != "table" or len(draft.text.encode(errors="replace")) <= PASSAGE_BYTES:
        yield draft
        return
    for rows in table_parts(draft.lines, PASSAGE_BYTES):
        part = _Draft(draft.kind, draft.heading)
        for row in rows:
            part.add(row, "\n" if part.text else "")
        yield part


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
