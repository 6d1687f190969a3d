"""Lines of a text or code file -> passages of a good size, their text verbatim."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from docqa.core.documents import LineLocator, Passage, PassageKind

PASSAGE_BYTES = 1_200
"""Most UTF-8 bytes of a passage: about 300 tokens."""
SMALL_BYTES = 220
"""Blocks below this are put together with their neighbours under the same heading."""

_SPACED_END = re.compile(r"[.!?;:,}][\"'”’»)\]]*\s|[。！？；，]")
_SENTENCE_END = re.compile(r"[.!?;:,}][\"'”’»)\]]*\s|[。！？；，]|[,;}>]")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, from `first` up to `stop` (0-based)."""

    first: int
    stop: int
    kind: PassageKind = "paragraph"
    heading: str = ""
    alone: bool = False
    """Whether it stays a passage of its own, small as it may be."""


def line_passages(lines: Sequence[str], blocks: Iterable[Block]) -> tuple[Passage, ...]:
    """The blocks as passages: small ones together, large ones cut at line ends.

    The text of a passage is its lines joined by line feeds. A single line that is longer than a
    passage may be is cut into several passages with the same line number, each a slice of it.
    """
    found: list[Passage] = []
    for block in _together(lines, blocks):
        for first, stop in _cut(lines, block):
            for text in slices("\n".join(lines[first:stop]), whole_lines=True):
                locator = LineLocator(first + 1, stop)
                found.append(Passage(len(found), text, locator, block.kind, block.heading))
    return tuple(found)


def _together(lines: Sequence[str], blocks: Iterable[Block]) -> Iterator[Block]:
    held: Block | None = None
    for block in blocks:
        trimmed = _trimmed(lines, block)
        if trimmed is None:
            continue
        if held is not None and _heads(lines, held, trimmed):
            held = replace(trimmed, first=held.first)
            continue
        if held is not None and _joins(lines, held, trimmed):
            kind = held.kind if held.kind == trimmed.kind else "paragraph"
            held = replace(held, stop=trimmed.stop, kind=kind)
            continue
        if held is not None:
            yield held
        held = trimmed
    if held is not None:
        yield held


def _trimmed(lines: Sequence[str], block: Block) -> Block | None:
    """The block without blank lines at its ends, None if there are no others."""
    first, stop = block.first, block.stop
    while first < stop and not lines[first].strip():
        first += 1
    while stop > first and not lines[stop - 1].strip():
        stop -= 1
    return replace(block, first=first, stop=stop) if first < stop else None


def _heads(lines: Sequence[str], held: Block, block: Block) -> bool:
    """Whether what is held is no more than the first line of what the block stands in."""
    if held.kind != "code" or not block.heading.startswith(f"{held.heading} > "):
        return False
    return held.stop - held.first == 1 and len(lines[held.first]) < 100


def _joins(lines: Sequence[str], held: Block, block: Block) -> bool:
    if held.alone or block.alone or held.heading != block.heading:
        return False
    if "code" in (held.kind, block.kind) and held.kind != block.kind:
        return False
    sizes = [sum(map(len, lines[b.first : b.stop])) + b.stop - b.first for b in (held, block)]
    return min(sizes) < SMALL_BYTES and sum(sizes) < PASSAGE_BYTES


def _size(line: str) -> int:
    return len(line) + 1 if line.isascii() else len(line.encode(errors="replace")) + 1


def _cut(lines: Sequence[str], block: Block) -> Iterator[tuple[int, int]]:
    """Where the block is cut: after blank lines, else before the line that is indented least."""
    if _size("\n".join(lines[block.first : block.stop])) <= PASSAGE_BYTES:
        yield block.first, block.stop
        return
    first = block.first
    while first < block.stop:
        stop, size = first, 0
        while stop < block.stop and (stop == first or size + _size(lines[stop]) <= PASSAGE_BYTES):
            size += _size(lines[stop])
            stop += 1
        if stop < block.stop:
            stop = _good_end(lines, first, stop)
        end = stop
        while end > first + 1 and not lines[end - 1].strip():
            end -= 1
        yield first, end
        first = stop
        while first < block.stop and not lines[first].strip():
            first += 1


def _good_end(lines: Sequence[str], first: int, stop: int) -> int:
    """The best place for a cut in the second half of what fits."""
    earliest = first + max((stop - first) // 2, 1)
    best, best_score = stop, (2, 10_000)
    for cut in range(stop, earliest - 1, -1):
        below = lines[cut]
        indent = len(below) - len(below.lstrip())
        score = (0 if not lines[cut - 1].strip() else 1, indent if below.strip() else 10_000)
        if score < best_score:
            best, best_score = cut, score
    return best


def slices(text: str, *, whole_lines: bool = False) -> Iterator[str]:
    """Parts of the text that are no longer than a passage may be, cut behind sentences.

    With `whole_lines`, text of several lines is left as it is: its lines were chosen to fit. Else
    no word or number is cut that stands between spaces.
    """
    if whole_lines and "\n" in text:
        yield text
        return
    at = 0
    while at < len(text):
        # No more than what may be in a part is looked at: a line may have 100 MB.
        part = text[at : at + PASSAGE_BYTES + 2]
        if at + len(part) == len(text) and _size(part) <= PASSAGE_BYTES + 1:
            yield part
            return
        limit = len(part.encode(errors="replace")[:PASSAGE_BYTES].decode(errors="ignore"))
        cut = _cut_in_line(part, limit, whole_words=not whole_lines)
        yield part[:cut].strip() or part[:cut]
        at += cut
        while at < len(text) and text[at].isspace():
            at += 1


def _cut_in_line(text: str, limit: int, *, whole_words: bool) -> int:
    """Where the first part of a text ends that may have `limit` characters."""
    line = text.rfind("\n", limit // 2, limit)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, limit // 2, limit)]
    space = text.rfind(" ", limit // 2, limit)
    if line > 0:
        return line + 1
    if whole_words and space > 0:
        ends = [match.end() for match in _SPACED_END.finditer(text, limit // 2, limit)]
    return ends[-1] if ends else space + 1 if space > 0 else limit
