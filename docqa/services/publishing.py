"""Publication: staged versions become segments of the pack, one pack version a job."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from docqa.core.packing import FIRST_LABEL, PROMPT_VERSION, head_chain, render_head
from docqa.errors import StaleError
from docqa.services.code_maps import MapMaker, SourceChange
from docqa.services.measurements import WARM, Measurements
from docqa.services.segments import PACK_TOKENIZER, Progress, Staged, rendered
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, PackHead, PackInfo
from docqa.tokenizers.registry import tokenizer

__all__ = ["MAP_TOKENS", "Price", "Publisher", "SourceChange"]

logger = logging.getLogger(__name__)

MAP_TOKENS = 100_000
"""Of a codebase's map at most, where the settings do not say."""
ATTEMPTS = 5

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


class Publisher:
    """Appends versions to a workspace's pack, or makes the pack anew."""

    def __init__(self, store: Store, *, map_tokens: int = MAP_TOKENS) -> None:
        """Codebases get maps of at most `map_tokens`; 0 makes none."""
        self._store = store
        self._maps = MapMaker(store, map_tokens)
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
            files = self._staged(workspace_id, frozenset(version_ids))
            if not files and not changes:
                return pack
            segments = self._store.packs.segments(pack.id)
            staged = self._maps.for_update(workspace_id, segments, files, changes)
            if not staged:
                return pack
            newest = {each.document_id: each.segment.position for each in segments}
            try:
                published = self._store.packs.publish(
                    pack, rendered(self._store, pack, newest, staged, progress)
                )
            except StaleError:
                # Another job published meanwhile: positions and labels have moved.
                logger.info("pack of workspace %d moved, attempt %d", workspace_id, attempt + 1)
                self._maps.discard(staged)
                continue
            self.changed(workspace_id, None)
            return published
        raise StaleError(f"the pack of workspace {workspace_id} keeps changing")

    def repack_price(self, workspace_id: int, *, without: int | None = None) -> Price:
        """Tokens to prefill again if the pack is made anew, perhaps without one document."""
        pack = self.pack(workspace_id)
        kept = self._store.rendering.repacked_tokens(workspace_id, without=without)
        tokens = pack.head_tokens + kept
        measured = Measurements(self._store.costs.recent(), self._store.jobs.last(WARM))
        seconds = measured.prefill_s(tokens)
        return Price(tokens, None if seconds is None else round(seconds, 1))

    def repack(
        self, workspace_id: int, *, progress: Progress = lambda done, total: None
    ) -> PackInfo:
        """Make the pack anew from current, not excluded versions; labels go on growing."""
        expected = self._store.packs.find(workspace_id)
        head = self._pack_head()
        staged = self._all_staged(workspace_id)
        start = _Start(head.hash, 0, expected.next_label if expected else FIRST_LABEL)
        pack = self._store.packs.start_generation(
            workspace_id,
            head,
            rendered(self._store, start, {}, staged, progress),
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

    def _staged(self, workspace_id: int, version_ids: frozenset[int]) -> list[Staged]:
        """Those of these versions that are not in the pack and belong there."""
        versions = [
            version
            for version in (self._store.documents.unpublished(workspace_id) if version_ids else ())
            if version.id in version_ids
        ]
        places = self._store.rendering.places([version.document_id for version in versions])
        return [
            Staged(version, place.name, place.source_id, place.path)
            for version in versions
            if (place := places.get(version.document_id))
        ]

    def _all_staged(self, workspace_id: int) -> list[Staged]:
        """What the pack has when it is made anew: each codebase behind its map, all by path."""
        current = [item for item in self._current(workspace_id) if item.kind != "map"]
        maps = self._maps.for_repack(workspace_id, current)
        versions = self._store.documents.versions_by_id([item.version_id for item in current])
        files = [
            Staged(versions[item.version_id], item.name, item.source_id, item.path)
            for item in current
            if item.version_id in versions
        ]
        mapped = {item.source_id for item in maps}
        return sorted(
            [*maps, *files],
            key=lambda item: (item.source_id if item.source_id in mapped else 0, item.path),
        )

    def _current(self, workspace_id: int) -> list[DocumentInfo]:
        documents = self._store.documents.all(workspace_id, include_failed=False)
        return [item for item in documents if item.version_id and not item.excluded]


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a new generation begins; the part of `PackInfo` that rendering needs."""

    hash: str
    segment_count: int
    next_label: int
