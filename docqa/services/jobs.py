"""Running jobs: claim, heartbeat, progress, cancel, resume.

A job is a row. A runner claims it, calls the handler of its kind and writes down how it ended. A
runner that dies leaves a row whose owner no longer lives; the next runner takes it up again.
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
from docqa.store.jobs import JobStore
from docqa.store.values import JobInfo, JobStatus

logger = logging.getLogger(__name__)

HEARTBEAT_S = 3.0
POLL_S = 1.0
FOLLOW_S = 0.2
RUN_POLL_S = 0.5


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
        """Whether the user asked to stop. Also counts as a heartbeat."""
        return self.jobs.heartbeat(self.job.id, self.owner)

    def check(self) -> None:
        """Return if the job may go on.

        Raises:
            JobCancelled: If the user asked to stop.
        """
        if self.cancelled():
            raise JobCancelled


Handler = Callable[[JobContext], Mapping[str, Any]]
"""Does one job and returns its result. It may be called again for a job that was interrupted."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Kinds of jobs that share a number of threads."""

    name: str
    kinds: tuple[str, ...]
    threads: int


class JobRunner:
    """Runs jobs in threads of this process, or one job in the calling thread."""

    def __init__(
        self, jobs: JobStore, handlers: Mapping[str, Handler], lanes: Sequence[Lane]
    ) -> None:
        self._jobs = jobs
        self._handlers = dict(handlers)
        self._lanes = tuple(lanes)
        self._owner = uuid.uuid4().hex
        self._pid = os.getpid()
        self._started = psutil.Process().create_time()
        self._stopping = threading.Event()
        self._wake = {lane.name: threading.Event() for lane in lanes}
        self._running: set[int] = set()
        self._unrecorded: dict[int, DocqaError] = {}
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Take up what dead runners left, then work in the background until `close`."""
        self._jobs.release_dead(is_alive)
        for lane in self._lanes:
            for number in range(lane.threads):
                self._spawn(f"docqa-{lane.name}-{number}", partial(self._work, lane))
        self._spawn("docqa-heartbeat", self._beat)

    def close(self) -> None:
        """End the threads. Jobs still running are given back to the queue at the next start."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout=10)
        self._threads.clear()

    @property
    def background(self) -> bool:
        """Whether jobs are worked on in the background."""
        return bool(self._threads)

    def wake(self) -> None:
        """Look for new jobs now rather than at the next poll."""
        for event in self._wake.values():
            event.set()

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
        waiting = (job for job in self._jobs.active(workspace_id) if job.status == "queued")
        return tuple(job.id for job in waiting)

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

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _claim(
        self, *, kinds: Sequence[str] | None = None, job_ids: Sequence[int] | None = None
    ) -> JobInfo | None:
        return self._jobs.claim(self._owner, self._pid, self._started, kinds=kinds, job_ids=job_ids)

    def _work(self, lane: Lane) -> None:
        wake = self._wake[lane.name]
        while not self._stopping.is_set():
            wake.clear()
            try:
                job = self._claim(kinds=lane.kinds)
            except DocqaError:
                logger.exception("cannot look for jobs")
                job = None
            if job is None:
                wake.wait(POLL_S)
                continue
            wake.set()  # there may be another one
            self._do(job)

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
                for job_id in running:
                    self._jobs.heartbeat(job_id, self._owner)
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
