"""Scores of a benchmark: how often what is right is ranked first, or among the first five."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    set: str
    what: str
    questions: int
    docqa: str
    plain: str
    seconds: float
    """Of docqa, for a question."""


@dataclass(slots=True)
class Hits:
    """Counts questions whose right key is ranked first, or among the first five."""

    first: int = 0
    five: int = 0
    questions: int = field(default=0)

    def count(self, ranked: Sequence[object], right: Collection[object]) -> None:
        """Count one question: its ranked keys, each once, and those that are right."""
        self.questions += 1
        self.first += bool(ranked) and ranked[0] in right
        self.five += any(key in right for key in ranked[:5])

    def add(self, other: "Hits") -> None:
        """Count what the other one counted, too."""
        self.questions += other.questions
        self.first += other.first
        self.five += other.five

    def __str__(self) -> str:
        """Shares, first and in the first five: `.84 / .97`."""
        total = max(1, self.questions)
        return f"{self.first / total:.3f} / {self.five / total:.3f}"


def unique(keys: Sequence[object]) -> list[object]:
    """The keys in their order, each once."""
    return list(dict.fromkeys(keys))
