import json
from dataclasses import replace
from pathlib import Path

import pytest

from docqa.bench.prefix.corpus import read_documents
from docqa.bench.prefix.measure import (
    LEAST_QUESTIONS,
    BenchOptions,
    Comparison,
    check_window,
    measure_size,
    wake,
)
from docqa.bench.prefix.results import Asked, Level, PrefixReport, SizeResult, Way
from docqa.core.answers import Usage
from docqa.engines.base import Delta
from docqa.engines.scripted import ScriptedEngine
from docqa.errors import ContextOverflowError, EngineResponseError, EngineUnavailableError
from docqa.tokenizers.registry import tokenizer

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
QUICK = BenchOptions(tokens=(1_000,), cold_runs=2, questions=3, in_flight=(1, 4))


class RecordingEngine(ScriptedEngine):
    """The scripted engine, its prompts and forgotten families kept, one question failing."""

    def __init__(self, *, dies_at: int = 0) -> None:
        super().__init__(tokenizer("llama4"))
        self.prompts = []
        self.forgotten = []
        self.dies_at = dies_at

    def stream(self, prompt, params):
        self.prompts.append(prompt)
        if len(self.prompts) == self.dies_at:
            raise EngineResponseError(self.name, "died, as the test asked")
        yield from super().stream(prompt, params)

    def forget(self, family):
        self.forgotten.append(family)


@pytest.fixture(scope="module")
def documents():
    return read_documents(SAMPLES)


def test_a_warm_question_finds_the_corpus_cached_and_a_cold_one_nothing_of_it(documents):
    size = measure_size(ScriptedEngine(tokenizer("llama4")), documents, 1_000, QUICK)

    way = size.way("docqa")
    assert [asked.cached_tokens for asked in way.cold] == [0, 0]
    assert len(way.warm) == 3
    # The scripted engine counts its cache in blocks of 512 characters.
    assert size.corpus_cached_share > 0.85
    assert [len(level.answered) for level in way.levels] == [LEAST_QUESTIONS, LEAST_QUESTIONS]
    assert size.ratios()["cold_to_warm"] > 0
    assert size.ratios()["questions_per_s_4_to_1"] > 0


def test_every_question_is_another_one_but_each_way_asks_the_same(documents):
    engine, chat = RecordingEngine(), RecordingEngine()

    measure_size(engine, documents, 1_000, QUICK, comparison=Comparison(chat=chat))

    asked = [prompt.tail for prompt in engine.prompts]
    assert asked[0] == asked[1], "cold questions are the same, over a corpus each"
    assert len(set(asked[1:])) == len(asked[1:])
    assert set(asked) == {prompt.tail for prompt in chat.prompts}
    prefixes = {prompt.prefix.hash for prompt in engine.prompts}
    assert prefixes.isdisjoint(prompt.prefix.hash for prompt in chat.prompts)


def test_every_size_is_asked_the_same(documents):
    engine = RecordingEngine()
    options = replace(QUICK, tokens=(1_000, 4_000), in_flight=())

    for tokens in options.tokens:
        measure_size(engine, documents, tokens, options)

    tails = [prompt.tail for prompt in engine.prompts]
    assert tails[: len(tails) // 2] == tails[len(tails) // 2 :]


def test_the_engine_forgets_every_corpus_also_when_a_question_fails(documents):
    engine = RecordingEngine()
    measure_size(engine, documents, 1_000, QUICK)
    dying = RecordingEngine(dies_at=2)

    with pytest.raises(EngineResponseError):
        measure_size(dying, documents, 1_000, QUICK)

    for each in (engine, dying):
        assert set(each.forgotten) == {prompt.prefix.family for prompt in each.prompts}


def test_a_question_that_fails_among_many_is_counted_and_the_others_are_answered(documents):
    engine = RecordingEngine(dies_at=QUICK.cold_runs + QUICK.questions + 2)

    size = measure_size(engine, documents, 1_000, QUICK)

    first = size.way("docqa").levels[0]
    assert len(first.answered) == LEAST_QUESTIONS - 1
    assert first.failures == ("scripted: died, as the test asked",)


def test_the_cache_is_flushed_before_each_question_but_the_first(documents):
    engine = RecordingEngine()
    before = []

    size = measure_size(
        engine,
        documents,
        1_000,
        replace(QUICK, in_flight=()),
        comparison=Comparison(
            chat_skipped="the engine sends chat messages itself",
            flush=lambda: before.append(len(engine.prompts)),
        ),
    )

    assert len(size.way("flushed").warm) == QUICK.questions
    assert before == [6, 7, 8], "two cold, three warm, one first question, then one after a flush"
    assert size.way("chat") is None
    assert size.ways[1].skipped == "the engine sends chat messages itself"


def test_hints_make_the_tail_longer(documents):
    with_hints, without = RecordingEngine(), RecordingEngine()

    for engine, hints in ((with_hints, True), (without, False)):
        measure_size(engine, documents, 2_000, replace(QUICK, hints=hints, in_flight=()))

    assert "<hints>" in with_hints.prompts[0].tail
    assert "<hints>" not in without.prompts[0].tail


def test_waking_an_engine_asks_one_question_and_forgets_it(documents):
    engine = RecordingEngine()

    wake(engine, documents)

    assert len(engine.prompts) == len(engine.forgotten) == 1


def test_a_window_that_is_too_small_is_said_before_anything_is_asked():
    engine = ScriptedEngine(tokenizer("llama4"), context_length=8_192)

    check_window(engine, BenchOptions(tokens=(1_000, 6_000)))
    with pytest.raises(ContextOverflowError):
        check_window(engine, BenchOptions(tokens=(1_000, 8_000)))


def test_an_answer_without_text_counts_until_its_end(documents):
    class Silent(ScriptedEngine):
        def stream(self, prompt, params):
            yield Delta()
            yield Delta(usage=Usage(prompt_tokens=10), finish_reason="stop")

    size = measure_size(Silent(tokenizer("llama4")), documents, 1_000, replace(QUICK, in_flight=()))

    asked = size.way("docqa").warm[0]
    assert asked.first_token_s == asked.total_s
    assert asked.cached_share is None
    assert size.corpus_cached_share is None


def test_an_engine_that_is_down_fails_the_run(documents):
    class Down(ScriptedEngine):
        def stream(self, prompt, params):
            raise EngineUnavailableError(self.name, "nobody there")

    with pytest.raises(EngineUnavailableError):
        measure_size(Down(tokenizer("llama4")), documents, 1_000, QUICK)


def asked(first: float, *, cached: int | None = 990, sent: int | None = 200) -> Asked:
    return Asked(first, first + 1, 1_000, cached, 16, 15, sent)


def result(*ways: Way) -> SizeResult:
    return SizeResult(1_000, 995, True, 3, 20, 4_000, ways)


def test_ratios_are_of_medians_and_missing_figures_give_none():
    docqa = Way(
        "docqa",
        cold=(asked(10.0), asked(30.0), asked(20.0)),
        warm=(asked(1.0), asked(2.0), asked(9.0)),
        levels=(
            Level(1, 8, 8.0, (asked(1.0),) * 8),
            Level(8, 8, 2.0, (asked(1.0),) * 8),
        ),
    )
    chat = Way("chat", warm=(asked(8.0, sent=40_000),))
    flushed = Way("flushed", skipped="there is no cache to flush")

    size = result(docqa, chat, flushed)

    assert size.ratios() == {
        "cold_to_warm": 10.0,
        "chat_to_docqa_warm": 4.0,
        "chat_to_docqa_bytes": 200.0,
        "questions_per_s_8_to_1": 4.0,
    }
    assert size.corpus_cached_share == 990 / 995
    uncounted = result(Way("docqa", warm=(asked(1.0, sent=None),)), chat)
    assert uncounted.ratios()["chat_to_docqa_bytes"] is None
    assert uncounted.ratios()["cold_to_warm"] is None


def test_a_report_survives_json():
    report = PrefixReport(
        date="2026-11-22T03:00:00Z",
        docqa_version="0.1.0",
        engine="sglang",
        model="m",
        address="http://127.0.0.1:30000",
        context_length=8_192,
        hints=False,
        answer_tokens=16,
        cold_runs=1,
        questions=1,
        in_flight=(1, 8),
        corpus="samples",
        client="2 cores",
        sizes=(
            result(
                Way(
                    "docqa",
                    cold=(asked(5.0),),
                    warm=(asked(1.0, cached=None),),
                    levels=(Level(8, 8, 2.0, (asked(1.0),), ("died",)),),
                )
            ),
        ),
        server={"version": "0.5.23"},
    )

    value = json.loads(json.dumps(report.to_json()))

    assert PrefixReport.from_json(value) == report
    assert value["sizes"][0]["medians"]["docqa"]["warm_first_token_s"] == 1.0
    assert value["sizes"][0]["ratios"]["cold_to_warm"] == 5.0
