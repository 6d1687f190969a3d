"""Answering: a question becomes a job, the job an answer with checked citations."""

import time
from collections.abc import Callable, Sequence

from docqa.core.answers import Answer, Mode
from docqa.core.packing import PROMPT_VERSION
from docqa.errors import (
    InputError,
    NothingToAskError,
    QuestionTooLongError,
)
from docqa.services.engines import EngineService
from docqa.services.jobs import JobRunner
from docqa.services.publishing import Publisher
from docqa.services.sweeping.ending import SweepEnder
from docqa.services.sweeping.progress import begun_again
from docqa.services.sweeping.writing import BUDGET
from docqa.settings import Settings
from docqa.store.store import Store

MAX_QUESTION_CHARACTERS = 20_000
TITLE_CHARACTERS = 60
SUBMIT_S = 5.0
"""A question that is older than this and has no job was cut off while it was submitted."""


class AnsweringService:
    """Takes questions and answers them in jobs."""

    def __init__(
        self, settings: Settings, store: Store, engines: EngineService, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher
        self._ender = SweepEnder(store, engines)
        self.runner: JobRunner | None = None

    def submit(
        self,
        conversation_id: int,
        question: str,
        *,
        scope: Sequence[int] = (),
        mode: Mode = "auto",
        budget: int = 0,
        begun: Answer | None = None,
    ) -> int:
        """Queue a question; returns the answer's id.

        `budget` is of a sweep: the most tokens of its shards to read; 0 is no limit. `begun` is a
        sweep with the same question that ended early: the same engine goes on where it ended.

        Raises:
            InputError: If the question is empty or too long, or nothing is in scope.
            EngineLeavesMachineError: If the engine is remote and this workspace not allowed to.
        """
        question = question.strip()
        if not question:
            raise InputError("the question is empty")
        if len(question) > MAX_QUESTION_CHARACTERS:
            raise QuestionTooLongError(len(question), MAX_QUESTION_CHARACTERS)
        conversation = self._store.conversations.get(conversation_id)
        self._engines.check_remote(conversation.workspace_id)
        if not self._store.documents.any_in_scope(conversation.workspace_id, scope):
            raise NothingToAskError
        choice = self._engines.choice()
        pack = self._publisher.pack(conversation.workspace_id)
        answer_id = self._store.conversations.add_answer(
            conversation_id,
            question,
            scope=tuple(scope),
            mode=mode,
            engine=choice.name,
            model=choice.model,
            pack=pack.hash,
            prompt_version=PROMPT_VERSION,
            params={BUDGET: budget} if mode == "sweep" and budget > 0 else {},
            title=conversation.title or title_of(question),
        )
        if begun is not None:
            self._store.conversations.update(
                answer_id,
                engine=begun.engine,
                model=begun.model,
                shards=begun_again(begun.shards),
            )
        self._queue(answer_id, conversation.workspace_id)
        if self.runner is not None:
            self.runner.wake()
        return answer_id

    def adopt(self) -> None:
        """Take care of questions whose process ended before it had queued their job, or after it.

        Called at the start of the background runner.
        """
        for answer in self._store.conversations.running():
            job_id = self._store.conversations.job_of(answer.id)
            if job_id is None and time.time() - answer.created_at > SUBMIT_S:
                conversation = self._store.conversations.get(answer.conversation_id)
                self._queue(answer.id, conversation.workspace_id)
            elif job_id is not None and self._store.jobs.get(job_id).finished:
                said = "docqa was interrupted at this question"
                self._ender.end(answer.id, status="failed", error=said)

    def _queue(self, answer_id: int, workspace_id: int) -> None:
        job_id = self._store.jobs.create("answer", workspace_id, {"answer_id": answer_id})
        self._store.conversations.set_job(answer_id, job_id)

    def regenerate(self, answer_id: int) -> int:
        """Ask the same again; returns the new answer's id.

        A sweep that failed or was stopped goes on: parts that were asked are not asked again.
        """
        answer = self.answer(answer_id)
        budget = answer.params.get(BUDGET)
        return self.submit(
            answer.conversation_id,
            answer.question,
            scope=answer.scope,
            mode=answer.mode,
            budget=budget if isinstance(budget, int) else 0,
            begun=answer if self._goes_on(answer) else None,
        )

    def _goes_on(self, answer: Answer) -> bool:
        """Whether what was said about its shards is worth the same if it is asked again now."""
        if answer.status not in ("failed", "stopped") or not answer.shards:
            return False
        # What was answered since is among the earlier turns now.
        return self._store.conversations.answers(answer.conversation_id)[-1].id == answer.id

    def stop(self, answer_id: int) -> None:
        """Stop an answer; what has come of it stays."""
        job_id = self._store.conversations.job_of(answer_id)
        if job_id is not None:
            self._store.jobs.cancel(job_id)
            if self._store.jobs.get(job_id).status == "cancelled":
                self._ender.end(answer_id, status="stopped")

    def answer(self, answer_id: int) -> Answer:
        """The answer as far as it has come."""
        return self._store.conversations.answer(answer_id)

    def wait(self, answer_id: int) -> Answer:
        """Wait until an answer is final."""
        job_id = self._store.conversations.job_of(answer_id)
        assert job_id is not None
        assert self.runner is not None
        self.runner.wait(job_id)
        return self.answer(answer_id)

    def follow(self, answer_id: int, show: Callable[[str], None] = lambda progress: None) -> Answer:
        """Wait until an answer is final; an interrupt stops it, and what has come of it stays.

        `show` is told now and then what is going on, in words.
        """
        job_id = self._store.conversations.job_of(answer_id)
        assert job_id is not None
        assert self.runner is not None
        self.runner.follow(job_id, lambda job: show(self.answer(answer_id).progress))
        return self.answer(answer_id)

    def feedback(self, answer_id: int, verdict: str, reason: str = "") -> None:
        """Keep what the user thinks of an answer: `up`, `down` or empty, and why."""
        self._store.conversations.set_feedback(answer_id, verdict, reason)


def title_of(question: str) -> str:
    """A conversation's first title: the beginning of its first question, on one line."""
    line = " ".join(question.split())
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "…"
