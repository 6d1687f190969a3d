"""Maps of codebases: made when a source is first published, amended when it changes.

A map is a document of its source, at the empty path, without passages: it costs tokens and nothing
else, and is never asked about. Its text is kept as an original, like that of any document.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from docqa.core.code_map import (
    MIN_CODE_FILES,
    CodeSource,
    MapChanges,
    MapFile,
    in_map_order,
    map_budget,
    render_amendment,
    render_map,
)
from docqa.core.documents import ParsedDocument
from docqa.services.segments import PACK_TOKENIZER, Staged
from docqa.store.queries import MAP_PATH
from docqa.store.rendering import TreeSource
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, NewVersion, SegmentInfo, VersionInfo
from docqa.tokenizers.registry import tokenizer

MAP_READER = "map/1"


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

    @property
    def identity(self) -> str:
        """Kept with the map that tells of it: a job that is taken up again tells nothing twice."""
        told = json.dumps([self.revision, sorted(self.removed), sorted(self.returned)])
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Read:
    """A version of a file with what a map tells of it."""

    version_id: int
    kind: str
    file: MapFile


class MapMaker:
    """Stages maps, and amendments to those that a pack has."""

    def __init__(self, store: Store, most_tokens: int) -> None:
        """`most_tokens` is the size of a map at most; 0 makes none."""
        self._store = store
        self._most_tokens = most_tokens

    def for_update(
        self,
        workspace_id: int,
        segments: Sequence[SegmentInfo],
        staged: Sequence[Staged],
        changes: Sequence[SourceChange],
    ) -> list[Staged]:
        """These versions with the maps and amendments that go before them, source by source."""
        files = [item for item in staged if item.version.kind != "map"]
        asked = {item.source_id for item in staged if item.version.kind == "map"}
        by_source: dict[int, list[Staged]] = defaultdict(list)
        for item in files:
            by_source[item.source_id].append(item)
        told = {change.source_id: change for change in changes}
        if not self._most_tokens:
            return files
        maps = []
        for source in self._store.rendering.trees(workspace_id, {*by_source, *told, *asked}):
            change = told.get(source.id, SourceChange(source.id, source.revision))
            own = by_source[source.id]
            place = _Positions.of(segments, source.map_id)
            if place.map is not None:
                made = self._amendment(source, place, own, change)
            elif (own or source.id in asked) and not source.map_excluded:
                made = self._first(source, own, change)
            else:
                made = None
            if made:
                maps.append(made)
        return sorted([*files, *maps], key=lambda item: (item.source_id, item.path))

    def for_repack(self, workspace_id: int, documents: Iterable[DocumentInfo]) -> list[Staged]:
        """New maps of those sources that have code among these documents."""
        by_source: dict[int, list[_Read]] = defaultdict(list)
        for document in documents:
            by_source[document.source_id].append(_of_document(document))
        if not self._most_tokens:
            return []
        maps = []
        for source in self._store.rendering.trees(workspace_id, by_source.keys()):
            if _is_code(by_source[source.id]) and not source.map_excluded:
                change = SourceChange(source.id, source.revision)
                maps.append(self._full(source, by_source[source.id], change))
        return maps

    def discard(self, staged: Iterable[Staged]) -> None:
        """Take back those maps among these that were not published."""
        for item in staged:
            if item.version.kind == "map":
                unused = self._store.documents.discard_version(item.version.id)
                self._store.delete_originals(unused)

    def _first(
        self, source: TreeSource, own: Sequence[Staged], change: SourceChange
    ) -> Staged | None:
        """The map of a source that has none in the pack, if there is code enough for one."""
        code = sum(item.version.kind == "code" for item in own)
        if code + self._store.rendering.code_files(source.id) < MIN_CODE_FILES:
            return None
        files = {
            document.id: _of_document(document)
            for document in self._store.rendering.documents(source.id)
        }
        files |= {item.version.document_id: _of_staged(item) for item in own}
        read = list(files.values())
        return self._full(source, read, change) if _is_code(read) else None

    def _full(self, source: TreeSource, read: Sequence[_Read], change: SourceChange) -> Staged:
        by_path = {each.file.path: each.version_id for each in read}
        files = in_map_order(each.file for each in read)
        text = render_map(
            CodeSource(source.name, change.revision),
            files,
            self._store.rendering.symbols([by_path[file.path] for file in files]),
            tokens=map_budget(sum(file.size for file in files), self._most_tokens),
            count=tokenizer(PACK_TOKENIZER).count,
        )
        return self._stage(source, text, change)

    def _amendment(
        self,
        source: TreeSource,
        place: "_Positions",
        own: Sequence[Staged],
        change: SourceChange,
    ) -> Staged | None:
        """What has changed of a source whose map is in the pack; None if nothing has."""
        assert place.map is not None
        assert source.map_id is not None
        removed = self._known(place, change.removed)
        returned = self._known(place, change.returned)
        current = self._store.documents.get(source.map_id)
        told = self._store.documents.version(current.version_id).options_hash == change.identity
        if not own and (told or not (removed or returned)):
            return None
        read = {item.path: _of_staged(item, place.newest) for item in own}
        files = in_map_order(each.file for each in read.values())
        changed = [file for file in files if file.number is not None]
        added = [file for file in files if file.number is None]
        text = render_amendment(
            CodeSource(source.name, change.revision),
            MapChanges(place.map + 1, current.revision, removed, returned, changed, added),
            self._store.rendering.symbols(
                [read[file.path].version_id for file in (*changed, *added)]
            ),
            tokens=map_budget(sum(file.size for file in (*removed, *files)), self._most_tokens),
            count=tokenizer(PACK_TOKENIZER).count,
        )
        return replace(self._stage(source, text, change), amends=place.map)

    def _known(self, place: "_Positions", document_ids: Collection[int]) -> list[MapFile]:
        """Those of these documents that the pack has, with their numbers."""
        if not document_ids:
            return []
        documents = self._store.rendering.places(document_ids)
        return in_map_order(
            MapFile(
                documents[document_id].path,
                size=place.sizes[document_id],
                number=place.newest[document_id] + 1,
            )
            for document_id in document_ids
            if document_id in place.newest and document_id in documents
        )

    def _stage(self, source: TreeSource, text: str, change: SourceChange) -> Staged:
        documents = self._store.documents
        name = f"{source.name} (map)"
        content_hash, size = self._store.originals.put_bytes(text.encode())
        document_id = documents.add_document(source.workspace_id, source.id, MAP_PATH, name)
        parsed = ParsedDocument(
            "map", (), line_count=text.count("\n"), encoding="utf-8", reader=MAP_READER
        )
        version_id = documents.stage_version(
            NewVersion(
                document_id, content_hash, size, change.identity, parsed, (), change.revision
            )
        )
        return Staged(documents.version(version_id), name, source.id, MAP_PATH)


@dataclass(frozen=True, slots=True)
class _Positions:
    """Where a pack has the documents, by their ids, and where it has a source's map."""

    map: int | None
    newest: Mapping[int, int]
    sizes: Mapping[int, int]
    """Bytes of their newest segments."""

    @classmethod
    def of(cls, segments: Sequence[SegmentInfo], map_id: int | None) -> "_Positions":
        first = (each.segment.position for each in segments if each.document_id == map_id)
        return cls(
            next(first, None),
            {each.document_id: each.segment.position for each in segments},
            {each.document_id: each.segment.byte_count for each in segments},
        )


def _is_code(read: Iterable[_Read]) -> bool:
    return sum(each.kind == "code" for each in read) >= MIN_CODE_FILES


def _of_document(document: DocumentInfo) -> _Read:
    file = MapFile(document.path, _language(document), document.line_count, document.size)
    return _Read(document.version_id, document.kind, file)


def _of_staged(item: Staged, newest: Mapping[int, int] | None = None) -> _Read:
    version = item.version
    position = (newest or {}).get(version.document_id)
    file = MapFile(
        item.path,
        _language(version),
        version.line_count,
        version.size,
        None if position is None else position + 1,
    )
    return _Read(version.id, version.kind, file)


def _language(read: DocumentInfo | VersionInfo) -> str:
    """The programming language; that of prose tells nothing here."""
    return read.language if read.kind == "code" else ""
