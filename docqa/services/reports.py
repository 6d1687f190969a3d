"""What the command line's JSON says (design, section 7), made from values."""

from collections.abc import Sequence
from typing import Any

from docqa.core.answers import Answer, Citation, Coverage, Mention, ShardReport
from docqa.core.documents import Rect
from docqa.core.findings import Review
from docqa.services.exporting.packet import Row
from docqa.services.searching import SearchResult
from docqa.store.values import DocumentInfo, WorkspaceSummary

Json = dict[str, Any]


def workspace_json(summary: WorkspaceSummary) -> Json:
    """A workspace."""
    return {
        "name": summary.workspace.name,
        "documents": summary.documents,
        "tokens": summary.tokens,
        "pack": summary.pack,
    }


def document_json(document: DocumentInfo) -> Json:
    """A document."""
    return {
        "id": document.id,
        "name": document.name,
        "version": document.version,
        "pages": document.pages,
        "tokens": document.tokens,
        "status": document.status,
    }


def search_json(result: SearchResult) -> Json:
    """A passage that was found."""
    return {
        "rank": result.rank,
        "score": result.score,
        "label": result.label,
        "document": result.document,
        "page": result.page,
        "lines": list(result.lines) if result.lines else None,
        "text": result.text,
        "rects": rects_json(result.rects, result.page),
        "path": result.path,
        "symbol": result.symbol,
        "revision": result.revision,
        "place": result.place or None,
        "confidence": rounded(result.confidence),
    }


def rects_json(rects: Sequence[Rect], page: int | None) -> list[list[float]]:
    """The rectangles on this 1-based page: fractions [x0, y0, x1, y1], origin top left."""
    return [
        [round(edge, 5) for edge in (rect.x0, rect.y0, rect.x1, rect.y1)]
        for rect in rects
        if rect.page == page
    ]


def other_rects_json(rects: Sequence[Rect], page: int | None) -> Json:
    """The rectangles on further pages, by page, where a quote runs over a page's end."""
    pages = sorted({rect.page for rect in rects if rect.page != page})
    return {str(other): rects_json(rects, other) for other in pages}


def citation_json(citation: Citation) -> Json:
    """A citation."""
    return {
        "marker": citation.marker,
        "label": citation.label,
        "document": citation.document,
        "page": citation.page,
        "lines": list(citation.lines) if citation.lines else None,
        "quote": citation.quote,
        "rects": rects_json(citation.rects, citation.page),
        "rects_on_other_pages": other_rects_json(citation.rects, citation.page),
        "support": citation.support,
        "missing": list(citation.missing),
        "misattributed": citation.misattributed,
        "origin": citation.origin,
        "revision": citation.revision,
        "place": citation.place or None,
        "confidence": rounded(citation.confidence),
    }


def mention_json(answer: Answer, mention: Mention) -> Json:
    """A name or place of the code that an answer mentions."""
    return {
        "text": (answer.draft or answer.text)[mention.start : mention.end],
        "kind": mention.kind,
        "status": mention.status,
        "document": mention.path or None,
        "lines": list(mention.lines) if mention.lines else None,
    }


def coverage_json(coverage: Coverage | None) -> Json:
    """What was in the window."""
    if coverage is None:
        return {}
    return {
        "documents": coverage.documents,
        "documents_in_window": coverage.documents_in_window,
        "pages": coverage.pages,
        "pages_in_window": coverage.pages_in_window,
        "passages": coverage.passages,
        "passages_in_window": coverage.passages_in_window,
        "tokens": coverage.tokens,
        "tokens_in_window": coverage.tokens_in_window,
        "unreadable_page_count": coverage.unreadable_page_count,
        "unreadable_pages": [
            {"document": name, "page": page, "reason": reason}
            for name, page, reason in coverage.unreadable_pages
        ],
        "dropped_turns": coverage.dropped_turns,
        "statement": coverage.sentence(),
    }


def answer_json(answer: Answer) -> Json:
    """An answer."""
    return {
        "id": answer.id,
        "conversation": answer.conversation_id,
        "status": answer.status,
        "answer": answer.text,
        "draft": answer.draft,
        "citations": [citation_json(citation) for citation in answer.citations],
        "unsupported_sentences": answer.unsupported_sentences,
        "unresolved_markers": answer.unresolved,
        "coverage": coverage_json(answer.coverage),
        "mode": answer.mode,
        "mode_reason": answer.mode_reason,
        "engine": answer.engine,
        "model": answer.model,
        "pack": answer.pack,
        "usage": {
            "prompt_tokens": answer.usage.prompt_tokens,
            "cached_tokens": answer.usage.cached_tokens,
            "completion_tokens": answer.usage.completion_tokens,
        },
        "sent_tokens": answer.usage.sent_tokens,
        "sent_bytes": answer.usage.sent_bytes,
        "prefill_s": rounded(answer.usage.prefill_s),
        "cache_miss": answer.usage.cache_miss,
        "ttft_s": rounded(answer.ttft_s),
        "total_s": rounded(answer.total_s),
        "error": error_json(answer),
        "mentions": [mention_json(answer, mention) for mention in answer.mentions],
        "shards": [shard_json(shard) for shard in answer.shards],
    }


def shard_json(shard: ShardReport) -> Json:
    """A shard of a sweep: what it held and what came of it."""
    return {
        "shard": shard.number,
        "status": shard.status,
        "documents": shard.documents,
        "passages": shard.passages,
        "tokens": shard.tokens,
        "labels": [shard.first_label, shard.last_label],
        "citations": shard.citations,
        "prompt_tokens": shard.prompt_tokens,
        "cached_tokens": shard.cached_tokens,
        "seconds": rounded(shard.seconds),
        "hash": shard.hash,
        "error": shard.error,
    }


def review_json(review: Review) -> Json:
    """A review and how far it is."""
    counts = review.counts
    return {
        "id": review.id,
        "title": review.title,
        "checklist": review.checklist.id,
        "status": review.status,
        "cells": counts.total,
        "done": counts.done,
        "failed": counts.failed,
        "waiting": counts.queued + counts.running,
        "unreviewed": counts.unreviewed,
    }


def review_cell_json(row: Row) -> Json:
    """A cell of a review."""
    cell = row.cell
    found = row.finding.found if row.finding else None
    return {
        "document": cell.document,
        "requirement": cell.requirement_id,
        "status": cell.status or cell.state,
        "rationale": found.rationale if found else "",
        "citations": [citation_json(citation) for citation in row.citations],
        "value": found.value if found else "",
        "reasons": list(row.reasons),
        "conflicts": [other.document for other in row.conflicts],
        "verdict": cell.verdict,
        "review_state": cell.review_state,
        "proposed": found.proposed if found else "",
        "coverage": coverage_json(found.coverage if found else None),
    }


def error_json(answer: Answer) -> Json | None:
    """Why an answer failed, None if it did not."""
    if not answer.error:
        return None
    name = answer.error_type or "DocqaError"
    return {"type": name, "message": answer.error, "hint": answer.error_hint}


def rounded(value: float | None) -> float | None:
    """Seconds to the millisecond, shares to a thousandth."""
    return None if value is None else round(value, 3)
