"""What the stores hand out and take: frozen values. Times are seconds since the epoch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from docqa.core.checklists import Checklist
from docqa.core.documents import DocumentKind, ParsedDocument
from docqa.core.indexing import IndexFields
from docqa.core.packing import Segment

SourceKind = Literal["upload", "file", "folder", "archive", "git"]
DocumentStatus = Literal["ready", "staged", "failed", "excluded", "removed", "superseded"]
VersionStatus = Literal["ready", "failed", "superseded"]
JobStatus = Literal["queued", "running", "done", "failed", "cancelled"]
JobItemStatus = Literal["queued", "running", "done", "failed", "skipped", "cancelled"]

TERMINAL_JOB_STATUSES: frozenset[str] = frozenset(("done", "failed", "cancelled"))
TERMINAL_ITEM_STATUSES: frozenset[str] = TERMINAL_JOB_STATUSES | {"skipped"}


@dataclass(frozen=True, slots=True)
class Workspace:
    """Documents that are asked about together."""

    id: int
    name: str
    created_at: float


@dataclass(frozen=True, slots=True)
class WorkspaceSummary:
    """A workspace and how much is in it."""

    workspace: Workspace
    documents: int
    tokens: int
    """Of the pack, head included; 0 while nothing is published."""
    pack: str
    """Hash of the published pack version, empty while there is none."""


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What a user chose for a source; kept for its updates."""

    ref: str = ""
    """Branch, tag or commit that is followed; empty is the repository's default branch."""
    history: bool = False
    """Whether the repository's history is fetched too, for blame."""
    put_back: tuple[str, ...] = ()
    """Paths that are read although they would be left out."""
    shown_secrets: tuple[str, ...] = ()
    """Paths whose secrets are not masked."""
    watch: bool = False
    """Whether docqa looks by itself now and then what changed in it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where documents came from."""

    id: int
    workspace_id: int
    kind: SourceKind
    name: str
    uri: str
    """Path or address, without credentials."""
    created_at: float
    revision: str = ""
    """Commit that was read last; empty outside of a repository."""
    options: SourceOptions = field(default_factory=SourceOptions)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document with its current version; counts are that version's."""

    id: int
    workspace_id: int
    source_id: int
    name: str
    path: str
    version_id: int
    """0 while no version is published and none failed."""
    version: int
    """1-based number of the version."""
    kind: DocumentKind
    language: str
    pages: int
    readable_pages: int
    passages: int
    line_count: int
    tokens: int
    """Of its segment in the pack, in the pack's tokenizer; 0 while unpublished."""
    status: DocumentStatus
    excluded: bool
    published: bool
    """Whether the version is in the pack; false for excluded documents after repacking."""
    content_hash: str
    size: int
    """Bytes of the original file."""
    title: str
    encoding: str
    error: str
    error_hint: str
    notes: tuple[str, ...]
    created_at: float
    """When this version was read."""
    revision: str = ""
    """Of the repository, when this version was read."""
    removed: str = ""
    """Revision, or day, in which it was found to be gone from its source; then it is excluded."""


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version of a document."""

    id: int
    document_id: int
    number: int
    content_hash: str
    size: int
    reader: str
    options_hash: str
    kind: DocumentKind
    title: str
    language: str
    encoding: str
    line_count: int
    pages: int
    readable_pages: int
    passages: int
    tokens: int
    status: VersionStatus
    published: bool
    error: str
    error_hint: str
    notes: tuple[str, ...]
    created_at: float
    revision: str = ""
    """Of the repository, when this version was read."""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A parsed file that is to become a version of a document."""

    document_id: int
    content_hash: str
    size: int
    options_hash: str
    parsed: ParsedDocument
    index_rows: Sequence[IndexFields]
    """The search index's fields of each passage, in the passages' order."""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Erased:
    """What erasing a document left to do."""

    version_ids: tuple[int, ...]
    """Their page pictures go."""
    hashes: frozenset[str]
    """Originals that nothing refers to any more."""
    pack_id: int | None
    """The pack that has to be built anew."""
    answers: tuple[int, ...]
    """Those that were blanked because they rested on it."""


@dataclass(frozen=True, slots=True)
class PackHead:
    """What a pack begins with, and the tokenizer its counts are in."""

    prompt_version: str
    tokenizer: str
    tokens: int
    hash: str
    """`docqa.core.packing.head_chain()`."""


@dataclass(frozen=True, slots=True)
class PackInfo:
    """The published state of a pack."""

    id: int
    workspace_id: int
    generation: int
    hash: str
    prompt_version: str
    tokenizer: str
    head_tokens: int
    token_count: int
    """Head and all segments."""
    byte_count: int
    """All segments, without the head."""
    segment_count: int
    passage_count: int
    next_label: int
    rebuild_needed: bool
    """A document was erased: build the next generation before anything is published or asked."""


@dataclass(frozen=True, slots=True)
class NewSegment:
    """A rendered version that is to be appended to a pack; `chain` ends with it."""

    version_id: int
    document_id: int
    text: str = field(repr=False)
    token_count: int
    byte_count: int
    passage_count: int
    first_label: int
    hash: str
    chain: str
    supersedes_position: int | None = None


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A segment of a pack, without its text."""

    id: int
    pack_id: int
    document_id: int
    version_id: int
    name: str
    """The document's name."""
    kind: DocumentKind
    segment: Segment
    supersedes_position: int | None


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    """Questions and answers under one title."""

    id: int
    workspace_id: int
    title: str
    created_at: float
    updated_at: float
    answers: int


@dataclass(frozen=True, slots=True)
class JobInfo:
    """Work for a worker."""

    id: int
    workspace_id: int | None
    kind: str
    payload: dict[str, Any]
    status: JobStatus
    owner: str
    owner_pid: int
    owner_started: float
    heartbeat_at: float
    progress_done: int
    progress_total: int
    progress_text: str
    cancel_requested: bool
    error: str
    error_hint: str
    error_type: str
    result: dict[str, Any]
    attempts: int
    created_at: float
    finished_at: float | None

    @property
    def finished(self) -> bool:
        """Whether it will not change any more."""
        return self.status in TERMINAL_JOB_STATUSES


@dataclass(frozen=True, slots=True)
class NewJobItem:
    """A part of a job that is to be done."""

    name: str
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobItem:
    """A part of a job; it fails alone."""

    id: int
    job_id: int
    position: int
    name: str
    payload: dict[str, Any]
    status: JobItemStatus
    error: str
    error_hint: str
    error_type: str
    pages_done: int
    pages_total: int
    result: dict[str, Any]

    @property
    def finished(self) -> bool:
        """Whether it will not change any more."""
        return self.status in TERMINAL_ITEM_STATUSES


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what; `hash` covers this entry and the one before."""

    id: int
    at: float
    user: str
    action: str
    detail: dict[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """The first thing that is wrong with the record."""

    entry_id: int
    """The entry where it shows; 0 where there is none, as for a row that no entry tells of."""
    what: str


@dataclass(frozen=True, slots=True)
class StoredChecklist:
    """A checklist of a user's."""

    checklist: Checklist
    revision: int
    """Grows each time it is saved."""
    updated_at: float
    updated_by: str
