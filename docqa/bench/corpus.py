"""Documents of a benchmark, stored and published as docqa does it, and what is found in them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from docqa.core.documents import LineLocator, PageLocator, ParsedDocument
from docqa.core.indexing import document_fields
from docqa.core.packed import PackedPassage
from docqa.core.packing import Pack, head_chain
from docqa.errors import ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.parse import parse_file
from docqa.readers.sources import list_source
from docqa.store.store import Store
from docqa.store.values import NewSegment, NewVersion, PackHead

_SEGMENT = "<document>\n</document>\n"

Rank = Callable[[int, str, int, Collection[int] | None], Sequence[tuple[float, int]]]
"""Workspace, question, how many, documents (None is all) -> score and passage id, best first."""


def lexical(store: Store) -> Rank:
    """Ranking by words, as docqa does it without the extra `semantic`."""

    def rank(
        workspace_id: int, question: str, k: int, document_ids: Collection[int] | None
    ) -> Sequence[tuple[float, int]]:
        hits = store.search.search(workspace_id, question, k=k, document_ids=document_ids)
        return [(hit.score, hit.passage_id) for hit in hits]

    return rank


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that was found, with its score and its document's path."""

    score: float
    path: str
    packed: PackedPassage

    @property
    def pages(self) -> Sequence[int]:
        """The 1-based pages it stands on; none for text and code."""
        locator = self.packed.passage.locator
        if isinstance(locator, PageLocator):
            return range(locator.first_page, locator.last_page + 1)
        return ()


class BenchCorpus:
    """One workspace, filled from files."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._workspace = store.workspaces.get_or_create(name).id
        self._ids: dict[str, int] = {}

    def add_folder(self, folder: Path) -> None:
        """Add all files of a folder that docqa reads."""
        listing = list_source(folder)
        self.add((file.path, folder / file.path) for file in listing.files)

    def add(self, files: Iterable[tuple[str, Path]]) -> None:
        """Read, index and publish files, given by the path they get; leave out unreadable ones."""
        parsed = [(path, document) for path, file in files if (document := _parsed(path, file))]
        source = self._store.documents.add_source(self._workspace, "folder", "bench", "bench")
        paths = [(path, path) for path, _ in parsed]
        ids = self._store.documents.add_documents(self._workspace, source, paths)
        self._ids.update(zip([path for path, _ in paths], ids, strict=True))
        versions = [
            _version(document_id, path, document)
            for document_id, (path, document) in zip(ids, parsed, strict=True)
        ]
        self._publish(versions, self._store.documents.stage_many(versions))

    def search(self, question: str, *, k: int = 10, path: str = "") -> list[Found]:
        """The best passages by words, of one document if its path is given."""
        return self.found(self.ranked(lexical(self._store), question, k=k, path=path))

    def ranked(
        self, rank: Rank, question: str, *, k: int, path: str = ""
    ) -> Sequence[tuple[float, int]]:
        """What a ranker of this store says: score and passage id, best first."""
        return rank(self._workspace, question, k, [self._ids[path]] if path else None)

    def found(self, scored: Sequence[tuple[float, int]]) -> list[Found]:
        """The passages with these scores and ids."""
        pack = self._store.packs.find(self._workspace)
        if pack is None:
            return []
        labels = self._store.packs.labels(pack.id, [passage_id for _, passage_id in scored])
        passages = self._store.packs.passages(pack.id, labels.values())
        paths = {document_id: path for path, document_id in self._ids.items()}
        found = [(score, passages[labels[passage_id]]) for score, passage_id in scored]
        return [Found(score, paths[packed.document_id], packed) for score, packed in found]

    def packed(self, path: str) -> tuple[PackedPassage, ...]:
        """All passages of a document, in its order."""
        pack = self._store.packs.find(self._workspace)
        document = self._store.documents.get(self._ids[path])
        first = self._store.packs.label_of(pack.id, document.version_id) if pack else None
        if pack is None or first is None:
            return ()
        labels = range(first, first + document.passages)
        found = self._store.packs.passages(pack.id, labels)
        return tuple(found[label] for label in labels if label in found)

    def line_passages(self) -> Iterator[tuple[str, tuple[int, int], str]]:
        """Path, first and last line, and text of all passages that have lines."""
        for document in self._store.documents.all(self._workspace):
            for passage in self._store.documents.passages(document.version_id):
                if isinstance(passage.locator, LineLocator):
                    lines = (passage.locator.first_line, passage.locator.last_line)
                    yield document.path, lines, passage.text

    def weights(self, question: str) -> dict[str, float]:
        """How much each of the question's terms tells."""
        return self._store.search.weights(self._workspace, question)

    def _publish(self, versions: Sequence[NewVersion], version_ids: Sequence[int]) -> None:
        head = PackHead("bench", "none", 0, head_chain())
        pack = Pack(0)
        segments: list[NewSegment] = []
        for version, version_id in zip(versions, version_ids, strict=True):
            pack = pack.append(_SEGMENT, len(version.parsed.passages), 1)
            last = pack.segments[-1]
            segments.append(
                NewSegment(
                    version_id,
                    version.document_id,
                    _SEGMENT,
                    last.token_count,
                    last.byte_count,
                    last.passage_count,
                    last.first_label,
                    last.hash,
                    last.chain,
                )
            )
        self._store.packs.publish(self._store.packs.current(self._workspace, head), segments)


def _parsed(path: str, file: Path) -> ParsedDocument | None:
    try:
        return parse_file(file, path, ReaderOptions(), lambda _done, _all: None)
    except ReadError:
        return None


def _version(document_id: int, path: str, document: ParsedDocument) -> NewVersion:
    fields = document_fields(path, document)
    return NewVersion(document_id, str(document_id), 0, "", document, fields)
