"""The engine against a real SGLang: what a question costs when its pack was read before."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from docqa.engines.base import SamplingParams, Turn
from docqa.engines.config import EngineConfig
from docqa.engines.sglang.engine import SGLangEngine
from docqa.errors import (
    ContextOverflowError,
    EngineKeyRefusedError,
    EngineUnavailableError,
)
from docqa.tokenizers.registry import tokenizer
from tests.sglang.conversation import SCHEMA
from tests.sglang.packs import Wire, answer, document, pack, question

SHORT = SamplingParams(max_tokens=4)
NATIVE = ("/server_info", "/model_info", "/generate", "/open_session", "/close_session")
AT_LEAST = 0.995
"""The share of a pack that is cached at its second question."""


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def engine(server, tmp_path, wire):
    config = EngineConfig("sglang", tmp_path, base_url=server.base_url, api_key=server.key)
    made = SGLangEngine(config, tokenizer, transport=wire)
    yield made
    made.close()


@pytest.fixture
def packed(engine):
    """Packs by the numbers of their documents, of 700 tokens each unless told."""

    def make(*numbers, tokens=700, salt=""):
        texts = [document(number, tokens, engine.tokenizer) for number in numbers]
        return pack(texts, engine.tokenizer, family="family", salt=salt)

    return make


def warm(engine, prefix):
    *_, last = engine.prefill(prefix)
    return last


def test_the_first_question_reads_the_pack_the_second_only_itself(engine, packed, wire):
    prefix = packed(1, 2)

    first = answer(engine, question(prefix, "What is said of the river?"), SHORT)
    second = answer(engine, question(prefix, "Where is the lantern?"), SHORT)

    assert engine.prefix_state(prefix).state == "hot"
    assert first.usage.cache_miss == "not warmed yet"
    assert second.usage.cache_miss == ""
    assert second.usage.cached_tokens >= AT_LEAST * prefix.token_count
    assert second.usage.prompt_tokens >= prefix.token_count + second.usage.sent_tokens
    assert wire.ids()[-1] == second.usage.sent_tokens < 200
    assert 0 < second.usage.completion_tokens <= 4


def test_a_warmed_pack_is_read_already_at_its_first_question(engine, packed):
    prefix = packed(3)

    progress = warm(engine, prefix)
    asked = answer(engine, question(prefix), SHORT)

    assert progress.done == progress.total >= prefix.token_count
    assert asked.usage.cached_tokens >= AT_LEAST * prefix.token_count
    assert asked.usage.cache_miss == ""


def test_what_is_sent_for_a_question_does_not_depend_on_the_pack(engine, packed):
    small, large = packed(4, tokens=750), packed(5, 6, tokens=2_850)
    sent = []

    for prefix in (small, large):
        warm(engine, prefix)
        sent.append(answer(engine, question(prefix), SHORT).usage.sent_bytes)

    assert small.token_count < 1_100
    assert large.token_count > 5_900
    assert sent[1] == pytest.approx(sent[0], rel=0.01)


def test_a_large_pack_is_read_in_steps_and_can_be_taken_up_again(engine, packed, wire):
    engine.step_tokens = 500
    prefix = packed(7, 8)
    steps = engine.prefill(prefix)

    next(progress for progress in steps if progress.done)
    steps.close()
    halfway = engine.prefix_state(prefix)
    before = len(wire.ids())
    last = warm(engine, prefix)

    assert halfway.state == "cold"
    assert 0 < halfway.done < halfway.total
    assert last.done == last.total
    *steps, whole = wire.ids()[before:]
    assert sum(steps) < whole == last.total
    assert answer(engine, question(prefix), SHORT).usage.cached_tokens >= prefix.token_count


def test_adding_a_document_sends_that_document_alone(engine, packed, wire):
    before, after = packed(9), packed(9, 10)
    warm(engine, before)
    sent = len(wire.ids())

    progress = warm(engine, after)
    grown = answer(engine, question(after), SHORT)
    older = answer(engine, question(before), SHORT)

    appended, *_ = wire.ids()[sent:]
    assert appended == after.token_count - before.token_count
    assert progress.done == progress.total
    assert grown.usage.cached_tokens >= AT_LEAST * after.token_count
    assert before.token_count <= older.usage.prompt_tokens < after.token_count
    assert older.usage.cached_tokens >= AT_LEAST * before.token_count


def test_a_session_that_the_server_has_dropped_is_opened_again(engine, packed, server):
    prefix = packed(11)
    warm(engine, prefix)
    with server.client() as client:
        for record in sorted(engine_records(engine)):
            client.post("/close_session", json={"session_id": record}).raise_for_status()

    again = answer(engine, question(prefix), SHORT)
    after = answer(engine, question(prefix, "And of the ledger?"), SHORT)

    assert again.usage.cache_miss == "the server has dropped the session"
    assert after.usage.cache_miss == ""
    assert after.usage.cached_tokens >= AT_LEAST * prefix.token_count


def engine_records(engine):
    """The sessions that the engine has on record."""
    paths = engine._folder.glob("family-*.json")
    records = [json.loads(path.read_text("utf-8")) for path in paths]
    return {root["session"] for record in records for root in record["roots"]}


def test_an_evicted_pack_is_read_again_and_said_to_be(engine, packed, server):
    prefix = packed(12)
    warm(engine, prefix)
    with server.client() as client:
        client.post("/flush_cache").raise_for_status()

    asked = answer(engine, question(prefix), SHORT)

    assert asked.usage.cached_tokens == 0
    assert asked.usage.cache_miss == "evicted from the server's cache"
    assert asked.text


def test_stop_ends_the_request_on_the_server(engine, packed, server):
    prefix = packed(13)
    warm(engine, prefix)
    deltas = engine.stream(question(prefix), SamplingParams(max_tokens=2_000))

    next(delta for delta in deltas if delta.text)
    deltas.close()

    assert server.becomes_idle()
    assert answer(engine, question(prefix), SHORT).usage.cache_miss == ""


def test_an_answer_follows_its_schema(engine, packed):
    params = SamplingParams(max_tokens=40, json_schema=SCHEMA)

    asked = answer(engine, question(packed(14)), params)

    assert list(json.loads(asked.text)) == ["yes"]
    assert asked.finish_reason == "stop"


def test_many_questions_at_once_share_the_pack(engine, packed):
    prefix = packed(15)
    warm(engine, prefix)

    def ask(number):
        return answer(engine, question(prefix, f"What is said in line {number}?"), SHORT)

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(ask, range(32)))

    assert all(each.usage.completion_tokens for each in answers)
    for each in answers:
        assert each.usage.cached_tokens >= AT_LEAST * prefix.token_count
        assert each.usage.cache_miss == ""


def test_one_stopped_question_does_not_hurt_the_others(engine, packed):
    prefix = packed(16)
    warm(engine, prefix)
    stopped = threading.Event()

    def stop_one():
        deltas = engine.stream(question(prefix, "Say it all."), SamplingParams(max_tokens=500))
        next(delta for delta in deltas if delta.text)
        deltas.close()
        stopped.set()

    with ThreadPoolExecutor(4) as pool:
        stopping = pool.submit(stop_one)
        others = [pool.submit(answer, engine, question(prefix, f"{n}?"), SHORT) for n in range(3)]
        stopping.result()
        answers = [each.result() for each in others]

    assert stopped.is_set()
    assert all(each.usage.completion_tokens for each in answers)


def test_earlier_turns_follow_the_pack(engine, packed):
    prefix = packed(17)
    warm(engine, prefix)
    turns = (Turn("user", "What is a ledger?"), Turn("assistant", "A book. [#17000]"))

    asked = answer(engine, question(prefix, "And who keeps it?", turns), SHORT)

    assert asked.usage.cached_tokens >= AT_LEAST * prefix.token_count


def test_workspaces_with_different_salts_share_nothing(engine, packed):
    mine, other = packed(18, salt="mine"), packed(18, salt="other")
    warm(engine, mine)

    cold = answer(engine, question(other), SHORT)
    hot = answer(engine, question(mine), SHORT)

    assert cold.usage.cache_miss == "not warmed yet"
    assert hot.usage.cached_tokens >= AT_LEAST * mine.token_count


def test_an_engine_that_starts_anew_goes_on_with_the_session(engine, packed, server, tmp_path):
    prefix = packed(19)
    warm(engine, prefix)
    config = EngineConfig("sglang", tmp_path, base_url=server.base_url, api_key=server.key)
    wire = Wire()
    another = SGLangEngine(config, tokenizer, transport=wire)

    asked = answer(another, question(prefix), SHORT)
    another.close()

    assert asked.usage.cached_tokens >= AT_LEAST * prefix.token_count
    assert wire.ids() == [asked.usage.sent_tokens]


def test_forgotten_prefixes_leave_nothing_behind(engine, packed, server):
    prefix = packed(20)
    warm(engine, prefix)
    [session] = engine_records(engine)

    engine.forget("family")

    assert engine.prefix_state(prefix).state == "cold"
    asked = {"input_ids": [5], "session_params": {"id": session}}
    with server.client() as client:
        assert "does not exist" in client.post("/generate", json=asked).text


def test_the_wrong_key_is_told_apart(server, tmp_path):
    config = EngineConfig("sglang", tmp_path, base_url=server.base_url, api_key="another")
    engine = SGLangEngine(config, tokenizer)

    with pytest.raises(EngineKeyRefusedError):
        _ = engine.context_length

    assert not engine.health().ok
    engine.close()


def test_a_prompt_beyond_the_window_is_refused_with_both_sizes(engine, packed, wire):
    prefix = packed(21, tokens=8_300)

    with pytest.raises(ContextOverflowError) as refused:
        answer(engine, question(prefix), SHORT)

    assert refused.value.needed > refused.value.available == 8_192
    assert wire.ids() == []


def test_a_refusal_for_length_by_the_server_is_the_same_error(engine, packed):
    prefix = packed(22)
    warm(engine, prefix)
    long = question(prefix, "harbour " * 7_500)
    engine._check_size = lambda needed, info: None

    with pytest.raises(ContextOverflowError):
        answer(engine, long, SHORT)


def test_a_proxy_without_native_endpoints_is_asked_over_v1(engine, packed, wire):
    wire.absent = NATIVE
    prefix = pack([document(23, 700, tokenizer("llama3"))], tokenizer("llama3"), family="family")

    first = answer(engine, question(prefix), SHORT)
    second = answer(engine, question(prefix, "And of the kettle?"), SHORT)

    assert first.usage.completion_tokens
    assert second.usage.cached_tokens > 500
    assert wire.ids() == [] or set(wire.ids()) == {0}


def test_a_server_that_is_down_is_told_apart(tmp_path):
    engine = SGLangEngine(
        EngineConfig("sglang", tmp_path, base_url="http://127.0.0.1:9"), tokenizer
    )

    with pytest.raises(EngineUnavailableError):
        _ = engine.context_length

    engine.close()
