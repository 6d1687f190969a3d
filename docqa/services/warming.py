"""Warming: the engine reads a pack into its cache before anyone asks, and goes on holding it."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from docqa.engines.base import Engine, PrefillProgress, Prefix
from docqa.errors import (
    DocqaError,
    EngineError,
    EngineLeavesMachineError,
    EngineNotConfiguredError,
    InputError,
    StaleError,
)
from docqa.services.engines import EngineService
from docqa.services.jobs import JobCancelled, JobContext, JobRunner
from docqa.services.lanes import Routine
from docqa.services.measurements import WARM
from docqa.services.prompting import budget_of
from docqa.services.publishing import Publisher
from docqa.services.windows import WindowBuilder
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import JobInfo, PackInfo

logger = logging.getLogger(__name__)

KEEP_PREFIXES = ("sglang",)
"""Engines whose cache of a pack outlives the question; others hold what was asked last."""
STOP_S = 30.0
STOP_POLL_S = 0.05
ASKED_WITHIN_S = 24 * 3_600
"""A pack that nobody asked for so long is not kept warm."""


class WarmingService:
    """Prefills packs, in jobs; a workspace has one at work at a time."""

    def __init__(
        self, settings: Settings, store: Store, engines: EngineService, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher
        self._windows = WindowBuilder(store, engines.salt)
        self.runner: JobRunner | None = None

    def submit(self, workspace_id: int) -> int:
        """Queue the warming of a workspace's pack; returns the job.

        That is the job which waits already, or is at work on this pack version, where there is one.

        Raises:
            EngineLeavesMachineError: If the engine is remote and this workspace not allowed to.
        """
        self._engines.check_remote(workspace_id)
        choice = self._engines.choice()
        pack = self._publisher.pack(workspace_id)
        what = {"pack": pack.hash, "engine": choice.name, "model": choice.model}
        job_id = self._store.jobs.create_single(WARM, workspace_id, what)
        if self.runner is not None:
            self.runner.wake()
        return job_id

    def job(self, workspace_id: int) -> JobInfo | None:
        """The job that warms this workspace's pack or waits to, if there is one."""
        jobs = [job for job in self._store.jobs.active(workspace_id) if job.kind == WARM]
        return jobs[0] if jobs else None

    def stop(self, workspace_id: int) -> None:
        """End warming; what has been read stays in the cache, and the next job goes on there."""
        for job in self._store.jobs.active(workspace_id):
            if job.kind == WARM:
                self._store.jobs.cancel(job.id)

    def stop_and_wait(self, workspace_id: int) -> None:
        """End warming, and return when it has ended.

        Raises:
            InputError: If it does not end within half a minute.
        """
        self.stop(workspace_id)
        deadline = time.monotonic() + STOP_S
        pause = threading.Event()
        while self.job(workspace_id) is not None:
            if time.monotonic() > deadline:
                raise InputError("the engine is still reading this workspace; try again soon")
            pause.wait(STOP_POLL_S)

    def handle(self, context: JobContext) -> Mapping[str, Any]:
        """Do a `warm` job.

        Raises:
            EngineNotConfiguredError: If there is no model.
            ContextOverflowError: If the pack does not fit the window.
        """
        assert context.job.workspace_id is not None
        started = time.monotonic()
        self._engines.check_remote(context.job.workspace_id)
        engine = self._engines.engine()
        if engine is None:
            raise EngineNotConfiguredError("extractive", "there is no model whose cache to fill")
        pack = self._publisher.pack(context.job.workspace_id)
        budget = budget_of(self._settings, engine)
        _, tokens = self._windows.choose(pack, engine, budget, mode="whole")
        prefix = self._windows.prefix(pack, tokens)
        last = PrefillProgress(0, tokens)
        with self._superseded(pack):
            for last in self._steps(context, engine, prefix):
                context.progress(last.done, last.total, "prefill")
        return {
            "pack": pack.hash,
            "tokens": last.total,
            "cached_tokens": last.cached,
            "seconds": round(time.monotonic() - started, 3),
        }

    def pack_changed(self, workspace_id: int, retired: int | None) -> None:
        """A pack version was published; `retired` is the pack that it replaces, if it does.

        What engines keep of the retired pack goes, and the new version is warmed where the engine
        keeps prefixes. Never fails: what was published stays published.
        """
        try:
            if retired is not None:
                self.forget(retired)
            if self._settings.warm_after_ingest and self._keeps_prefixes():
                self.submit(workspace_id)
        except EngineLeavesMachineError:
            logger.info("workspace %d is not warmed: not allowed to leave", workspace_id)
        except DocqaError as error:
            logger.warning("workspace %d is not warmed: %s", workspace_id, error)

    def forget(self, pack_id: int) -> None:
        """Drop what the engine keeps of a pack, and what is kept for it here; never fails."""
        if self._keeps_prefixes():
            try:
                engine = self._engines.engine()
                if engine is not None:
                    engine.forget(str(pack_id))
            except EngineError as error:
                logger.warning("the engine was not told to forget pack %d: %s", pack_id, error)
        for name in KEEP_PREFIXES:  # also while another engine is in force
            for path in (self._settings.cache_path / name).glob(f"{pack_id}-*"):
                path.unlink(missing_ok=True)

    def routine(self) -> Routine | None:
        """Keeping warm, as the settings want it."""
        minutes = self._settings.keep_warm_minutes
        return Routine("keep-warm", 60.0 * minutes, self.keep_warm) if minutes else None

    def keep_warm(self) -> None:
        """Warm the packs that were asked in the last day, but not since the last time.

        Raises:
            StoreError: If the store cannot be read.
        """
        now = time.time()
        asked = self._store.costs.last_asked(now - ASKED_WITHIN_S)
        for workspace_id, at in asked.items():
            if now - at < 60.0 * self._settings.keep_warm_minutes:
                continue
            try:
                self.submit(workspace_id)
            except DocqaError as error:
                logger.warning("workspace %d is not kept warm: %s", workspace_id, error)

    def _steps(
        self, context: JobContext, engine: Engine, prefix: Prefix
    ) -> Iterator[PrefillProgress]:
        """The steps of prefilling, each new one once; ends the request when the user stops it."""
        steps = engine.prefill(prefix)
        told: PrefillProgress | None = None
        try:
            for step in steps:
                context.check()
                if step != told:
                    yield step
                told = step
        finally:
            close(steps)

    @contextmanager
    def _superseded(self, pack: PackInfo) -> Iterator[None]:
        """End without a failure if the pack is built anew meanwhile; its successor is queued."""
        try:
            yield
        except StaleError:
            current = self._store.packs.find(pack.workspace_id)
            if current is not None and current.id == pack.id:
                raise
            raise JobCancelled from None

    def _keeps_prefixes(self) -> bool:
        return self._engines.choice().name in KEEP_PREFIXES


def close(steps: Iterator[PrefillProgress]) -> None:
    """Cancel the request by closing the engine's iterator."""
    closer = getattr(steps, "close", None)
    if closer is not None:
        closer()
