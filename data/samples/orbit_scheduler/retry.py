"""How long to wait after a failure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential back-off: the wait doubles with every failure in a row.

    The default waits 2, 4, 8, 16 and 32 seconds, then gives up.
    """

    first_wait: float = 2.0
    factor: float = 2.0
    longest_wait: float = 300.0
    max_failures: int = 5

    def wait(self, failures: int) -> float | None:
        """Seconds to wait after this many failures in a row; None means park the job."""
        if failures > self.max_failures:
            return None
        return min(self.first_wait * self.factor ** (failures - 1), self.longest_wait)
