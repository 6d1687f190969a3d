"""Writing an answer, as a job: what it is about, who answers, and how that ended.

What comes before the request to the engine is on the way from Send to the first token: it costs
the same however big the corpus is. What does not, the coverage, waits until the engine is at work.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from docqa.core.answers import AnswerStatus
from docqa.core.quotes import QuotedAnswer
from docqa.engines.base import Engine
from docqa.errors import DocqaError, InputError, NothingToAskError
from docqa.services.engines import EXTRACTIVE, EngineService
from docqa.services.evidence import PackEvidence, Question, coverage
from docqa.services.finishing import finish, quotes_for
from docqa.services.jobs import JobCancelled, JobContext
from docqa.services.prompting import Asked, PromptBuilder
from docqa.services.publishing import Publisher
from docqa.services.ranking import PassageRanker
from docqa.services.streaming import Stream, close, follow, meanwhile
from docqa.services.sweeping.ending import SweepEnder
from docqa.services.sweeping.writing import SweepWriter
from docqa.settings import Settings
from docqa.store.store import Store

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3


class AnswerWriter:
    """Does `answer` jobs."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        engines: EngineService,
        publisher: Publisher,
        *,
        ranker: PassageRanker | None = None,
    ) -> None:
        self._store = store
        self._engines = engines
        self._publisher = publisher
        self._ranker = ranker
        self._prompts = PromptBuilder(settings, store, engines)
        self._sweeps = SweepWriter(settings, store, engines)
        self._ender = SweepEnder(store, engines)

    def handle(self, context: JobContext) -> Mapping[str, Any]:
        """Do an `answer` job."""
        conversations = self._store.conversations
        answer_id = int(context.job.payload["answer_id"])
        if not conversations.answer(answer_id).running:
            return {}
        status: AnswerStatus | None = "failed"
        facts: dict[str, str] = {"error": "an unexpected error in docqa; the log has the details"}
        try:
            if context.job.attempts > MAX_ATTEMPTS:
                raise InputError("docqa was interrupted at this question several times")
            self._answer(context, self._question(context.job.workspace_id, answer_id))
            status = None
        except JobCancelled:
            status, facts = "stopped", {}
        except DocqaError as error:
            facts = {
                "error": str(error),
                "error_hint": error.hint,
                "error_type": type(error).__name__,
            }
            logger.warning("answer %d failed: %s", answer_id, error)
        finally:
            if status is not None:
                self._ender.end(answer_id, status=status, **facts)
        return {"answer_id": answer_id}

    def _question(self, workspace_id: int | None, answer_id: int) -> Question:
        assert workspace_id is not None
        answer = self._store.conversations.reopen(answer_id)
        pack = self._publisher.pack(workspace_id)
        documents = None
        if answer.scope:
            documents = self._store.documents.in_scope(workspace_id, answer.scope)
        if not documents and not self._store.documents.any_in_scope(workspace_id, answer.scope):
            raise NothingToAskError
        evidence = PackEvidence(self._store, pack, documents, ranker=self._ranker)
        return Question(answer, workspace_id, pack, documents, evidence)

    def _answer(self, context: JobContext, question: Question) -> None:
        if question.answer.mode == "sweep":
            self._sweeps.write(context, question)
            return
        choice = self._engines.choice()
        if choice.name == EXTRACTIVE:
            self._quote(question)
            return
        self._engines.check_remote(question.workspace_id)
        quotes = quotes_for(self._store, question) if choice.packaged else None
        if quotes is not None:
            self._store.conversations.update(
                question.answer.id, text=quotes.text, citations=quotes.citations
            )
        engine = self._engines.engine()
        assert engine is not None
        self._generate(context, question, engine, quotes)

    def _quote(self, question: Question) -> None:
        """Answer in quotes: the extractive reader."""
        quotes = quotes_for(self._store, question)
        elapsed = question.elapsed_s
        self._store.conversations.finish(
            question.answer.id,
            status="quoted" if quotes.citations else "not_found",
            text=quotes.text,
            citations=quotes.citations,
            sentences=quotes.sentences,
            coverage=coverage(self._store, question),
            mode="select",
            mode_reason="no model: the best sentences of the best passages",
            pack=question.pack.hash,
            engine=EXTRACTIVE,
            model="",
            ttft_s=elapsed,
            total_s=elapsed,
        )

    def _generate(
        self,
        context: JobContext,
        question: Question,
        engine: Engine,
        quotes: QuotedAnswer | None,
    ) -> None:
        packaged = quotes is not None
        asked = self._prompts.build(question, engine, packaged=packaged)
        self._tell(question, engine, asked)
        stream = Stream()
        deltas = meanwhile(
            engine.stream(asked.prompt, asked.params), partial(self._cover, question, asked)
        )
        conversations = self._store.conversations
        try:
            try:
                stopped = follow(context, conversations, question, deltas, stream, draft=packaged)
            finally:
                close(deltas)
        except DocqaError as error:
            finish(self._store, question, stream, quotes, status="failed", error=error)
            return
        finish(self._store, question, stream, quotes, status="stopped" if stopped else None)

    def _tell(self, question: Question, engine: Engine, asked: Asked) -> None:
        """Store what is sent, before it is."""
        self._store.conversations.update(
            question.answer.id,
            status="running",
            mode=asked.window.mode,
            mode_reason=asked.window.reason,
            engine=engine.name,
            model=engine.model,
            pack=question.pack.hash,
            params={
                "temperature": asked.params.temperature,
                "max_tokens": asked.params.max_tokens,
                "hints": [hint.label for hint in asked.hints],
            },
            progress="Reading the documents",
            progress_done=0,
            progress_total=asked.window.prefix.token_count,
        )

    def _cover(self, question: Question, asked: Asked) -> None:
        """Store what was in the window."""
        covered = coverage(
            self._store,
            question,
            shown=asked.window.shown,
            dropped_turns=asked.dropped_turns,
            tokens_in_window=asked.window.prefix.token_count,
        )
        self._store.conversations.update(question.answer.id, coverage=covered)
