"""How many pages are read at once on this machine, over all worker processes of a user."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

POLL_S = 0.05


@contextmanager
def slot(count: int) -> Iterator[None]:
    """Hold one of `count` slots, once there is one; without waiting where files have no locks.

    A slot is a lock on a file: however its process ends, it is free again.
    """
    with ExitStack() as opened:
        try:
            files = [opened.enter_context(path.open("w")) for path in _paths(count)]
        except OSError:
            files = []
        while files and not any(_locked(file.fileno()) for file in files):
            time.sleep(POLL_S)
        yield


def _paths(count: int) -> list[Path]:
    folder = Path(tempfile.gettempdir()) / f"docqa-ocr-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return [folder / str(number) for number in range(count)]


def _locked(file: int) -> bool:
    """Whether the lock on a file is ours now."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
