"""When a job is due: at a fixed distance, or once a day."""

from dataclasses import dataclass
from typing import Protocol

SECONDS_PER_DAY = 86_400


class Schedule(Protocol):
    """Tells the next time a job is due."""

    def next_after(self, moment: float) -> float:
        """The first due time strictly after `moment`, in seconds since the epoch."""
        ...


@dataclass(frozen=True)
class Every:
    """Due every `seconds`, on a grid that starts at the epoch, so that restarts do not drift."""

    seconds: float

    def next_after(self, moment: float) -> float:
        """The next point of the grid after `moment`."""
        return (moment // self.seconds + 1) * self.seconds


@dataclass(frozen=True)
class Daily:
    """Due once a day at `hour`:`minute` UTC."""

    hour: int
    minute: int = 0

    def next_after(self, moment: float) -> float:
        """Today's time if it is still to come, else tomorrow's."""
        midnight = moment // SECONDS_PER_DAY * SECONDS_PER_DAY
        due = midnight + self.hour * 3_600 + self.minute * 60
        return due if due > moment else due + SECONDS_PER_DAY
