"""What the last answers and warmings say of an engine: how fast it reads, how soon it answers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from docqa.services.engines import EngineChoice
from docqa.store.costs import AnswerCost
from docqa.store.store import Store
from docqa.store.values import JobInfo

RECENT = 50
NEAREST = 5
"""Measurements of the nearest sizes count: reading gets slower with what has been read."""
MEASURABLE_TOKENS = 500
"""Fewer tokens read say nothing about the speed."""
WARM = "warm"


@dataclass(frozen=True, slots=True)
class Prefill:
    """A measurement: so many tokens were read in so many seconds."""

    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Measurements:
    """Of one engine, newest first."""

    answers: tuple[AnswerCost, ...]
    warmings: tuple[JobInfo, ...]
    """`warm` jobs that were done."""

    def hot_ttft_s(self, pack: str) -> float | None:
        """Median seconds to the first token where the pack was cached; over this pack if known."""
        hot = [answer for answer in self.answers if answer.hot and answer.ttft_s is not None]
        here = [answer for answer in hot if answer.pack == pack]
        times = [answer.ttft_s for answer in here or hot if answer.ttft_s is not None]
        return median(times) if times else None

    def prefill_s(self, tokens: int) -> float | None:
        """About how many seconds reading so many tokens takes; None where none was measured."""
        prefills = [*self._by_answers(), *self._by_warmings()]
        if not prefills or tokens <= 0:
            return None if tokens > 0 else 0.0
        prefills.sort(key=lambda prefill: abs(math.log(prefill.tokens / tokens)))
        nearest = prefills[:NEAREST]
        return tokens * median(prefill.seconds / prefill.tokens for prefill in nearest)

    def _by_answers(self) -> Iterable[Prefill]:
        for answer in self.answers:
            # The time of the answer's own request does not have that of reading the pack before it.
            seconds = max(answer.prefill_s or 0.0, answer.ttft_s or 0.0)
            if seconds and answer.fresh_tokens >= MEASURABLE_TOKENS:
                yield Prefill(answer.fresh_tokens, seconds)

    def _by_warmings(self) -> Iterable[Prefill]:
        for job in self.warmings:
            fresh = int(job.result.get("tokens") or 0) - int(job.result.get("cached_tokens") or 0)
            seconds = float(job.result.get("seconds") or 0)
            if seconds and fresh >= MEASURABLE_TOKENS:
                yield Prefill(fresh, seconds)


def measurements(store: Store, choice: EngineChoice) -> Measurements:
    """The last ones of the engine that is chosen, in any workspace.

    Not sweeps: their tokens are of many requests, their first token is of one.
    """
    recent = store.costs.recent(limit=RECENT)
    answers = [answer for answer in recent if answer.mode != "sweep"]
    return Measurements(
        tuple(answer for answer in answers if answered_by(answer, choice)),
        tuple(job for job in store.jobs.last(WARM) if warmed_by(job, choice)),
    )


def answered_by(answer: AnswerCost, choice: EngineChoice) -> bool:
    """Whether this engine, with this model if one is named, gave the answer."""
    return answer.engine == choice.name and (not choice.model or answer.model == choice.model)


def warmed_by(job: JobInfo, choice: EngineChoice) -> bool:
    """Whether a `warm` job was for this engine."""
    return (job.payload.get("engine"), job.payload.get("model")) == (choice.name, choice.model)


def newest_evidence(
    answers: Sequence[AnswerCost], warmings: Sequence[JobInfo], pack: str
) -> bool | None:
    """Whether the last thing an engine did with a pack version left it cached; None if nothing."""
    answer = next((a for a in answers if a.pack == pack and a.mode == "whole"), None)
    warming = next((job for job in warmings if job.result.get("pack") == pack), None)
    if warming is not None and (answer is None or answer.created_at < warming.created_at):
        return True
    if answer is None:
        return False
    return answer.hot if answer.cached_tokens is not None else None
