"""One supervisor for each DOCQA_HOME."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docqa.engines.locks import locked
from docqa.errors import ServerRunningError
from docqa.services.serving.state import ServePaths, read_state
from docqa.store.disk import disk_errors


@contextmanager
def only_supervisor(home: Path) -> Iterator[None]:
    """Be the one that looks after this home's server. The system ends it with the process.

    Raises:
        ServerRunningError: If another process is.
        StoreError: If the folder cannot be written.
    """
    paths = ServePaths(home)
    paths.make()
    with disk_errors(paths.lock):
        # Not inherited by the server, which may outlive this process.
        descriptor = os.open(paths.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not locked(descriptor):
            state = read_state(home)
            raise ServerRunningError(state.base_url, state.supervisor_pid)
        yield
    finally:
        os.close(descriptor)
