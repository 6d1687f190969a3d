"""Who wrote which lines."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlameLine:
    """Neighbouring lines of one commit, 1-based, both included."""

    first: int
    last: int
    commit: str
    author: str
    at: int
    """Seconds since the epoch."""
    summary: str
    boundary: bool
    """Whether the history before this commit was not fetched: the lines may be older."""
