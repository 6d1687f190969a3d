import itertools
import re
import threading

import pytest

from docqa.core.prompts import HEAD, NOT_FOUND_SENTENCE
from docqa.engines.base import PROMPT_TRUNCATED, PrefillProgress, SamplingParams
from docqa.engines.scripted import ScriptedEngine
from docqa.errors import ContextOverflowError, EngineResponseError, EngineUnavailableError
from tests.engines.pretended import CORPUS, CharacterTokenizer, prompt_of

QUESTION = "When must the processor notify a breach?"


@pytest.fixture
def engine():
    made = ScriptedEngine(CharacterTokenizer())
    yield made
    made.close()


def answer(engine, question=QUESTION, params=None, **prompt):
    deltas = list(engine.stream(prompt_of(question, **prompt), params or SamplingParams()))
    return "".join(delta.text for delta in deltas), deltas[-1]


def test_it_copies_the_best_sentence_with_its_label(engine):
    text, last = answer(engine)

    assert text.startswith(
        "The processor shall notify the controller within 72 hours of a breach [#1]."
    )
    assert last.finish_reason == "stop"


def test_it_answers_the_same_every_time(engine):
    assert answer(engine)[0] == answer(engine)[0]


def test_it_streams_word_by_word(engine):
    deltas = [delta.text for delta in engine.stream(prompt_of(QUESTION), SamplingParams())]

    assert deltas[:3] == ["The", " processor", " shall"]


def test_it_keeps_to_the_scope(engine):
    text, _ = answer(engine, "Which data is deleted or encrypted?", scope=["policy.md"])

    assert set(re.findall(r"\[#(\d+)\]", text)) == {"3"}


def test_escaped_text_is_answered_as_it_was(engine):
    corpus = HEAD + CORPUS.replace("72 hours", r"72 <\document hours")

    assert "72 <document hours" in answer(engine, corpus=corpus)[0]


def test_a_question_about_nothing_there_is_not_found(engine):
    assert answer(engine, "Zebras?")[0] == NOT_FOUND_SENTENCE
    assert answer(engine, QUESTION + " @notfound")[0] == NOT_FOUND_SENTENCE


def test_it_counts_what_it_has_seen_before_as_cached(engine):
    _, cold = answer(engine)
    _, warm = answer(engine, "What is deleted?")

    assert cold.usage.cached_tokens == 0
    assert 0 < warm.usage.cached_tokens <= len(HEAD + CORPUS) / 4
    assert warm.usage.prompt_tokens > warm.usage.cached_tokens


def test_prefilling_makes_the_first_question_warm(engine):
    progress = list(engine.prefill(prompt_of().prefix))
    _, last = answer(engine)

    total = -(-len(HEAD + CORPUS) // 4)
    assert progress[0] == PrefillProgress(0, total, 0)
    assert progress[-1] == PrefillProgress(total, total, 0)
    assert last.usage.cached_tokens > 0


def test_it_dies_in_mid_answer_when_asked_to(engine):
    came = []

    with pytest.raises(EngineResponseError):
        came.extend(engine.stream(prompt_of(QUESTION + " @die"), SamplingParams()))

    assert came


def test_it_is_down_when_asked_to_be(engine):
    with pytest.raises(EngineUnavailableError):
        answer(engine, "@down")


def test_it_refuses_a_prompt_that_does_not_fit():
    small = ScriptedEngine(CharacterTokenizer(), context_length=100)

    with pytest.raises(ContextOverflowError):
        answer(small)


def test_labels_can_be_garbage_missing_or_invented(engine):
    garbage, uncited, invented = (
        answer(engine, f"{QUESTION} {directive}")[0]
        for directive in ("@garbage", "@uncited", "@invented")
    )

    assert "[#1000001]" in garbage
    assert garbage.endswith("[#12")
    assert "[#" not in uncited
    assert "72 hours" in uncited
    assert "9,731" in invented


@pytest.mark.parametrize(
    ("question", "params", "reason"),
    [
        (QUESTION + " @truncated", SamplingParams(), "length"),
        (QUESTION, SamplingParams(max_tokens=3), "length"),
        (QUESTION + " @cut", SamplingParams(), PROMPT_TRUNCATED),
    ],
)
def test_it_ends_as_it_is_asked_to(engine, question, params, reason):
    assert answer(engine, question, params)[1].finish_reason == reason


def test_a_long_answer_is_long(engine):
    text, _ = answer(engine, QUESTION + " @long", SamplingParams(max_tokens=10_000))

    assert len(text.split()) >= 2_000


def test_a_stalled_answer_can_be_closed(engine):
    deltas = engine.stream(prompt_of(QUESTION + " @stall"), SamplingParams())

    silence = list(itertools.islice(deltas, 2))
    deltas.close()

    assert not any(delta.text for delta in silence)


def test_closing_the_engine_ends_its_waits():
    engine = ScriptedEngine(CharacterTokenizer(), words_per_s=0.001)
    deltas = engine.stream(prompt_of(QUESTION + " @prefill"), SamplingParams())
    first = next(deltas)
    came = []
    reader = threading.Thread(target=lambda: came.extend(deltas))
    reader.start()

    engine.close()
    reader.join(30)

    assert first.progress is not None
    assert came[-1].finish_reason == "stop"
