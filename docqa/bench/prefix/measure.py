"""`docqa bench prefix`: what a question costs when its corpus is cached, and when it is not.

Works on the engine's protocol alone: no store, no index, no worker. A corpus that no engine has
seen is asked about (cold), then again and again with other questions (warm), then with many
questions in flight; beside it, if wanted, the same questions re-sending the corpus as chat
messages, and with the server's prefix cache flushed before each.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from docqa.bench.prefix.corpus import Corpus, build_corpus
from docqa.bench.prefix.results import Asked, Level, SizeResult, Way, WayName
from docqa.core.answers import Usage
from docqa.core.documents import ParsedDocument
from docqa.engines.base import Engine, Prefix, Prompt, SamplingParams
from docqa.errors import ContextOverflowError, EngineError

LEAST_QUESTIONS = 8
"""Questions that a level has at least, so that it is no single one's time."""
TAIL_TOKENS = 2_048
"""Tokens kept free for a question with its hints, as docqa does."""
WAKING_TOKENS = 600

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """How much is measured."""

    tokens: tuple[int, ...] = (6_000,)
    hints: bool = False
    cold_runs: int = 3
    questions: int = 7
    """Warm questions, one after the other."""
    in_flight: tuple[int, ...] = (1, 8, 32)
    answer_tokens: int = 16


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to measure beside docqa's way; why not, where it cannot be."""

    chat: Engine | None = None
    """An engine that re-sends the corpus to the same server."""
    chat_skipped: str = ""
    flush: Callable[[], None] | None = None
    """Empties the server's prefix cache."""
    flush_skipped: str = ""


def check_window(engine: Engine, options: BenchOptions) -> None:
    """Return if every corpus fits the engine's window.

    Raises:
        ContextOverflowError: If one does not.
        EngineError: If the engine has to be asked and does not answer.
    """
    needed = max(options.tokens) + TAIL_TOKENS + options.answer_tokens
    if needed > engine.context_length:
        raise ContextOverflowError(engine.name, needed, engine.context_length)


def wake(engine: Engine, documents: Sequence[tuple[str, ParsedDocument]]) -> None:
    """Ask one small question that is not counted: models load and connections open with the first.

    Raises:
        EngineError: If it fails.
    """
    corpus = build_corpus(documents, WAKING_TOKENS, engine.tokenizer)
    prefix = corpus.salted()
    tail = next(corpus.tails(corpus.questions(), hints=False))
    try:
        ask(engine, Prompt(prefix, tail), SamplingParams(max_tokens=1))
    finally:
        engine.forget(prefix.family)


def measure_size(
    engine: Engine,
    documents: Sequence[tuple[str, ParsedDocument]],
    tokens: int,
    options: BenchOptions,
    *,
    comparison: Comparison | None = None,
    notify: Notify = lambda text: None,
) -> SizeResult:
    """Measure everything with a corpus of so many tokens.

    The questions are about the part of it that the smallest size of the options has too, so that
    every size is asked the same.

    Raises:
        EngineError: If a question fails that is not one of many in flight.
        InputError: If so few tokens hold no document.
    """
    corpus = build_corpus(documents, tokens, engine.tokenizer)
    smallest = build_corpus(documents, min(tokens, *options.tokens), engine.tokenizer)
    # The same tails for every way, made before any clock runs.
    asked = itertools.islice(smallest.questions(), _questions_in_all(options))
    tails = list(corpus.tails(asked, hints=options.hints))
    bench = _SizeBench(
        corpus, tails, options, lambda text: notify(f"{corpus.token_count:,} tokens, {text}")
    )
    ways = [bench.way("docqa", engine)]
    if comparison is not None:
        ways.append(
            Way("chat", skipped=comparison.chat_skipped)
            if comparison.chat is None
            else bench.way("chat", comparison.chat)
        )
        ways.append(
            Way("flushed", skipped=comparison.flush_skipped)
            if comparison.flush is None
            else bench.flushed(engine, comparison.flush)
        )
    return SizeResult(
        asked_tokens=tokens,
        tokens=corpus.token_count,
        exact=engine.tokenizer.exact,
        documents=len(corpus.segments),
        passages=len(corpus.passages),
        characters=sum(map(len, corpus.salted().read_text())),
        ways=tuple(ways),
    )


class _SizeBench:
    """Asks the same questions, each way over corpora of its own."""

    def __init__(
        self, corpus: Corpus, tails: Sequence[str], options: BenchOptions, notify: Notify
    ) -> None:
        self._corpus = corpus
        self._tails = tails
        self._options = options
        self._notify = notify
        self._params = SamplingParams(max_tokens=options.answer_tokens)

    def way(self, name: WayName, engine: Engine) -> Way:
        tails = iter(self._tails)
        first = next(tails)
        cold = []
        for number in range(1, self._options.cold_runs):
            self._notify(f"{name}: cold, {number} of {self._options.cold_runs}")
            with self._prefix(engine) as prefix:
                cold.append(self._ask(engine, prefix, first))
        with self._prefix(engine) as prefix:
            self._notify(f"{name}: cold, {self._options.cold_runs} of {self._options.cold_runs}")
            cold.append(self._ask(engine, prefix, first))
            self._notify(f"{name}: warm")
            warm = [
                self._ask(engine, prefix, tail)
                for tail in itertools.islice(tails, self._options.questions)
            ]
            levels = [
                self._level(engine, prefix, name, count, tails) for count in self._options.in_flight
            ]
        return Way(name, tuple(cold), tuple(warm), tuple(levels))

    def flushed(self, engine: Engine, flush: Callable[[], None]) -> Way:
        """The warm questions again, on a corpus that docqa has warmed and the server forgets."""
        first, *tails = self._tails[: 1 + self._options.questions]
        warm = []
        with self._prefix(engine) as prefix:
            self._notify("flushed: first question")
            self._ask(engine, prefix, first)
            for number, tail in enumerate(tails, 1):
                self._notify(f"flushed: {number} of {len(tails)}")
                flush()
                warm.append(self._ask(engine, prefix, tail))
        return Way("flushed", warm=tuple(warm))

    @contextmanager
    def _prefix(self, engine: Engine) -> Iterator[Prefix]:
        prefix = self._corpus.salted()
        try:
            yield prefix
        finally:
            engine.forget(prefix.family)

    def _level(
        self, engine: Engine, prefix: Prefix, name: WayName, in_flight: int, tails: Iterator[str]
    ) -> Level:
        asked = list(itertools.islice(tails, _questions_of(in_flight)))
        self._notify(f"{name}: {len(asked)} questions, {in_flight} in flight")

        def ask(tail: str) -> Asked | str:
            try:
                return self._ask(engine, prefix, tail)
            except EngineError as error:
                return str(error)

        begun = time.perf_counter()
        with ThreadPoolExecutor(in_flight, thread_name_prefix="bench") as pool:
            results = list(pool.map(ask, asked))
        return Level(
            in_flight,
            len(asked),
            time.perf_counter() - begun,
            tuple(result for result in results if isinstance(result, Asked)),
            tuple(result for result in results if isinstance(result, str)),
        )

    def _ask(self, engine: Engine, prefix: Prefix, tail: str) -> Asked:
        return ask(engine, Prompt(prefix, tail), self._params)


def ask(engine: Engine, prompt: Prompt, params: SamplingParams) -> Asked:
    """Ask one question and read its answer to the end.

    Raises:
        EngineError: As `Engine.stream`.
    """
    begun = time.perf_counter()
    first: float | None = None
    usage = Usage()
    for delta in engine.stream(prompt, params):
        if delta.text and first is None:
            first = time.perf_counter() - begun
        usage = delta.usage or usage
    total = time.perf_counter() - begun
    return Asked(
        first_token_s=total if first is None else first,
        total_s=total,
        prompt_tokens=usage.prompt_tokens,
        cached_tokens=usage.cached_tokens,
        completion_tokens=usage.completion_tokens,
        sent_tokens=usage.sent_tokens,
        sent_bytes=usage.sent_bytes,
        cache_miss=usage.cache_miss,
    )


def _questions_in_all(options: BenchOptions) -> int:
    return 1 + options.questions + sum(map(_questions_of, options.in_flight))


def _questions_of(in_flight: int) -> int:
    return max(LEAST_QUESTIONS, in_flight)
