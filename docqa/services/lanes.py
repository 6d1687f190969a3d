"""Threads for jobs: so many at once of a kind, begun when there is work and gone after it."""

import heapq
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from docqa.errors import DocqaError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lane:
    """Kinds of jobs of which so many are done at once."""

    name: str
    kinds: tuple[str, ...]
    threads: int


@dataclass(frozen=True, slots=True)
class Routine:
    """What is done every so often beside the jobs."""

    name: str
    every_s: float
    act: Callable[[], None]

    def repeat(self, stopping: threading.Event) -> None:
        """Do it again and again until that is set; a failure is logged and no more."""
        while not stopping.wait(self.every_s):
            try:
                self.act()
            except DocqaError as error:
                logger.warning("%s: %s", self.name, error)


class Lanes:
    """How many more jobs of each kind may be begun."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = tuple(lanes)
        self._lock = threading.Lock()
        self._free = {lane.name: list(range(lane.threads)) for lane in lanes}
        """The numbers that are not in use, as heaps."""

    def free_kinds(self) -> tuple[str, ...]:
        """Kinds of jobs that could be begun now."""
        with self._lock:
            return tuple(
                kind for lane in self._lanes if self._free[lane.name] for kind in lane.kinds
            )

    def take(self, kind: str) -> tuple[str, int]:
        """A lane of this kind and the lowest number that is free in it; to be given back."""
        with self._lock:
            name = next(lane.name for lane in self._lanes if kind in lane.kinds)
            return name, heapq.heappop(self._free[name])

    def give_back(self, name: str, number: int) -> None:
        """Let the number be taken again."""
        with self._lock:
            heapq.heappush(self._free[name], number)


class Threads:
    """Threads that are begun one by one and ended together."""

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        """Whether any runs."""
        return bool(self._threads)

    def begin(self, name: str, target: Callable[[], None]) -> None:
        """Run this in a thread of its own."""
        thread = threading.Thread(target=self._run, args=(target,), name=name, daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for all of them, together for no longer than that."""
        with self._lock:
            threads = tuple(self._threads)
            self._threads.clear()
        deadline = time.monotonic() + timeout_s
        for thread in threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def _run(self, target: Callable[[], None]) -> None:
        try:
            target()
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())
