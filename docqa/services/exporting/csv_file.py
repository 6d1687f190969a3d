"""A review as CSV: one row per cell, for spreadsheets and scripts.

UTF-8 with a byte order mark, every field in quotation marks, commas between them. Text that a
spreadsheet program would run begins with an apostrophe (`docqa.core.formulas`).
"""

import csv
from datetime import UTC, datetime
from pathlib import Path

from docqa.core.findings import Decision
from docqa.core.formulas import clean, neutral
from docqa.core.verdict_words import cell_word, state_word, verdict_word
from docqa.services.exporting.packet import Packet, Row, quote_line

COLUMNS = (
    "document",
    "requirement",
    "section",
    "text",
    "verdict",
    "state",
    "finding",
    "model's proposal",
    "rationale",
    "value",
    "quotes",
    "reasons",
    "conflicts with",
    "coverage",
    "decided by",
    "decided at",
    "decision",
    "comments",
    "run",
    "engine",
    "model",
    "finding hash",
)
MAX_FIELD = 32_000
"""Characters; spreadsheet programs take 32,767."""


def write_csv(packet: Packet, path: Path) -> None:
    """Write the review's cells."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for row in packet.rows():
            writer.writerow(field_of(text) for text in texts_of(row))


def field_of(text: str) -> str:
    """One field: bounded, without control characters, never a formula."""
    text = clean(text)
    if len(text) > MAX_FIELD:
        text = text[: MAX_FIELD - 1] + "…"
    return neutral(text)


def texts_of(row: Row) -> tuple[str, ...]:
    """What the row says, in the order of `COLUMNS`."""
    cell, requirement = row.cell, row.requirement
    found = row.finding.found if row.finding else None
    decision = row.decision
    kind = requirement.kind
    return (
        row.document,
        requirement.id,
        requirement.section,
        requirement.text,
        cell_word(cell, kind),
        state_word(cell),
        verdict_word(found.status, kind) if found else "",
        verdict_word(found.proposed, kind) if found else "",
        found.rationale if found else "",
        found.value if found else "",
        "\n".join(quote_line(citation) for citation in row.citations),
        "\n".join(row.reasons),
        "\n".join(other.document for other in row.conflicts),
        found.coverage.sentence() if found and found.coverage else "",
        decision.user if decision else "",
        time_of(decision.created_at) if decision else "",
        decided(decision, row) if decision else "",
        "\n".join(comments_of(row.decisions)),
        str(row.finding.number) if row.finding else "",
        found.engine if found else "",
        found.model if found else "",
        row.finding.hash if row.finding else "",
    )


def decided(decision: Decision, row: Row) -> str:
    """`approve: Met`."""
    word = verdict_word(decision.verdict, row.requirement.kind)
    return f"{decision.action}: {word}" if word else decision.action


def comments_of(decisions: tuple[Decision, ...]) -> list[str]:
    """What people wrote, oldest first."""
    return [
        f"{each.user}, {time_of(each.created_at)}: {each.comment}"
        for each in reversed(decisions)
        if each.comment
    ]


def time_of(seconds: float) -> str:
    """`2026-11-22 06:15:04 UTC`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
