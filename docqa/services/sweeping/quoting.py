"""A sweep without a model: the best sentences of every part that meet the question."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from docqa.core.answers import AnswerStatus, ShardReport
from docqa.core.extractive import ExtractiveQuote, best_sentences
from docqa.core.gathering import Gathered, gather
from docqa.core.sharding import Shard
from docqa.services.engines import EXTRACTIVE
from docqa.services.evidence import Question, Ranked
from docqa.services.jobs import JobContext
from docqa.services.segments import PACK_TOKENIZER
from docqa.services.streaming import SAVE_S
from docqa.services.sweeping.progress import Progress
from docqa.services.sweeping.scope import covered, in_question
from docqa.services.sweeping.shards import Plan, ShardPlanner
from docqa.store.store import Store
from docqa.store.values import PackInfo
from docqa.tokenizers.registry import tokenizer

SHARD_TOKENS = 8_192
MOST_SHARDS = 64
"""Larger packs have larger parts: each costs a search over the whole index."""
PASSAGES = 25
READ_AT_ONCE = 5
"""Passages that the extractive reader looks at together, to take the best sentences of them."""
QUOTES = 6
"""Sentences of a lot."""
PASSAGES_OF_A_PART = 200
"""The same where the part has a document only in part: passages elsewhere in it go."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a sweep in quotes has come to."""

    gathered: Gathered
    reports: tuple[ShardReport, ...]
    stopped: bool


class SweepQuoter:
    """Reads every part of a pack without a model."""

    def __init__(self, store: Store, planner: ShardPlanner) -> None:
        self._store = store
        self._planner = planner

    def plan(self, pack: PackInfo) -> Plan:
        """The pack in parts; there is no window they would have to fit."""
        limit = max(SHARD_TOKENS, -(-pack.token_count // MOST_SHARDS))
        return self._planner.plan(pack, tokenizer(PACK_TOKENIZER), limit)

    def write(self, context: JobContext, question: Question) -> None:
        """Answer in quotes; what was found stays if it is stopped."""
        quoted = self.quotes(question, context)
        answer = quoted.gathered.answer
        elapsed = question.elapsed_s
        status: AnswerStatus = "quoted" if answer.citations else "not_found"
        self._store.conversations.finish(
            question.answer.id,
            status="stopped" if quoted.stopped else status,
            text=answer.text,
            citations=answer.citations,
            sentences=answer.sentences,
            shards=quoted.reports,
            coverage=covered(self._store, question, quoted.reports),
            mode="sweep",
            mode_reason=_reason(quoted.gathered, len(quoted.reports)),
            pack=question.pack.hash,
            engine=EXTRACTIVE,
            model="",
            ttft_s=elapsed,
            total_s=elapsed,
        )

    def quotes(self, question: Question, context: JobContext | None = None) -> Quoted:
        """The best sentences of all parts that are in scope, as far as nobody stops it."""
        plan = self.plan(question.pack)
        shards = in_question(self._store, plan, question.documents)
        progress = Progress(plan, shards)
        found: list[tuple[ExtractiveQuote, ...]] = []
        saved = time.monotonic()
        stopped = False
        for shard, quotes in self._read(question, plan, shards):
            found.append(quotes)
            progress.read(shard)
            if context is not None and time.monotonic() - saved >= SAVE_S:
                saved = time.monotonic()
                stopped = context.cancelled()
                said = f"Read {len(found)} of {len(shards)} parts"
                done = sum(each.tokens for each in shards[: len(found)])
                total = sum(each.tokens for each in shards)
                self._store.conversations.set_progress(question.answer.id, said, done, total)
            if stopped:
                break
        progress.end(unreached=False)
        weights = self._store.search.weights(question.workspace_id, question.text)
        everything = gather(question.text, found, weights)
        cited = [citation.label for citation in everything.answer.citations]
        progress.brought([sum(label in shard.labels for label in cited) for shard in plan.shards])
        return Quoted(everything, progress.reports, stopped)

    def _read(
        self, question: Question, plan: Plan, shards: Sequence[Shard]
    ) -> Iterator[tuple[Shard, tuple[ExtractiveQuote, ...]]]:
        weights = self._store.search.weights(question.workspace_id, question.text)
        for shard in shards:
            ranked = self._ranked(question, plan, shard)
            scored = [(item.score, item.passage) for item in ranked]
            lots = (scored[n : n + READ_AT_ONCE] for n in range(0, len(scored), READ_AT_ONCE))
            found = (best_sentences(question.text, lot, QUOTES, weights=weights) for lot in lots)
            yield shard, tuple(chain.from_iterable(found))

    def _ranked(self, question: Question, plan: Plan, shard: Shard) -> list[Ranked]:
        documents = plan.documents(shard)
        if question.evidence.document_ids is not None:
            documents &= question.evidence.document_ids
        partial = any(not piece.whole for piece in shard.pieces)
        hits = self._store.search.search(
            question.workspace_id,
            question.text,
            k=PASSAGES_OF_A_PART if partial else PASSAGES,
            document_ids=documents,
        )
        found = question.evidence.packed([(hit.score, hit.passage_id) for hit in hits])
        return [item for item in found if item.passage.label in shard.labels][:PASSAGES]


def _reason(gathered: Gathered, parts: int) -> str:
    """Why this mode, for people."""
    said = f"sweep was asked for: the best sentences of each of {parts:,} parts, no model"
    if gathered.found > gathered.shown:
        said += f"; the best {gathered.shown:,} of {gathered.found:,} are shown"
    return said
