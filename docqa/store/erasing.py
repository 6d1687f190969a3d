"""Erasing a document: nothing of its text, name or quotes stays in the database.

Its rows go, and so does what others keep of it: answers and findings that cite it, repeat it or
name it are blanked (questions and checklists, the user's own words, stay), unreadable pages in
coverage notes, names in finished jobs, maps of its codebase. Audit entries hold hashes only and
stay. What was deleted is overwritten (`secure_delete`); `Database.vacuum` then removes it from the
write-ahead log too.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from docqa.errors import UnknownItemError
from docqa.store.models import (
    AnswerRow,
    ConversationRow,
    DocumentRow,
    JobItemRow,
    JobRow,
    LeftOutRow,
    PackRow,
    PassageRow,
    SegmentRow,
    SourceRow,
    VersionRow,
)
from docqa.store.queries import MAP_PATH, among, set_columns, unreferenced
from docqa.store.review_erasing import blank_reviews
from docqa.store.review_rows import ERASED_NAME
from docqa.store.staging import PassageIndex
from docqa.store.traces import Traces, traces_of
from docqa.store.values import TERMINAL_ITEM_STATUSES, TERMINAL_JOB_STATUSES, Erased

ERASED_TEXT = "This answer rested on a document that has been erased. Ask again to get a new one."


def erase(
    connection: Connection, index: PassageIndex, document_id: int, *, user: str = ""
) -> Erased:
    """Remove the document from every table, within the caller's transaction.

    Raises:
        UnknownItemError: If there is no such document.
    """
    query = select(DocumentRow.workspace_id, DocumentRow.source_id).where(
        DocumentRow.id == document_id
    )
    document = connection.execute(query).first()
    if document is None:
        raise UnknownItemError("document", document_id)
    workspace_id, source_id = document
    told_in = _maps_of(connection, document_id, source_id)
    versions = connection.execute(
        select(VersionRow.id, VersionRow.content_hash).where(
            among(VersionRow.document_id, [document_id, *told_in])
        )
    ).all()
    traces = traces_of(connection, document_id, source_id)
    labels = _labels_of(connection, document_id)
    answers = tuple(_blank_answers(connection, workspace_id, traces, labels))
    _scrub_jobs(connection, workspace_id, traces)
    blank_reviews(connection, workspace_id, traces, user=user)
    pack_id = _mark_pack(connection, [document_id, *told_in])
    index.remove(connection, workspace_id, _passage_ids(connection, document_id))
    _forget_path(connection, document_id, source_id)
    connection.execute(delete(DocumentRow).where(DocumentRow.id == document_id))
    _forget_maps(connection, told_in)
    _drop_empty_source(connection, source_id)
    return Erased(
        version_ids=tuple(version.id for version in versions),
        hashes=unreferenced(connection, {version.content_hash for version in versions}),
        pack_id=pack_id,
        answers=answers,
    )


def delete_version(
    connection: Connection, index: PassageIndex, document_id: int, version_id: int
) -> None:
    """Remove a version, and the document if it was the only one."""
    ids = connection.scalars(select(PassageRow.id).where(PassageRow.version_id == version_id)).all()
    workspace_id, source_id = connection.execute(
        select(DocumentRow.workspace_id, DocumentRow.source_id).where(DocumentRow.id == document_id)
    ).one()
    index.remove(connection, workspace_id, list(ids))
    connection.execute(delete(VersionRow).where(VersionRow.id == version_id))
    left = select(func.count()).where(VersionRow.document_id == document_id)
    if not connection.scalar(left):
        connection.execute(delete(DocumentRow).where(DocumentRow.id == document_id))
        _drop_empty_source(connection, source_id)


def _maps_of(connection: Connection, document_id: int, source_id: int) -> list[int]:
    """The document of the codebase's map, which names the document and its symbols."""
    query = select(DocumentRow.id).where(
        DocumentRow.source_id == source_id,
        DocumentRow.path == MAP_PATH,
        DocumentRow.id != document_id,
    )
    return list(connection.scalars(query))


def _forget_path(connection: Connection, document_id: int, source_id: int) -> None:
    """Remove the path from what its source leaves out, and from what was chosen for it."""
    path = connection.scalar(select(DocumentRow.path).where(DocumentRow.id == document_id))
    connection.execute(
        delete(LeftOutRow).where(LeftOutRow.source_id == source_id, LeftOutRow.path == path)
    )
    options = connection.scalar(select(SourceRow.options).where(SourceRow.id == source_id)) or {}
    kept = {
        name: [each for each in chosen if each != path] if isinstance(chosen, list) else chosen
        for name, chosen in options.items()
    }
    if kept != options:
        set_columns(connection, SourceRow, source_id, options=kept)


def _forget_maps(connection: Connection, document_ids: list[int]) -> None:
    """Remove what maps said; whether the user excluded them stays."""
    connection.execute(delete(VersionRow).where(among(VersionRow.document_id, document_ids)))
    for document_id in document_ids:
        set_columns(connection, DocumentRow, document_id, current_version_id=None)


def _passage_ids(connection: Connection, document_id: int) -> list[int]:
    query = (
        select(PassageRow.id)
        .join(VersionRow, VersionRow.id == PassageRow.version_id)
        .where(VersionRow.document_id == document_id)
    )
    return list(connection.scalars(query))


def _labels_of(connection: Connection, document_id: int) -> list[range]:
    """The labels that passages of the document have or had; none is given again."""
    query = select(SegmentRow.first_label, SegmentRow.passage_count).where(
        SegmentRow.document_id == document_id
    )
    return [range(first, first + count) for first, count in connection.execute(query)]


def _blank_answers(
    connection: Connection, workspace_id: int, traces: Traces, labels: list[range]
) -> Iterator[int]:
    query = (
        select(
            AnswerRow.id,
            AnswerRow.text,
            AnswerRow.draft,
            AnswerRow.raw_text,
            AnswerRow.citations,
            AnswerRow.coverage,
            AnswerRow.suggested,
            AnswerRow.error,
            AnswerRow.progress,
            AnswerRow.mentions,
            AnswerRow.shards,
        )
        .join(ConversationRow, ConversationRow.id == AnswerRow.conversation_id)
        .where(ConversationRow.workspace_id == workspace_id)
    )
    for answer in connection.execute(query).all():
        changes: dict[str, Any] = {}
        if _rests_on(answer, traces):
            changes = {
                "text": ERASED_TEXT if answer.text else "",
                "draft": ERASED_TEXT if answer.draft else "",
                "raw_text": "",
                "sentences": [],
                "mentions": [],
                "suggested": [],
                "error": traces.scrubbed(answer.error),
                "progress": traces.scrubbed(answer.progress),
                "shards": [_silenced(shard) for shard in answer.shards],
                "citations": [_blanked(citation, traces) for citation in answer.citations],
            }
            yield answer.id
        else:
            changes = _partly_blanked(answer, traces, labels)
        pages = (answer.coverage or {}).get("unreadable_pages", [])
        kept = [page for page in pages if not traces.named_in(page[0])]
        if len(kept) < len(pages):
            changes["coverage"] = answer.coverage | {"unreadable_pages": kept}
        if changes:
            set_columns(connection, AnswerRow, answer.id, **changes)


def _partly_blanked(answer: Row[Any], traces: Traces, labels: list[range]) -> dict[str, Any]:
    """What changes of an answer that stays: its mentions, and what a part's answer said."""
    changes: dict[str, Any] = {}
    others = [each for each in answer.mentions if each["document_id"] != traces.document_id]
    if len(others) < len(answer.mentions):
        changes["mentions"] = others
    # What was said about a part may tell of any document in it, in words of its own.
    shards = [_silenced(each) if _overlaps(each, labels) else each for each in answer.shards]
    if shards != answer.shards:
        changes["shards"] = shards
    return changes


def _rests_on(answer: Row[Any], traces: Traces) -> bool:
    if any(citation["document_id"] == traces.document_id for citation in answer.citations):
        return True
    texts = (answer.draft, answer.raw_text, answer.error, answer.progress, *answer.suggested)
    shards = (shard.get(name, "") for shard in answer.shards for name in ("text", "error"))
    return any(map(traces.told_by, (answer.text, *texts, *shards)))


def _blanked(citation: dict[str, Any], traces: Traces) -> dict[str, Any]:
    """Without the claim's place, which is gone; one of the document without all it said."""
    blanked = citation | {"start": 0, "end": 0, "missing": []}
    if citation["document_id"] != traces.document_id:
        return blanked
    place: dict[str, Any] = {"page": None, "lines": None, "rects": [], "place": "", "ordinal": None}
    nothing = {"quote": "", "quote_start": 0, "quote_end": 0, "confidence": None, "revision": ""}
    return blanked | place | nothing | {"document": ERASED_NAME}


def _overlaps(shard: dict[str, Any], labels: list[range]) -> bool:
    first, stop = shard["first_label"], shard["last_label"] + 1
    return any(first < each.stop and each.start < stop for each in labels)


def _silenced(shard: dict[str, Any]) -> dict[str, Any]:
    return shard | {"text": "", "error": ""}


def _scrub_jobs(connection: Connection, workspace_id: int, traces: Traces) -> None:
    jobs = connection.execute(
        select(
            JobRow.id,
            JobRow.status,
            JobRow.payload,
            JobRow.result,
            JobRow.progress_text,
            JobRow.error,
        ).where(JobRow.workspace_id == workspace_id)
    ).all()
    items = connection.execute(
        select(
            JobItemRow.id, JobItemRow.name, JobItemRow.payload, JobItemRow.result, JobItemRow.error
        ).where(
            among(JobItemRow.job_id, [job.id for job in jobs]),
            JobItemRow.status.in_(TERMINAL_ITEM_STATUSES),
        )
    ).all()
    for job in jobs:
        if job.status in TERMINAL_JOB_STATUSES:
            _scrub_row(connection, JobRow, job, traces)
    others = _other_documents(connection, workspace_id, traces.document_id)
    for item in items:
        about = {part.get("document_id") for part in (item.payload, item.result)} - {None}
        if traces.document_id in about or not about & others:
            _scrub_row(connection, JobItemRow, item, traces)


def _scrub_row(connection: Connection, row: type[Any], found: Row[Any], traces: Traces) -> None:
    values = found._asdict()
    row_id = values.pop("id")
    values.pop("status", None)
    scrubbed = {name: traces.scrubbed(value) for name, value in values.items()}
    if scrubbed != values:
        set_columns(connection, row, row_id, **scrubbed)


def _other_documents(connection: Connection, workspace_id: int, document_id: int) -> set[int]:
    ids: Iterable[int] = connection.scalars(
        select(DocumentRow.id).where(DocumentRow.workspace_id == workspace_id)
    )
    return set(ids) - {document_id}


def _mark_pack(connection: Connection, document_ids: list[int]) -> int | None:
    """Say that the pack has to be built anew, if one of the documents is in it."""
    query = (
        select(PackRow.id)
        .join(SegmentRow, SegmentRow.pack_id == PackRow.id)
        .where(among(SegmentRow.document_id, document_ids), ~PackRow.retired)
        .limit(1)
    )
    pack_id = connection.scalar(query)
    if pack_id is not None:
        connection.execute(update(PackRow).where(PackRow.id == pack_id).values(rebuild_needed=True))
    return pack_id


def _drop_empty_source(connection: Connection, source_id: int) -> None:
    left = select(func.count()).where(
        DocumentRow.source_id == source_id, DocumentRow.path != MAP_PATH
    )
    if not connection.scalar(left):
        connection.execute(delete(SourceRow).where(SourceRow.id == source_id))
