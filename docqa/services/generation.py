"""Writing an answer: rank, fill the window, stream, check, store."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from docqa.core.answers import Answer, AnswerStatus, Usage
from docqa.core.checking import CheckedAnswer, check_answer
from docqa.core.citations import chips, display
from docqa.core.conversation import keep_turns
from docqa.core.extractive import best_sentences
from docqa.core.packed import PackedPassage
from docqa.core.prompts import TokenBudget, render_tail
from docqa.core.quotes import Quote, QuotedAnswer, after_quotes, quoted_answer, renumber
from docqa.engines.base import (
    PROMPT_TRUNCATED,
    Delta,
    Engine,
    Prompt,
    SamplingParams,
    Turn,
)
from docqa.errors import DocqaError, InputError, NothingToAskError
from docqa.services.engines import EXTRACTIVE, EngineService
from docqa.services.evidence import PackEvidence, Ranked, coverage, in_scope
from docqa.services.jobs import JobCancelled, JobContext
from docqa.services.publishing import Publisher
from docqa.services.windows import MAX_SELECTED, Window, WindowBuilder, shrunk
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import ConversationInfo, DocumentInfo, PackInfo

logger = logging.getLogger(__name__)

SAVE_S = 0.15
"""How often a growing answer is written down; what a page can show is as fresh as this."""
HINTS = 5
HINT_TOKENS = 48
"""Tokens of a hint's label, document name and locator, rounded up."""
TAIL_TOKENS = 160
"""Tokens of the rules, the scope and the marks around the question, rounded up."""
EXTRACTIVE_PASSAGES = 25
PACKAGED_TOKENS = 900
"""The packaged small model gets no more: it reads some 300 tokens a second on a laptop."""
PACKAGED_ANSWER_TOKENS = 200
MAX_ATTEMPTS = 3
HISTORY_SHARE = 0.1
"""Part of the window that earlier turns may take."""


@dataclass(frozen=True, slots=True)
class Task:
    """What an answer is made from."""

    answer: Answer
    conversation: ConversationInfo
    pack: PackInfo
    documents: tuple[DocumentInfo, ...]
    """Those in scope."""
    evidence: PackEvidence
    everything: bool
    """Whether all documents of the workspace are in scope."""

    @property
    def workspace_id(self) -> int:
        """The workspace that is asked."""
        return self.conversation.workspace_id

    @property
    def elapsed_s(self) -> float:
        """Seconds since the question was submitted."""
        return max(0.0, time.time() - self.answer.created_at)


@dataclass
class Stream:
    """What has come of an answer so far."""

    raw: str = ""
    ttft_s: float | None = None
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = ""


class AnswerWriter:
    """Does `answer` jobs."""

    def __init__(
        self, settings: Settings, store: Store, engines: EngineService, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher
        self._windows = WindowBuilder(store)

    def handle(self, context: JobContext) -> Mapping[str, Any]:
        """Do an `answer` job."""
        conversations = self._store.conversations
        answer_id = int(context.job.payload["answer_id"])
        if not self._store.conversations.answer(answer_id).running:
            return {}
        status: AnswerStatus | None = "failed"
        facts: dict[str, str] = {"error": "an unexpected error in docqa; the log has the details"}
        try:
            if context.job.attempts > MAX_ATTEMPTS:
                raise InputError("docqa was interrupted at this question several times")
            conversations.reopen(answer_id)
            self._answer(context, self._task(answer_id))
            status = None
        except JobCancelled:
            status, facts = "stopped", {}
        except DocqaError as error:
            facts = {"error": str(error), "error_hint": error.hint}
            logger.warning("answer %d failed: %s", answer_id, error)
        finally:
            if status is not None:
                conversations.finish(answer_id, status=status, **facts)
        return {"answer_id": answer_id}

    def _task(self, answer_id: int) -> Task:
        answer = self._store.conversations.answer(answer_id)
        conversation = self._store.conversations.get(answer.conversation_id)
        pack = self._publisher.pack(conversation.workspace_id)
        documents = in_scope(self._store.documents.all(conversation.workspace_id), answer.scope)
        if not documents:
            raise NothingToAskError
        everything = not answer.scope
        evidence = PackEvidence(self._store, pack, None if everything else documents)
        return Task(answer, conversation, pack, documents, evidence, everything)

    def _answer(self, context: JobContext, task: Task) -> None:
        choice = self._engines.choice()
        if choice.name == EXTRACTIVE:
            self._quote(task)
            return
        self._engines.check_remote(task.workspace_id)
        quotes = self._quotes(task) if choice.packaged else None
        if quotes is not None:
            self._store.conversations.update(
                task.answer.id, text=quotes.text, citations=quotes.citations
            )
        engine = self._engines.engine()
        assert engine is not None
        self._generate(context, task, engine, quotes)

    def _quote(self, task: Task) -> None:
        """Answer in quotes: the extractive reader."""
        quotes = self._quotes(task)
        elapsed = task.elapsed_s
        self._store.conversations.finish(
            task.answer.id,
            status="quoted" if quotes.citations else "not_found",
            text=quotes.text,
            citations=quotes.citations,
            sentences=quotes.sentences,
            coverage=coverage(self._store, task.workspace_id, task.documents),
            mode="select",
            mode_reason="no model: the best sentences of the best passages",
            pack=task.pack.hash,
            engine=EXTRACTIVE,
            model="",
            ttft_s=elapsed,
            total_s=elapsed,
        )

    def _quotes(self, task: Task) -> QuotedAnswer:
        ranked = task.evidence.rank(task.answer.question, EXTRACTIVE_PASSAGES)
        chosen = best_sentences(
            task.answer.question,
            [(item.score, item.passage) for item in ranked],
            weights=self._store.search.weights(task.workspace_id, task.answer.question),
        )
        return quoted_answer([Quote(item.passage, item.start, item.end) for item in chosen])

    def _generate(
        self, context: JobContext, task: Task, engine: Engine, quotes: QuotedAnswer | None
    ) -> None:
        conversations = self._store.conversations
        answer_id = task.answer.id
        conversations.set_progress(answer_id, "Ranking passages")
        packaged = quotes is not None
        asked = engine.tokenizer.count(task.answer.question)
        budget = budget_of(self._settings, engine, asked=asked)
        params = SamplingParams(
            temperature=self._settings.temperature,
            max_tokens=PACKAGED_ANSWER_TOKENS if packaged else budget.reserved_for_answer,
        )
        if packaged:
            budget = shrunk(budget, PACKAGED_TOKENS)
        ranked = task.evidence.rank(task.answer.question, MAX_SELECTED)
        window = self._window(task, engine, budget, ranked)
        turns, dropped = self._history(task, engine, budget)
        hints = self._hints(window, ranked, engine, budget.reserved_for_question - asked)
        scope = None if task.everything else [document.name for document in task.documents]
        tail = render_tail(task.answer.question, scope, hints, note=_note(dropped))
        conversations.update(
            answer_id,
            mode=window.mode,
            mode_reason=window.reason,
            coverage=coverage(
                self._store,
                task.workspace_id,
                task.documents,
                shown=window.shown,
                dropped_turns=dropped,
                tokens_in_window=window.prefix.token_count,
            ),
            engine=engine.name,
            model=engine.model,
            pack=task.pack.hash,
            params={
                "temperature": params.temperature,
                "max_tokens": params.max_tokens,
                "hints": [hint.label for hint in hints],
            },
        )
        conversations.set_progress(answer_id, "Reading the documents", 0, window.prefix.token_count)
        stream = Stream()
        deltas = engine.stream(Prompt(window.prefix, tail, turns), params)
        try:
            stopped = self._follow(context, task, deltas, stream, draft=packaged)
        except DocqaError as error:
            self._finish(task, stream, window, quotes, status="failed", error=error)
            return
        finally:
            close(deltas)
        self._finish(task, stream, window, quotes, status="stopped" if stopped else None)

    def _window(
        self, task: Task, engine: Engine, budget: TokenBudget, ranked: Sequence[Ranked]
    ) -> Window:
        mode, tokens = self._windows.choose(task.pack, engine, budget, mode=task.answer.mode)
        if mode == "whole":
            return self._windows.whole(task.pack, tokens)
        reason = (
            "select was asked for"
            if task.answer.mode == "select"
            else f"the pack needs {tokens:,} tokens, the window leaves {budget.available:,}"
        )
        return self._windows.select(
            task.pack, ranked, engine.tokenizer, budget.available, reason=reason
        )

    def _hints(
        self, window: Window, ranked: Sequence[Ranked], engine: Engine, reserved: int
    ) -> list[PackedPassage]:
        """The best passages that fit beside the rules and the earlier turns."""
        if window.mode != "whole" or not self._settings.hints:
            return []
        left = reserved - history_limit(engine.context_length) - TAIL_TOKENS
        hints: list[PackedPassage] = []
        for item in ranked[:HINTS]:
            tokens = engine.tokenizer.count(item.passage.passage.text) + HINT_TOKENS
            if tokens <= left:
                left -= tokens
                hints.append(item.passage)
        return hints

    def _history(
        self, task: Task, engine: Engine, budget: TokenBudget
    ) -> tuple[tuple[Turn, ...], int]:
        """Earlier questions and answers of the conversation that fit, and how many did not."""
        earlier = [
            answer
            for answer in self._store.conversations.answers(task.conversation.id)
            if answer.id < task.answer.id and answer.status == "answered"
        ]
        pairs = [(answer.question, plain(answer)) for answer in earlier]
        limit = history_limit(budget.context_length)
        kept, dropped = keep_turns(pairs, limit, lambda text: engine.tokenizer.count(text) + 32)
        turns: list[Turn] = []
        for question, text in kept:
            turns.append(Turn("user", render_tail(question)))
            turns.append(Turn("assistant", text))
        return tuple(turns), dropped

    def _follow(
        self,
        context: JobContext,
        task: Task,
        deltas: Iterator[Delta],
        stream: Stream,
        *,
        draft: bool,
    ) -> bool:
        """Write down what comes; returns whether the user stopped it."""
        saved = time.monotonic()
        for delta in deltas:
            if delta.text:
                stream.raw += delta.text
                if stream.ttft_s is None:
                    stream.ttft_s = task.elapsed_s
            if delta.usage is not None:
                stream.usage, stream.finish_reason = delta.usage, delta.finish_reason
            now = time.monotonic()
            if now - saved < SAVE_S:
                continue
            saved = now
            if context.cancelled():
                return True
            if delta.progress is not None:
                self._store.conversations.set_progress(
                    task.answer.id,
                    "Reading the documents",
                    delta.progress.done,
                    delta.progress.total,
                )
            if stream.raw:
                self._save(task, stream, draft=draft)
        return context.cancelled()

    def _save(self, task: Task, stream: Stream, *, draft: bool) -> None:
        shown = display(stream.raw, task.evidence.in_scope, final=False)
        if draft:
            self._store.conversations.update(
                task.answer.id, status="running", draft=shown.text, ttft_s=stream.ttft_s
            )
        else:
            self._store.conversations.save_text(
                task.answer.id, stream.raw, shown.text, ttft_s=stream.ttft_s
            )

    def _finish(
        self,
        task: Task,
        stream: Stream,
        window: Window,
        quotes: QuotedAnswer | None,
        *,
        status: AnswerStatus | None,
        error: DocqaError | None = None,
    ) -> None:
        """Check what came and store it; quotes stand first where the draft is not to be trusted."""
        checked = check_answer(stream.raw, task.evidence, question=task.answer.question)
        if status is None:
            status = _ended(stream, checked)
        if quotes is None and status == "unsupported":
            quotes = self._quotes(task)
        facts: dict[str, Any] = {
            "text": checked.text,
            "citations": checked.citations,
            "sentences": checked.sentences,
        }
        if quotes is not None:
            status = "quoted" if status == "answered" else status
            facts = merged(quotes, checked)
        if error is not None:
            facts |= {"error": str(error), "error_hint": error.hint}
        self._store.conversations.finish(
            task.answer.id,
            status=status,
            raw_text=stream.raw,
            unresolved=checked.unresolved,
            usage=stream.usage,
            ttft_s=stream.ttft_s,
            total_s=task.elapsed_s,
            **facts,
        )


def history_limit(context_length: int) -> int:
    """The most tokens that earlier turns of a conversation may have."""
    return round(context_length * HISTORY_SHARE)


def budget_of(settings: Settings, engine: Engine, *, asked: int = 0) -> TokenBudget:
    """How the engine's window is divided by these settings; the question has `asked` tokens."""
    window = engine.context_length
    return TokenBudget(
        context_length=window,
        reserved_for_answer=min(settings.max_answer_tokens, window // 4),
        reserved_for_question=asked + min(2_048 + history_limit(window), window // 3),
        whole_limit=settings.whole_limit,
    )


def close(deltas: Iterator[Delta]) -> None:
    """Cancel the request by closing the engine's iterator."""
    closer = getattr(deltas, "close", None)
    if closer is not None:
        closer()


def plain(answer: Answer) -> str:
    """An answer's text without its chips, for the conversation's history."""
    text = answer.text
    for start, end, _ in reversed(chips(text)):
        text = text[:start].rstrip(" ") + text[end:]
    return text


def merged(quotes: QuotedAnswer, checked: CheckedAnswer) -> dict[str, Any]:
    """Quotes with a draft under them; a passage has one number in both."""
    renumbered = after_quotes(quotes, checked.citations)
    draft, moved = renumber(checked.text, renumbered)
    shift = [
        replace(
            citation,
            marker=renumbered[citation.marker],
            start=moved(citation.start),
            end=moved(citation.end),
        )
        for citation in checked.citations
    ]
    sentences = tuple(
        replace(
            check,
            start=moved(check.start),
            end=moved(check.end),
            markers=tuple(renumbered.get(marker, marker) for marker in check.markers),
        )
        for check in checked.sentences
    )
    return {
        "text": quotes.text,
        "draft": draft,
        "citations": (*quotes.citations, *shift),
        "sentences": sentences,
    }


def _ended(stream: Stream, checked: CheckedAnswer) -> AnswerStatus:
    if stream.finish_reason in ("length", PROMPT_TRUNCATED):
        return "truncated"
    return checked.status


def _note(dropped: int) -> str:
    return f"{dropped} earlier turns of this conversation were left out." if dropped else ""
