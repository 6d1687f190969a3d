"""Findings that docqa makes or completes itself, and whether a new one says anything new."""

from collections.abc import Sequence
from dataclasses import replace

from docqa.core.answers import Citation, Coverage
from docqa.core.findings import Finding, NewFinding
from docqa.core.judging import NO_EVIDENCE


def quoted_only(quotes: Sequence[Citation], *, found: bool, why: str) -> NewFinding:
    """The finding where no model judges: ranked quotes, or that there are none worth showing.

    `why` says for people who has not judged.
    """
    if not found:
        return NewFinding("needs_person", reasons=(why, NO_EVIDENCE))
    reasons = (why, "docqa ranked the quotes for the requirement")
    return NewFinding("needs_person", citations=_numbered(quotes, after=0), reasons=reasons)


def with_evidence(judged: NewFinding, quotes: Sequence[Citation], *, found: bool) -> NewFinding:
    """The finding with docqa's own quotes where the model's do not carry a verdict.

    A verdict that stands keeps its quotes alone; absence that docqa's ranking doubts says so.
    """
    if judged.status not in ("needs_person", "not_found"):
        return judged
    known = {citation.label for citation in judged.citations}
    added = [quote for quote in quotes if quote.label not in known] if found else []
    reasons = judged.reasons
    if added and judged.status == "not_found":
        reasons = (*reasons, "docqa found passages that may state it, see the quotes")
    elif not found and not judged.citations:
        reasons = (*reasons, NO_EVIDENCE)
    after = max((citation.marker for citation in judged.citations), default=0)
    citations = (*judged.citations, *_numbered(added, after=after))
    return replace(judged, citations=citations, reasons=reasons)


def as_covered(judged: NewFinding, coverage: Coverage) -> NewFinding:
    """The finding with what was read; absence from a part of what is to be read is no finding."""
    if judged.status == "not_found" and not coverage.complete:
        read = f"{coverage.passages_in_window:,} of {coverage.passages:,} passages"
        doubt = f"the model found nothing, but only {read} were in the window"
        judged = replace(judged, status="needs_person", reasons=(doubt, *judged.reasons))
    return replace(judged, coverage=coverage)


def unchanged(before: Finding, after: NewFinding) -> bool:
    """Whether a new run says what the one before did: status, value and the words quoted.

    Where the words stand may have moved, and the model may have put its reasons otherwise.
    """
    earlier = before.found
    return (
        not before.erased
        and earlier.status == after.status
        and earlier.proposed == after.proposed
        and _folded(earlier.value) == _folded(after.value)
        and _quoted(earlier) == _quoted(after)
    )


def _quoted(found: NewFinding) -> set[tuple[str, str]]:
    return {(citation.document, _folded(citation.quote)) for citation in found.citations}


def _folded(text: str) -> str:
    return " ".join(text.split())


def _numbered(quotes: Sequence[Citation], *, after: int) -> tuple[Citation, ...]:
    """The quotes with markers that count on; a passage has one marker."""
    markers: dict[int, int] = {}
    return tuple(
        replace(quote, marker=markers.setdefault(quote.label, after + len(markers) + 1))
        for quote in quotes
    )
