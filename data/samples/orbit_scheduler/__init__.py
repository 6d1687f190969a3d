"""A small in-process scheduler: jobs, schedules, a queue, retries."""

from .errors import DuplicateJobError, SchedulerError, UnknownJobError
from .jobs import Job, JobState
from .retry import RetryPolicy
from .scheduler import Scheduler
from .schedules import Daily, Every

__all__ = [
    "Daily",
    "DuplicateJobError",
    "Every",
    "Job",
    "JobState",
    "RetryPolicy",
    "Scheduler",
    "SchedulerError",
    "UnknownJobError",
]
