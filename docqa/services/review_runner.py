"""Working a review off, as a job: cells in flight, and how each and all of them end.

A cell belongs to the job that took it, by a token. What a killed job had taken waits again when
the next one begins, and what comes too late is not kept: no cell is lost, none answered twice.
"""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from docqa.core.findings import Review
from docqa.errors import UnknownItemError
from docqa.services.engines import EXTRACTIVE, EngineService
from docqa.services.jobs import JobContext
from docqa.services.publishing import Publisher
from docqa.services.review_asking import CellAsker
from docqa.services.review_cells import CellWorkers
from docqa.services.review_jobs import jobs_of
from docqa.settings import Settings
from docqa.store.store import Store

logger = logging.getLogger(__name__)

TURN_S = 0.2
_ONE_AT_A_TIME = (EXTRACTIVE, "embedded")
"""Engines that compute in this process: more threads would only wait for each other."""


class ReviewRunner:
    """Does `review` jobs; a review has one at work at a time."""

    def __init__(
        self, settings: Settings, store: Store, engines: EngineService, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher

    def handle(self, context: JobContext) -> Mapping[str, Any]:
        """Do a `review` job: until no cell waits, or it is paused, cancelled or deleted.

        Raises:
            DocqaError: If nothing more can be asked or kept; the review is paused then.
        """
        review_id = int(context.job.payload["review_id"])
        try:
            if self._store.reviews.get(review_id).status in ("paused", "cancelled"):
                return {}
            self._await_turn(context, review_id)
            self._store.reviews.set_status(review_id, "running", job_id=context.job.id)
            self._work(context, self._store.reviews.get(review_id))
        except UnknownItemError as error:
            if error.kind != "review":
                raise
            logger.info("review %d was deleted while it was worked off", review_id)
        return {"review_id": review_id}

    def _await_turn(self, context: JobContext, review_id: int) -> None:
        """Wait for an earlier job of the same review that has not ended yet."""
        pause = threading.Event()
        while any(
            job.id < context.job.id and job.status == "running"
            for job in jobs_of(self._store, context.job.workspace_id, review_id)
        ):
            context.check()
            pause.wait(TURN_S)

    def _work(self, context: JobContext, review: Review) -> None:
        asker = CellAsker(self._settings, self._store, self._engines, self._publisher, review)
        user = str(context.job.payload.get("user") or self._settings.user)
        workers = CellWorkers(self._store, asker, review, context, user=user)
        stopped = True
        try:
            self._engines.check_remote(review.workspace_id)
            self._store.reviews.requeue_running(review.id)
            while True:
                stopped = workers.work(self._at_once())
                if stopped or self._finished(review.id):
                    break
        finally:
            self._end(context, review.id, stopped=stopped)
        if workers.failure is not None:
            raise workers.failure
        context.check()

    def _at_once(self) -> int:
        alone = self._engines.choice().name in _ONE_AT_A_TIME
        return 1 if alone else self._settings.review_cells_at_once

    def _finished(self, review_id: int) -> bool:
        """Say that the review is done, unless cells wait: queued again, or another's that died."""
        self._store.reviews.requeue_running(review_id)
        self._store.reviews.set_status(review_id, "done")
        if not self._store.reviews.get(review_id).counts.queued:
            return True
        self._store.reviews.set_status(review_id, "running")
        return False

    def _end(self, context: JobContext, review_id: int, *, stopped: bool) -> None:
        """Give back what is in flight; a review that was stopped on its way is paused.

        Nobody else works on it while this job runs: later jobs await their turn. A job that another
        runner has taken, because this one was silent too long, is that one's to end.
        """
        if context.jobs.get(context.job.id).owner != context.owner:
            return
        reviews = self._store.reviews
        reviews.requeue_running(review_id)
        review = reviews.get(review_id)
        if review.status == "cancelled":
            reviews.cancel_queued(review_id)
        elif stopped and review.status == "running" and review.job_id == context.job.id:
            reviews.set_status(review_id, "paused")
