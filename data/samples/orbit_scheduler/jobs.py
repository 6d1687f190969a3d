"""A job: a function, its schedule and what has become of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from .schedules import Schedule


class JobState(Enum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    PARKED = "parked"
    """It failed too often and waits for `Scheduler.resume`."""


@dataclass
class Job:
    """One recurring job and its counters."""

    name: str
    action: Callable[[], None]
    schedule: Schedule
    priority: int = 0
    """Among jobs due at the same time the higher priority runs first."""
    state: JobState = JobState.WAITING
    failures: int = 0
    """Failures in a row; a success sets it back to 0."""
    runs: int = 0
    last_error: str = ""
