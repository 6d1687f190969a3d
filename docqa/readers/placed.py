"""Blocks of a file without pages or lines -> passages of a good size with their headings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from docqa.core.documents import Passage, PassageKind, PlaceLocator, PlaceUnit
from docqa.readers.blocks import PASSAGE_BYTES, SMALL_BYTES, slices

_MOST_HEADINGS = 3
_HEADING_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """A paragraph, list item, table row, heading or code block, and where it stands."""

    text: str
    number: int
    """1-based: of the slide, paragraph, cell or page, counted within its part."""
    kind: PassageKind = "paragraph"
    level: int = 0
    """Of a heading, 1 being the outermost; 0 for all else."""
    part: str = ""
    """See `PlaceLocator.part`."""
    header: str = ""
    """Of a table's row: the rows that name its columns, repeated where a passage begins below."""
    table: int = 0
    """Of a table's row: which table; rows of two tables are never put together."""


def placed_passages(
    blocks: Iterable[PlacedBlock], unit: PlaceUnit, *, apart: bool = False
) -> tuple[Passage, ...]:
    """The blocks as passages: small neighbours together, large ones cut at sentence ends.

    Blocks are put together when they have the same part, heading and kind (of a list or table, so
    that its rows stay together up to a passage's size); their texts are joined by line feeds. With
    `apart`, only blocks of one number are: what is on two slides stays apart. A heading is a
    passage of its own, and the last part of the heading path of all that follows it in its part. A
    passage that begins in the middle of a table begins with the table's `header`.
    """
    found: list[Passage] = []
    for block, last, heading in _together(_headed(blocks), apart=apart):
        for text in slices(block.text):
            at = PlaceLocator(unit, block.number, last, block.part)
            found.append(Passage(len(found), text, at, block.kind, heading))
    return tuple(found)


def _headed(blocks: Iterable[PlacedBlock]) -> Iterator[tuple[PlacedBlock, str]]:
    """The blocks that have text, with the headings above them."""
    path: list[tuple[int, str]] = []
    part = ""
    for each in blocks:
        block = replace(each, text=each.text.strip())
        if not block.text:
            continue
        if block.part != part:
            part, path = block.part, []
        if block.kind == "heading":
            while path and path[-1][0] >= block.level:
                path.pop()
        yield block, " > ".join(title for _, title in path[-_MOST_HEADINGS:])
        if block.kind == "heading":
            path.append((block.level, " ".join(block.text.split())[:_HEADING_CHARACTERS]))


def _together(
    headed: Iterable[tuple[PlacedBlock, str]], *, apart: bool
) -> Iterator[tuple[PlacedBlock, int, str]]:
    """Blocks with the number they end at and their heading, neighbours that are small as one."""
    held: tuple[PlacedBlock, int, str] | None = None
    for block, heading in headed:
        if held is not None and _joins(held, block, heading, apart=apart):
            text = f"{held[0].text}\n{block.text}"
            held = (replace(held[0], text=text), block.number, heading)
            continue
        if held is not None:
            yield held
        held = (_under_header(block), block.number, heading)
    if held is not None:
        yield held


def _under_header(block: PlacedBlock) -> PlacedBlock:
    if not block.header or block.text in block.header.split("\n"):
        return block
    return replace(block, text=f"{block.header}\n{block.text}")


def _joins(
    held: tuple[PlacedBlock, int, str], block: PlacedBlock, heading: str, *, apart: bool
) -> bool:
    before, last, above = held
    if (before.part, before.kind, above) != (block.part, block.kind, heading):
        return False
    if (before.header, before.table) != (block.header, block.table):
        return False
    if block.kind == "heading" or (apart and last != block.number):
        return False
    sizes = [len(each.text.encode(errors="replace")) for each in (before, block)]
    if sum(sizes) >= PASSAGE_BYTES:
        return False
    return block.kind in ("table", "list") or min(sizes) < SMALL_BYTES
