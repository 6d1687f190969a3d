"""One reader first: whoever asks over a prefix that nobody has read yet goes alone.

Requests that come together over a cold prefix would each read all of it. The others wait until
the first one's answer begins, and then find the prefix in the engine's cache.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POLL_S = 0.2
_REMEMBERED = 10_000


class PrefixTurns:
    """Which prefixes were read, and who reads one first. For threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._read: dict[str, None] = {}
        self._reading: set[str] = set()

    @contextmanager
    def turn(self, prefix: str, stopped: Callable[[], bool]) -> Iterator[Callable[[], None]]:
        """Wait until another's first request over the prefix has begun its answer, or has failed.

        What is yielded is to be called when one's own answer begins. Waiting ends when it is to
        stop, too.
        """
        first = self._begin(prefix, stopped)
        try:
            yield lambda: self._end(prefix, read=True) if first else None
        finally:
            if first:
                self._end(prefix, read=False)

    def _begin(self, prefix: str, stopped: Callable[[], bool]) -> bool:
        """Whether one is the first; returns when one may go."""
        with self._changed:
            while prefix in self._reading and not stopped():
                self._changed.wait(POLL_S)
            if prefix in self._read or prefix in self._reading:
                return False
            self._reading.add(prefix)
            return True

    def _end(self, prefix: str, *, read: bool) -> None:
        with self._changed:
            self._reading.discard(prefix)
            if read:
                self._read[prefix] = None
                if len(self._read) > _REMEMBERED:
                    del self._read[next(iter(self._read))]
            self._changed.notify_all()
