"""One cell of a review: what it is about, what the engine says of it, what of that stands."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from docqa.core.checklists import Requirement
from docqa.core.findings import Cell, NewFinding, Review
from docqa.core.judging import judge, schema_for, unread
from docqa.core.outcomes import as_covered, quoted_only, with_evidence
from docqa.core.packed import PackedPassage
from docqa.core.requirement_ranking import lookup_text
from docqa.core.review_prompts import REVIEW_PROMPT_VERSION, ScopedDocument, render_review_tail
from docqa.engines.base import Engine, SamplingParams
from docqa.services.engines import EXTRACTIVE, EngineChoice, EngineService
from docqa.services.prefix_turns import PrefixTurns
from docqa.services.prompting import HINT_TOKENS
from docqa.services.publishing import Publisher
from docqa.services.review_evidence import RequirementEvidence, requirement_evidence
from docqa.services.review_replies import Inquiry, Reply, reply_to
from docqa.services.review_subjects import Subject, Subjects
from docqa.services.review_windows import (
    HINTS,
    ReviewBudget,
    ReviewWindows,
    answer_tokens,
    review_budget,
)
from docqa.services.windows import MAX_SELECTED, Window, WindowBuilder
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import PackInfo

NO_MODEL = "no model judged"
SMALL_MODEL = "no model judged: the packaged small one cannot"


@dataclass(frozen=True, slots=True)
class _Desk:
    """All that cells share which are asked of one engine on one version of a pack."""

    engine: Engine
    pack: str
    windows: ReviewWindows
    budget: ReviewBudget


class CellAsker:
    """Asks the cells of one review. Threads may share it."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        engines: EngineService,
        publisher: Publisher,
        review: Review,
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._subjects = Subjects(store, publisher, review)
        self._review = review
        self._builder = WindowBuilder(store, engines.salt)
        self._lock = threading.Lock()
        self._turns = PrefixTurns()
        self._unconstrained: Engine | None = None
        """An engine that refuses schemas."""
        self._kept: _Desk | None = None

    def ask(self, cell: Cell, stopped: Callable[[], bool]) -> NewFinding:
        """What is found for this cell now.

        Raises:
            StoppedError: If it is to stop; nothing came of it then.
            DocumentGoneError: If its document is not in scope any more.
            EngineError: If the engine fails, or cannot be reached.
            StaleError: If the pack was built anew meanwhile.
        """
        started = time.monotonic()
        requirement = self._review.checklist.requirements[cell.row]
        choice = self._engines.choice()
        subject = self._subjects.of(cell)
        evidence = requirement_evidence(self._store, subject.evidence, requirement)
        if choice.name == EXTRACTIVE or choice.packaged:
            found = self._quoted(choice, subject, evidence)
        else:
            self._engines.check_remote(self._review.workspace_id)
            found = self._judged(requirement, subject, evidence, stopped)
        return replace(
            found,
            version_id=subject.version_id,
            pack=subject.pack.hash,
            total_s=round(time.monotonic() - started, 3),
        )

    def _quoted(
        self, choice: EngineChoice, subject: Subject, evidence: RequirementEvidence
    ) -> NewFinding:
        why = SMALL_MODEL if choice.packaged else NO_MODEL
        return replace(
            quoted_only(evidence.quotes, found=evidence.found, why=why),
            coverage=self._subjects.coverage(subject),
            engine=EXTRACTIVE,
            params={"strength": round(evidence.strength, 3)},
        )

    def _judged(
        self,
        requirement: Requirement,
        subject: Subject,
        evidence: RequirementEvidence,
        stopped: Callable[[], bool],
    ) -> NewFinding:
        desk = self._desk(subject.pack)
        engine = desk.engine
        rank = partial(subject.evidence.rank, lookup_text(requirement), MAX_SELECTED)
        window = desk.windows.window(subject.version_id, rank)
        hints = () if window.shown is not None else self._hints(desk, evidence)
        scope = self._scope(desk, subject)
        inquiry = Inquiry(
            requirement,
            window.prefix,
            lambda problem: render_review_tail(requirement, scope, hints, problem=problem),
            self._params(requirement, engine),
        )
        reply = self._reply(inquiry, engine, stopped)
        if reply.problem:
            found = unread(reply.text, reply.problem)
        else:
            found = judge(reply.text, requirement, subject.evidence)
        covered = as_covered(found, self._subjects.coverage(subject, window))
        return replace(
            with_evidence(covered, evidence.quotes, found=evidence.found),
            engine=engine.name,
            model=engine.model,
            prompt_version=REVIEW_PROMPT_VERSION,
            params=_told(inquiry.params, window, hints, reply),
            usage=reply.usage,
        )

    def _reply(self, inquiry: Inquiry, engine: Engine, stopped: Callable[[], bool]) -> Reply:
        with self._turns.turn(inquiry.prefix.hash, stopped) as began:
            reply = reply_to(inquiry, engine, stopped, began)
        if not reply.constrained:
            self._unconstrained = engine
        return reply

    def _params(self, requirement: Requirement, engine: Engine) -> SamplingParams:
        schema = schema_for(requirement)
        return SamplingParams(
            temperature=self._settings.temperature,
            max_tokens=answer_tokens(schema, engine.context_length),
            json_schema=None if self._unconstrained is engine else schema,
        )

    def _desk(self, pack: PackInfo) -> _Desk:
        """The desk for the engine in force and this version of the pack; kept while both stay."""
        engine = self._engines.engine()
        assert engine is not None
        with self._lock:
            kept = self._kept
            if kept is None or kept.engine is not engine or kept.pack != pack.hash:
                review = self._review
                scopes = review.target == "workspace" and bool(review.scope)
                budget = review_budget(self._settings, engine, review.checklist, scopes=scopes)
                windows = ReviewWindows(self._store, self._builder, engine, pack, budget.tokens)
                kept = self._kept = _Desk(engine, pack.hash, windows, budget)
            return kept

    def _scope(self, desk: _Desk, subject: Subject) -> tuple[ScopedDocument, ...]:
        return tuple(
            ScopedDocument(desk.windows.number(document.version_id), document.name)
            for document in subject.documents or ()
        )

    def _hints(self, desk: _Desk, evidence: RequirementEvidence) -> tuple[PackedPassage, ...]:
        """The best passages that fit beside the requirement."""
        left = desk.budget.hints
        hints: list[PackedPassage] = []
        for ranked in evidence.passages[: HINTS if left else 0]:
            tokens = desk.engine.tokenizer.count(ranked.passage.passage.text) + HINT_TOKENS
            if tokens <= left:
                left -= tokens
                hints.append(ranked.passage)
        return tuple(hints)


def _told(
    params: SamplingParams, window: Window, hints: Sequence[PackedPassage], reply: Reply
) -> dict[str, object]:
    """How a cell was asked, for its record; no words of documents among it."""
    return {
        "temperature": params.temperature,
        "max_tokens": params.max_tokens,
        "finish_reason": reply.finish_reason,
        "tries": reply.tries,
        "schema": reply.constrained,
        "mode": window.mode,
        "mode_reason": window.reason,
        "hints": [hint.label for hint in hints],
    }
