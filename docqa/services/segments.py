"""Versions as segments of a pack: rendered, counted and chained, a bounded number at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from docqa.core.code_map import REVISION_DIGITS
from docqa.core.documents import Passage
from docqa.core.packing import SegmentSource, chain, render_segment, segment_hash
from docqa.store.store import Store
from docqa.store.values import NewSegment, VersionInfo
from docqa.tokenizers.registry import tokenizer

PACK_TOKENIZER = "llama4"
"""Packs are made for Llama 4 Scout; other engines' counts are kept beside these."""
BATCH_PASSAGES = 20_000
BATCH_VERSIONS = 500

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Staged:
    """A version to render, and what its document is called."""

    version: VersionInfo
    name: str
    source_id: int
    path: str
    amends: int | None = None
    """0-based position of the map which this one tells the changes of."""


class Start(Protocol):
    """Where segments are appended; a `PackInfo` is one."""

    @property
    def hash(self) -> str:
        """Of the pack version before."""
        ...

    @property
    def segment_count(self) -> int:
        """Of the pack version before."""
        ...

    @property
    def next_label(self) -> int:
        """The first label to give."""
        ...


def rendered(
    store: Store,
    start: Start,
    newest: Mapping[int, int],
    staged: Sequence[Staged],
    progress: Progress,
) -> Iterator[NewSegment]:
    """The segments of these versions, to be appended one after the other.

    `newest` has the position of each document's newest segment so far.
    """
    position, label, head = start.segment_count, start.next_label, start.hash
    places = dict(newest)
    done = 0
    for batch in _batches(store, staged):
        drafts: list[tuple[Staged, int, str, int, int | None]] = []
        for item, passages, text in batch:
            document_id = item.version.document_id
            supersedes = places.get(document_id) if item.version.kind != "map" else None
            source = segment_source(
                item.version,
                item.name,
                passages,
                position=position,
                supersedes=supersedes,
                amends=item.amends,
                text=text,
            )
            drafts.append((item, label, render_segment(source, label), len(passages), supersedes))
            places[document_id] = position
            position += 1
            label += len(passages)
        counts = tokenizer(PACK_TOKENIZER).count_all([draft[2] for draft in drafts])
        for (item, first, text, count, supersedes), tokens in zip(drafts, counts, strict=True):
            digest = segment_hash(text)
            head = chain(head, digest)
            yield NewSegment(
                version_id=item.version.id,
                document_id=item.version.document_id,
                text=text,
                token_count=tokens,
                byte_count=len(text.encode()),
                passage_count=count,
                first_label=first,
                hash=digest,
                chain=head,
                supersedes_position=supersedes,
            )
        done += len(batch)
        progress(done, len(staged))


def _batches(
    store: Store, staged: Sequence[Staged]
) -> Iterator[list[tuple[Staged, tuple[Passage, ...], str]]]:
    """Versions with their passages and maps' texts, a bounded number of passages at a time."""
    batch: list[Staged] = []
    size = 0
    for item in staged:
        if batch and (
            size + item.version.passages > BATCH_PASSAGES or len(batch) >= BATCH_VERSIONS
        ):
            yield _read(store, batch)
            batch, size = [], 0
        batch.append(item)
        size += item.version.passages
    if batch:
        yield _read(store, batch)


def _read(store: Store, batch: Sequence[Staged]) -> list[tuple[Staged, tuple[Passage, ...], str]]:
    passages = store.rendering.passages([item.version.id for item in batch])
    return [(item, passages[item.version.id], _text(store, item.version)) for item in batch]


def _text(store: Store, version: VersionInfo) -> str:
    """What a map says; nothing for all else."""
    if version.kind != "map":
        return ""
    return store.originals.path(version.content_hash).read_text(encoding="utf-8")


def segment_source(
    version: VersionInfo,
    name: str,
    passages: Sequence[Passage],
    *,
    position: int,
    supersedes: int | None,
    amends: int | None = None,
    text: str = "",
) -> SegmentSource:
    """What a version looks like to the renderer; positions count from 0, numbers from 1."""
    return SegmentSource(
        number=position + 1,
        name=name,
        kind=version.kind,
        passages=passages,
        pages=version.pages,
        language=version.language,
        revision=version.revision[:REVISION_DIGITS],
        supersedes=None if supersedes is None else supersedes + 1,
        amends=None if amends is None else amends + 1,
        text=text,
    )
