"""Verdicts and states in words. Colours repeat what the words say, they never say it alone."""

import time
from dataclasses import dataclass

from docqa.core.checklists import Requirement
from docqa.core.findings import Action, Cell, CellState, ReviewState
from docqa.core.verdict_words import STATE_WORDS, verdict_word
from docqa.services.engines import EngineChoice

STATES: dict[CellState, str] = {
    "queued": "Waiting",
    "running": "Being answered",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
MARKS: dict[ReviewState, str] = {"draft": "", "edited": " ✎", "approved": " ✓", "rejected": " ✗"}
CONFLICT = " ≠"
CHANGED = " Δ"
STALE = " ↻"
LEGEND = (
    ("✓", "approved"),
    ("✎", "changed by a person"),
    ("✗", "rejected"),
    ("≠", "conflict"),
    ("Δ", "changed by a new run"),
    ("↻", "documents changed since"),
)
DONE: dict[Action, str] = {
    "approve": "approved",
    "change": "changed the verdict to",
    "reject": "rejected",
    "comment": "commented",
    "reopen": "opened it again",
    "keep": "kept the decision: a new run found the same",
}


@dataclass(frozen=True, slots=True)
class Colours:
    """The background of a word in the grid, by theme."""

    light: str
    dark: str


_COLOURS: dict[str, Colours] = {
    "met": Colours("#cfe8d5", "#1d4a31"),
    "partly_met": Colours("#f4e3a6", "#554313"),
    "not_met": Colours("#f5cdc9", "#612825"),
    "not_found": Colours("#e2e2df", "#3b4246"),
    "not_applicable": Colours("#dbe6ef", "#243a4c"),
    "needs_person": Colours("#e3d6f0", "#43305c"),
    "failed": Colours("#f2b8b5", "#7a1f1c"),
}
_NEUTRAL = Colours("#f0eee9", "#262c2f")


def word(cell: Cell, requirement: Requirement) -> str:
    """A cell's verdict in a word; its state where there is no verdict to show yet."""
    if cell.state in ("queued", "running", "failed") or not cell.verdict:
        return STATES[cell.state]
    return verdict_word(cell.verdict, requirement.kind)


def shown(cell: Cell, requirement: Requirement, *, conflict: bool, stale: bool) -> str:
    """A cell as the grid writes it: the word, then what a person did, then what to look at."""
    notes = CONFLICT * conflict + CHANGED * cell.changed + STALE * stale
    return word(cell, requirement) + MARKS[cell.review_state] + notes


def colour(cell: Cell, *, dark: bool) -> str:
    """The background of its word in the grid."""
    settled = cell.state in ("done", "cancelled") and cell.verdict
    found = _COLOURS.get(cell.verdict if settled else cell.state, _NEUTRAL)
    return found.dark if dark else found.light


def described(cell: Cell, requirement: Requirement) -> str:
    """`Not met, approved`: for sentences and for screen readers."""
    if cell.state != "done":
        return word(cell, requirement)
    return f"{word(cell, requirement)}, {STATE_WORDS[cell.review_state]}"


def moment(at: float) -> str:
    """`22 Nov 2026, 14:05`, in this machine's time."""
    return time.strftime("%d %b %Y, %H:%M", time.localtime(at)).lstrip("0")


def judges(choice: EngineChoice) -> bool:
    """Whether the engine gives verdicts; else it ranks and quotes, and people judge."""
    return choice.name not in {"extractive", "auto"} and not choice.packaged
