"""What database and originals share about the disk: its errors, and waiting for it."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docqa.errors import StorageFullError, StoreError


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn the system's errors about this path into docqa's.

    Raises:
        StorageFullError: If the disk or the quota is full.
        StoreError: On any other error of the disk.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFullError(path) from error
        raise StoreError(f"{str(path)!r}: {error.strerror or error}") from error


def sync(path: Path) -> None:
    """Wait until the disk has this file, or this folder's list of names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
