"""Conversations, and the answers in them from the question to the last word."""

import time
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, or_, select, update

from docqa.core.answers import FINAL_STATUSES, Answer, AnswerStatus, Mode
from docqa.core.escaping import encodable
from docqa.errors import UnknownItemError
from docqa.store.answer_rows import (
    ANSWER_BY_ID,
    ANSWERED_BEFORE,
    COLUMNS,
    EMPTY,
    REOPENING,
    answers_of,
    to_answer,
    to_columns,
    unfinished,
)
from docqa.store.database import Database
from docqa.store.models import AnswerRow, ConversationRow
from docqa.store.queries import add_row, set_columns
from docqa.store.values import ConversationInfo


class ConversationStore:
    """Conversations of workspaces, and their answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, workspace_id: int, title: str = "") -> ConversationInfo:
        """A new, empty conversation."""
        now = time.time()
        with self._database.write() as connection:
            conversation_id = add_row(
                connection,
                ConversationRow,
                workspace_id=workspace_id,
                title=encodable(title),
                created_at=now,
                updated_at=now,
            )
        return ConversationInfo(conversation_id, workspace_id, encodable(title), now, now, 0)

    def all(self, workspace_id: int, search: str = "") -> tuple[ConversationInfo, ...]:
        """The workspace's conversations, newest first; those with these words if some are given."""
        query = _conversations().where(ConversationRow.workspace_id == workspace_id)
        for word in search.split():
            asked = select(AnswerRow.conversation_id).where(
                or_(
                    AnswerRow.question.icontains(word, autoescape=True),
                    AnswerRow.text.icontains(word, autoescape=True),
                )
            )
            named = ConversationRow.title.icontains(word, autoescape=True)
            query = query.where(or_(named, ConversationRow.id.in_(asked)))
        query = query.order_by(ConversationRow.updated_at.desc(), ConversationRow.id.desc())
        with self._database.read() as connection:
            return tuple(map(_to_conversation, connection.execute(query).all()))

    def get(self, conversation_id: int) -> ConversationInfo:
        """The conversation with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        asked = {"conversation_id": conversation_id}
        with self._database.read() as connection:
            row = connection.execute(_CONVERSATION_BY_ID, asked).first()
        if row is None:
            raise UnknownItemError("conversation", conversation_id)
        return _to_conversation(row)

    def latest(self, workspace_id: int) -> ConversationInfo | None:
        """The conversation that was last written in, None if there is none."""
        query = _conversations().where(ConversationRow.workspace_id == workspace_id)
        query = query.order_by(ConversationRow.updated_at.desc(), ConversationRow.id.desc())
        with self._database.read() as connection:
            row = connection.execute(query.limit(1)).first()
        return _to_conversation(row) if row else None

    def rename(self, conversation_id: int, title: str) -> ConversationInfo:
        """The conversation under its new title.

        Raises:
            UnknownItemError: If there is no such conversation.
        """
        with self._database.write() as connection:
            set_columns(connection, ConversationRow, conversation_id, title=encodable(title))
        return self.get(conversation_id)

    def delete(self, conversation_id: int) -> None:
        """Delete the conversation with its answers.

        Raises:
            UnknownItemError: If there is no such conversation.
        """
        deleting = delete(ConversationRow).where(ConversationRow.id == conversation_id)
        with self._database.write() as connection:
            if not connection.execute(deleting).rowcount:
                raise UnknownItemError("conversation", conversation_id)

    def add_answer(
        self,
        conversation_id: int,
        question: str,
        *,
        scope: Collection[int] = (),
        mode: Mode = "auto",
        engine: str = "",
        model: str = "",
        pack: str = "",
        prompt_version: str = "",
        params: dict[str, object] | None = None,
        job_id: int | None = None,
        title: str = "",
    ) -> int:
        """A question whose answer is queued; the answer's id. A title is the conversation's.

        Raises:
            UnknownItemError: If there is no such conversation.
        """
        now = time.time()
        changes = {"updated_at": now} | ({"title": encodable(title)} if title else {})
        with self._database.write() as connection:
            if not set_columns(connection, ConversationRow, conversation_id, **changes):
                raise UnknownItemError("conversation", conversation_id)
            return add_row(
                connection,
                AnswerRow,
                **EMPTY,
                conversation_id=conversation_id,
                question=encodable(question),
                scope=list(scope),
                mode=mode,
                engine=engine,
                model=model,
                pack=pack,
                prompt_version=prompt_version,
                params=params or {},
                job_id=job_id,
                created_at=now,
            )

    def answer(self, answer_id: int) -> Answer:
        """The answer with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(ANSWER_BY_ID, {"answer_id": answer_id}).first()
        if row is None:
            raise UnknownItemError("answer", answer_id)
        return to_answer(row)

    def answers(self, conversation_id: int) -> tuple[Answer, ...]:
        """The conversation's answers, oldest first."""
        query = select(*COLUMNS).where(AnswerRow.conversation_id == conversation_id)
        return self._answers(query.order_by(AnswerRow.id))

    def earlier(self, answer: Answer, limit: int) -> tuple[tuple[Answer, ...], int]:
        """What was answered in the conversation before it: the last ones in order, and how many."""
        before = {"conversation_id": answer.conversation_id, "answer_id": answer.id, "most": limit}
        with self._database.read() as connection:
            rows = connection.execute(ANSWERED_BEFORE, before).all()
        return tuple(to_answer(row[:-1]) for row in reversed(rows)), rows[0][-1] if rows else 0

    def recent(self, workspace_id: int | None = None, limit: int = 20) -> tuple[Answer, ...]:
        """The newest answers, newest first; of one workspace or of all."""
        return self._answers(answers_of(workspace_id).order_by(AnswerRow.id.desc()).limit(limit))

    def running(self, workspace_id: int | None = None) -> tuple[Answer, ...]:
        """Answers that are queued or being written, oldest first; of one workspace or of all."""
        query = answers_of(workspace_id).where(AnswerRow.status.not_in(FINAL_STATUSES))
        return self._answers(query.order_by(AnswerRow.id))

    def set_job(self, answer_id: int, job_id: int) -> None:
        """Say which job writes the answer."""
        with self._database.write() as connection:
            set_columns(connection, AnswerRow, answer_id, job_id=job_id)

    def job_of(self, answer_id: int) -> int | None:
        """The job that writes or wrote the answer."""
        with self._database.read() as connection:
            return connection.scalar(select(AnswerRow.job_id).where(AnswerRow.id == answer_id))

    def set_progress(self, answer_id: int, text: str, done: int = 0, total: int = 0) -> bool:
        """Say what is going on before the first token; False if the answer is final or gone."""
        told = {"progress": text, "progress_done": done, "progress_total": total}
        return self.update(answer_id, status="running", **told)

    def save_text(
        self, answer_id: int, raw_text: str, shown_text: str, ttft_s: float | None = None
    ) -> bool:
        """Keep what there is so far; False, and nothing kept, if the answer is final or gone."""
        first = {} if ttft_s is None else {"ttft_s": ttft_s}
        texts = {"raw_text": raw_text, "text": shown_text}
        return self.update(answer_id, status="running", **texts, **first)

    def update(self, answer_id: int, **fields: Any) -> bool:  # noqa: ANN401
        """Change fields of an answer that is not final; False if it is, or gone.

        The fields are those of `Answer`, and `raw_text`.
        """
        with self._database.write() as connection:
            changing = unfinished(answer_id).values(**to_columns(fields))
            return connection.execute(changing).rowcount > 0

    def finish(self, answer_id: int, *, status: AnswerStatus, **fields: Any) -> bool:  # noqa: ANN401
        """End an answer; False, and nothing changed, if it was final already or is gone."""
        if status not in FINAL_STATUSES:
            raise ValueError(f"{status!r} does not end an answer")
        ending = unfinished(answer_id).values(
            **to_columns({"progress": "", "progress_done": 0, "progress_total": 0} | fields),
            status=status,
        )
        touching = update(ConversationRow).where(
            ConversationRow.id
            == select(AnswerRow.conversation_id).where(AnswerRow.id == answer_id).scalar_subquery()
        )
        with self._database.write() as connection:
            ended = connection.execute(ending).rowcount > 0
            if ended:
                connection.execute(touching.values(updated_at=time.time()))
        return ended

    def reopen(self, answer_id: int) -> Answer:
        """Queue the question again, with its scope and mode; what was answered goes.

        Raises:
            UnknownItemError: If there is no such answer.
        """
        asked = {"answer_id": answer_id, "now": time.time()}
        with self._database.write() as connection:
            row = connection.execute(REOPENING, asked).first()
        if row is None:
            raise UnknownItemError("answer", answer_id)
        return to_answer(row)

    def set_feedback(self, answer_id: int, verdict: str, reason: str = "") -> None:
        """Keep what the user thinks of the answer.

        Raises:
            UnknownItemError: If there is no such answer.
        """
        told = {"feedback": verdict, "feedback_reason": encodable(reason)}
        with self._database.write() as connection:
            if not set_columns(connection, AnswerRow, answer_id, **told):
                raise UnknownItemError("answer", answer_id)

    def feedback_reason(self, answer_id: int) -> str:
        """Why the user thinks so, in their words."""
        return self._text(answer_id, select(AnswerRow.feedback_reason))

    def raw_text(self, answer_id: int) -> str:
        """What the model wrote, with the labels it used."""
        return self._text(answer_id, select(AnswerRow.raw_text))

    def _text(self, answer_id: int, query: Select[str]) -> str:
        with self._database.read() as connection:
            found = connection.scalar(query.where(AnswerRow.id == answer_id))
        if found is None:
            raise UnknownItemError("answer", answer_id)
        return found

    def _answers(self, query: Select[*tuple[Any, ...]]) -> tuple[Answer, ...]:
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(map(to_answer, rows))


def _conversations() -> Select[*tuple[Any, ...]]:
    answers = (
        select(func.count(AnswerRow.id))
        .where(AnswerRow.conversation_id == ConversationRow.id)
        .scalar_subquery()
    )
    return select(
        ConversationRow.id,
        ConversationRow.workspace_id,
        ConversationRow.title,
        ConversationRow.created_at,
        ConversationRow.updated_at,
        answers,
    )


_CONVERSATION_BY_ID = _conversations().where(ConversationRow.id == bindparam("conversation_id"))


def _to_conversation(row: Sequence[Any]) -> ConversationInfo:
    return ConversationInfo(*row)
