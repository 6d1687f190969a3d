"""The versions of a document: which are in the pack, and what changed from one to another."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from docqa.core.answers import Citation
from docqa.core.citing import cite_span
from docqa.core.documents import Passage
from docqa.core.packed import PackedPassage
from docqa.core.version_changes import Place, VersionChanges, changes_between
from docqa.errors import InputError, UnknownItemError
from docqa.store.store import Store
from docqa.store.values import VersionInfo

MOST_PASSAGES = 50_000
"""Of a version that is compared: some 6,000 pages, which take about 10 s."""
KEPT = 4
"""Comparisons."""


@dataclass(frozen=True, slots=True)
class PackedVersion:
    """A version and how it stands to the pack that questions use now."""

    version: VersionInfo
    current: bool
    """Whether questions are about this one."""
    supersedes: int | None
    """Number of the version that its segment in the pack supersedes."""

    @property
    def in_pack(self) -> bool:
        """Superseded versions stay in the pack, where they cost tokens, until it is repacked."""
        return self.version.published


class VersionService:
    """Tells versions apart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], VersionChanges] = OrderedDict()

    def history(self, document_id: int) -> tuple[PackedVersion, ...]:
        """The document's versions, newest first.

        Raises:
            UnknownItemError: If there is no such document.
        """
        current = self._store.documents.get(document_id).version_id
        versions = self._store.documents.versions(document_id)
        packed = [version.number for version in versions if version.published]
        return tuple(
            PackedVersion(
                version,
                current=version.id == current,
                supersedes=max((n for n in packed if n < version.number), default=None)
                if version.published
                else None,
            )
            for version in versions
        )

    def pair(
        self, document_id: int, before: int | None = None, after: int | None = None
    ) -> tuple[VersionInfo, VersionInfo]:
        """Two versions by their numbers; without, the newest that was read and the one before.

        Raises:
            UnknownItemError: If there is no such version, or it could not be read.
            InputError: If there is nothing to compare with.
        """
        read = [
            version
            for version in self._store.documents.versions(document_id)
            if version.status != "failed"
        ]
        by_number = {version.number: version for version in read}
        for number in (before, after):
            if number is not None and number not in by_number:
                raise UnknownItemError("version", number)
        if not read:
            raise UnknownItemError("version", after or 1)
        newer = by_number[after] if after is not None else read[0]
        if before is not None:
            return by_number[before], newer
        older = [version for version in read if version.number < newer.number]
        if not older:
            raise InputError(f"version {newer.number} is the first: there is none before it")
        return older[0], newer

    def changes(self, before: VersionInfo, after: VersionInfo) -> VersionChanges:
        """What changed from one version of a document to another.

        Raises:
            InputError: If one has too many passages to compare.
        """
        asked = (before.id, after.id)
        with self._lock:
            if asked in self._kept:
                self._kept.move_to_end(asked)
                return self._kept[asked]
        found = changes_between(self._passages(before), self._passages(after))
        with self._lock:
            self._kept[asked] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def citations(
        self, version: VersionInfo, document: str, places: Mapping[int, Place]
    ) -> dict[int, Citation]:
        """The places in this version of a document as citations, for its viewer; by their keys."""
        ordinals = {place.ordinal for place in places.values()}
        passages = self._store.documents.passages_by_ordinal(version.id, ordinals)
        found = {}
        for key, place in places.items():
            if place.ordinal not in passages:
                continue
            passage = passages[place.ordinal]
            packed = PackedPassage(0, 0, version.document_id, version.id, document, passage)
            found[key] = cite_span(packed, place.start, place.end, marker=key + 1)
        return found

    def _passages(self, version: VersionInfo) -> list[Passage]:
        if version.passages > MOST_PASSAGES:
            raise InputError(
                f"version {version.number} has {version.passages:,} passages, and"
                f" {MOST_PASSAGES:,} are the most that are compared"
            )
        return list(self._store.documents.passages(version.id))
