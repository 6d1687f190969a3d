"""The end of a sweep: what was said about its shards becomes one answer, however it ended."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from docqa.core.answers import Answer, AnswerStatus, ShardReport
from docqa.core.citations import display
from docqa.core.merging import merge
from docqa.core.prompts import NOT_FOUND_SENTENCE
from docqa.core.quotes import QuotedAnswer
from docqa.errors import DocqaError, PartsUnreadError, UnknownItemError
from docqa.services.engines import EngineService
from docqa.services.evidence import PackEvidence, Question
from docqa.services.finishing import finish
from docqa.services.streaming import Stream
from docqa.services.sweeping.progress import (
    READ_IN_PART,
    asked_of,
    ended,
    said_in,
    usage_of,
    with_citations,
)
from docqa.services.sweeping.quoting import SweepQuoter
from docqa.services.sweeping.scope import covered
from docqa.services.sweeping.shards import ShardPlanner
from docqa.store.store import Store

_UNREACHED = ("EngineUnavailableError", "EngineLoadingError")


@dataclass(frozen=True, slots=True)
class Ending:
    """How asking ended."""

    stopped: bool
    """Whether the user stopped it before all were asked."""
    error: DocqaError | None
    """Of the first shard that failed."""


class SweepEnder:
    """Ends answers in mode sweep, with all that was said about their shards."""

    def __init__(self, store: Store, engines: EngineService) -> None:
        self._store = store
        self._engines = engines
        self._quoter = SweepQuoter(store, ShardPlanner(store, engines.salt))

    def finish(
        self,
        question: Question,
        reports: Sequence[ShardReport],
        quotes: QuotedAnswer | None,
        ending: Ending,
    ) -> None:
        """Make one answer of it after the last shard; `quotes` stand before it.

        Where nothing was found and not every part was read, it does not say `not found`.
        """
        stream = self._merged(question, reports)
        asked, parts = asked_of(reports)
        error = None if any(report.text.strip() for report in reports) else ending.error
        status: AnswerStatus | None = "failed" if error else None
        if not stream.raw and asked < parts:
            failed = any(report.status == "failed" for report in reports)
            status = "failed" if failed else "stopped"
            if asked or not ending.stopped:
                error = error or PartsUnreadError(asked, parts)
        finish(
            self._store,
            question,
            stream,
            quotes,
            status="stopped" if ending.stopped else status,
            error=error,
            other_quotes=lambda: self._quotes(question),
        )

    def end(self, answer_id: int, *, status: AnswerStatus, **facts: str) -> None:
        """End an answer that cannot go on; what was said about a sweep's shards stays.

        `facts` are what there is to say of the error. Needs no engine. Answers in the other modes
        end with what they have, and one that has ended already stays as it is.
        """
        # It may have been deleted meanwhile.
        with suppress(UnknownItemError):
            self._end(answer_id, status, facts)

    def _end(self, answer_id: int, status: AnswerStatus, facts: dict[str, str]) -> None:
        try:
            answer = self._store.conversations.answer(answer_id)
            if answer.running and answer.shards:
                self._keep(answer, status, facts)
        finally:
            # Nothing changes if it has been ended before this.
            self._store.conversations.finish(answer_id, status=status, **facts)

    def _keep(self, answer: Answer, status: AnswerStatus, facts: dict[str, str]) -> None:
        reports = ended(answer.shards, unreached=facts.get("error_type") in _UNREACHED)
        self._store.conversations.update(answer.id, shards=reports, **facts)
        question = self._question(answer)
        if question is None:
            return
        stream = self._merged(question, reports)
        packaged = bool(stream.raw) and self._engines.choice().packaged
        quotes = self._quotes(question) if packaged else None
        finish(self._store, question, stream, quotes, status=status)

    def _question(self, answer: Answer) -> Question | None:
        workspace_id = self._store.conversations.get(answer.conversation_id).workspace_id
        pack = self._store.packs.find(workspace_id)
        if pack is None:
            return None
        documents = None
        if answer.scope:
            documents = self._store.documents.in_scope(workspace_id, answer.scope)
        evidence = PackEvidence(self._store, pack, documents)
        return Question(answer, workspace_id, pack, documents, evidence)

    def _merged(self, question: Question, reports: Sequence[ShardReport]) -> Stream:
        """What was said as a model's answer; the reports are stored."""
        merged = merge(said_in(reports), question.evidence)
        self._store.conversations.update(
            question.answer.id,
            shards=with_citations(reports, merged.brought),
            coverage=covered(self._store, question, reports),
        )
        said = any(report.text.strip() for report in reports)
        asked, parts = asked_of(reports)
        nothing = merged.raw == NOT_FOUND_SENTENCE and asked < parts
        cut_off = any(report.cut_off or report.error == READ_IN_PART for report in reports)
        return Stream(
            raw=merged.raw if said and not nothing else "",
            ttft_s=self._store.conversations.answer(question.answer.id).ttft_s,
            usage=usage_of(reports),
            finish_reason="length" if cut_off else "",
        )

    def _quotes(self, question: Question) -> QuotedAnswer:
        return self._quoter.quotes(question).gathered.answer


def shown(question: Question, reports: Sequence[ShardReport]) -> str:
    """What there is so far, as people see it; empty before something is cited."""
    merged = merge(said_in(reports), question.evidence)
    if not any(merged.brought):
        return ""
    return display(merged.raw, question.evidence.in_scope, final=False).text
