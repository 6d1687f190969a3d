"""Worker processes (`python -m docqa.worker`): one task at a time, JSON lines in and out.

MuPDF is not thread-safe and may crash or hang on hostile files; a worker that does is ended by its
own process number and replaced, and only its task fails.
"""

import json
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docqa import errors
from docqa.settings import Settings

logger = logging.getLogger(__name__)

Event = dict[str, Any]
_END: Event = {"event": "end"}
START_TIMEOUT_S = 60.0
COMMAND = (
    sys.executable,
    "-P",
    "-c",
    f"import sys; sys.path.append({str(Path(__file__).parents[2])!r});"
    " from docqa.worker import main; main()",
)
"""`python -m docqa.worker`, but nothing is imported from the folder it is started in: that may be
the very folder that is read, with a `queue.py` of its own."""


class WorkerProcess:
    """One worker. Not thread-safe; the pool lends it to one caller at a time."""

    def __init__(self, settings: Settings) -> None:
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        # By standard input, not as an argument: arguments are visible to other users.
        self._send(json.loads(settings.model_dump_json(exclude={"api_key", "git_token"})))
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._heard = False
        """Whether it has started: the first task's first event may take as long as that does."""

    @property
    def pid(self) -> int:
        """The process number."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it can take another task."""
        return self._process.poll() is None

    def run(
        self,
        task: Event,
        *,
        name: str,
        idle_timeout_s: float,
        on_event: Callable[[Event], None],
        stopped: Callable[[], bool],
    ) -> None:
        """Do a task; `on_event` gets each of its events up to the one called `done`.

        `idle_timeout_s` is the longest time between two events, in seconds; a worker that still
        starts has `START_TIMEOUT_S` for its first one.

        Raises:
            ReaderTimeoutError: If there is no event for that long; the worker has been ended.
            ReaderCrashedError: If the worker ended by itself.
        """
        try:
            self._send(task)
        except OSError as error:
            raise errors.ReaderCrashedError(name) from error
        starting_s = 0.0 if self._heard else START_TIMEOUT_S
        deadline = time.monotonic() + max(idle_timeout_s, starting_s)
        while True:
            try:
                event = self._events.get(timeout=0.25)
            except queue.Empty:
                if stopped():
                    self.kill()
                    return
                if time.monotonic() > deadline:
                    self.kill()
                    raise errors.ReaderTimeoutError(name, idle_timeout_s) from None
                continue
            if event is _END:
                code = self._process.wait()
                raise errors.ReaderCrashedError(
                    name, f"the reader ended unexpectedly on it (exit {code})"
                )
            self._heard = True
            if event["event"] == "done":
                return
            deadline = time.monotonic() + idle_timeout_s
            on_event(event)

    def kill(self) -> None:
        """End it at once."""
        if self.alive():
            self._process.kill()
        self.close()

    def close(self) -> None:
        """Let it end by closing its standard input, and wait for that."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:
            logger.debug("worker %d had closed its input", self.pid)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(timeout=5)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _send(self, message: Event) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self._events.put(json.loads(line))
        self._events.put(_END)


class WorkerPool:
    """At most `size` workers, started when first needed and kept for the next task."""

    def __init__(self, settings: Settings, size: int) -> None:
        self.size = size
        self._settings = settings
        self._idle: list[WorkerProcess] = []
        self._all: set[WorkerProcess] = set()
        self._permits = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def worker(self) -> Iterator[WorkerProcess]:
        """Lend a worker; waits while all are lent."""
        with self._permits:
            worker = self._living()
            try:
                yield worker
            finally:
                with self._lock:
                    kept = worker.alive() and not self._closed
                    if kept:
                        self._idle.append(worker)
                    else:
                        self._all.discard(worker)
                if not kept:
                    worker.close()

    def _living(self) -> WorkerProcess:
        """An idle worker, or a new one; those that died while idle go."""
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                break
            if worker.alive():
                return worker
            with self._lock:
                self._all.discard(worker)
            worker.close()
        worker = WorkerProcess(self._settings)
        with self._lock:
            self._all.add(worker)
        return worker

    @property
    def pids(self) -> tuple[int, ...]:
        """Process numbers of the workers that live, for measuring."""
        with self._lock:
            return tuple(worker.pid for worker in self._all if worker.alive())

    def release(self) -> None:
        """End the workers that have nothing to do, to give their memory back."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._all.difference_update(idle)
        for worker in idle:
            worker.close()

    def close(self) -> None:
        """End all workers that are not lent, and each lent one when it comes back."""
        self._closed = True
        self.release()


class ReportedError(errors.ReadError):
    """An error that happened in a worker process, with its own hint and type."""

    def __init__(self, event: Event, name: str) -> None:
        self.type_name = str(event["type"])
        self.hint = str(event["hint"])
        super().__init__(name, str(event["message"]))

    def __str__(self) -> str:
        """Without a name where it is not about one file, for example when the disk is full."""
        return super().__str__() if self.name else self.detail
