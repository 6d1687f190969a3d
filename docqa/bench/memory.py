"""How much memory a process and its children hold at most."""

import threading
from types import TracebackType
from typing import Self

import psutil

SAMPLE_S = 0.05


class PeakMemory:
    """Samples the resident memory of this process and all its children, summed, while it is open.

    Memory that processes share is counted once for each, so the sum is an upper bound.
    """

    def __init__(self, interval_s: float = SAMPLE_S) -> None:
        self.peak_bytes = 0
        self._interval_s = interval_s
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak-memory", daemon=True)

    def __enter__(self) -> Self:
        """Begin to sample."""
        self._sample()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the last sample."""
        self._closed.set()
        self._thread.join()
        self._sample()

    def _watch(self) -> None:
        while not self._closed.wait(self._interval_s):
            self._sample()

    def _sample(self) -> None:
        me = psutil.Process()
        held = sum(_resident(process) for process in [me, *me.children(recursive=True)])
        self.peak_bytes = max(self.peak_bytes, held)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
