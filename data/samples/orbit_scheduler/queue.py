"""The queue of due jobs: by time, then by priority, then first in first out."""

import heapq
from itertools import count


class DueQueue:
    """A heap of job names with their due times.

    A job is in the queue at most once: pushing it again replaces its due time. Replaced entries
    stay in the heap and are skipped when they come up; every operation stays at O(log n).
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int, str]] = []
        self._current: dict[str, int] = {}
        self._tickets = count()

    def __len__(self) -> int:
        return len(self._current)

    def push(self, name: str, due: float, priority: int = 0) -> None:
        """Add a job, or move it to another time."""
        ticket = next(self._tickets)
        self._current[name] = ticket
        heapq.heappush(self._heap, (due, -priority, ticket, name))

    def remove(self, name: str) -> None:
        """Take a job out; nothing happens when it is not in."""
        self._current.pop(name, None)

    def next_due(self) -> float | None:
        """When the first job is due; None when the queue is empty."""
        self._drop_replaced()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> str | None:
        """The name of the first job that is due at `now`, taken out; None when none is."""
        self._drop_replaced()
        if not self._heap or self._heap[0][0] > now:
            return None
        name = heapq.heappop(self._heap)[3]
        del self._current[name]
        return name

    def _drop_replaced(self) -> None:
        while self._heap and self._current.get(self._heap[0][3]) != self._heap[0][2]:
            heapq.heappop(self._heap)
