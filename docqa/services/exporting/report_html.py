"""The pieces of a report as HTML. All text is escaped: it comes from documents and models."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docqa.core.answers import Citation
from docqa.core.citations import ocr_note
from docqa.core.findings import Decision
from docqa.core.formulas import clean
from docqa.core.verdict_words import VERDICT_CODES, cell_word, state_word, verdict_word
from docqa.services.conversations import place_of
from docqa.services.exporting.csv_file import time_of
from docqa.services.exporting.packet import Row

CSS = """
body { font-family: sans-serif; font-size: 9pt; color: #1c2430; line-height: 1.3; margin: 0; }
p { margin: 2pt 0; }
h1 { font-size: 20pt; margin: 0 0 2pt 0; color: #14304f; }
h2 { font-size: 13pt; margin: 10pt 0 3pt 0; color: #14304f; }
h3 { font-size: 11pt; margin: 10pt 0 2pt 0; color: #14304f; }
h4 { font-size: 9pt; margin: 7pt 0 2pt 0; }
.small { font-size: 7.5pt; color: #566072; }
.foot { font-size: 7pt; color: #666666; }
.warn { background-color: #fbefc8; }
.said { margin: 2pt 0 2pt 0; }
.q { border-left: 2pt solid #c99700; padding-left: 6pt; margin: 3pt 0; }
.d { border-left: 2pt solid #4a6fa5; padding-left: 6pt; margin: 3pt 0; }
table { width: 100%; border-collapse: collapse; font-size: 8pt; }
td, th { border: 0.5pt solid #c3c9d3; padding: 1.5pt 3pt; vertical-align: top; text-align: left; }
th { background-color: #eef1f5; }
td.c, th.c { text-align: center; }
td.n, th.n { text-align: right; }
.met { background-color: #d5efdd; color: #0b5a2c; }
.partly_met { background-color: #fbefc8; color: #6a4c00; }
.not_met { background-color: #f8d7d3; color: #8c1d18; }
.not_found { background-color: #e4e7ec; color: #333c4a; }
.not_applicable { background-color: #eef0f3; color: #4a5261; }
.needs_person { background-color: #dce6fa; color: #1d3f86; }
.chip { font-weight: bold; }
.w30 { width: 30pt; }
.w50 { width: 50pt; }
.w90 { width: 90pt; }
.w110 { width: 110pt; }
.w170 { width: 170pt; }
.b_met { background-color: #46a06b; }
.b_partly_met { background-color: #e0b02c; }
.b_not_met { background-color: #cf4f45; }
.b_not_found { background-color: #9aa3b2; }
.b_not_applicable { background-color: #cdd3dc; }
.b_needs_person { background-color: #5b83d6; }
td.bar { padding: 0; border: none; font-size: 5pt; }
"""
MAX_TEXT = 6_000
"""Characters of one text; longer ones are cut, the JSON packet has them whole."""
MAX_NAMES = 8
LINE_HEAD = '<th class="w90">Requirement</th><th class="w50">Verdict</th><th>First quote</th>'
_LONG_WORD = re.compile(r"\S{48}(?=\S)")
_BREAK = "\u200b"


def safe(text: str, limit: int = MAX_TEXT) -> str:
    """Text as HTML: escaped, bounded, and long words may break."""
    text = clean(text.strip())
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    text = _LONG_WORD.sub(lambda match: match[0] + _BREAK, text)
    return html.escape(text).replace("\n", "<br>")


def folded(text: str, limit: int = MAX_TEXT) -> str:
    """As `safe`, on one line."""
    return safe(" ".join(text.split()), limit)


def chip(row: Row) -> str:
    """The verdict, on its colour."""
    word = cell_word(row.cell, row.requirement.kind)
    return f'<span class="chip {row.cell.verdict}">&nbsp;{word}&nbsp;</span>'


def made_by(engine: str, model: str) -> str:
    """The engine, and its model where that says more."""
    return engine if model in ("", engine) else f"{engine}, {model}"


def names(values: Iterable[str]) -> str:
    """`a.pdf, b.pdf and 3 more`."""
    known = list(dict.fromkeys(values))
    said = ", ".join(known[:MAX_NAMES])
    return f"{said} and {len(known) - MAX_NAMES:,} more" if len(known) > MAX_NAMES else said


@dataclass(frozen=True, slots=True)
class Table:
    """A table in rows, so that it can go over several pages; all of it is HTML."""

    head: str
    rows: tuple[str, ...]

    @property
    def html(self) -> str:
        """The table in one piece."""
        return f"<table><tr>{self.head}</tr>{''.join(self.rows)}</table>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], classes: Sequence[str] = ()) -> Table:
    """A table of HTML fragments; `classes` are those of the columns."""
    kinds = [f' class="{name}"' if name else "" for name in classes] or [""] * len(head)
    top = "".join(f"<th{kind}>{text}</th>" for kind, text in zip(kinds, head, strict=True))
    return Table(top, tuple(_row(row, kinds) for row in rows))


def _row(row: Sequence[str], kinds: Sequence[str]) -> str:
    cells = (f"<td{kind}>{text}</td>" for kind, text in zip(kinds, row, strict=True))
    return f"<tr>{''.join(cells)}</tr>"


def finding_head(row: Row) -> str:
    """The requirement, the verdict, and what a person made of it."""
    title = f"{folded(row.requirement.id)} &#160; {folded(row.requirement.text, 1_500)}"
    said = [chip(row)]
    if row.cell.changed:
        said.append("<b>not reviewed again: differs from the run before</b>")
    elif state := state_word(row.cell):
        said.append(safe(state))
    parts = [f"<h4>{title}</h4>", f"<p>{' &#160;·&#160; '.join(said)}</p>"]
    return "".join(parts)


def finding_line(row: Row) -> str:
    """A finding as a row of a table, for large reviews: the verdict and the first quote."""
    first = row.citations[0] if row.citations else None
    said = f"“{folded(first.quote, 160)}” {folded(place_of(first), 100)}" if first else ""
    said = said or folded("; ".join(row.reasons), 160)
    value = f"<b>{folded(row.cell.value, 100)}</b> " if row.cell.value else ""
    return (
        f"<tr><td>{folded(row.requirement.id)}</td><td>{chip(row)}</td><td>{value}{said}</td></tr>"
    )


def finding_body(row: Row) -> str:
    """What was found and why, without quotes."""
    parts: list[str] = []
    found = row.finding.found if row.finding else None
    if row.finding and row.finding.erased:
        parts.append('<p class="small">The words of this finding were erased with a document.</p>')
    if found and found.value:
        parts.append(f"<p><b>Value:</b> {safe(found.value, 1_000)}</p>")
    if found and found.rationale:
        parts.append(f"<p>{folded(found.rationale)}</p>")
    if found and found.proposed and found.proposed != found.status:
        word = verdict_word(found.proposed, row.requirement.kind)
        doubt = "; docqa could not stand for it" if found.status == "needs_person" else ""
        parts.append(f"<p>The model said: {safe(word)}{doubt}.</p>")
    parts.extend(f"<p>• {folded(reason, 1_000)}</p>" for reason in row.reasons)
    if row.conflicts:
        others = names(other.document for other in row.conflicts)
        parts.append(f"<p><b>Contradicts:</b> {folded(others)}</p>")
    parts.extend(_earlier(row))
    return "".join(parts)


def quote(citation: Citation, remark: str = "") -> str:
    """A quote with its place and how it was verified."""
    place = f"{folded(citation.document, 200)} {folded(place_of(citation), 200)}".strip()
    facts = [place, safe(citation.support)]
    if citation.origin == "docqa":
        facts.append("found by docqa")
    if note := ocr_note(citation.confidence):
        facts.append(safe(note))
    if citation.missing:
        facts.append(f"not in it: {folded(', '.join(citation.missing), 300)}")
    if remark:
        facts.append(safe(remark))
    return (
        f'<div class="q">“{folded(citation.quote)}”<br>'
        f'<span class="small">{" · ".join(facts)}</span></div>'
    )


def decisions(row: Row) -> str:
    """What people decided, oldest first."""
    if not row.decisions:
        return ""
    lines = "<br>".join(_decided(each, row) for each in reversed(row.decisions))
    return f'<div class="d">{lines}</div>'


def provenance(row: Row) -> str:
    """The run, and the hash that the audit log has of it."""
    if row.finding is None:
        return ""
    found = row.finding.found
    facts = [
        f"run {row.finding.number} at {time_of(row.finding.created_at)}",
        folded(made_by(found.engine, found.model), 120),
        f"finding {row.finding.id}, hash {row.finding.hash[:16]}",
    ]
    return f'<p class="small">{" · ".join(facts)}</p>'


def code_cell(row_verdict: str, state: str, *, reviewed: bool) -> str:
    """A cell of the grid: a letter on the verdict's colour, bold once a person has decided."""
    code = next((code for verdict, code in VERDICT_CODES.items() if verdict == row_verdict), "")
    text = code or {"failed": "!", "cancelled": "x"}.get(state, "…")
    return f'<td class="c {row_verdict}">{f"<b>{text}</b>" if reviewed else text}</td>'


def _decided(decision: Decision, row: Row) -> str:
    word = verdict_word(decision.verdict, row.requirement.kind)
    act = {
        "approve": "approved",
        "change": "changed to",
        "reject": "rejected",
        "comment": "commented",
        "reopen": "opened again",
        "keep": "kept after another run",
    }[decision.action]
    said = f"{time_of(decision.created_at)} · {folded(decision.user, 120)} {act} {word}".rstrip()
    comment = f": “{safe(decision.comment, 2_000)}”" if decision.comment else ""
    return said + comment


def _earlier(row: Row) -> list[str]:
    """The run before, where this one differs from it."""
    if not row.cell.changed or not row.earlier:
        return []
    before = row.earlier[0]
    word = verdict_word(before.found.status, row.requirement.kind)
    quotes = "; ".join(f"“{each.quote}”" for each in before.found.citations[:3])
    said = f"Before (run {before.number}): {word}"
    return [f'<p class="small">{folded(f"{said}. {quotes}" if quotes else said, 1_500)}</p>']
