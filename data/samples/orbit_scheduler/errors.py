"""What can go wrong in the scheduler itself."""


class SchedulerError(Exception):
    """Base of the scheduler's errors."""


class DuplicateJobError(SchedulerError):
    """A job with this name has been added before."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a job named {name!r} exists already")


class UnknownJobError(SchedulerError):
    """No job has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no job named {name!r}")
