"""What runs through all findings of a review, counted in one pass: verdicts, engines, coverage."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docqa.services.exporting.packet import Row


@dataclass(frozen=True, slots=True)
class Origin:
    """What made findings: an engine and all that decides what it says."""

    engine: str
    model: str
    prompt_version: str
    pack: str
    params: str
    """`max_tokens=640, temperature=0.0`: sampling, as it was sent."""


@dataclass(slots=True)
class Tally:
    """Counts over the rows that were added."""

    verdicts: Counter[str] = field(default_factory=Counter)
    """Cells by what counts: a verdict, else the cell's state."""
    by_requirement: dict[str, Counter[str]] = field(default_factory=dict)
    by_document: dict[str, Counter[str]] = field(default_factory=dict)
    states: Counter[str] = field(default_factory=Counter)
    """Cells with a finding by what a person decided."""
    origins: Counter[Origin] = field(default_factory=Counter)
    conflicts: int = 0
    changed: int = 0
    quotes: int = 0
    erased: int = 0

    def add(self, row: Row) -> None:
        """Count a cell."""
        cell = row.cell
        what = cell.verdict or cell.state
        self.verdicts[what] += 1
        self.by_requirement.setdefault(cell.requirement_id, Counter())[what] += 1
        self.by_document.setdefault(row.document, Counter())[what] += 1
        self.conflicts += bool(row.conflicts)
        self.changed += cell.changed
        self.quotes += len(row.citations)
        if row.finding:
            self.states[cell.review_state] += 1
            self.erased += row.finding.erased
            self.origins[origin_of(row)] += 1

    def add_all(self, rows: Iterable[Row]) -> "Tally":
        """Count these cells."""
        for row in rows:
            self.add(row)
        return self


def origin_of(row: Row) -> Origin:
    """What made the row's finding."""
    assert row.finding is not None
    found = row.finding.found
    return Origin(
        found.engine, found.model, found.prompt_version, found.pack, params_words(found.params)
    )


def params_words(params: Mapping[str, Any]) -> str:
    """Sampling in words; schemas, which differ by requirement, are left out."""
    return ", ".join(
        f"{name}={value}"
        for name, value in sorted(params.items())
        if isinstance(value, int | float | str) and len(str(value)) <= 60 and name != "max_tokens"
    )
