"""Packs as they are published: segments in order, their texts compressed beside them."""

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Select, cast, func, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import aliased

from docqa.core.packed import PackedPassage
from docqa.core.packing import FIRST_LABEL, Pack, Segment
from docqa.errors import StaleError, UnknownItemError
from docqa.store import publishing
from docqa.store.database import Database
from docqa.store.document_rows import PASSAGE_COLUMNS, to_passage
from docqa.store.models import (
    DocumentRow,
    PackRow,
    PassageRow,
    SegmentCountRow,
    SegmentRow,
    SegmentTextRow,
    VersionRow,
)
from docqa.store.queries import among
from docqa.store.values import NewSegment, PackHead, PackInfo, SegmentInfo

_BATCH = 16
_Segment = aliased(SegmentRow)
_SEGMENT_COLUMNS = (
    SegmentRow.id,
    SegmentRow.pack_id,
    SegmentRow.document_id,
    SegmentRow.version_id,
    DocumentRow.name,
    VersionRow.kind,
    SegmentRow.position,
    SegmentRow.first_label,
    SegmentRow.passage_count,
    SegmentRow.token_count,
    SegmentRow.byte_count,
    SegmentRow.hash,
    SegmentRow.chain,
    SegmentRow.supersedes_position,
)


class PackStore:
    """The pack of each workspace, generation by generation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, workspace_id: int) -> PackInfo | None:
        """The workspace's pack, None before its first document."""
        with self._database.read() as connection:
            return publishing.current(connection, workspace_id)

    def current(self, workspace_id: int, head: PackHead) -> PackInfo:
        """The workspace's pack as it is, or its first generation, a head and no segment.

        Raises:
            UnknownItemError: If there is no such workspace.
        """
        found = self.find(workspace_id)
        if found:
            return found
        with self._database.write() as connection:
            return publishing.current(connection, workspace_id) or publishing.create(
                connection, workspace_id, head, generation=1, first_label=FIRST_LABEL
            )

    def get(self, pack_id: int) -> PackInfo:
        """The pack with this id, retired or not.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            found = publishing.by_id(connection, pack_id)
        if found is None:
            raise UnknownItemError("pack", pack_id)
        return found

    def pack(self, pack_id: int) -> Pack:
        """The pack with its segments' hashes and sizes, ready to append to.

        Raises:
            UnknownItemError: If there is none.
        """
        info = self.get(pack_id)
        segments = tuple(found.segment for found in self.segments(pack_id))
        first = segments[0].first_label if segments else info.next_label
        return Pack(info.head_tokens, segments, first)

    def segments(self, pack_id: int) -> tuple[SegmentInfo, ...]:
        """The pack's segments in order, without their texts."""
        query = _segments(pack_id).order_by(SegmentRow.position)
        with self._database.read() as connection:
            return tuple(map(_to_segment, connection.execute(query).all()))

    def segment_text(self, segment_id: int) -> str:
        """The segment's text as the model reads it.

        Raises:
            StaleError: If its pack has been built anew since.
        """
        query = select(SegmentTextRow.text).where(SegmentTextRow.segment_id == segment_id)
        with self._database.read() as connection:
            packed = connection.scalar(query)
        if packed is None:
            raise StaleError("the pack has been built anew")
        return zlib.decompress(packed).decode()

    def chains(self, pack_id: int, up_to_position: int) -> tuple[str, ...]:
        """The hashes of the pack's versions after each of its first segments, in order.

        Raises:
            StaleError: If the pack was built anew.
        """
        query = (
            select(SegmentRow.chain)
            .where(SegmentRow.pack_id == pack_id, SegmentRow.position < up_to_position)
            .order_by(SegmentRow.position)
        )
        with self._database.read() as connection:
            found = tuple(connection.scalars(query))
        if len(found) != up_to_position:
            raise StaleError("the pack has been built anew")
        return found

    def iter_text(
        self, pack_id: int, up_to_position: int | None = None, *, start: int = 0
    ) -> Iterator[str]:
        """The segments' texts in order, those at positions `start` to `up_to_position`.

        Without the head; the segment at `up_to_position` is not among them.

        A few segments are in memory at a time, and no transaction stays open between them.

        Raises:
            StaleError: If the pack is built anew meanwhile.
        """
        end = self.get(pack_id).segment_count
        if up_to_position is not None:
            end = min(end, up_to_position)
        query = (
            select(SegmentTextRow.text)
            .join(SegmentRow, SegmentRow.id == SegmentTextRow.segment_id)
            .where(SegmentRow.pack_id == pack_id)
            .order_by(SegmentRow.position)
        )
        for first in range(start, end, _BATCH):
            stop = min(first + _BATCH, end)
            batch = query.where(SegmentRow.position >= first, SegmentRow.position < stop)
            with self._database.read() as connection:
                texts = connection.scalars(batch).all()
            if len(texts) != stop - first:
                raise StaleError("the pack has been built anew")
            for text in texts:
                yield zlib.decompress(text).decode()

    def publish(self, pack: PackInfo, items: Iterable[NewSegment]) -> PackInfo:
        """Append segments in one transaction; their versions become the current ones.

        The items may come from a generator: each text is compressed and let go before the next.

        Raises:
            StaleError: If the pack has grown or was built anew since it was read.
            StorageFullError: If there is no space; nothing is published then.
            ValueError: If labels leave gaps or overlap.
        """
        ready = publishing.compressed(items, pack.next_label)
        with self._database.write() as connection:
            return publishing.append(connection, pack, ready)

    def start_generation(
        self,
        workspace_id: int,
        head: PackHead,
        items: Iterable[NewSegment],
        *,
        expected: PackInfo | None,
    ) -> PackInfo:
        """Replace the pack by one with these segments, in one transaction.

        Labels begin at the old pack's `next_label`: they only grow, also over generations. Versions
        that are not among the items are no longer published.

        Raises:
            StaleError: If `expected` is not the workspace's pack any more.
            StorageFullError: If there is no space; the old pack stays then.
            ValueError: If labels leave gaps or overlap.
        """
        first_label = expected.next_label if expected else FIRST_LABEL
        ready = publishing.compressed(items, first_label)
        with self._database.write() as connection:
            return publishing.replace_pack(connection, workspace_id, head, ready, expected)

    def locate(self, pack_id: int, label: int) -> tuple[SegmentInfo, int] | None:
        """The segment that has this label and the passage's 0-based ordinal in it."""
        query = _segments(pack_id).where(SegmentRow.first_label <= label)
        query = query.order_by(SegmentRow.first_label.desc(), SegmentRow.position.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        found = _to_segment(row) if row else None
        if found is None or label not in found.segment.labels:
            return None
        return found, label - found.segment.first_label

    def passage(self, pack_id: int, label: int) -> PackedPassage | None:
        """The passage with this label, None if the pack has no such label."""
        return self.passages(pack_id, (label,)).get(label)

    def passages(self, pack_id: int, labels: Collection[int]) -> dict[int, PackedPassage]:
        """The passages with these labels; labels that the pack does not have are left out."""
        given = func.json_each(json.dumps(list(labels))).table_valued("value").alias("given")
        label = cast(given.c.value, Integer)
        holding = (
            select(_Segment.id)
            .where(_Segment.pack_id == pack_id, _Segment.first_label <= label)
            .order_by(_Segment.first_label.desc(), _Segment.position.desc())
            .limit(1)
            .correlate(given)
            .scalar_subquery()
        )
        query = (
            select(
                label,
                PassageRow.id,
                SegmentRow.document_id,
                SegmentRow.version_id,
                DocumentRow.name,
                VersionRow.revision,
                *PASSAGE_COLUMNS,
            )
            .select_from(given)
            .join(SegmentRow, SegmentRow.id == holding)
            .join(
                PassageRow,
                (PassageRow.version_id == SegmentRow.version_id)
                & (PassageRow.ordinal == label - SegmentRow.first_label),
            )
            .join(DocumentRow, DocumentRow.id == SegmentRow.document_id)
            .join(VersionRow, VersionRow.id == SegmentRow.version_id)
        )
        with self._database.read() as connection:
            return {
                row[0]: PackedPassage(*(*row[:5], to_passage(row[6:]), row[5]))
                for row in connection.execute(query)
            }

    def label_of(self, pack_id: int, version_id: int) -> int | None:
        """The label of the version's first passage, None if it is not in the pack."""
        return self.first_labels(pack_id, (version_id,)).get(version_id)

    def first_labels(
        self, pack_id: int, version_ids: Collection[int] | None = None
    ) -> dict[int, int]:
        """The label of each version's first passage, of these versions or of all in the pack."""
        query = (
            select(SegmentRow.version_id, func.max(SegmentRow.first_label))
            .where(SegmentRow.pack_id == pack_id)
            .group_by(SegmentRow.version_id)
        )
        if version_ids is not None:
            query = query.where(among(SegmentRow.version_id, version_ids))
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def labels(self, pack_id: int, passage_ids: Collection[int]) -> dict[int, int]:
        """The labels of passages, by passage id; those not in the pack are left out."""
        query = (
            select(PassageRow.id, func.max(SegmentRow.first_label + PassageRow.ordinal))
            .join(SegmentRow, SegmentRow.version_id == PassageRow.version_id)
            .where(SegmentRow.pack_id == pack_id, among(PassageRow.id, passage_ids))
            .group_by(PassageRow.id)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def token_counts(self, pack_id: int, tokenizer: str) -> dict[int, int]:
        """Tokens of the segments that are counted with this tokenizer, by segment id."""
        own = select(SegmentRow.id, SegmentRow.token_count).join(PackRow)
        own = own.where(SegmentRow.pack_id == pack_id, PackRow.tokenizer == tokenizer)
        other = select(SegmentCountRow.segment_id, SegmentCountRow.count).join(SegmentRow)
        other = other.where(SegmentRow.pack_id == pack_id, SegmentCountRow.tokenizer == tokenizer)
        with self._database.read() as connection:
            counts = {row[0]: row[1] for row in connection.execute(other)}
            return counts | {row[0]: row[1] for row in connection.execute(own)}

    def save_token_counts(self, tokenizer: str, counts: Mapping[int, int]) -> None:
        """Keep counts by another tokenizer, by segment id; of segments that are gone none."""
        if not counts:
            return
        insert = upsert(SegmentCountRow)
        insert = insert.on_conflict_do_update(
            index_elements=["segment_id", "tokenizer"], set_={"count": insert.excluded.count}
        )
        with self._database.write() as connection:
            there = select(SegmentRow.id).where(among(SegmentRow.id, counts.keys()))
            rows = [
                {"segment_id": key, "tokenizer": tokenizer, "count": counts[key]}
                for key in connection.scalars(there)
            ]
            if rows:
                connection.execute(insert, rows)


def _segments(pack_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(*_SEGMENT_COLUMNS)
        .join(DocumentRow, DocumentRow.id == SegmentRow.document_id)
        .join(VersionRow, VersionRow.id == SegmentRow.version_id)
        .where(SegmentRow.pack_id == pack_id)
    )


def _to_segment(row: Sequence[Any]) -> SegmentInfo:
    return SegmentInfo(*(*row[:6], Segment(*row[6:13]), row[13]))
