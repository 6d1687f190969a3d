"""Publication: staged versions become segments of the pack, one pack version a job."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from docqa.core.documents import Passage
from docqa.core.packing import (
    FIRST_LABEL,
    PROMPT_VERSION,
    SegmentSource,
    chain,
    head_chain,
    render_head,
    render_segment,
    segment_hash,
)
from docqa.errors import StaleError
from docqa.services.measurements import WARM, Measurements
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, NewSegment, PackHead, PackInfo, VersionInfo
from docqa.tokenizers.registry import tokenizer

logger = logging.getLogger(__name__)

PACK_TOKENIZER = "llama4"
"""Packs are made for Llama 4 Scout; other engines' counts are kept beside these."""
BATCH_PASSAGES = 20_000
REVISION_DIGITS = 12
"""Of a commit's 40, in the pack."""
ATTEMPTS = 5

Progress = Callable[[int, int], None]
Changed = Callable[[int, int | None], None]
"""Told of a workspace's new pack version, and of the pack that it replaces if it does."""


@dataclass(frozen=True, slots=True)
class Price:
    """What an act costs: tokens that the engine has to read again."""

    tokens_to_prefill: int
    seconds: float | None = None
    """About how long that takes, by what was read lately; None where nothing was."""

    def sentence(self) -> str:
        """For people: `12,345 tokens to prefill again, about 40 s`."""
        time = "" if self.seconds is None else f", about {self.seconds:,.0f} s"
        return f"{self.tokens_to_prefill:,} tokens to prefill again{time}"


@dataclass(frozen=True, slots=True)
class SourceChange:
    """What a job found out about a source of code, to be told in the pack's map of it."""

    source_id: int
    revision: str = ""
    """Of the repository, as it was read now; empty outside of one."""
    removed: tuple[int, ...] = ()
    """Documents that are gone from the source since it was read before."""
    returned: tuple[int, ...] = ()
    """Documents that were gone and are there again as they were: the pack has them already."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A version to render, and what its document is called."""

    version: VersionInfo
    name: str


class Publisher:
    """Appends versions to a workspace's pack, or makes the pack anew."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.changed: Changed = lambda workspace_id, retired: None
        self._head: PackHead | None = None
        self._head_lock = threading.Lock()

    def pack(self, workspace_id: int) -> PackInfo:
        """The pack version that questions use now; rebuilt first if an erasure was cut off."""
        pack = self._store.packs.find(workspace_id)
        if pack is None:
            return self._store.packs.current(workspace_id, self._pack_head())
        return self.repack(workspace_id) if pack.rebuild_needed else pack

    def publish(
        self,
        workspace_id: int,
        version_ids: Sequence[int],
        *,
        changes: Sequence[SourceChange] = (),
        progress: Progress = lambda done, total: None,
    ) -> PackInfo:
        """Append those of these versions that the pack lacks, as one pack version.

        `changes` tells of sources that were read again; where one only lost files, what is appended
        is the segment that says so.

        Raises:
            StoreError: If the store cannot be written.
        """
        for attempt in range(ATTEMPTS):
            pack = self.pack(workspace_id)
            wanted = set(version_ids)
            staged = [
                Staged(version, self._store.documents.get(version.document_id).name)
                for version in self._store.documents.unpublished(workspace_id)
                if version.id in wanted
            ]
            if not staged:
                return pack
            newest = {
                segment.document_id: segment.segment.position
                for segment in self._store.packs.segments(pack.id)
            }
            segments = self._render(pack, newest, staged, progress)
            try:
                published = self._store.packs.publish(pack, segments)
            except StaleError:
                # Another job published meanwhile: positions and labels have moved.
                logger.info("pack of workspace %d moved, attempt %d", workspace_id, attempt + 1)
                continue
            self.changed(workspace_id, None)
            return published
        raise StaleError(f"the pack of workspace {workspace_id} keeps changing")

    def repack_price(self, workspace_id: int, *, without: int | None = None) -> Price:
        """Tokens to prefill again if the pack is made anew, perhaps without one document."""
        pack = self.pack(workspace_id)
        kept = (item for item in self._current(workspace_id) if item.id != without)
        tokens = pack.head_tokens + sum(item.tokens for item in kept)
        measured = Measurements(self._store.costs.recent(), self._store.jobs.last(WARM))
        seconds = measured.prefill_s(tokens)
        return Price(tokens, None if seconds is None else round(seconds, 1))

    def repack(
        self, workspace_id: int, *, progress: Progress = lambda done, total: None
    ) -> PackInfo:
        """Make the pack anew from current, not excluded versions; labels go on growing."""
        expected = self._store.packs.find(workspace_id)
        head = self._pack_head()
        staged = [
            Staged(self._store.documents.version(item.version_id), item.name)
            for item in self._current(workspace_id)
        ]
        start = _Start(head.hash, 0, expected.next_label if expected else FIRST_LABEL)
        pack = self._store.packs.start_generation(
            workspace_id,
            head,
            self._render(start, {}, staged, progress),
            expected=expected,
        )
        self.changed(workspace_id, expected.id if expected else None)
        return pack

    def prepare(self) -> None:
        """Load the vocabulary, which takes half a second, while there is other work to do."""
        self._pack_head()

    def _pack_head(self) -> PackHead:
        with self._head_lock:
            if self._head is None:
                self._head = PackHead(
                    prompt_version=PROMPT_VERSION,
                    tokenizer=PACK_TOKENIZER,
                    tokens=tokenizer(PACK_TOKENIZER).count(render_head()),
                    hash=head_chain(),
                )
            return self._head

    def _current(self, workspace_id: int) -> list[DocumentInfo]:
        documents = self._store.documents.all(workspace_id, include_failed=False)
        return [item for item in documents if item.version_id and not item.excluded]

    def _render(
        self,
        start: "PackInfo | _Start",
        newest: dict[int, int],
        staged: Sequence[Staged],
        progress: Progress,
    ) -> Iterator[NewSegment]:
        position, label, head = start.segment_count, start.next_label, start.hash
        newest = dict(newest)
        done = 0
        for batch in self._batches(staged):
            drafts: list[tuple[VersionInfo, int, str, int, int | None]] = []
            for item, passages in batch:
                supersedes = newest.get(item.version.document_id)
                source = segment_source(
                    item.version, item.name, passages, position=position, supersedes=supersedes
                )
                text = render_segment(source, label)
                drafts.append((item.version, label, text, len(passages), supersedes))
                newest[item.version.document_id] = position
                position += 1
                label += len(passages)
            counts = tokenizer(PACK_TOKENIZER).count_all([draft[2] for draft in drafts])
            for (version, first, text, count, supersedes), tokens in zip(
                drafts, counts, strict=True
            ):
                digest = segment_hash(text)
                head = chain(head, digest)
                yield NewSegment(
                    version_id=version.id,
                    document_id=version.document_id,
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
        self, staged: Sequence[Staged]
    ) -> Iterator[list[tuple[Staged, tuple[Passage, ...]]]]:
        """Versions with their passages, a bounded number of passages at a time."""
        batch: list[tuple[Staged, tuple[Passage, ...]]] = []
        size = 0
        for item in staged:
            passages = tuple(self._store.documents.passages(item.version.id))
            batch.append((item, passages))
            size += len(passages)
            if size >= BATCH_PASSAGES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a new generation begins; the part of `PackInfo` that rendering needs."""

    hash: str
    segment_count: int
    next_label: int


def segment_source(
    version: VersionInfo,
    name: str,
    passages: Sequence[Passage],
    *,
    position: int,
    supersedes: int | None,
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
    )
