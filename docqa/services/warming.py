"""Warming: the engine reads a pack into its cache before anyone asks."""

import time
from collections.abc import Mapping
from typing import Any

from docqa.errors import EngineNotConfiguredError
from docqa.services.engines import EngineService
from docqa.services.generation import budget_of
from docqa.services.jobs import JobContext, JobRunner
from docqa.services.publishing import Publisher
from docqa.services.windows import WindowBuilder
from docqa.settings import Settings
from docqa.store.store import Store


class WarmingService:
    """Prefills packs, in jobs."""

    def __init__(
        self, settings: Settings, store: Store, engines: EngineService, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher
        self._windows = WindowBuilder(store)
        self.runner: JobRunner | None = None

    def submit(self, workspace_id: int) -> int:
        """Queue the warming of a workspace's pack; returns the job.

        Raises:
            EngineLeavesMachineError: If the engine is remote and this workspace not allowed to.
        """
        self._engines.check_remote(workspace_id)
        job_id = self._store.jobs.create("warm", workspace_id, {})
        if self.runner is not None:
            self.runner.wake()
        return job_id

    def handle(self, context: JobContext) -> Mapping[str, Any]:
        """Do a `warm` job.

        Raises:
            EngineNotConfiguredError: If there is no model.
            ContextOverflowError: If the pack does not fit the window.
        """
        assert context.job.workspace_id is not None
        started = time.monotonic()
        engine = self._engines.engine()
        if engine is None:
            raise EngineNotConfiguredError("extractive", "there is no model whose cache to fill")
        pack = self._publisher.pack(context.job.workspace_id)
        budget = budget_of(self._settings, engine)
        _, tokens = self._windows.choose(pack, engine, budget, mode="whole")
        cached: int | None = None
        for step in engine.prefill(self._windows.prefix(pack, tokens)):
            context.check()
            context.progress(step.done, step.total, "prefill")
            tokens, cached = step.total, step.cached
        return {
            "pack": pack.hash,
            "tokens": tokens,
            "cached_tokens": cached,
            "seconds": round(time.monotonic() - started, 3),
        }
