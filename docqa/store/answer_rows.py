"""Answers as rows and back. Citations, sentences and coverage stand in JSON columns."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Select, Update, bindparam, func, select, update

from docqa.core.answers import (
    FINAL_STATUSES,
    Answer,
    Citation,
    Coverage,
    Mention,
    SentenceCheck,
    ShardReport,
    Usage,
)
from docqa.core.documents import Rect
from docqa.core.escaping import encodable
from docqa.store.models import AnswerRow, ConversationRow

_PLAIN = frozenset(
    (
        *("question", "status", "text", "draft", "raw_text", "unresolved", "mode", "mode_reason"),
        *("engine", "model", "pack", "prompt_version", "ttft_s", "total_s", "error", "error_hint"),
        "error_type",
        *("progress", "progress_done", "progress_total", "feedback", "job_id"),
    )
)
_LISTS = ("scope", "suggested")
COLUMNS = (
    AnswerRow.id,
    AnswerRow.conversation_id,
    AnswerRow.question,
    AnswerRow.status,
    AnswerRow.text,
    AnswerRow.draft,
    AnswerRow.citations,
    AnswerRow.sentences,
    AnswerRow.unresolved,
    AnswerRow.coverage,
    AnswerRow.scope,
    AnswerRow.mode,
    AnswerRow.mode_reason,
    AnswerRow.engine,
    AnswerRow.model,
    AnswerRow.pack,
    AnswerRow.prompt_version,
    AnswerRow.params,
    AnswerRow.prompt_tokens,
    AnswerRow.cached_tokens,
    AnswerRow.completion_tokens,
    AnswerRow.sent_tokens,
    AnswerRow.sent_bytes,
    AnswerRow.prefill_s,
    AnswerRow.cache_miss,
    AnswerRow.ttft_s,
    AnswerRow.total_s,
    AnswerRow.error,
    AnswerRow.error_hint,
    AnswerRow.error_type,
    AnswerRow.created_at,
    AnswerRow.progress,
    AnswerRow.progress_done,
    AnswerRow.progress_total,
    AnswerRow.feedback,
    AnswerRow.suggested,
    AnswerRow.mentions,
    AnswerRow.shards,
)
_NAMES = tuple(column.key for column in COLUMNS)
_USAGE = tuple(field.name for field in fields(Usage))
EMPTY: dict[str, Any] = {
    "status": "queued",
    "text": "",
    "draft": "",
    "raw_text": "",
    "citations": [],
    "sentences": [],
    "unresolved": 0,
    "coverage": None,
    "mode_reason": "",
    "prompt_tokens": 0,
    "cached_tokens": None,
    "completion_tokens": 0,
    "sent_tokens": None,
    "sent_bytes": None,
    "prefill_s": None,
    "cache_miss": "",
    "ttft_s": None,
    "total_s": None,
    "error": "",
    "error_hint": "",
    "error_type": "",
    "progress": "",
    "progress_done": 0,
    "progress_total": 0,
    "feedback": "",
    "feedback_reason": "",
    "suggested": [],
    "mentions": [],
    "shards": [],
}

_BEGUN_AGAIN = {name: value for name, value in EMPTY.items() if name != "shards"}
"""Of an answer that was interrupted: what came of a sweep's shards is not asked for twice."""
# Made once: these are asked before each answer, and making them takes longer than SQLite does.
ANSWER_BY_ID = select(*COLUMNS).where(AnswerRow.id == bindparam("answer_id"))
ANSWERED_BEFORE = (
    select(*COLUMNS, func.count().over())
    .where(
        AnswerRow.conversation_id == bindparam("conversation_id"),
        AnswerRow.id < bindparam("answer_id"),
        AnswerRow.status == "answered",
    )
    .order_by(AnswerRow.id.desc())
    .limit(bindparam("most"))
)
REOPENING = (
    update(AnswerRow)
    .where(AnswerRow.id == bindparam("answer_id"))
    .values(**_BEGUN_AGAIN, created_at=bindparam("now"))
    .returning(*COLUMNS)
)


def answers_of(workspace_id: int | None) -> Select[*tuple[Any, ...]]:
    """Answers of one workspace, or of all; for `to_answer`."""
    query = select(*COLUMNS)
    if workspace_id is None:
        return query
    return query.join(ConversationRow).where(ConversationRow.workspace_id == workspace_id)


def unfinished(answer_id: int) -> Update:
    """For changing an answer unless it is final: the first end counts."""
    return update(AnswerRow).where(
        AnswerRow.id == answer_id, AnswerRow.status.not_in(FINAL_STATUSES)
    )


def to_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of `Answer` (and `raw_text`, `job_id`) as column values.

    Raises:
        TypeError: If there is no such field.
    """
    columns: dict[str, Any] = {}
    for name, value in values.items():
        if name in _PLAIN:
            columns[name] = encodable(value) if isinstance(value, str) else value
        elif name in _LISTS:
            columns[name] = list(value)
        elif name in ("citations", "sentences", "mentions", "shards"):
            columns[name] = [asdict(part) for part in value]
        elif name == "coverage":
            columns[name] = None if value is None else asdict(value)
        elif name == "params":
            columns[name] = dict(value)
        elif name == "usage":
            columns |= asdict(value)
        else:
            raise TypeError(f"an answer has no field {name!r}")
    return columns


def to_answer(row: Sequence[Any]) -> Answer:
    """A row of `COLUMNS`."""
    stored: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    usage = Usage(**{name: stored.pop(name) for name in _USAGE})
    coverage = stored["coverage"]
    return Answer(
        **stored
        | {
            "citations": tuple(map(to_citation, stored["citations"])),
            "sentences": tuple(map(_to_sentence, stored["sentences"])),
            "coverage": to_coverage(coverage) if coverage else None,
            "scope": tuple(stored["scope"]),
            "suggested": tuple(stored["suggested"]),
            "mentions": tuple(map(_to_mention, stored["mentions"])),
            "shards": tuple(ShardReport(**shard) for shard in stored["shards"]),
            "usage": usage,
        }
    )


def to_citation(stored: dict[str, Any]) -> Citation:
    """A citation from its JSON."""
    tuples = {
        "lines": tuple(stored["lines"]) if stored["lines"] else None,
        "rects": tuple(Rect(**rect) for rect in stored["rects"]),
        "missing": tuple(stored["missing"]),
    }
    return Citation(**(stored | tuples))


def _to_sentence(stored: dict[str, Any]) -> SentenceCheck:
    return SentenceCheck(**(stored | {"markers": tuple(stored["markers"])}))


def _to_mention(stored: dict[str, Any]) -> Mention:
    lines = tuple(stored["lines"]) if stored["lines"] else None
    return Mention(**(stored | {"lines": lines}))


def to_coverage(stored: dict[str, Any]) -> Coverage:
    """A coverage statement from its JSON."""
    pages = tuple((page[0], page[1], page[2]) for page in stored["unreadable_pages"])
    return Coverage(**(stored | {"unreadable_pages": pages}))
