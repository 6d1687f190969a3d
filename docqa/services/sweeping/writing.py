"""Answering by a sweep: every shard is asked, and their answers become one."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event

from docqa.core.prompts import TokenBudget, render_tail
from docqa.core.quotes import QuotedAnswer
from docqa.core.sharding import Shard
from docqa.engines.base import Engine, Prompt, SamplingParams
from docqa.errors import DocqaError, EngineUnavailableError
from docqa.services.engines import EXTRACTIVE, EngineService
from docqa.services.evidence import Question, Ranked
from docqa.services.jobs import JobContext
from docqa.services.prompting import (
    PACKAGED_ANSWER_TOKENS,
    PromptBuilder,
    dropped_note,
    fitting_hints,
)
from docqa.services.sweeping.asking import Asking, side_by_side
from docqa.services.sweeping.ending import Ending, SweepEnder, shown
from docqa.services.sweeping.progress import Progress
from docqa.services.sweeping.quoting import SweepQuoter
from docqa.services.sweeping.scope import in_question, relevant_first, sweep_budget
from docqa.services.sweeping.shards import Plan, ShardPlanner
from docqa.services.windows import MAX_SELECTED
from docqa.settings import Settings
from docqa.store.store import Store

MERGE_S = 1.0
"""How often what there is so far is put together while a sweep goes on."""
BUDGET = "sweep_budget"
"""Among an answer's params: the most tokens of shards to read; 0 or none is no limit."""


@dataclass(frozen=True, slots=True)
class _Sweep:
    """One sweep under way."""

    question: Question
    engine: Engine
    plan: Plan
    budget: TokenBudget
    params: SamplingParams
    progress: Progress
    order: Sequence[Shard]
    ranked: Sequence[Ranked]
    quotes: QuotedAnswer | None
    """What stands before the draft of the packaged small model."""


class SweepWriter:
    """Writes answers in mode sweep."""

    def __init__(self, settings: Settings, store: Store, engines: EngineService) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._planner = ShardPlanner(store, engines.salt)
        self._quoter = SweepQuoter(store, self._planner)
        self._prompts = PromptBuilder(settings, store, engines)
        self._ender = SweepEnder(store, engines)

    def write(self, context: JobContext, question: Question) -> None:
        """Answer the question from all shards in its scope; what was asked before stays asked.

        Raises:
            JobCancelled: If it was stopped before there was anything to keep.
            DocqaError: If no shard could be asked.
        """
        choice = self._engines.choice()
        if choice.name == EXTRACTIVE:
            self._quoter.write(context, question)
            return
        self._engines.check_remote(question.workspace_id)
        engine = self._engines.engine()
        assert engine is not None
        sweep = self._begun(context, question, engine, packaged=choice.packaged)
        ending = self._ask(context, sweep)
        self._ender.finish(question, sweep.progress.reports, sweep.quotes, ending)

    def _begun(
        self, context: JobContext, question: Question, engine: Engine, *, packaged: bool
    ) -> _Sweep:
        conversations = self._store.conversations
        conversations.set_progress(question.answer.id, "Cutting the documents into parts")
        tokens = engine.tokenizer.count(question.text)
        budget = sweep_budget(self._settings, engine, tokens, packaged=packaged)
        plan = self._planner.plan(question.pack, engine.tokenizer, budget.available)
        shards = in_question(self._store, plan, question.documents)
        same = question.answer.engine == engine.name and question.answer.model == engine.model
        progress = Progress(plan, shards, question.answer.shards if same else ())
        context.check()
        ranked = question.evidence.rank(question.text, MAX_SELECTED)
        most = question.answer.params.get(BUDGET)
        order = progress.waiting(
            relevant_first(shards, ranked), most if isinstance(most, int) else 0
        )
        quotes = self._quotes(question) if packaged else None
        sweep = _Sweep(
            question=question,
            engine=engine,
            plan=plan,
            budget=budget,
            params=SamplingParams(
                temperature=self._settings.temperature,
                max_tokens=PACKAGED_ANSWER_TOKENS if packaged else budget.reserved_for_answer,
            ),
            progress=progress,
            order=order,
            ranked=ranked if self._settings.hints else (),
            quotes=quotes,
        )
        self._tell(sweep)
        return sweep

    def _tell(self, sweep: _Sweep) -> None:
        """Store what is asked, before it is."""
        answer = sweep.question.answer
        quotes = sweep.quotes
        reports = sweep.progress.reports
        so_far = shown(sweep.question, reports)
        self._store.conversations.update(
            answer.id,
            status="running",
            mode="sweep",
            mode_reason=_reason(sweep.plan),
            engine=sweep.engine.name,
            model=sweep.engine.model,
            pack=sweep.question.pack.hash,
            params={
                **{name: answer.params[name] for name in (BUDGET,) if name in answer.params},
                "temperature": sweep.params.temperature,
                "max_tokens": sweep.params.max_tokens,
                "shard_tokens": sweep.plan.limit,
            },
            shards=reports,
            **(
                {"text": quotes.text, "citations": quotes.citations, "draft": so_far}
                if quotes
                else {"text": so_far}
            ),
        )
        self._show(sweep, ())

    def _ask(self, context: JobContext, sweep: _Sweep) -> Ending:
        """Ask what is to be asked."""
        stop = Event()
        live: dict[int, Asking] = {}
        stopped = False
        error: DocqaError | None = None
        merged_at = 0.0
        for asking in side_by_side(
            sweep.engine,
            self._requests(sweep, live),
            at_once=self._settings.sweep_at_once,
            stop=stop,
        ):
            if not stop.is_set() and context.cancelled():
                stopped = True
                stop.set()
            if asking is not None:
                del live[asking.shard.number]
                sweep.progress.take(asking, stopped=stopped)
                error = error or asking.error
                if isinstance(asking.error, EngineUnavailableError):
                    stop.set()
                due = time.monotonic() - merged_at >= MERGE_S
                merged_at = time.monotonic() if due else merged_at
                self._save(sweep, asking, text=due)
            self._show(sweep, tuple(live.values()))
        sweep.progress.end(unreached=isinstance(error, EngineUnavailableError))
        return Ending(stopped and sweep.progress.interrupted, error)

    def _requests(self, sweep: _Sweep, live: dict[int, Asking]) -> Iterator[Asking]:
        turns, dropped = self._prompts.history(sweep.question, sweep.engine, sweep.budget)
        parts = len(sweep.plan.shards)
        for shard in sweep.order:
            best = [item for item in sweep.ranked if item.passage.label in shard.labels]
            note = (
                f"You see part {shard.number} of {parts} of the documents: answer from this part, "
                "completely. Other parts are asked apart."
                if parts > 1
                else ""
            )
            tail = render_tail(
                sweep.question.text,
                sweep.question.scope,
                fitting_hints(best, sweep.engine, sweep.budget.reserved_for_question),
                note=" ".join((note, dropped_note(dropped))),
            )
            prompt = Prompt(self._planner.prefix(sweep.plan, shard), tail, turns)
            live[shard.number] = Asking(shard, prompt, sweep.params)
            yield live[shard.number]

    def _show(self, sweep: _Sweep, live: Sequence[Asking]) -> None:
        """How far it is, in tokens of shards."""
        reports = sweep.progress.reports
        asked = [report for report in reports if report.status == "asked"]
        told = (
            f"Asked {len(asked)} of {sum(report.status != 'skipped' for report in reports)} parts"
        )
        self._store.conversations.set_progress(
            sweep.question.answer.id,
            told,
            sum(report.tokens for report in asked) + sum(each.read for each in live),
            sum(report.tokens for report in reports if report.status != "skipped"),
        )

    def _save(self, sweep: _Sweep, asking: Asking, *, text: bool) -> None:
        """What came of a shard; with `text` also what there is so far, as people see it."""
        question = sweep.question
        facts: dict[str, object] = {"shards": sweep.progress.reports}
        if text:
            so_far = shown(question, sweep.progress.reports)
            if so_far:
                facts["draft" if sweep.quotes else "text"] = so_far
        if asking.first_s is not None and asking.seconds is not None:
            since = question.elapsed_s - asking.seconds + asking.first_s
            earlier = self._store.conversations.answer(question.answer.id).ttft_s
            facts["ttft_s"] = max(0.0, since) if earlier is None else min(earlier, max(0.0, since))
        self._store.conversations.update(question.answer.id, **facts)

    def _quotes(self, question: Question) -> QuotedAnswer:
        return self._quoter.quotes(question).gathered.answer


def _reason(plan: Plan) -> str:
    """Why this mode, for people."""
    parts = len(plan.shards)
    return f"sweep was asked for: {parts:,} parts of at most {plan.limit:,} tokens"
