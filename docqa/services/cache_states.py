"""Hot, warming or cold: where a workspace's pack stands in the engine's cache."""

from dataclasses import dataclass, replace
from typing import Literal

from docqa.engines.base import Engine, PrefixState
from docqa.services.engines import EngineChoice, EngineService
from docqa.services.measurements import (
    WARM,
    Measurements,
    answered_by,
    measurements,
    newest_evidence,
    warmed_by,
)
from docqa.services.windows import WindowBuilder
from docqa.store.store import Store
from docqa.store.values import JobInfo, PackInfo

LAST_ANSWERS = 20
"""Answers of a workspace that are looked at where the engine does not tell."""
Level = Literal["none", "unknown", "cold", "warming", "hot"]


@dataclass(frozen=True, slots=True)
class PackCache:
    """How much of a pack is in the engine's cache; `none` where it is not read whole."""

    level: Level = "none"
    done: int = 0
    """Tokens in the cache."""
    total: int = 0
    """Tokens of the pack."""
    ttft_s: float | None = None
    """Seconds to the first token of a question asked now, by what was measured; None: unknown."""
    detail: str = ""
    """Why it is cold, in words."""
    job_id: int | None = None
    """The job that warms it or waits to."""
    waiting: bool = False
    """Whether that job has not begun."""
    problem: str = ""
    """Why the last warming of this pack version failed, in words, with what to do."""

    @property
    def percent(self) -> int:
        """Of the pack's tokens, those in the cache; rounded down."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    def sentence(self) -> str:
        """For people: `hot, first token in about 0.4 s`."""
        said = self.words
        if self.level in ("none", "unknown") and self.ttft_s is None:
            return said
        return f"{said}, {self.first_token}"

    @property
    def words(self) -> str:
        """The level in words."""
        if self.level == "warming":
            return f"warming, {self.percent} % read" if self.done else "warming"
        if self.level == "cold" and self.percent:
            return f"cold, {self.percent} % read"
        return {"none": "", "unknown": "not told by the engine"}.get(self.level, self.level)

    @property
    def first_token(self) -> str:
        """The time to the first token in words."""
        if self.ttft_s is None:
            return "time to the first token not known yet"
        return f"first token in about {duration(self.ttft_s)}"


NO_CACHE = PackCache()


class CacheStates:
    """Tells where packs stand, without asking the engine."""

    def __init__(self, store: Store, engines: EngineService) -> None:
        self._store = store
        self._engines = engines
        self._windows = WindowBuilder(store, engines.salt)

    def state(self, pack: PackInfo, engine: Engine) -> PackCache:
        """Where this pack stands; it is one that fits the engine's window."""
        choice = self._engines.choice()
        job = self._job(pack.workspace_id, choice)
        told = engine.prefix_state(self._windows.prefix(pack, pack.token_count))
        cache = self._level(pack, choice, told, job)
        measured = measurements(self._store, choice)
        return replace(cache, ttft_s=_ttft_s(cache, measured, pack))

    def _level(
        self, pack: PackInfo, choice: EngineChoice, told: PrefixState, job: JobInfo | None
    ) -> PackCache:
        total = told.total or pack.token_count
        job_id = job.id if job else None
        if told.state == "hot":
            return PackCache("hot", total, total, job_id=job_id)
        done = told.done
        if job is not None:
            if job.progress_total:
                done, total = max(done, job.progress_done), job.progress_total
            return PackCache(
                "warming",
                done,
                total,
                detail=told.detail,
                job_id=job_id,
                waiting=job.status == "queued",
            )
        if told.state != "unknown":
            problem = self._problem(pack)
            return PackCache(told.state, done, total, detail=told.detail, problem=problem)
        level: Level = "unknown"
        evidence = self._evidence(pack, choice)
        if evidence is not None:
            level = "hot" if evidence else "cold"
        problem = "" if evidence else self._problem(pack)
        return PackCache(level, total if level == "hot" else 0, total, problem=problem)

    def _evidence(self, pack: PackInfo, choice: EngineChoice) -> bool | None:
        recent = self._store.costs.recent(pack.workspace_id, limit=LAST_ANSWERS)
        warmings = self._store.jobs.last(WARM, pack.workspace_id)
        return newest_evidence(
            [answer for answer in recent if answered_by(answer, choice)],
            [job for job in warmings if warmed_by(job, choice)],
            pack.hash,
        )

    def _problem(self, pack: PackInfo) -> str:
        for job in self._store.jobs.last(WARM, pack.workspace_id, status=None, limit=1):
            if job.status == "failed" and job.payload.get("pack") == pack.hash:
                return f"Warming failed: {job.error}. {job.error_hint}".strip()
        return ""

    def _job(self, workspace_id: int, choice: EngineChoice) -> JobInfo | None:
        jobs = (job for job in self._store.jobs.active(workspace_id) if job.kind == WARM)
        return next((job for job in jobs if warmed_by(job, choice)), None)


def _ttft_s(cache: PackCache, measured: Measurements, pack: PackInfo) -> float | None:
    if cache.level == "hot":
        return measured.hot_ttft_s(pack.hash)
    if cache.level in ("cold", "warming"):
        return measured.prefill_s(max(1, cache.total - cache.done))
    return None


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min`, `1.5 h`: as exact as an estimate is."""
    if seconds < 10:
        return f"{max(0.1, seconds):.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 5_400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.1f} h"
