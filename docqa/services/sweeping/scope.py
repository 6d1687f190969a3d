"""What of a cut pack a question is about, how large its shards are, and what was covered."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from docqa.core.answers import Coverage, ShardReport
from docqa.core.packing import render_head
from docqa.core.prompts import TokenBudget
from docqa.core.sharding import Shard
from docqa.engines.base import Engine
from docqa.errors import ContextOverflowError
from docqa.services.evidence import Question, Ranked, coverage
from docqa.services.prompting import budget_of
from docqa.services.sweeping.progress import label_ranges
from docqa.services.sweeping.shards import Plan, within
from docqa.services.windows import shrunk
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import DocumentInfo

QUESTION_TOKENS = 512
"""Tokens that shards leave for the question. Longer ones make smaller shards, in steps of a power
of two, so that nearly all questions find the same shards in the cache."""
PACKAGED_SHARD_TOKENS = 2_048
"""The packaged small model loses its way in more."""
LEAST_TOKENS = 256
"""A window that leaves fewer for documents is too small to sweep with."""


def sweep_budget(
    settings: Settings, engine: Engine, question_tokens: int, *, packaged: bool = False
) -> TokenBudget:
    """How the window is divided for every shard; nearly the same for all questions.

    `packaged` is for the very small model.

    Raises:
        ContextOverflowError: If too little is left for documents.
        EngineError: If the engine has to be asked for its window and does not answer.
    """
    reserved = QUESTION_TOKENS
    while reserved < question_tokens:
        reserved *= 2
    budget = budget_of(settings, engine, asked=reserved)
    if packaged:
        budget = shrunk(budget, PACKAGED_SHARD_TOKENS)
    least = engine.tokenizer.count(render_head()) + LEAST_TOKENS
    if budget.available < least:
        raise ContextOverflowError(engine.name, least, budget.available)
    return budget


def in_question(
    store: Store, plan: Plan, documents: Sequence[DocumentInfo] | None
) -> tuple[Shard, ...]:
    """The shards that have something of these documents; None stands for all in scope."""
    return within(plan, versions_in_question(store, plan, documents))


def versions_in_question(
    store: Store, plan: Plan, documents: Sequence[DocumentInfo] | None
) -> frozenset[int]:
    """The current versions of these documents; None stands for all in scope."""
    if documents is not None:
        return frozenset(document.version_id for document in documents)
    versions = {segment.version_id for segment in plan.segments}
    return store.documents.versions_in_scope(versions)


def relevant_first(shards: Sequence[Shard], ranked: Sequence[Ranked]) -> list[Shard]:
    """The shards by their best passage, so that what is stopped has asked the likeliest ones.

    Those without a ranked passage come last, in the pack's order.
    """
    starts = [shard.labels.start for shard in shards]
    best: dict[int, int] = {}
    for place, item in enumerate(ranked):
        index = bisect_right(starts, item.passage.label) - 1
        if index >= 0 and item.passage.label in shards[index].labels:
            best.setdefault(index, place)
    order = sorted(range(len(shards)), key=lambda index: (best.get(index, len(ranked)), index))
    return [shards[index] for index in order]


def covered(store: Store, question: Question, reports: Sequence[ShardReport]) -> Coverage:
    """What of the question's documents the shards had that were asked."""
    everything = coverage(store, question)
    if all(report.status in ("asked", "skipped") for report in reports):
        return everything
    documents, pages, passages = store.documents.swept(
        question.pack, label_ranges(reports), [each.id for each in question.documents or ()]
    )
    asked = sum(report.tokens for report in reports if report.status == "asked")
    return replace(
        everything,
        documents_in_window=documents,
        pages_in_window=pages,
        passages_in_window=passages,
        tokens_in_window=min(asked, everything.tokens),
    )
