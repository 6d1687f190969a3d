"""Verdicts and states in words, as pages, reports and tables show them."""

from docqa.core.checklists import AnswerKind
from docqa.core.findings import Cell, FindingStatus, ReviewState

VERDICT_WORDS: dict[FindingStatus, str] = {
    "met": "Met",
    "partly_met": "Partly met",
    "not_met": "Not met",
    "not_found": "Not found",
    "not_applicable": "Not applicable",
    "needs_person": "Needs a person",
}
VERDICT_CODES: dict[FindingStatus, str] = {
    "met": "M",
    "partly_met": "P",
    "not_met": "N",
    "not_found": "–",
    "not_applicable": "n/a",
    "needs_person": "?",
}
"""For grids too wide for words."""
STATE_WORDS: dict[ReviewState, str] = {
    "draft": "not reviewed",
    "edited": "changed by a person",
    "approved": "approved",
    "rejected": "rejected",
}


def verdict_word(status: FindingStatus | str, kind: AnswerKind = "verdict") -> str:
    """`Met`, or `Found` where a value is asked for; empty without a verdict."""
    if status == "met" and kind != "verdict":
        return "Found"
    return next((word for verdict, word in VERDICT_WORDS.items() if verdict == status), "")


def cell_word(cell: Cell, kind: AnswerKind = "verdict") -> str:
    """What a cell of the grid says: its verdict, else how far it is."""
    if word := verdict_word(cell.verdict, kind):
        return word
    return {"failed": "Failed", "cancelled": "Cancelled", "running": "Running"}.get(
        cell.state, "Waiting"
    )


def state_word(cell: Cell) -> str:
    """`approved`, `not reviewed`; empty while there is nothing to review."""
    if not cell.finding_id:
        return ""
    word = STATE_WORDS[cell.review_state]
    return f"{word}, changed since" if cell.changed else word
