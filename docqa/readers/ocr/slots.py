"""How many pages are read at once on this machine, over all worker processes of a user."""

import errno
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

POLL_S = 0.05
LONGEST_S = 60.0
"""So long is a slot waited for; then the page is read without one."""
_TAKEN = frozenset((errno.EAGAIN, errno.EWOULDBLOCK))


@contextmanager
def slot(count: int) -> Iterator[None]:
    """Hold one of `count` slots, once there is one; without waiting where files have no locks.

    A slot is a lock on a file: however its process ends, it is free again.
    """
    with ExitStack() as opened:
        files = _opened(count, opened)
        until = time.monotonic() + LONGEST_S
        while files and not any(map(_may_go_on, files)) and time.monotonic() < until:
            time.sleep(POLL_S)
        yield


def _opened(count: int, opened: ExitStack) -> list[int]:
    """The slots' files; none where they cannot be had, or are not this user's alone."""
    # The temporary folder is shared: whatever is found there may be another user's trap.
    folder = Path(tempfile.gettempdir()) / f"docqa-ocr-{os.getuid()}"
    files = []
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if not _is_private(folder.lstat()):
            return []
        for number in range(count):
            file = os.open(folder / str(number), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            opened.callback(os.close, file)
            files.append(file)
    except OSError:
        return []
    return files


def _is_private(folder: os.stat_result) -> bool:
    mode = folder.st_mode
    return stat.S_ISDIR(mode) and folder.st_uid == os.getuid() and stat.S_IMODE(mode) == 0o700


def _may_go_on(file: int) -> bool:
    """Whether the lock on a file is ours now, or there are no locks here."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _TAKEN
    return True
