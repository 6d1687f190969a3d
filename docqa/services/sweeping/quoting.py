"""A sweep without a model: the best sentences of every part that meet the question."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from docqa.core.answers import AnswerStatus, ShardReport
from docqa.core.extractive import ExtractiveQuote, best_sentences
from docqa.core.gathering import Gathered, gather
from docqa.core.packed import PackedPassage
from docqa.core.sharding import Shard
from docqa.services.engines import EXTRACTIVE
from docqa.services.evidence import Question, Ranked
from docqa.services.jobs import JobContext
from docqa.services.segments import PACK_TOKENIZER
from docqa.services.streaming import SAVE_S
from docqa.services.sweeping.progress import Progress, with_citations
from docqa.services.sweeping.scope import covered, versions_in_question
from docqa.services.sweeping.shards import Plan, ShardPlanner, within
from docqa.store.store import Store
from docqa.store.values import PackInfo
from docqa.tokenizers.registry import tokenizer

SHARD_TOKENS = 8_192
MOST_SHARDS = 64
"""Larger packs have larger parts: each costs a search over the whole index."""
PASSAGES = 25
"""Of a part, the best ones are read, whatever document they are from."""
PASSAGES_OF_A_DOCUMENT = 3
"""The best ones of every other document in the part, which those would hide."""
READ_AT_ONCE = 5
"""Passages that the extractive reader looks at together, to take the best sentences of them."""
QUOTES = 6
"""Sentences of a lot."""
HITS = 200
"""Among which these are; the search ranks as many anyway."""
MOST_HITS = 12_800
"""Where a part has a document only in part, so many hits are looked at for those that lie in it."""
_MORE = 8
"""So many times as many hits are asked for, where too few lie in the part."""

_Scored = tuple[float, PackedPassage]


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
        live = versions_in_question(self._store, plan, question.documents)
        shards = within(plan, live)
        progress = Progress(plan, shards)
        found: list[tuple[ExtractiveQuote, ...]] = []
        saved = time.monotonic()
        stopped = False
        for shard, quotes in self._read(question, plan, live, shards):
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
        counts = [sum(label in shard.labels for label in cited) for shard in plan.shards]
        return Quoted(everything, with_citations(progress.reports, counts), stopped)

    def _read(
        self, question: Question, plan: Plan, live: frozenset[int], shards: Sequence[Shard]
    ) -> Iterator[tuple[Shard, tuple[ExtractiveQuote, ...]]]:
        weights = self._store.search.weights(question.workspace_id, question.text)
        hits = _Hits(self._store, question)
        for shard in shards:
            ranked = hits.within(shard.labels, plan.documents(shard, live))
            lots = _lots([(item.score, item.passage) for item in ranked])
            found = (best_sentences(question.text, lot, QUOTES, weights=weights) for lot in lots)
            yield shard, tuple(chain.from_iterable(found))


def _lots(scored: Sequence[_Scored]) -> Iterator[Sequence[_Scored]]:
    """Passages of one document that are read together: no document hides another's sentences."""
    by_document: dict[int, list[_Scored]] = {}
    for item in scored:
        by_document.setdefault(item[1].document_id, []).append(item)
    for items in by_document.values():
        yield from (items[n : n + READ_AT_ONCE] for n in range(0, len(items), READ_AT_ONCE))


def _best(ranked: Sequence[Ranked]) -> list[Ranked]:
    """The best of a part, and of each other document in it."""
    counts: Counter[int] = Counter()
    best: list[Ranked] = []
    for place, item in enumerate(ranked):
        counts[item.passage.document_id] += 1
        if place < PASSAGES or counts[item.passage.document_id] <= PASSAGES_OF_A_DOCUMENT:
            best.append(item)
    return best


class _Hits:
    """The best passages of documents. Parts of the same document are found by one search."""

    def __init__(self, store: Store, question: Question) -> None:
        self._store = store
        self._question = question
        self._documents: frozenset[int] = frozenset()
        self._ranked: list[Ranked] = []
        self._asked = 0
        """For so many."""
        self._more = False
        """Whether there may be others."""

    def within(self, labels: range, documents: frozenset[int]) -> list[Ranked]:
        """The best passages with these labels, which current versions of these documents have."""
        if documents != self._documents:
            self._documents = documents
            self._search(HITS)
        while True:
            found = [item for item in self._ranked if item.passage.label in labels]
            if len(found) >= PASSAGES or not self._more:
                return _best(found)
            self._search(self._asked * _MORE)

    def _search(self, most: int) -> None:
        self._asked = min(most, MOST_HITS)
        hits = self._store.search.search(
            self._question.workspace_id,
            self._question.text,
            k=self._asked,
            document_ids=self._documents,
        )
        self._more = len(hits) == self._asked < MOST_HITS
        scored = [(hit.score, hit.passage_id) for hit in hits]
        self._ranked = self._question.evidence.packed(scored)


def _reason(gathered: Gathered, parts: int) -> str:
    """Why this mode, for people."""
    said = f"sweep was asked for: the best sentences of each of {parts:,} parts, no model"
    if gathered.found > gathered.shown:
        said += f"; the best {gathered.shown:,} of {gathered.found:,} are shown"
    return said
