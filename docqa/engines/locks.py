"""Locks between processes of one machine, by files; between threads of a process they hold too."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: threads of one process are kept apart by their own locks
    fcntl = None  # type: ignore[assignment]

POLL_S = 0.05


class FileLock:
    """A lock on a file that many may share or one may have alone. The file stays."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Wait for the lock and have it alone."""
        with self._path.open("ab") as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Wait until nobody has the lock alone, and share it."""
        with self._path.open("ab") as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_SH)
            yield

    @contextmanager
    def attempt(self) -> Iterator[bool]:
        """Have the lock alone if nobody has it now; whether that succeeded."""
        with self._path.open("ab") as file:
            yield locked(file.fileno())

    @contextmanager
    def waited(self) -> Iterator[Iterator[None]]:
        """Have the lock alone after iterating over what is given, which waits a little each time.

        For callers that have to look up while they wait.
        """
        with self._path.open("ab") as file:

            def waiting() -> Iterator[None]:
                while not locked(file.fileno()):
                    time.sleep(POLL_S)
                    yield

            yield waiting()


def locked(descriptor: int) -> bool:
    """Whether this open file could be locked alone, without waiting. Closing it ends that."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
