"""The scheduler: takes due jobs from the queue, runs them, plans them again."""

import logging
from collections.abc import Callable

from .clock import Clock, SystemClock
from .errors import DuplicateJobError, UnknownJobError
from .jobs import Job, JobState
from .queue import DueQueue
from .retry import RetryPolicy
from .schedules import Schedule

logger = logging.getLogger(__name__)

LONGEST_NAP = 1.0
"""Seconds; so that `run_until` notices a stop within this time."""


class Scheduler:
    """Runs recurring jobs one after the other in the calling thread."""

    def __init__(self, clock: Clock | None = None, retry: RetryPolicy | None = None) -> None:
        self._clock = clock or SystemClock()
        self._retry = retry or RetryPolicy()
        self._jobs: dict[str, Job] = {}
        self._queue = DueQueue()

    def add(
        self, name: str, action: Callable[[], None], schedule: Schedule, *, priority: int = 0
    ) -> Job:
        """Add a job; it is due at the schedule's next time.

        Raises:
            DuplicateJobError: If the name is taken.
        """
        if name in self._jobs:
            raise DuplicateJobError(name)
        job = Job(name, action, schedule, priority)
        self._jobs[name] = job
        self._queue.push(name, schedule.next_after(self._clock.now()), priority)
        return job

    def resume(self, name: str) -> None:
        """Put a parked job back to work, with its failures forgotten.

        Raises:
            UnknownJobError: If there is no such job.
        """
        job = self._job(name)
        if job.state is JobState.PARKED:
            job.state = JobState.WAITING
            job.failures = 0
            self._queue.push(name, job.schedule.next_after(self._clock.now()), job.priority)

    def run_due(self) -> int:
        """Run everything that is due now; the number of jobs that ran."""
        ran = 0
        while (name := self._queue.pop_due(self._clock.now())) is not None:
            self._run(self._job(name))
            ran += 1
        return ran

    def run_until(self, stopped: Callable[[], bool]) -> None:
        """Run jobs as they become due, until `stopped` says so."""
        while not stopped():
            self.run_due()
            due = self._queue.next_due()
            nap = LONGEST_NAP if due is None else due - self._clock.now()
            self._clock.wait(max(0.0, min(nap, LONGEST_NAP)))

    def _job(self, name: str) -> Job:
        try:
            return self._jobs[name]
        except KeyError:
            raise UnknownJobError(name) from None

    def _run(self, job: Job) -> None:
        job.state = JobState.RUNNING
        job.runs += 1
        try:
            job.action()
        except Exception as error:  # noqa: BLE001 - a job may raise anything; it must not stop the others
            self._failed(job, error)
        else:
            job.failures = 0
            job.state = JobState.WAITING
            self._queue.push(job.name, job.schedule.next_after(self._clock.now()), job.priority)

    def _failed(self, job: Job, error: Exception) -> None:
        job.failures += 1
        job.last_error = str(error)
        wait = self._retry.wait(job.failures)
        if wait is None:
            job.state = JobState.PARKED
            logger.error("job %s is parked after %d failures: %s", job.name, job.failures, error)
            return
        job.state = JobState.WAITING
        logger.warning("job %s failed, next try in %.0f s: %s", job.name, wait, error)
        self._queue.push(job.name, self._clock.now() + wait, job.priority)
