"""The pack: one prefix that only grows. Rendering is a pure function of stored values."""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from docqa.core.documents import DocumentKind, LineLocator, Passage
from docqa.core.escaping import break_special_tokens, encodable, escape, unescape
from docqa.core.prompts import HEAD, PROMPT_VERSION, TokenBudget, attribute
from docqa.errors import ContextOverflowError

__all__ = [
    "FIRST_LABEL",
    "PROMPT_VERSION",
    "Pack",
    "Segment",
    "SegmentSource",
    "break_special_tokens",
    "chain",
    "escape",
    "head_chain",
    "render_head",
    "render_passage",
    "render_segment",
    "render_selection",
    "segment_hash",
    "unescape",
]

FIRST_LABEL = 1
OMISSION = "(passages left out here)\n"


@dataclass(frozen=True, slots=True)
class SegmentSource:
    """One document version as it is to be rendered."""

    number: int
    """Position in the pack, from 1: the `id` that the model sees."""
    name: str
    kind: DocumentKind
    passages: Sequence[Passage]
    pages: int = 0
    language: str = ""
    revision: str = ""
    supersedes: int | None = None
    """Number of the segment that holds the version before."""
    amends: int | None = None
    """Number of the segment that holds the map which this one tells the changes of."""
    text: str = ""
    """What a map says; it has no passages and no labels."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A rendered document version: its place in the pack and its sizes, not its text."""

    position: int
    """0-based."""
    first_label: int
    passage_count: int
    token_count: int
    byte_count: int
    hash: str
    chain: str
    """Hash of the pack version that ends with this segment."""

    @property
    def labels(self) -> range:
        """The labels of its passages, in order."""
        return range(self.first_label, self.first_label + self.passage_count)


@dataclass(frozen=True, slots=True)
class Pack:
    """One version of a workspace's pack. A later version has the same beginning, byte for byte."""

    head_tokens: int
    segments: tuple[Segment, ...] = ()
    first_label: int = FIRST_LABEL
    """The first label of the first segment; above `FIRST_LABEL` after erasing or repacking."""

    @property
    def hash(self) -> str:
        """Names this version: the chain over its segments' hashes, 64 hexadecimal digits."""
        return self.segments[-1].chain if self.segments else head_chain()

    @property
    def token_count(self) -> int:
        """Tokens of the head and all segments."""
        return self.head_tokens + sum(segment.token_count for segment in self.segments)

    @property
    def next_label(self) -> int:
        """The label that the next passage gets."""
        return self.segments[-1].labels.stop if self.segments else self.first_label

    def append(
        self, text: str, passage_count: int, token_count: int, *, budget: TokenBudget | None = None
    ) -> "Pack":
        """The next version: all of this one's bytes, then a segment rendered from `next_label` on.

        Raises:
            ContextOverflowError: If a budget is given and leaves fewer tokens than are needed.
        """
        # Appended, never inserted or sorted: a byte that moves makes the server prefill anew.
        if budget is not None and (needed := self.token_count + token_count) > budget.available:
            raise ContextOverflowError("pack", needed, budget.available)
        encoded = text.encode()
        digest = hashlib.sha256(encoded).hexdigest()
        segment = Segment(
            position=len(self.segments),
            first_label=self.next_label,
            passage_count=passage_count,
            token_count=token_count,
            byte_count=len(encoded),
            hash=digest,
            chain=chain(self.hash, digest),
        )
        return replace(self, segments=(*self.segments, segment))

    def locate(self, label: int) -> tuple[Segment, int] | None:
        """The segment that has this label and the passage's 0-based ordinal in it."""
        index = bisect_right(self.segments, label, key=lambda segment: segment.first_label) - 1
        if index < 0 or label not in self.segments[index].labels:
            return None
        return self.segments[index], label - self.segments[index].first_label


def render_head() -> str:
    """The text before the first segment; fixed for a prompt version."""
    return HEAD


def render_segment(source: SegmentSource, first_label: int) -> str:
    """The text of one document version, its passages labelled from `first_label` on.

    Begins with `<` and ends with `>` and a line feed; always encodable as UTF-8.
    """
    parts = [_opening(source)]
    if source.text:
        parts.append(f"{escape(source.text).rstrip()}\n")
    parts.extend(
        _labelled(label, passage) for label, passage in enumerate(source.passages, first_label)
    )
    parts.append("</document>\n")
    return encodable("".join(parts))


def render_selection(
    documents: Sequence[tuple[SegmentSource, Sequence[tuple[int, Passage]]]],
) -> str:
    """Some passages of some documents with the labels they have in the pack; gaps are marked.

    `passages` of a source may be empty; the passages to render come with their labels, in document
    order. Begins with `<` and ends with `>` and a line feed, or is empty.
    """
    parts: list[str] = []
    for source, chosen in documents:
        parts.append(_opening(source, partial=True))
        previous = -1
        for label, passage in chosen:
            if passage.ordinal != previous + 1:
                parts.append(OMISSION)
            parts.append(_labelled(label, passage))
            previous = passage.ordinal
        parts.append("</document>\n")
    return encodable("".join(parts))


def render_passage(label: int, passage: Passage) -> str:
    """The lines of one passage as they stand in a segment, its label first."""
    return encodable(_labelled(label, passage))


def _opening(source: SegmentSource, *, partial: bool = False) -> str:
    attributes = [f'id="{source.number}"', f'name="{attribute(source.name)}"']
    if source.pages:
        attributes.append(f'pages="{source.pages}"')
    if source.kind == "code" and source.language:
        attributes.append(f'language="{attribute(source.language)}"')
    if source.kind == "map":
        attributes.append('kind="map"')
    if source.revision:
        attributes.append(f'revision="{attribute(source.revision)}"')
    if source.supersedes is not None:
        attributes.append(f'supersedes="{source.supersedes}"')
    if source.amends is not None:
        attributes.append(f'amends="{source.amends}"')
    if partial:
        attributes.append('shown="in part"')
    return f"<document {' '.join(attributes)}>\n"


def _labelled(label: int, passage: Passage) -> str:
    text = passage.text
    # In code the first line keeps its indentation only on a line of its own.
    gap = "\n" if isinstance(passage.locator, LineLocator) and passage.kind == "code" else " "
    return f"[#{label}] ({passage.locator}){gap}{escape(text)}\n"


def segment_hash(text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def chain(previous: str, segment_hash: str) -> str:
    """Hash of the pack version that follows `previous` by appending a segment with this hash."""
    return hashlib.sha256(f"{previous}{segment_hash}".encode("ascii")).hexdigest()


def head_chain() -> str:
    """Hash of the pack version that has no segment yet."""
    return segment_hash(HEAD)
