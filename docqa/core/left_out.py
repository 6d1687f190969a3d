"""Files of a source that are not read: always listed, with the reason."""

from dataclasses import dataclass
from typing import Literal

LeftOutCategory = Literal[
    "ignored",
    "generated",
    "vendored",
    "minified",
    "lock",
    "binary",
    "huge",
    "empty",
    "link",
    "submodule",
    "unsafe",
    "unreadable",
]
PUT_BACK: frozenset[str] = frozenset(
    ("ignored", "generated", "vendored", "minified", "lock", "huge")
)
"""Categories that docqa could read, if the user wants them."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file of a source that was not read, and why."""

    path: str
    reason: str
    """In words."""
    category: LeftOutCategory
    size: int = 0

    @property
    def can_be_put_back(self) -> bool:
        """Whether docqa could read it, if the user wants it."""
        return self.category in PUT_BACK
