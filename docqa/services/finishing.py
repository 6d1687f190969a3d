"""The end of an answer: what came is checked, and quotes stand first where it cannot be trusted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from docqa.core.answers import AnswerStatus
from docqa.core.checking import CheckedAnswer, check_answer
from docqa.core.extractive import best_sentences
from docqa.core.quotes import Quote, QuotedAnswer, after_quotes, quoted_answer, renumber
from docqa.engines.base import PROMPT_TRUNCATED
from docqa.errors import DocqaError
from docqa.services.evidence import Question
from docqa.services.mentions import mentions_of
from docqa.services.misses import explained
from docqa.services.streaming import Stream
from docqa.store.store import Store

EXTRACTIVE_PASSAGES = 25
_READ = 10
"""Passages among which those are whose sentences are read."""


def quotes_for(store: Store, question: Question) -> QuotedAnswer:
    """The extractive reader's answer: the best sentences of the best passages."""
    ranked = question.evidence.rank(question.text, EXTRACTIVE_PASSAGES)
    chosen = best_sentences(
        question.text,
        [(item.score, item.passage) for item in ranked],
        weights=store.search.weights(question.workspace_id, question.text),
        likeness=question.evidence.likeness(question.text, ranked[:_READ]),
    )
    return quoted_answer([Quote(item.passage, item.start, item.end) for item in chosen])


def finish(
    store: Store,
    question: Question,
    stream: Stream,
    quotes: QuotedAnswer | None,
    *,
    status: AnswerStatus | None,
    error: DocqaError | None = None,
    other_quotes: Callable[[], QuotedAnswer] | None = None,
) -> None:
    """Check what came and store it; `status` is how it ended if the model did not end it.

    `other_quotes` gives what stands before an unsupported answer, if not the extractive reader's.
    """
    checked = check_answer(stream.raw, question.evidence, question=question.text)
    if status is None:
        status = _ended(stream, checked)
    if quotes is None and status == "unsupported":
        quotes = other_quotes() if other_quotes else quotes_for(store, question)
    facts: dict[str, Any] = {
        "text": checked.text,
        "citations": checked.citations,
        "sentences": checked.sentences,
    }
    if quotes is not None:
        status = "quoted" if status == "answered" else status
        facts = merged(quotes, checked)
    written = facts.get("draft") or facts["text"]
    cited = {citation.document_id for citation in checked.citations}
    facts["mentions"] = mentions_of(store, question.workspace_id, written, cited=cited)
    if error is not None:
        facts |= {
            "error": str(error),
            "error_hint": error.hint,
            "error_type": type(error).__name__,
        }
    store.conversations.finish(
        question.answer.id,
        status=status,
        raw_text=stream.raw,
        unresolved=checked.unresolved,
        usage=explained(store, question.answer.id, question.pack, stream.usage),
        ttft_s=stream.ttft_s,
        total_s=question.elapsed_s,
        **facts,
    )


def merged(quotes: QuotedAnswer, checked: CheckedAnswer) -> dict[str, Any]:
    """Quotes with a draft under them; a passage has one number in both."""
    renumbered = after_quotes(quotes, checked.citations)
    draft, moved = renumber(checked.text, renumbered)
    shift = [
        replace(
            citation,
            marker=renumbered[citation.marker],
            start=moved(citation.start),
            end=moved(citation.end),
        )
        for citation in checked.citations
    ]
    sentences = tuple(
        replace(
            check,
            start=moved(check.start),
            end=moved(check.end),
            markers=tuple(renumbered.get(marker, marker) for marker in check.markers),
        )
        for check in checked.sentences
    )
    return {
        "text": quotes.text,
        "draft": draft,
        "citations": (*quotes.citations, *shift),
        "sentences": sentences,
    }


def _ended(stream: Stream, checked: CheckedAnswer) -> AnswerStatus:
    if stream.finish_reason in ("length", PROMPT_TRUNCATED):
        return "truncated"
    return checked.status
