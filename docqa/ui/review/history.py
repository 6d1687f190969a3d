"""What was found before, and who decided what."""

import html
from collections.abc import Sequence

import streamlit as st

from docqa.core.findings import Decision, Finding
from docqa.core.verdict_words import verdict_word
from docqa.services.reviewing import CellDetail
from docqa.ui import messages, state, support
from docqa.ui.review import wording

SHOWN_QUOTES = 6


def draw(detail: CellDetail) -> None:
    """The finding before, beside this one; then everything that happened to the cell."""
    if detail.previous is not None and detail.finding is not None:
        _compare(detail, detail.previous, detail.finding)
    _log(detail)


def _compare(detail: CellDetail, before: Finding, now: Finding) -> None:
    label = "What changed" if detail.cell.changed else "The run before"
    with st.expander(label, expanded=detail.cell.changed, key=f"compare-{now.id}"):
        left, right = st.columns(2, gap="small")
        with left:
            _side(detail, before, "Before", other=now)
        with right:
            _side(detail, now, "Now", other=before)


def _side(detail: CellDetail, finding: Finding, title: str, *, other: Finding) -> None:
    found = finding.found
    there = {citation.quote for citation in other.found.citations}
    quotes = "".join(
        f'<div class="quote {"same" if c.quote in there else "differs"}">'
        f"{html.escape(support.place(c))}: {html.escape(c.quote[:400])}</div>"
        for c in found.citations[:SHOWN_QUOTES]
    )
    value = f'<div class="value">{html.escape(found.value)}</div>' if found.value else ""
    st.html(
        f'<div class="label">{title}, run {finding.number}</div>'
        f"<b>{html.escape(verdict_word(found.status, detail.requirement.kind))}</b>"
        f'<div class="muted small">{html.escape(wording.moment(finding.created_at))}</div>'
        f"{value}{quotes or '<p class=muted>No quotes.</p>'}"
    )


def _log(detail: CellDetail) -> None:
    findings = state.app().store.reviews.findings(detail.cell.id)
    entries = sorted(
        [*_findings(detail, findings), *_decisions(detail, detail.decisions)], reverse=True
    )
    if not entries:
        return
    label = f"History ({messages.count(len(entries), 'entry', 'entries')})"
    with st.expander(label, key=f"history-{detail.cell.id}"):
        rows = "".join(
            f'<li><span class="muted">{html.escape(wording.moment(at))}</span> {said}</li>'
            for at, _, said in entries
        )
        st.html(f'<ul class="history">{rows}</ul>')


def _findings(detail: CellDetail, findings: Sequence[Finding]) -> list[tuple[float, int, str]]:
    return [
        (
            finding.created_at,
            0,
            html.escape(
                f"run {finding.number} by {finding.found.model or finding.found.engine}: "
                f"{verdict_word(finding.found.status, detail.requirement.kind)}, "
                f"{messages.count(len(finding.found.citations), 'quote')}"
            ),
        )
        for finding in findings
    ]


def _decisions(detail: CellDetail, decisions: Sequence[Decision]) -> list[tuple[float, int, str]]:
    rows = []
    for decision in decisions:
        said = f"{decision.user} {wording.DONE[decision.action]}"
        if decision.action == "change":
            said += f" {verdict_word(decision.verdict, detail.requirement.kind)}"
        comment = f'<div class="quote">{html.escape(decision.comment)}</div>' * bool(
            decision.comment
        )
        rows.append((decision.created_at, 1, html.escape(said) + comment))
    return rows
