"""What is on a slide, and the document of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from docqa.core.documents import (
    PageInfo,
    PageStatus,
    ParsedDocument,
    Passage,
    PassageKind,
    PlaceLocator,
)
from docqa.readers.base import ReaderOptions
from docqa.readers.office.building import Blocks, document_of, pictures_note, tidied
from docqa.readers.placed import PlacedBlock

MOST_SLIDES = 20_000
_HEADING_CHARACTERS = 120
MOST_CHARACTERS = 50_000_000
"""Of all slides together."""
NOTES = "notes"
"""The part that what the speaker has beside a slide is in."""


@dataclass(slots=True)
class Slide:
    """A slide as it is being read."""

    number: int
    """1-based."""
    title: str = ""
    blocks: list[PlacedBlock] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: int = 0
    objects: int = 0
    """Films, embedded files and drawings whose content is not text."""
    hidden: bool = False
    damage: str = ""
    """Why it could not be read, or not to its end."""

    def add(self, text: str, kind: PassageKind = "paragraph", header: str = "") -> None:
        """Add text that stands on the slide."""
        text = tidied(text)
        if text:
            self.blocks.append(PlacedBlock(text, self.number, kind, header=header))

    def add_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Add a table; its first row names the columns."""
        lines = [tidied(" | ".join(map(_folded, row)).rstrip(" |")) for row in rows]
        header = lines[0] if len(lines) > 2 else ""
        for line in lines:
            self.add(line, "table", header)

    @property
    def characters(self) -> int:
        """Of its title and all that stands on it."""
        return len(self.title) + sum(len(block.text) for block in self.blocks)


def _folded(text: str) -> str:
    return " ".join(text.split())


def presentation_of(
    slides: Sequence[Slide],
    name: str,
    options: ReaderOptions,
    *,
    reader: str,
    title: str = "",
    size: tuple[float, float] = (0, 0),
    notes: Sequence[str] = (),
) -> ParsedDocument:
    """The document of these slides; one without any text has pages and no passages.

    `size` is that of a slide in points.
    """
    blocks = Blocks(name)
    for slide in slides:
        blocks.found += _blocks(slide)
    blocks.notes += [*notes, *_remarks(slides)]
    pages = tuple(_page(slide, size) for slide in slides)
    if not any(block.text for block in blocks.found):
        return ParsedDocument(
            kind="slides", passages=(), pages=pages, reader=reader, notes=tuple(blocks.notes)
        )
    document = document_of(
        blocks, name, options, reader=reader, title=title, kind="slides", unit="slide", apart=True
    )
    return replace(document, passages=_headed(document, slides), pages=pages)


def _blocks(slide: Slide) -> list[PlacedBlock]:
    title = tidied(slide.title).replace("\n", " ")
    return [
        PlacedBlock(title, slide.number, "heading", 1),
        *slide.blocks,
        *(PlacedBlock(tidied(text), slide.number, part=NOTES) for text in slide.notes),
    ]


def _headed(document: ParsedDocument, slides: Sequence[Slide]) -> tuple[Passage, ...]:
    """The passages, each under the title of its own slide: one without a title has no heading."""
    titles = {slide.number: "" for slide in slides}
    # Not as the slide has it: in the passages, secrets are masked.
    for passage in reversed(document.passages):
        if passage.kind == "heading" and isinstance(passage.locator, PlaceLocator):
            titles[passage.locator.first] = passage.text[:_HEADING_CHARACTERS]
    return tuple(
        passage
        if passage.kind == "heading" or not isinstance(passage.locator, PlaceLocator)
        else replace(passage, heading=titles[passage.locator.first])
        for passage in document.passages
    )


def _page(slide: Slide, size: tuple[float, float]) -> PageInfo:
    status, reason = _status(slide)
    return PageInfo(slide.number, *size, status, reason, slide.characters)


def _status(slide: Slide) -> tuple[PageStatus, str]:
    """What of a slide could be read, and why not more."""
    if slide.characters:
        return "text", ""
    if slide.damage:
        return "failed", slide.damage
    aside = "; only its notes were read" if any(map(str.strip, slide.notes)) else ""
    if slide.pictures or slide.objects:
        return "image_only", f"the slide is a picture, without text{aside}"
    return "empty", f"the slide is blank{aside}"


def _remarks(slides: Sequence[Slide]) -> list[str]:
    found = []
    hidden = [str(slide.number) for slide in slides if slide.hidden]
    if hidden:
        some = ", ".join(hidden[:20]) + ("…" if len(hidden) > 20 else "")
        found.append(f"hidden in the presentation, and read: slide {some}")
    beside = sum(slide.pictures for slide in slides if slide.characters)
    if beside:
        found.append(f"beside text {pictures_note(beside)}")
    objects = sum(slide.objects for slide in slides)
    if objects:
        found.append(f"embedded films, drawings or files that were not read: {objects:,}")
    found += [f"slide {each.number}: {each.damage}" for each in slides if each.damage][:5]
    return found
