"""What the readers of office files share: blocks as they are found, then the document of them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from docqa.core.documents import DocumentKind, ParsedDocument, PassageKind, PlaceUnit
from docqa.core.symbols import Secret
from docqa.errors import EmptyFileError, ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.language import guess_language
from docqa.readers.office.tables import Row, header_of, row_texts
from docqa.readers.placed import PlacedBlock, placed_passages
from docqa.readers.secrets import find_secrets, mask, masked

MOST_CHARACTERS = 200_000_000
"""Of one document, each block counting as `_BLOCK_CHARACTERS` more; War and Peace has 3 million."""
_BLOCK_CHARACTERS = 200
"""About what a block costs beside its text: a million empty-looking ones cost memory, too."""
FOOTNOTES, ENDNOTES, COMMENTS = "Footnotes", "Endnotes", "Comments"
EDGES = "Headers and footers"
"""Parts of documents beside their text."""
_ONE_OBJECT = "1 embedded object was not read"
_TITLE_CHARACTERS = 300
_SAMPLE_BLOCKS = 200
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u2060\ufeff]")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Blocks:
    """The blocks of one document in the order they come, numbered within their parts."""

    def __init__(self, name: str, part: str = "") -> None:
        self._name = name
        self._part = part
        self._numbers: dict[str, int] = {}
        self._characters = 0
        self._tables = 0
        self.found: list[PlacedBlock] = []
        self.notes: list[str] = []

    def enter(self, part: str) -> None:
        """Go on in this part, at the number after its last one."""
        self._part = part

    def add_part(self, part: str, texts: Iterable[str]) -> None:
        """Go on in this part with these paragraphs, numbered from 1."""
        self.enter(part)
        for count, text in enumerate(texts, 1):
            self.add(text, number=count)

    def add(
        self,
        text: str,
        kind: PassageKind = "paragraph",
        level: int = 0,
        *,
        number: int | None = None,
    ) -> None:
        """Add a block, tidied but for code; nothing happens without text.

        Its number is the one after the last of its part if it is not given.

        Raises:
            ReadError: If the document has more text than `MOST_CHARACTERS`.
        """
        if number is not None:
            self._numbers[self._part] = number - 1
        self._put(code_text(text) if kind == "code" else tidied(text), kind, level)

    def table(self, rows: Iterable[Row]) -> None:
        """Add a table, a block for each row that has text.

        Raises:
            ReadError: If the document has more text than `MOST_CHARACTERS`.
        """
        found = row_texts(list(rows))
        header = header_of(found)
        self._tables += 1
        for text, _ in found:
            self._put(text, "table", 0, header, self._tables)

    def _put(
        self, text: str, kind: PassageKind, level: int, header: str = "", table: int = 0
    ) -> None:
        if not text:
            return
        self._characters += len(text) + _BLOCK_CHARACTERS
        if self._characters > MOST_CHARACTERS:
            raise ReadError(
                self._name,
                f"has more text than docqa reads: {MOST_CHARACTERS / 1e6:,.0f} million characters,"
                f" or {MOST_CHARACTERS / _BLOCK_CHARACTERS / 1e6:,.0f} million paragraphs",
            )
        number = self._numbers.get(self._part, 0) + 1
        self._numbers[self._part] = number
        self.found.append(PlacedBlock(text, number, kind, level, self._part, header, table))


def tidied(text: str) -> str:
    """The text with single spaces, without blank lines and invisible characters."""
    text = _INVISIBLE.sub("", text)
    if "\n" not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def code_text(text: str) -> str:
    """The text with its indentation, without blank lines around it."""
    lines = [_INVISIBLE.sub("", line).rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n")


def raised(text: str) -> str:
    """Text that stands higher: digits as such, so that `100` and a note's `3` are not 1003."""
    return text.translate(_SUPERSCRIPTS) if len(text) <= 4 and text.strip().isdigit() else text


def pictures_note(count: int) -> str:
    """What is said of pictures in a document."""
    return f"{count:,} pictures were not read" if count != 1 else "1 picture was not read"


@dataclass(slots=True)
class Facts:
    """What there is in a document beside its text."""

    title: str = ""
    pictures: int = 0
    objects: int = 0
    changed: bool = False
    """Whether changes are tracked in it."""
    hidden: int = 0
    """Characters formatted as hidden."""

    def unread(self) -> Iterator[str]:
        """What is said of all that was not read."""
        if self.pictures:
            yield pictures_note(self.pictures)
        if self.objects:
            several = f"{self.objects:,} embedded objects were not read"
            yield several if self.objects > 1 else _ONE_OBJECT
        if self.changed:
            yield "changes are tracked in it: it was read as if all were accepted"
        if self.hidden:
            yield f"{self.hidden:,} characters that are formatted as hidden were not read"


@dataclass(slots=True)
class FactsWithAsides(Facts):
    """The same, and what stands beside the text where it is met in the middle of it."""

    footnotes: list[str] = field(default_factory=list)
    endnotes: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    def add_asides(self, blocks: Blocks) -> None:
        """Add them behind the text, each sort in a part of its own."""
        blocks.add_part(FOOTNOTES, self.footnotes)
        blocks.add_part(ENDNOTES, self.endnotes)
        blocks.add_part(COMMENTS, self.comments)


def document_of(
    blocks: Blocks,
    name: str,
    options: ReaderOptions,
    *,
    reader: str,
    title: str = "",
    kind: DocumentKind = "document",
    unit: PlaceUnit = "paragraph",
    apart: bool = False,
    encoding: str = "",
) -> ParsedDocument:
    """The document of these blocks, secrets masked; its title is its first heading if not given.

    The `line` of a secret is the number of its block.

    Raises:
        EmptyFileError: If there is no text in them.
    """
    found, secrets = _masked(blocks.found, name, options)
    if not found:
        raise EmptyFileError(name, "; ".join(["there is no text in it", *blocks.notes]))
    title = masked(tidied(title).replace("\n", " "), name, options)[0]
    heading = next((block.text for block in found if block.kind == "heading"), "")
    sample = "\n".join(block.text for block in found[:_SAMPLE_BLOCKS])
    return ParsedDocument(
        kind=kind,
        passages=placed_passages(found, unit, apart=apart),
        title=(title or tidied(heading).replace("\n", " "))[:_TITLE_CHARACTERS],
        language=guess_language(sample),
        encoding=encoding,
        reader=reader,
        notes=tuple(blocks.notes),
        secrets=secrets,
    )


def _masked(
    blocks: list[PlacedBlock], name: str, options: ReaderOptions
) -> tuple[list[PlacedBlock], tuple[Secret, ...]]:
    text = "\n".join(block.text for block in blocks)
    secrets = find_secrets(name, text)
    if not secrets:
        return blocks, ()
    lines = (mask(text, secrets) if options.mask_secrets else text).split("\n")
    shown: list[PlacedBlock] = []
    numbers: list[int] = []
    for block in blocks:
        count = block.text.count("\n") + 1
        first = len(numbers)
        shown.append(replace(block, text="\n".join(lines[first : first + count])))
        numbers.extend([block.number] * count)
    return shown, tuple(replace(each, line=numbers[each.line - 1]) for each in secrets)
