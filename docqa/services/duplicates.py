"""Duplicates and near duplicates among a workspace's documents, and what they cost.

Nothing is excluded by itself: groups are found, a user says which documents go.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from docqa.core.near_duplicates import LEAST_SIMILARITY, Sketch, groups
from docqa.services.jobs import JobContext, JobRunner
from docqa.services.library import LibraryService
from docqa.store.store import Store
from docqa.store.values import DocumentInfo

DUPLICATES = "duplicates"
"""The kind of the jobs that make fingerprints."""
AT_ONCE = 25
"""Fingerprints that are written together."""

Keep = Literal["first", "newest"]


@dataclass(frozen=True, slots=True)
class Member:
    """A document of a group."""

    document: DocumentInfo
    similarity: float
    """To the one that is kept: 1 where the words are the same."""
    same_file: bool
    """Whether it has the same bytes as the one that is kept."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Documents that say the same, or nearly."""

    kept: DocumentInfo
    others: tuple[Member, ...]
    """Those that can be spared, the most alike first."""

    @property
    def tokens(self) -> int:
        """What the others cost in the pack."""
        return sum(member.document.tokens for member in self.others)

    @property
    def least_similarity(self) -> float:
        """Of the others to the one that is kept."""
        return min(member.similarity for member in self.others)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What is known of a workspace's duplicates."""

    groups: tuple[DuplicateGroup, ...]
    """Those that cost most first."""
    missing: int
    """Documents without a fingerprint: only copies of the same bytes are found of them."""

    @property
    def tokens(self) -> int:
        """What all that can be spared costs in the pack."""
        return sum(group.tokens for group in self.groups)


class DuplicateService:
    """Finds documents that are nearly the same."""

    def __init__(self, store: Store, library: LibraryService) -> None:
        self._store = store
        self._library = library
        self._last: tuple[object, Duplicates] | None = None
        """What was asked last, in which state of the workspace, and the answer."""
        self.runner: JobRunner | None = None

    def submit(self, workspace_id: int) -> int:
        """Make the fingerprints that are missing; the job."""
        job_id = self._store.jobs.create_single(DUPLICATES, workspace_id, {})
        if self.runner is not None:
            self.runner.wake()
        return job_id

    def handle(self, context: JobContext) -> Mapping[str, Any]:
        """Do a `duplicates` job, from wherever it was left."""
        assert context.job.workspace_id is not None
        sketches = self._stored(context.job.workspace_id)
        missing = [number for number, sketch in sketches.items() if sketch is None]
        made: dict[int, bytes] = {}
        for done, document_id in enumerate(missing):
            context.check()
            version_id = self._store.documents.get(document_id).version_id
            passages = self._store.documents.passages(version_id)
            made[version_id] = Sketch.of(passage.text for passage in passages).to_bytes()
            if len(made) >= AT_ONCE:
                self._store.fingerprints.put(made)
                made = {}
                context.progress(done + 1, len(missing), "comparing")
        self._store.fingerprints.put(made)
        return {"documents": len(sketches), "made": len(missing)}

    def find(
        self,
        workspace_id: int,
        *,
        keep: Keep = "first",
        least: float = LEAST_SIMILARITY,
    ) -> Duplicates:
        """Groups of documents that can be asked about and are at least so much alike.

        Of each group the one that was added first is kept, or the one whose version is the newest;
        the others are duplicates of it.
        """
        state = self._store.documents.fingerprint(workspace_id)
        asked = (workspace_id, state, self._store.fingerprints.count(workspace_id), keep, least)
        last = self._last
        if last is None or last[0] != asked:
            last = self._last = (asked, self._found(workspace_id, keep, least))
        return last[1]

    def exclude(self, document_ids: Collection[int]) -> None:
        """Leave these documents out of questions; it costs nothing and can be undone."""
        for document_id in document_ids:
            self._library.exclude(document_id)

    def _found(self, workspace_id: int, keep: Keep, least: float) -> Duplicates:
        sketches = self._stored(workspace_id)
        documents = {
            document.id: document
            for document in self._library.documents(workspace_id)
            if document.id in sketches
        }
        found = [
            group
            for ids in _grouped(documents, sketches, least)
            if (group := _group([documents[each] for each in ids], sketches, keep, least))
        ]
        found.sort(key=lambda group: (-group.tokens, group.kept.path))
        return Duplicates(tuple(found), sum(sketch is None for sketch in sketches.values()))

    def _stored(self, workspace_id: int) -> dict[int, Sketch | None]:
        return {
            document_id: None if packed is None else Sketch.from_bytes(packed)
            for document_id, packed in self._store.fingerprints.of(workspace_id).items()
        }


def _grouped(
    documents: Mapping[int, DocumentInfo], sketches: Mapping[int, Sketch | None], least: float
) -> list[tuple[int, ...]]:
    """Documents that are alike, in the order they were added; copies of a file stand for one."""
    copies: defaultdict[str, list[int]] = defaultdict(list)
    for number in sorted(documents):
        copies[documents[number].content_hash].append(number)
    firsts = {ids[0]: ids for ids in copies.values()}
    known = {number: sketch for number in firsts if (sketch := sketches[number]) is not None}
    near = groups(known, least=least)
    alone = firsts.keys() - {number for group in near for number in group}
    together = [tuple(sorted(_all(firsts[number] for number in group))) for group in near]
    return together + [tuple(firsts[n]) for n in sorted(alone) if len(firsts[n]) > 1]


def _all(lists: Iterable[Sequence[int]]) -> list[int]:
    return [number for numbers in lists for number in numbers]


def _group(
    documents: Sequence[DocumentInfo],
    sketches: Mapping[int, Sketch | None],
    keep: Keep,
    least: float,
) -> DuplicateGroup | None:
    """The group with what is kept of it; None if nothing in it is a duplicate of that."""
    if keep == "newest":
        kept = max(documents, key=lambda document: (document.created_at, document.id))
    else:
        kept = min(documents, key=lambda document: document.id)
    others = []
    for document in documents:
        if document.id == kept.id:
            continue
        same_file = document.content_hash == kept.content_hash
        one, other = sketches[kept.id], sketches[document.id]
        if same_file:
            others.append(Member(document, 1.0, same_file=True))
        elif one is not None and other is not None and one.is_duplicate(other, least):
            others.append(Member(document, one.similarity(other), same_file=False))
    others.sort(key=lambda member: (not member.same_file, -member.similarity, member.document.path))
    return DuplicateGroup(kept, tuple(others)) if others else None
