"""What answers cost, without their texts: tokens, cached tokens and times."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from docqa.store.database import Database
from docqa.store.models import AnswerRow, ConversationRow

_COLUMNS = (
    AnswerRow.id,
    ConversationRow.workspace_id,
    AnswerRow.created_at,
    AnswerRow.engine,
    AnswerRow.model,
    AnswerRow.mode,
    AnswerRow.pack,
    AnswerRow.prompt_tokens,
    AnswerRow.cached_tokens,
    AnswerRow.prefill_s,
    AnswerRow.cache_miss,
    AnswerRow.ttft_s,
)


@dataclass(frozen=True, slots=True)
class AnswerCost:
    """What one answer cost; see `docqa.core.answers.Answer` and `Usage`."""

    answer_id: int
    workspace_id: int
    created_at: float
    engine: str
    model: str
    mode: str
    pack: str
    prompt_tokens: int
    cached_tokens: int | None
    prefill_s: float | None
    cache_miss: str
    ttft_s: float | None

    @property
    def hot(self) -> bool:
        """Whether the engine had most of the prompt, and all of the pack, in its cache."""
        cached = self.cached_tokens or 0
        return not self.cache_miss and 2 * cached > self.prompt_tokens

    @property
    def fresh_tokens(self) -> int:
        """Tokens that the engine had to read; all, where it does not tell of its cache."""
        return self.prompt_tokens - (self.cached_tokens or 0)


class CostStore:
    """Answers that a model gave, as measurements."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(
        self, workspace_id: int | None = None, *, limit: int = 50, before: int | None = None
    ) -> tuple[AnswerCost, ...]:
        """The newest, newest first; of one workspace or of all; those before an answer's id."""
        query = _costs().order_by(AnswerRow.id.desc()).limit(limit)
        if workspace_id is not None:
            query = query.where(ConversationRow.workspace_id == workspace_id)
        if before is not None:
            query = query.where(AnswerRow.id < before)
        with self._database.read() as connection:
            return tuple(map(_to_cost, connection.execute(query).all()))

    def one(self, answer_id: int) -> AnswerCost | None:
        """What is known so far of an answer's cost, None if there is no such answer."""
        query = select(*_COLUMNS).join(ConversationRow).where(AnswerRow.id == answer_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return _to_cost(row) if row else None

    def last_asked(self, since: float) -> dict[int, float]:
        """When each workspace was last asked about all of its pack, after `since`."""
        query = (
            select(ConversationRow.workspace_id, func.max(AnswerRow.created_at))
            .join(ConversationRow)
            .where(ConversationRow.updated_at >= since)
            .where(AnswerRow.created_at >= since, AnswerRow.mode == "whole")
            .group_by(ConversationRow.workspace_id)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}


def _costs() -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).join(ConversationRow).where(AnswerRow.prompt_tokens > 0)


def _to_cost(row: Sequence[Any]) -> AnswerCost:
    return AnswerCost(*row)
