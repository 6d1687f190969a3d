"""The first and the last pages of a report: summary, table, coverage, versions."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from docqa.core.checklists import Requirement
from docqa.core.findings import FINDING_STATUSES, Cell
from docqa.core.verdict_words import VERDICT_CODES, VERDICT_WORDS, cell_word
from docqa.services.exporting.csv_file import time_of
from docqa.services.exporting.packet import Packet
from docqa.services.exporting.report_html import Table, code_cell, folded, made_by, safe, table
from docqa.services.exporting.tally import Tally

WIDTH = 495
"""Points between the margins of an A4 page."""
WORDS_UP_TO = 3
"""Documents that stand side by side in words; more are shown as letters."""
COLUMNS = 16
MAX_ORIGINS = 30
Piece = str | Table
"""HTML that stays together, or a table that may go over pages."""
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
    parts.append(table(("Review", ""), facts, ("w90", "")).html)
    parts.append(f"<h2>Summary</h2>{_bar(tally)}{_counts(tally, counts.total).html}")
    parts.append(f"<p>{_people(tally, counts.unreviewed)}</p>")
    parts.append(f'<p class="small">{_VERIFIED}</p>')
    return "".join(parts)


def grid(packet: Packet) -> Iterator[Piece]:
    """The table of documents and requirements."""
    documents = _documents(packet)
    requirements = packet.review.checklist.requirements
    if len(documents) <= WORDS_UP_TO:
        yield _in_words(documents, requirements)
        return
    yield _legend()
    yield _numbered([name for name, _ in documents])
    for first in range(0, len(documents), COLUMNS):
        yield _band(documents[first : first + COLUMNS], first, requirements)


def coverage_table(coverages: dict[tuple[str, str], int]) -> Table:
    """What was read: document, statement, findings that rest on it."""
    rows = [
        (folded(document, 200), folded(said, 1_200), f"{count:,}")
        for (document, said), count in coverages.items()
    ]
    return table(("Document", "What was read", "Findings"), rows, ("w170", "", "n w50"))


def version_table(packet: Packet) -> Table:
    """The originals, by which an auditor finds them again."""
    rows = [
        (
            folded(each.document, 200),
            str(each.number),
            f"{each.pages:,}" if each.pages else "",
            time_of(each.read_at),
            each.content_hash,
        )
        for each in packet.versions.values()
    ]
    head = ("Document", "Version", "Pages", "Read", "SHA-256 of the original")
    return table(head, rows, ("", "n w50", "n w30", "", ""))


def origin_tables(packet: Packet, tally: Tally) -> Iterator[Table]:
    """What made the findings, and where the audit log stood."""
    rows = [
        (
            folded(made_by(origin.engine, origin.model), 200),
            folded(origin.prompt_version),
            origin.pack[:16],
            folded(origin.params, 300),
            f"{count:,}",
        )
        for origin, count in tally.origins.most_common(MAX_ORIGINS)
    ]
    head = ("Engine and model", "Prompt", "Pack", "Sampling", "Findings")
    yield table(head, rows, ("w110", "w50", "", "", "n w50"))
    log = [
        ("docqa", safe(packet.docqa_version)),
        ("Audit log", f"{packet.audit_entries:,} entries before this export"),
        ("Its newest hash", packet.audit_head),
        ("To check it", f"docqa audit verify --expect {packet.audit_head}"),
    ]
    yield table(("Record", ""), log, ("w90", ""))


def _engines(tally: Tally) -> list[str]:
    found: dict[str, int] = {}
    for origin, count in tally.origins.items():
        name = made_by(origin.engine, origin.model)
        found[name] = found.get(name, 0) + count
    return [f"{folded(name, 120)} ({count:,} findings)" for name, count in found.items()]


def _bar(tally: Tally) -> str:
    """Verdicts as parts of a bar, widths as their shares."""
    counts = [(status, tally.verdicts[status]) for status in FINDING_STATUSES]
    total = sum(count for _, count in counts)
    if not total:
        return ""
    parts = "".join(
        f'<td class="bar b_{status}" style="width:{WIDTH * count / total:.0f}pt">&#160;</td>'
        for status, count in counts
        if count / total >= 0.005
    )
    return f"<table><tr>{parts}</tr></table>"


def _counts(tally: Tally, total: int) -> Table:
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
    return table(("Verdict", "Cells", "Share"), rows, ("", "n w50", "n w50"))


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


def _numbered(names: Sequence[str]) -> Table:
    """The documents by the numbers that stand for them, two on a line."""
    named = [f"<b>{number}</b> &#160;{folded(name, 120)}" for number, name in enumerate(names, 1)]
    half = (len(named) + 1) // 2
    pairs = zip_longest(named[:half], named[half:], fillvalue="")
    return table(("Document", "Document"), pairs)


def _documents(packet: Packet) -> list[tuple[str, dict[int, Cell]]]:
    """The grid's lines: a document's name and its cells by requirement."""
    lines: dict[tuple[int | None, str], dict[int, Cell]] = {}
    for cell in packet.cells:
        lines.setdefault((cell.document_id, cell.document), {})[cell.row] = cell
    return [(name or "Whole workspace", cells) for (_, name), cells in lines.items()]


def _in_words(
    documents: Sequence[tuple[str, dict[int, Cell]]], requirements: Sequence[Requirement]
) -> Table:
    head = ("Requirement", "", *(folded(name, 80) for name, _ in documents))
    rows = (
        (
            folded(requirement.id),
            folded(requirement.text, 160),
            *(_word(cells.get(row), requirement) for _, cells in documents),
        )
        for row, requirement in enumerate(requirements)
    )
    return table(head, rows, ("w90", "", *("w90" for _ in documents)))


def _word(cell: Cell | None, requirement: Requirement) -> str:
    if cell is None:
        return ""
    decided = "" if cell.review_state == "draft" else f" · {safe(cell.review_state)}"
    word = cell_word(cell, requirement.kind)
    return f'<span class="chip {cell.verdict}">&#160;{word}&#160;</span>{decided}'


def _band(
    documents: Sequence[tuple[str, dict[int, Cell]]],
    first: int,
    requirements: Sequence[Requirement],
) -> Table:
    """Some documents beside each other, as letters."""
    top = "".join(f'<th class="c">{first + number + 1}</th>' for number in range(len(documents)))
    shown = 48 + 4 * (COLUMNS - len(documents))  # characters that fit on a line beside them
    lines: list[str] = []
    for row, requirement in enumerate(requirements):
        cells = (cells.get(row) for _, cells in documents)
        codes = "".join(
            code_cell(cell.verdict, cell.state, reviewed=cell.review_state != "draft")
            if cell
            else "<td></td>"
            for cell in cells
        )
        name = f"<b>{folded(requirement.id, 24)}</b> {folded(requirement.text, shown)}"
        lines.append(f"<tr><td>{name}</td>{codes}</tr>")
    return Table(f"<th>Requirement</th>{top}", tuple(lines))
