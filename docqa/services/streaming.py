"""An answer while it comes: what has come of it is written down, and it can be stopped."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from docqa.core.answers import Usage
from docqa.core.citations import display
from docqa.engines.base import Delta
from docqa.services.evidence import Question
from docqa.services.jobs import JobContext
from docqa.store.conversations import ConversationStore

SAVE_S = 0.15
"""How often a growing answer is written down; what a page can show is as fresh as this."""


@dataclass
class Stream:
    """What has come of an answer so far."""

    raw: str = ""
    ttft_s: float | None = None
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = ""


def follow(
    context: JobContext,
    conversations: ConversationStore,
    question: Question,
    deltas: Iterator[Delta],
    stream: Stream,
    *,
    draft: bool,
) -> bool:
    """Write down what comes; returns whether the user stopped it.

    Raises:
        EngineError: If the engine fails; `stream` has what came before.
    """
    saved = time.monotonic()
    for delta in deltas:
        if delta.text:
            stream.raw += delta.text
            if stream.ttft_s is None:
                stream.ttft_s = question.elapsed_s
        if delta.usage is not None:
            stream.usage, stream.finish_reason = delta.usage, delta.finish_reason
        now = time.monotonic()
        if now - saved < SAVE_S:
            continue
        saved = now
        if context.cancelled():
            return True
        if delta.progress is not None:
            conversations.set_progress(
                question.answer.id,
                "Reading the documents",
                delta.progress.done,
                delta.progress.total,
            )
        if stream.raw:
            _save(conversations, question, stream, draft=draft)
    return context.cancelled()


def meanwhile(deltas: Iterator[Delta], act: Callable[[], None]) -> Iterator[Delta]:
    """The same deltas; `act` is called once the engine is at work, or at the end if it never was.

    Closing this closes them.
    """
    acted = False
    try:
        for delta in deltas:
            yield delta
            if not acted:
                acted = True
                act()
    finally:
        close(deltas)
        if not acted:
            act()


def close(deltas: Iterator[Delta]) -> None:
    """Cancel the request by closing the engine's iterator."""
    closer = getattr(deltas, "close", None)
    if closer is not None:
        closer()


def _save(
    conversations: ConversationStore, question: Question, stream: Stream, *, draft: bool
) -> None:
    shown = display(stream.raw, question.evidence.in_scope, final=False)
    if draft:
        conversations.update(
            question.answer.id, status="running", draft=shown.text, ttft_s=stream.ttft_s
        )
    else:
        conversations.save_text(question.answer.id, stream.raw, shown.text, ttft_s=stream.ttft_s)
