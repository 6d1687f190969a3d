"""Running jobs: claim, heartbeat, progress, cancel, resume.

A job is a row. A runner claims it, calls the handler of its kind and writes down how it ended. A
runner that dies leaves a row whose owner no longer lives; the next runner takes it up again.

One thread of a runner looks for jobs, and for each it finds begins a thread: lanes bound how many
there are at once, and idle ones cost nothing.
"""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import psutil

from docqa.errors import DocqaError, JobFailedError
from docqa.services.lanes import Lane, Lanes, Routine, Threads
from docqa.store.jobs import JobStore
from docqa.store.values import JobInfo, JobStatus

logger = logging.getLogger(__name__)

HEARTBEAT_S = 3.0
POLL_S = 1.0
FOLLOW_S = 0.2
RUN_POLL_S = 0.5
CLOSE_S = 10.0
"""How long the threads are waited for when the runner is closed."""
UNATTENDED = ("warm", "preview", "duplicates")
"""Kinds that nobody waits for: a command does not do them before its own work."""


class JobCancelled(Exception):
    """Raised inside a handler when the user cancelled its job."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler may do about its own job."""

    job: JobInfo
    jobs: JobStore
    owner: str

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Say how far the job is."""
        self.jobs.progress(self.job.id, done, total, text)

    def cancelled(self) -> bool:
        """Whether the user asked to stop, or another runner has taken the job. Cheap to ask."""
        return self.jobs.to_stop(self.job.id, self.owner)

    def check(self) -> None:
        """Return if the job may go on.

        Raises:
            JobCancelled: If the user asked to stop.
        """
        if self.cancelled():
            raise JobCancelled


Handler = Callable[[JobContext], Mapping[str, Any]]
"""Does one job and returns its result. It may be called again for a job that was interrupted."""


class JobRunner:
    """Runs jobs in threads of this process, or one job in the calling thread."""

    def __init__(
        self, jobs: JobStore, handlers: Mapping[str, Handler], lanes: Sequence[Lane]
    ) -> None:
        self._jobs = jobs
        self._handlers = dict(handlers)
        self._lanes = Lanes(lanes)
        self._owner = uuid.uuid4().hex
        self._pid = os.getpid()
        self._started = psutil.Process().create_time()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._routines: list[Routine] = []
        self._running: set[int] = set()
        self._unrecorded: dict[int, DocqaError] = {}
        self._lock = threading.Lock()
        self._threads = Threads()

    def start(self) -> None:
        """Take up what dead runners left, then work in the background until `close`."""
        self._jobs.release_dead(is_alive)
        self._threads.begin("docqa-jobs", self._hand_out)
        self._threads.begin("docqa-heartbeat", self._beat)
        for routine in self._routines:
            self._threads.begin(f"docqa-{routine.name}", partial(routine.repeat, self._stopping))

    def close(self) -> None:
        """End the threads. Jobs still running are given back to the queue at the next start."""
        self._stopping.set()
        self.wake()
        self._threads.join(CLOSE_S)

    def add_routine(self, routine: Routine) -> None:
        """Do this too, from `start` on."""
        self._routines.append(routine)

    @property
    def background(self) -> bool:
        """Whether jobs are worked on in the background."""
        return bool(self._threads)

    def wake(self) -> None:
        """Look for new jobs now rather than at the next poll."""
        self._wake.set()

    def run(self, job_id: int) -> JobInfo:
        """Do one job here, or wait for the runner that has it, and return how it ended.

        Raises:
            StoreError: If how it ended could not be recorded, for example on a full disk.
        """
        while (job := self._claim(job_ids=[job_id])) is None:
            if self._jobs.get(job_id).finished or self._stopping.wait(RUN_POLL_S):
                return self._jobs.get(job_id)
            self._jobs.release_dead(is_alive)
        if not self._threads:
            threading.Thread(target=self._beat, daemon=True).start()
        self._do(job)
        self._raise_unrecorded(job_id)
        return self._jobs.get(job_id)

    def unfinished(self, workspace_id: int) -> tuple[int, ...]:
        """Jobs of a workspace that nobody works on: their processes ended before they did."""
        self._jobs.release_dead(is_alive)
        return tuple(
            job.id
            for job in self._jobs.active(workspace_id)
            if job.status == "queued" and job.kind not in UNATTENDED
        )

    def wait(self, job_id: int, *, poll_s: float = 0.1) -> JobInfo:
        """Wait until a job has ended, doing it here when nothing runs in the background.

        Raises:
            StoreError: If how it ended could not be recorded, for example on a full disk.
        """
        if not self.background:
            return self.run(job_id)
        self.wake()
        while True:
            self._raise_unrecorded(job_id)
            job = self._jobs.get(job_id)
            if job.finished or self._stopping.wait(poll_s):
                return job

    def follow(self, job_id: int, show: Callable[[JobInfo], None]) -> JobInfo:
        """Do a job and show how far it is now and then; an interrupt cancels it.

        Raises:
            JobFailedError: If it failed.
            StoreError: If how it ended could not be recorded, for example on a full disk.
        """
        failures: list[DocqaError] = []
        # Not `Thread.join`: an interrupt makes Python 3.11 take the thread for ended.
        ended = threading.Event()

        def wait() -> None:
            try:
                self.wait(job_id)
            except DocqaError as error:
                failures.append(error)
            finally:
                ended.set()

        threading.Thread(target=wait, name=f"docqa-job-{job_id}").start()
        try:
            going = True
            while going:
                going = not ended.wait(FOLLOW_S)
                show(self._jobs.get(job_id))
        except KeyboardInterrupt:
            self._jobs.cancel(job_id)
            ended.wait()
        if failures:
            raise failures[0]
        job = self._jobs.get(job_id)
        if job.status == "failed":
            raise JobFailedError(job.error, job.error_hint, job.error_type)
        return job

    def _claim(
        self, *, kinds: Sequence[str] | None = None, job_ids: Sequence[int] | None = None
    ) -> JobInfo | None:
        return self._jobs.claim(self._owner, self._pid, self._started, kinds=kinds, job_ids=job_ids)

    def _hand_out(self) -> None:
        """Claim jobs and begin a thread for each, as the lanes allow, until the runner closes."""
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                while job := self._next():
                    self._begin(job)
            except DocqaError:
                logger.exception("cannot look for jobs")
            self._wake.wait(POLL_S)

    def _next(self) -> JobInfo | None:
        kinds = () if self._stopping.is_set() else self._lanes.free_kinds()
        return self._claim(kinds=kinds) if kinds else None

    def _begin(self, job: JobInfo) -> None:
        lane, number = self._lanes.take(job.kind)

        def work() -> None:
            try:
                self._do(job)
            finally:
                self._lanes.give_back(lane, number)
                self.wake()

        self._threads.begin(f"docqa-{lane}-{number}", work)

    def _do(self, job: JobInfo) -> None:
        with self._lock:
            self._running.add(job.id)
        try:
            result = self._handlers[job.kind](JobContext(job, self._jobs, self._owner))
            self._finish(job.id, "done", result=dict(result))
        except JobCancelled:
            self._finish(job.id, "cancelled")
        except DocqaError as error:
            logger.warning("job %d (%s) failed: %s", job.id, job.kind, error)
            self._finish(
                job.id,
                "failed",
                error=str(error),
                error_hint=error.hint,
                error_type=getattr(error, "type_name", type(error).__name__),
            )
        except BaseException as error:
            # A bug: it is logged whole and shown as one, and the runner goes on with other jobs.
            logger.exception("job %d (%s) hit a bug", job.id, job.kind)
            self._finish(
                job.id,
                "failed",
                error=f"an unexpected error in docqa ({type(error).__name__})",
                error_hint="The log has the details; please report it.",
                error_type=type(error).__name__,
            )
            if not isinstance(error, Exception):
                raise
        finally:
            with self._lock:
                self._running.discard(job.id)

    def _finish(self, job_id: int, status: JobStatus, **facts: Any) -> None:  # noqa: ANN401
        try:
            self._jobs.finish(job_id, status, owner=self._owner, **facts)
        except DocqaError as error:
            # For example a full disk: the job stays `running` and is taken up again later.
            logger.warning("cannot record that job %d is %s: %s", job_id, status, error)
            with self._lock:
                self._unrecorded[job_id] = error

    def _raise_unrecorded(self, job_id: int) -> None:
        with self._lock:
            error = self._unrecorded.pop(job_id, None)
        if error is not None:
            raise error

    def _beat(self) -> None:
        last_release = time.monotonic()
        while not self._stopping.wait(HEARTBEAT_S):
            with self._lock:
                running = tuple(self._running)
            if not running and not self._threads:
                return
            try:
                if running:
                    self._jobs.beat(running, self._owner)
                if time.monotonic() - last_release > 10 * HEARTBEAT_S:
                    self._jobs.release_dead(is_alive)
                    last_release = time.monotonic()
            except DocqaError:
                logger.exception("cannot write heartbeats")


def is_alive(pid: int, started: float) -> bool:
    """Whether the process with this number that started at this time (epoch seconds) still runs."""
    try:
        return abs(psutil.Process(pid).create_time() - started) < 2.0
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
