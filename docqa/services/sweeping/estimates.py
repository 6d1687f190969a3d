"""What a sweep will cost, before it starts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from docqa.core.answers import Answer, ShardReport
from docqa.core.sharding import Shard
from docqa.engines.base import Engine
from docqa.services.cache_states import duration
from docqa.services.engines import EngineService
from docqa.services.measurements import measurements
from docqa.services.publishing import Publisher
from docqa.services.sweeping.quoting import SweepQuoter
from docqa.services.sweeping.scope import in_question, sweep_budget
from docqa.services.sweeping.shards import ShardPlanner
from docqa.settings import Settings
from docqa.store.store import Store

EARLIER = 20
"""Answers that are looked at for what earlier sweeps took."""
HOT_SHARE = 0.5
"""With more of its prompt cached than this, a shard was hot."""


@dataclass(frozen=True, slots=True)
class SweepEstimate:
    """What a sweep asked now would cost."""

    shards: int
    """Of the whole pack."""
    asked: int
    """Those that have something in scope."""
    tokens: int
    """Of the shards that are asked, heads included."""
    read_before: int = 0
    """Of these, those that this engine has read in one of the last sweeps and may still hold."""
    seconds: float | None = None
    """By what was measured; None where nothing was."""
    reading_only: bool = False
    """Whether the seconds lack the writing of the answers."""
    model: bool = True
    """False where the extractive reader goes through them."""

    def sentence(self) -> str:
        """For people: `23 parts, 412,380 tokens to read, about 4 min`."""
        parts = "1 part" if self.asked == 1 else f"{self.asked:,} parts"
        if self.asked < self.shards:
            parts += f" of {self.shards:,}"
        said = f"{parts}, {self.tokens:,} tokens to read"
        if self.read_before:
            said += f", {self.read_before:,} of them read before"
        return f"{said}; {self._time()}"

    def _time(self) -> str:
        if not self.model:
            return "no model, a few seconds"
        if self.seconds is None:
            return "how long it takes is not known yet"
        if self.reading_only:
            return f"about {duration(self.seconds)} to read them, and the answers beside that"
        return f"about {duration(self.seconds)}"


class SweepEstimator:
    """Says what sweeps cost."""

    def __init__(
        self, settings: Settings, store: Store, engines: EngineService, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher
        self._planner = ShardPlanner(store, engines.salt)
        self._quoter = SweepQuoter(store, self._planner)

    def estimate(
        self, workspace_id: int, scope: Sequence[int] = (), question: str = ""
    ) -> SweepEstimate:
        """What sweeping these documents, or all, would cost now.

        Raises:
            EngineLeavesMachineError: If the engine is remote and this workspace not allowed to.
            ContextOverflowError: If the engine's window is too small.
            EngineError: If the engine has to be asked for its window and does not answer.
        """
        self._engines.check_remote(workspace_id)
        engine = self._engines.engine()
        choice = self._engines.choice()
        pack = self._publisher.pack(workspace_id)
        if engine is None:
            plan = self._quoter.plan(pack)
        else:
            tokens = engine.tokenizer.count(question)
            budget = sweep_budget(self._settings, engine, tokens, packaged=choice.packaged)
            plan = self._planner.plan(pack, engine.tokenizer, budget.available)
        documents = self._store.documents.in_scope(workspace_id, scope) if scope else None
        shards = in_question(self._store, plan, documents)
        tokens = sum(shard.tokens for shard in shards)
        met = SweepEstimate(len(plan.shards), len(shards), tokens, model=engine is not None)
        return met if engine is None else self._timed(met, engine, shards)

    def _timed(self, met: SweepEstimate, engine: Engine, shards: Sequence[Shard]) -> SweepEstimate:
        earlier = list(_reports(self._store.conversations.recent(None, EARLIER), engine))
        read = {report.hash for report in earlier}
        before = [shard for shard in shards if shard.hash in read]
        fresh = [shard for shard in shards if shard.hash not in read]
        seconds = _seconds(earlier, fresh, before)
        if seconds is not None:
            seconds /= min(self._settings.sweep_at_once, max(1, len(shards)))
        reading_only = seconds is None
        if reading_only and shards:
            measured = measurements(self._store, self._engines.choice())
            each = measured.prefill_s(max(shard.tokens for shard in shards))
            seconds = None if each is None else each * len(shards)
        return replace(
            met,
            read_before=sum(shard.tokens for shard in before),
            seconds=seconds,
            reading_only=reading_only,
        )


def _reports(answers: Iterable[Answer], engine: Engine) -> Iterable[ShardReport]:
    for answer in answers:
        if (answer.engine, answer.model) == (engine.name, engine.model):
            yield from (report for report in answer.shards if report.status == "asked")


def _seconds(
    earlier: Sequence[ShardReport], fresh: Sequence[Shard], before: Sequence[Shard]
) -> float | None:
    """Seconds of all requests together, as earlier ones took; None if there were none."""
    timed = [report for report in earlier if report.seconds is not None and report.prompt_tokens]
    if not timed:
        return None
    hot = [report.seconds or 0.0 for report in timed if _is_hot(report)]
    cold = [report for report in timed if not _is_hot(report)] or timed
    rate = median((report.seconds or 0.0) / report.prompt_tokens for report in cold)
    seconds = sum(rate * shard.tokens for shard in fresh)
    return seconds + (
        median(hot) * len(before) if hot else sum(rate * shard.tokens for shard in before)
    )


def _is_hot(report: ShardReport) -> bool:
    return (report.cached_tokens or 0) > HOT_SHARE * report.prompt_tokens
