"""The first and the last pages of a report: summary, table, coverage, versions."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from docqa.core.checklists import Requirement
from docqa.core.findings import FINDING_STATUSES, Cell
from docqa.core.verdict_words import VERDICT_CODES, VERDICT_WORDS, cell_word
from docqa.services.exporting.csv_file import time_of
from docqa.services.exporting.packet import Packet
from docqa.services.exporting.report_html import code_cell, folded, safe, table
from docqa.services.exporting.tally import Tally

WORDS_UP_TO = 3
"""Documents that stand side by side in words; more are shown as letters."""
COLUMNS = 16
LINES = 36
"""Rows of a table that are laid out together."""
Item = TypeVar("Item")
_VERIFIED = (
    "Verified means: the quoted words stand in the document, at the place named. Whether they"
    " meet the requirement is for a person to judge."
)


def summary(packet: Packet, tally: Tally) -> str:
    """Title, facts and counts."""
    review, checklist = packet.review, packet.review.checklist
    counts = review.counts
    parts = [f"<h1>{folded(review.title, 300)}</h1>"]
    if packet.in_progress:
        waiting = counts.queued + counts.running
        said = f"In progress: {waiting:,} of {counts.total:,} cells have not been answered yet."
        parts.append(f'<p class="warn"><b>&#160;{said}</b></p>')
    target = "one answer for the whole workspace" if review.target == "workspace" else "by document"
    requirements = len(checklist.requirements)
    facts = [
        ("Checklist", f"{folded(checklist.title, 300)}, version {folded(checklist.version, 60)}"),
        ("Its source", folded(checklist.source, 600)),
        ("Workspace", folded(packet.workspace)),
        ("Asked", f"{requirements:,} requirements, {target}: {counts.total:,} cells"),
        ("Review made", f"{time_of(review.created_at)} by {folded(review.created_by, 120)}"),
        ("Exported", f"{time_of(packet.exported_at)} by {folded(packet.exported_by, 120)}"),
        ("Answered by", "<br>".join(_engines(tally)) or "nothing yet"),
    ]
    parts.append(table(("Review", ""), facts))
    parts.append(f"<h2>Summary</h2>{_counts(tally, counts.total)}")
    parts.append(f"<p>{_people(tally, counts.unreviewed)}</p>")
    parts.append(f'<p class="small">{_VERIFIED}</p>')
    return "".join(parts)


def grid(packet: Packet) -> Iterator[str]:
    """The table of documents and requirements, in pieces that fit a page."""
    documents = _documents(packet)
    requirements = packet.review.checklist.requirements
    if len(documents) <= WORDS_UP_TO:
        yield from _in_words(documents, requirements)
        return
    yield _legend()
    listed = [(str(number), folded(name, 200)) for number, (name, _) in enumerate(documents, 1)]
    for part in _parts(listed, LINES):
        yield table(("No.", "Document"), part, ("n", ""))
    for first in range(0, len(documents), COLUMNS):
        band = documents[first : first + COLUMNS]
        for rows in _parts(list(enumerate(requirements)), LINES):
            yield _band(band, first, rows)


def coverage_rows(coverages: dict[tuple[str, str], int]) -> Iterator[str]:
    """Tables of what was read: document, statement, findings that rest on it."""
    rows = [
        (folded(document, 200), folded(said, 1_200), f"{count:,}")
        for (document, said), count in coverages.items()
    ]
    for part in _parts(rows, LINES // 2):
        yield table(("Document", "What was read", "Findings"), part, ("", "", "n"))


def version_rows(packet: Packet) -> Iterator[str]:
    """Tables of the originals, by which an auditor finds them again."""
    rows = [
        (
            folded(each.document, 200),
            str(each.number),
            f"{each.pages:,}" if each.pages else "",
            time_of(each.read_at),
            safe(each.content_hash),
        )
        for each in packet.versions.values()
    ]
    head = ("Document", "Version", "Pages", "Read", "SHA-256 of the original")
    for part in _parts(rows, LINES // 2):
        yield table(head, part, ("", "n", "n", "", ""))


def origin_rows(packet: Packet, tally: Tally) -> Iterator[str]:
    """What made the findings, and where the audit log stood."""
    rows = [
        (
            folded(f"{origin.engine} {origin.model}".strip(), 200),
            folded(origin.prompt_version),
            safe(origin.pack[:16]),
            folded(origin.params, 300),
            f"{count:,}",
        )
        for origin, count in tally.origins.most_common(LINES)
    ]
    head = ("Engine and model", "Prompt", "Pack", "Sampling", "Findings")
    yield table(head, rows, ("", "", "", "", "n"))
    log = [
        ("docqa", safe(packet.docqa_version)),
        ("Audit log", f"{packet.audit_entries:,} entries before this export"),
        ("Its newest hash", safe(packet.audit_head)),
        ("To check it", f"docqa audit verify --expect {safe(packet.audit_head)}"),
    ]
    yield table(("Record", ""), log)


def _engines(tally: Tally) -> list[str]:
    found: dict[str, int] = {}
    for origin, count in tally.origins.items():
        name = f"{origin.engine} {origin.model}".strip()
        found[name] = found.get(name, 0) + count
    return [f"{folded(name, 120)} ({count:,} findings)" for name, count in found.items()]


def _counts(tally: Tally, total: int) -> str:
    rows = [
        (
            f'<span class="chip {status}">&#160;{VERDICT_WORDS[status]}&#160;</span>',
            f"{tally.verdicts[status]:,}",
            f"{tally.verdicts[status] / max(1, total):.0%}",
        )
        for status in FINDING_STATUSES
    ]
    answered = sum(tally.verdicts[status] for status in FINDING_STATUSES)
    if total > answered:
        rows.append(("Without an answer", f"{total - answered:,}", ""))
    return table(("Verdict", "Cells", "Share"), rows, ("", "n", "n"))


def _people(tally: Tally, unreviewed: int) -> str:
    states = tally.states
    said = [
        f"Approved by a person: {states['approved']:,}",
        f"changed: {states['edited']:,}",
        f"rejected: {states['rejected']:,}",
        f"left to review: {unreviewed:,}",
    ]
    if tally.conflicts:
        said.append(f"in conflict with another document: {tally.conflicts:,}")
    if tally.changed:
        said.append(f"different from the run before: {tally.changed:,}")
    return "; ".join(said) + "."


def _legend() -> str:
    codes = " &#160; ".join(
        f'<span class="chip {status}">&#160;{code}&#160;</span> {VERDICT_WORDS[status].lower()}'
        for status, code in VERDICT_CODES.items()
    )
    rest = "… waiting &#160; ! failed &#160; x left out &#160; <b>bold</b> decided by a person"
    return f'<p class="small">{codes} &#160; {rest}</p>'


def _documents(packet: Packet) -> list[tuple[str, dict[int, Cell]]]:
    """The grid's lines: a document's name and its cells by requirement."""
    lines: dict[tuple[int | None, str], dict[int, Cell]] = {}
    for cell in packet.cells:
        lines.setdefault((cell.document_id, cell.document), {})[cell.row] = cell
    return [(name or "Whole workspace", cells) for (_, name), cells in lines.items()]


def _in_words(
    documents: Sequence[tuple[str, dict[int, Cell]]], requirements: Sequence[Requirement]
) -> Iterator[str]:
    head = ("Requirement", "", *(folded(name, 80) for name, _ in documents))
    for part in _parts(list(enumerate(requirements)), LINES):
        yield table(
            head,
            (
                (
                    folded(requirement.id),
                    folded(requirement.text, 160),
                    *(_word(cells.get(row), requirement) for _, cells in documents),
                )
                for row, requirement in part
            ),
        )


def _word(cell: Cell | None, requirement: Requirement) -> str:
    if cell is None:
        return ""
    decided = "" if cell.review_state == "draft" else f" · {safe(cell.review_state)}"
    word = cell_word(cell, requirement.kind)
    return f'<span class="chip {cell.verdict}">&#160;{word}&#160;</span>{decided}'


def _band(
    documents: Sequence[tuple[str, dict[int, Cell]]],
    first: int,
    requirements: Sequence[tuple[int, Requirement]],
) -> str:
    """Some documents beside each other, as letters."""
    top = "".join(f'<th class="c">{first + number + 1}</th>' for number in range(len(documents)))
    lines = []
    for row, requirement in requirements:
        cells = (cells.get(row) for _, cells in documents)
        codes = "".join(
            code_cell(cell.verdict, cell.state, reviewed=cell.review_state != "draft")
            if cell
            else "<td></td>"
            for cell in cells
        )
        name = f"<b>{folded(requirement.id, 24)}</b> {folded(requirement.text, 48)}"
        lines.append(f"<tr><td>{name}</td>{codes}</tr>")
    return f"<table><tr><th>Requirement</th>{top}</tr>{''.join(lines)}</table>"


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
