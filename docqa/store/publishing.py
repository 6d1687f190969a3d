"""Publishing: segments are appended and versions become current, in the caller's transaction."""

import time
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from docqa.core.packing import FIRST_LABEL, chain
from docqa.errors import StaleError, UnknownItemError
from docqa.store.models import DocumentRow, PackRow, SegmentRow, VersionRow, WorkspaceRow
from docqa.store.queries import add_row, among, last_id, set_columns
from docqa.store.values import NewSegment, PackHead, PackInfo

_LEVEL = 1
"""Of zlib: a third of the size at 60 MB/s; higher levels take longer than the disk saves."""
_COLUMNS = (
    PackRow.id,
    PackRow.workspace_id,
    PackRow.generation,
    PackRow.hash,
    PackRow.prompt_version,
    PackRow.tokenizer,
    PackRow.head_tokens,
    PackRow.token_count,
    PackRow.byte_count,
    PackRow.segment_count,
    PackRow.passage_count,
    PackRow.next_label,
    PackRow.rebuild_needed,
)
_CURRENT = select(*_COLUMNS).where(
    PackRow.workspace_id == bindparam("workspace_id"), ~PackRow.retired
)
_BY_ID = select(*_COLUMNS).where(PackRow.id == bindparam("pack_id"))
_INSERT_SEGMENT = (
    "INSERT INTO segments (id, pack_id, position, version_id, document_id, first_label,"
    " passage_count, token_count, byte_count, hash, chain, supersedes_position)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PUBLISH_VERSION = (
    "UPDATE versions SET published = 1, status = 'ready', token_count = ? WHERE id = ?"
)
_SUPERSEDE = (
    "UPDATE versions SET status = 'superseded' WHERE document_id = ? AND id <> ? AND status ="
    " 'ready'"
)


@dataclass(frozen=True, slots=True)
class Compressed:
    """A segment whose text is compressed."""

    new: NewSegment
    """Its text is empty."""
    text: bytes


def current(connection: Connection, workspace_id: int) -> PackInfo | None:
    """The workspace's pack that is not retired."""
    return _pack(connection.execute(_CURRENT, {"workspace_id": workspace_id}).first())


def by_id(connection: Connection, pack_id: int) -> PackInfo | None:
    """The pack with this id."""
    return _pack(connection.execute(_BY_ID, {"pack_id": pack_id}).first())


def create(
    connection: Connection,
    workspace_id: int,
    head: PackHead,
    *,
    generation: int,
    first_label: int,
) -> PackInfo:
    """A pack that is only a head.

    Raises:
        UnknownItemError: If there is no such workspace.
    """
    workspace = select(WorkspaceRow.id).where(WorkspaceRow.id == workspace_id)
    if connection.scalar(workspace) is None:
        raise UnknownItemError("workspace", workspace_id)
    pack_id = add_row(
        connection,
        PackRow,
        workspace_id=workspace_id,
        generation=generation,
        prompt_version=head.prompt_version,
        tokenizer=head.tokenizer,
        head_tokens=head.tokens,
        hash=head.hash,
        token_count=head.tokens,
        byte_count=0,
        segment_count=0,
        passage_count=0,
        next_label=first_label,
        rebuild_needed=False,
        retired=False,
        created_at=time.time(),
    )
    created = by_id(connection, pack_id)
    assert created is not None
    return created


def compressed(items: Iterable[NewSegment], first_label: int) -> list[Compressed]:
    """The segments with their texts compressed one by one, before the transaction begins.

    Raises:
        ValueError: If their labels do not follow each other from `first_label` on.
    """
    ready = []
    label = first_label
    for item in items:
        if item.first_label != label:
            raise ValueError(f"a segment begins with label {item.first_label}, not {label}")
        label += item.passage_count
        ready.append(Compressed(replace(item, text=""), zlib.compress(item.text.encode(), _LEVEL)))
    return ready


def append(connection: Connection, pack: PackInfo, segments: Sequence[Compressed]) -> PackInfo:
    """Append to the pack, if it is still the one that was read.

    Raises:
        StaleError: If it is not, or if a document or version is gone.
        ValueError: If the hashes do not chain.
    """
    found = by_id(connection, pack.id)
    if found is None or found != current(connection, pack.workspace_id):
        raise StaleError("the pack was built anew since it was read")
    if found.rebuild_needed or (found.hash, found.next_label) != (pack.hash, pack.next_label):
        raise StaleError("the pack has changed since it was read")
    _append(connection, found, segments)
    appended = by_id(connection, pack.id)
    assert appended is not None
    return appended


def replace_pack(
    connection: Connection,
    workspace_id: int,
    head: PackHead,
    segments: Sequence[Compressed],
    expected: PackInfo | None,
) -> PackInfo:
    """Retire the workspace's pack and make the next generation of these segments.

    Raises:
        StaleError: If the pack is not the expected one.
    """
    old = current(connection, workspace_id)
    if (old and (old.id, old.hash)) != (expected and (expected.id, expected.hash)):
        raise StaleError("the pack has changed since it was read")
    if old:
        connection.execute(delete(SegmentRow).where(SegmentRow.pack_id == old.id))
        set_columns(connection, PackRow, old.id, retired=True)
    documents = select(DocumentRow.id).where(DocumentRow.workspace_id == workspace_id)
    connection.execute(
        update(VersionRow).where(VersionRow.document_id.in_(documents)).values(published=False)
    )
    made = create(
        connection,
        workspace_id,
        head,
        generation=old.generation + 1 if old else 1,
        first_label=expected.next_label if expected else FIRST_LABEL,
    )
    _append(connection, made, segments)
    appended = by_id(connection, made.id)
    assert appended is not None
    return appended


def _append(connection: Connection, pack: PackInfo, segments: Sequence[Compressed]) -> None:
    if not segments:
        return
    _check(connection, pack, segments)
    first_id = last_id(connection, "segments") + 1
    ids = range(first_id, first_id + len(segments))
    rows = [
        (
            *(segment_id, pack.id, pack.segment_count + offset),
            *(new.version_id, new.document_id, new.first_label, new.passage_count),
            *(new.token_count, new.byte_count, new.hash, new.chain, new.supersedes_position),
        )
        for offset, (segment_id, new) in enumerate(
            zip(ids, (segment.new for segment in segments), strict=True)
        )
    ]
    connection.exec_driver_sql(_INSERT_SEGMENT, rows)
    connection.exec_driver_sql(
        "INSERT INTO segment_texts (segment_id, text) VALUES (?, ?)",
        [(segment_id, segment.text) for segment_id, segment in zip(ids, segments, strict=True)],
    )
    _make_current(connection, [segment.new for segment in segments])
    last = segments[-1].new
    set_columns(
        connection,
        PackRow,
        pack.id,
        hash=last.chain,
        token_count=pack.token_count + sum(segment.new.token_count for segment in segments),
        byte_count=pack.byte_count + sum(segment.new.byte_count for segment in segments),
        segment_count=pack.segment_count + len(segments),
        passage_count=pack.passage_count + sum(segment.new.passage_count for segment in segments),
        next_label=last.first_label + last.passage_count,
    )


def _check(connection: Connection, pack: PackInfo, segments: Sequence[Compressed]) -> None:
    previous = pack.hash
    for segment in segments:
        previous = chain(previous, segment.new.hash)
        if segment.new.chain != previous:
            raise ValueError(f"the chain breaks at label {segment.new.first_label}")
    version_ids = {segment.new.version_id for segment in segments}
    there = (
        select(func.count())
        .select_from(VersionRow)
        .join(DocumentRow, DocumentRow.id == VersionRow.document_id)
        .where(among(VersionRow.id, version_ids), DocumentRow.workspace_id == pack.workspace_id)
    )
    if connection.scalar(there) != len(version_ids):
        raise StaleError("a document was erased before it could be published")


def _make_current(connection: Connection, segments: Sequence[NewSegment]) -> None:
    connection.exec_driver_sql(_SUPERSEDE, [(new.document_id, new.version_id) for new in segments])
    connection.exec_driver_sql(
        _PUBLISH_VERSION, [(new.token_count, new.version_id) for new in segments]
    )
    connection.exec_driver_sql(
        "UPDATE documents SET current_version_id = ? WHERE id = ?",
        [(new.version_id, new.document_id) for new in segments],
    )


def _pack(row: Sequence[Any] | None) -> PackInfo | None:
    return PackInfo(*row) if row else None
