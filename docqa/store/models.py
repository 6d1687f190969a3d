"""The tables. Rows never leave this package; `docqa.store.values` has what does.

Ids are never given twice (AUTOINCREMENT): an old link must not lead to a newer document.
Counts that screens show stand in columns, so that no list ever counts passages.
"""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_OWN_IDS = {"sqlite_autoincrement": True}


class Row(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012 - how SQLAlchemy wants it
        dict[str, Any]: JSON,
        list[Any]: JSON,
        bytes: LargeBinary,
    }


def _owner(column: str, *, index: bool = False) -> Mapped[int]:
    """A foreign key whose rows go with their owner."""
    return mapped_column(ForeignKey(column, ondelete="CASCADE"), index=index)


class WorkspaceRow(Row):
    """A set of documents that are asked about together; its pack is what the model reads."""

    __tablename__ = "workspaces"
    __table_args__ = _OWN_IDS
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[float]


class SourceRow(Row):
    """Where documents came from: an upload, a file, a folder, an archive, a repository."""

    __tablename__ = "sources"
    __table_args__ = (Index(None, "workspace_id", "kind", "uri"), _OWN_IDS)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = _owner("workspaces.id")
    kind: Mapped[str]
    name: Mapped[str]
    uri: Mapped[str]
    created_at: Mapped[float]
    revision: Mapped[str] = mapped_column(server_default="")
    options: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class LeftOutRow(Row):
    """A file of a source that was not read."""

    __tablename__ = "left_out"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012
    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    category: Mapped[str]
    size: Mapped[int]


class DocumentRow(Row):
    """A path in a source. Its bytes at one time are a version."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("source_id", "path"), _OWN_IDS)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = _owner("workspaces.id", index=True)
    source_id: Mapped[int] = _owner("sources.id")
    path: Mapped[str]
    name: Mapped[str]
    excluded: Mapped[bool]
    current_version_id: Mapped[int | None]
    created_at: Mapped[float]
    removed: Mapped[str] = mapped_column(server_default="")
    kept_out: Mapped[bool] = mapped_column(server_default="0")
    """Excluded by a user, not because its file is gone."""


class VersionRow(Row):
    """Bytes read with one reader and one set of options; its passages never change."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("document_id", "number"), _OWN_IDS)
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = _owner("documents.id")
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    reader: Mapped[str]
    options_hash: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    language: Mapped[str]
    encoding: Mapped[str]
    line_count: Mapped[int]
    page_count: Mapped[int]
    readable_pages: Mapped[int]
    passage_count: Mapped[int]
    token_count: Mapped[int]
    status: Mapped[str]
    published: Mapped[bool]
    error: Mapped[str]
    error_hint: Mapped[str]
    notes: Mapped[list[Any]]
    created_at: Mapped[float]
    revision: Mapped[str] = mapped_column(server_default="")


class SymbolRow(Row):
    """A definition in a version of a source file."""

    __tablename__ = "symbols"
    __table_args__ = (Index(None, "name"), {"sqlite_with_rowid": False})
    version_id: Mapped[int] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    parent: Mapped[int | None]
    name: Mapped[str]
    path: Mapped[str]
    kind: Mapped[str]
    first_line: Mapped[int]
    last_line: Mapped[int]
    line: Mapped[int]
    signature: Mapped[str]


class CodeFactsRow(Row):
    """What a version of a source file imports (JSON) and uses (compressed JSON, by name)."""

    __tablename__ = "code_facts"
    version_id: Mapped[int] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    imports: Mapped[list[Any]]
    uses: Mapped[bytes]


class SecretRow(Row):
    """Where a version has what looks like a password, key or token; never what it is."""

    __tablename__ = "secrets"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012
    version_id: Mapped[int] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    end: Mapped[int]
    kind: Mapped[str]


class PageRow(Row):
    """A page of a PDF, an image or a slide: what of it could be read."""

    __tablename__ = "pages"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012
    version_id: Mapped[int] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    width: Mapped[float]
    height: Mapped[float]
    status: Mapped[str]
    reason: Mapped[str]
    characters: Mapped[int]
    confidence: Mapped[float | None]


class PassageRow(Row):
    """A natural unit of a version, in reading order."""

    __tablename__ = "passages"
    __table_args__ = (UniqueConstraint("version_id", "ordinal"), _OWN_IDS)
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = _owner("versions.id")
    ordinal: Mapped[int]
    kind: Mapped[str]
    heading: Mapped[str]
    first_page: Mapped[int | None]
    last_page: Mapped[int | None]
    first_line: Mapped[int | None]
    last_line: Mapped[int | None]
    text: Mapped[str]
    geometry: Mapped[bytes]
    unit: Mapped[str | None]
    """Of a place; then its numbers stand in the columns of the lines."""
    part: Mapped[str] = mapped_column(server_default="")
    columns: Mapped[str] = mapped_column(server_default="")
    confidence: Mapped[float | None]


class VectorRow(Row):
    """The embedding of a passage: little-endian 16-bit floats, of length 1."""

    __tablename__ = "vectors"
    passage_id: Mapped[int] = mapped_column(
        ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    model: Mapped[str]
    vector: Mapped[bytes]


class FingerprintRow(Row):
    """What near duplicates of a version are found by."""

    __tablename__ = "fingerprints"
    version_id: Mapped[int] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    fingerprint: Mapped[bytes]


class PackRow(Row):
    """One generation of a workspace as the model sees it; the one not retired is in use."""

    __tablename__ = "packs"
    __table_args__ = (UniqueConstraint("workspace_id", "generation"), _OWN_IDS)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = _owner("workspaces.id")
    generation: Mapped[int]
    prompt_version: Mapped[str]
    tokenizer: Mapped[str]
    head_tokens: Mapped[int]
    hash: Mapped[str]
    token_count: Mapped[int]
    byte_count: Mapped[int]
    segment_count: Mapped[int]
    passage_count: Mapped[int]
    next_label: Mapped[int]
    rebuild_needed: Mapped[bool]
    retired: Mapped[bool]
    created_at: Mapped[float]


class SegmentRow(Row):
    """A version in a pack. The label of a passage is `first_label` plus its ordinal."""

    __tablename__ = "segments"
    __table_args__ = (
        UniqueConstraint("pack_id", "position"),
        Index(None, "pack_id", "first_label"),
        _OWN_IDS,
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = _owner("packs.id")
    position: Mapped[int]
    version_id: Mapped[int] = _owner("versions.id", index=True)
    document_id: Mapped[int] = _owner("documents.id", index=True)
    first_label: Mapped[int]
    passage_count: Mapped[int]
    token_count: Mapped[int]
    byte_count: Mapped[int]
    hash: Mapped[str]
    chain: Mapped[str]
    supersedes_position: Mapped[int | None]


class SegmentTextRow(Row):
    """The rendered bytes, compressed; apart, so that lists of segments stay small."""

    __tablename__ = "segment_texts"
    segment_id: Mapped[int] = mapped_column(
        ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    text: Mapped[bytes]


class SegmentCountRow(Row):
    """Token counts by other tokenizers than the pack's own."""

    __tablename__ = "segment_counts"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012
    segment_id: Mapped[int] = mapped_column(
        ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True
    )
    tokenizer: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class IndexStateRow(Row):
    """Which `SEARCH_TERMS_VERSION` a workspace's search index was built with."""

    __tablename__ = "index_state"
    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    terms_version: Mapped[int]


class ConversationRow(Row):
    """Questions and answers under one title."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "workspace_id", "updated_at"), _OWN_IDS)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = _owner("workspaces.id")
    title: Mapped[str]
    created_at: Mapped[float]
    updated_at: Mapped[float]


class AnswerRow(Row):
    """A question and its answer; `docqa.core.answers.Answer` plus what the model wrote."""

    __tablename__ = "answers"
    __table_args__ = _OWN_IDS
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = _owner("conversations.id", index=True)
    job_id: Mapped[int | None]
    question: Mapped[str]
    status: Mapped[str]
    text: Mapped[str]
    draft: Mapped[str]
    raw_text: Mapped[str]
    citations: Mapped[list[Any]]
    sentences: Mapped[list[Any]]
    unresolved: Mapped[int]
    coverage: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    scope: Mapped[list[Any]]
    mode: Mapped[str]
    mode_reason: Mapped[str]
    engine: Mapped[str]
    model: Mapped[str]
    pack: Mapped[str]
    prompt_version: Mapped[str]
    params: Mapped[dict[str, Any]]
    prompt_tokens: Mapped[int]
    cached_tokens: Mapped[int | None]
    completion_tokens: Mapped[int]
    sent_tokens: Mapped[int | None]
    sent_bytes: Mapped[int | None]
    prefill_s: Mapped[float | None]
    cache_miss: Mapped[str] = mapped_column(server_default="")
    ttft_s: Mapped[float | None]
    total_s: Mapped[float | None]
    error: Mapped[str]
    error_hint: Mapped[str]
    error_type: Mapped[str] = mapped_column(server_default="")
    progress: Mapped[str]
    progress_done: Mapped[int]
    progress_total: Mapped[int]
    feedback: Mapped[str]
    feedback_reason: Mapped[str]
    suggested: Mapped[list[Any]]
    created_at: Mapped[float]
    mentions: Mapped[list[Any]] = mapped_column(server_default="[]")
    shards: Mapped[list[Any]] = mapped_column(server_default="[]")


class JobRow(Row):
    """Work for a worker: a heartbeat, progress and a cancel flag."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "status", "id"), _OWN_IDS)
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int | None] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    status: Mapped[str]
    owner: Mapped[str]
    owner_pid: Mapped[int]
    owner_started: Mapped[float]
    heartbeat_at: Mapped[float]
    progress_done: Mapped[int]
    progress_total: Mapped[int]
    progress_text: Mapped[str]
    cancel_requested: Mapped[bool]
    error: Mapped[str]
    error_hint: Mapped[str]
    error_type: Mapped[str]
    result: Mapped[dict[str, Any]]
    attempts: Mapped[int]
    created_at: Mapped[float]
    finished_at: Mapped[float | None]


class JobItemRow(Row):
    """One part of a job; it fails alone, and is the most that a crash loses."""

    __tablename__ = "job_items"
    __table_args__ = (
        UniqueConstraint("job_id", "position"),
        Index(None, "job_id", "status", "position"),
        _OWN_IDS,
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = _owner("jobs.id")
    position: Mapped[int]
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    status: Mapped[str]
    error: Mapped[str]
    error_hint: Mapped[str]
    error_type: Mapped[str]
    pages_done: Mapped[int]
    pages_total: Mapped[int]
    result: Mapped[dict[str, Any]]


class PreferenceRow(Row):
    """Workspace 0 is the installation."""

    __tablename__ = "preferences"
    workspace_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class AuditRow(Row):
    """Who did what, without contents; each row's hash covers the one before."""

    __tablename__ = "audit"
    __table_args__ = _OWN_IDS
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[float]
    user: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]
