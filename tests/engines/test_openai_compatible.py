import json

import httpx
import pytest

from docqa.core.answers import Usage
from docqa.core.prompts import HEAD
from docqa.engines.base import PROMPT_TRUNCATED, PrefillProgress, SamplingParams
from docqa.engines.config import EngineConfig
from docqa.engines.openai_compatible import OpenAICompatibleEngine
from docqa.errors import (
    ContextOverflowError,
    EngineKeyRefusedError,
    EngineNotConfiguredError,
    EngineResponseError,
    EngineTimeoutError,
    EngineUnavailableError,
)
from tests.engines.pretended import CharacterTokenizer, chunk, event_stream, prompt_of, usage_chunk

CHAT = "/v1/chat/completions"
PROMPT = prompt_of()
ENOUGH = PROMPT.prefix.token_count + 100


def answer(engine, prompt=PROMPT, params=None):
    deltas = list(engine.stream(prompt, params or SamplingParams()))
    return "".join(delta.text for delta in deltas), deltas[-1]


def test_an_answer_streams_and_ends_with_its_usage(server):
    server.paths[CHAT] = event_stream(
        chunk("Within "), chunk("72 hours [#1]."), chunk(finish_reason="stop"), usage_chunk(ENOUGH)
    )

    text, last = answer(server.engine())

    assert text == "Within 72 hours [#1]."
    assert last.usage == Usage(ENOUGH, None, 2, sent_bytes=last.usage.sent_bytes)
    assert last.finish_reason == "stop"


@pytest.mark.parametrize(
    "more",
    [
        {"prompt_tokens_details": {"cached_tokens": 70}},
        {"prompt_cache_hit_tokens": 70},
        {"prompt_tokens_details": {}, "cached_tokens": 70},
    ],
)
def test_cached_tokens_are_read_from_the_usage(server, more):
    server.paths[CHAT] = event_stream(chunk("a", finish_reason="stop"), usage_chunk(ENOUGH, **more))

    _, last = answer(server.engine())

    assert last.usage.cached_tokens == 70


def test_cached_tokens_are_read_from_the_timings_of_llama_cpp(server):
    told = {**usage_chunk(ENOUGH), "timings": {"cache_n": 70}}
    server.paths[CHAT] = event_stream(chunk("a", finish_reason="stop"), told)

    _, last = answer(server.engine(preset="llama_cpp"))

    assert last.usage.cached_tokens == 70


def test_the_request_holds_what_was_asked_for(server):
    server.paths[CHAT] = event_stream(chunk("{}", finish_reason="stop"))
    schema = {"type": "object"}
    params = SamplingParams(0.5, 9, seed=7, stop=("END",), json_schema=schema)

    answer(server.engine(), params=params)

    sent = server.sent()
    assert sent["stream_options"] == {"include_usage": True}
    assert (sent["model"], sent["temperature"], sent["max_tokens"]) == ("m", 0.5, 9)
    assert (sent["seed"], sent["stop"]) == (7, ["END"])
    assert sent["response_format"]["json_schema"]["schema"] == schema


def test_nothing_of_the_machine_is_told_to_the_server(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-program")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-program")
    server.paths[CHAT] = event_stream(chunk("a", finish_reason="stop"))

    answer(server.engine())

    headers = server.requests[-1].headers
    assert "authorization" not in headers
    assert headers["user-agent"] == "docqa"
    assert not [name for name in headers if name.startswith(("x-stainless", "openai"))]


def test_the_key_is_sent_to_the_server(server):
    server.paths[CHAT] = event_stream(chunk("a", finish_reason="stop"))

    answer(server.engine(api_key="sk-mine"))

    assert server.requests[-1].headers["authorization"] == "Bearer sk-mine"


def test_a_server_without_stream_options_is_asked_again_without(server):
    def picky(request):
        if "stream_options" in json.loads(request.content):
            return httpx.Response(400, json={"error": "unknown field stream_options"})
        return event_stream(chunk("a", finish_reason="stop"))

    server.paths[CHAT] = picky

    text, last = answer(server.engine())

    assert text == "a"
    assert last.usage == Usage()


def test_a_prompt_that_the_server_cut_silently_is_told(server):
    server.paths[CHAT] = event_stream(
        chunk("a", finish_reason="stop"), usage_chunk(PROMPT.prefix.token_count // 2)
    )

    _, last = answer(server.engine())

    assert last.finish_reason == PROMPT_TRUNCATED


def test_a_prompt_that_fills_the_window_to_the_brim_was_cut(server):
    server.paths["/api/ps"] = {"models": [{"name": "m", "context_length": ENOUGH}]}
    server.paths[CHAT] = event_stream(chunk("a", finish_reason="stop"), usage_chunk(ENOUGH))

    _, last = answer(server.engine(preset="ollama"))

    assert last.finish_reason == PROMPT_TRUNCATED


def test_a_server_that_does_not_count_is_not_accused(server):
    server.paths[CHAT] = event_stream(chunk("a", finish_reason="stop"))

    _, last = answer(server.engine())

    assert last.finish_reason == "stop"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_without_the_key(server, status):
    said = {"error": {"message": "Incorrect API key provided: sk-secret"}}
    server.paths[CHAT] = httpx.Response(status, json=said)

    with pytest.raises(EngineKeyRefusedError) as caught:
        answer(server.engine(api_key="sk-secret"))

    assert "sk-secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_key_that_a_server_repeats_is_not_shown(server):
    server.paths[CHAT] = httpx.Response(500, text="exception with Bearer sk-secret")

    with pytest.raises(EngineResponseError) as caught:
        answer(server.engine(api_key="sk-secret"))

    assert "sk-secret" not in str(caught.value)
    assert "HTTP 500" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "error", "needed", "available"),
    [
        (
            400,
            "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens"
            " (8000 in the messages, 1000 in the completion).",
            9_000,
            8_192,
        ),
        (
            400,
            {"message": "too long", "n_prompt_tokens": 24_012, "n_ctx": 8_192, "code": 400,
             "type": "exceed_context_size_error"},
            24_012,
            8_192,
        ),
        (413, "Request too large", 0, 0),
        (422, "prompt is too long: 9,100 tokens > 8,192 maximum", 9_100, 8_192),
        (400, "Please reduce the length of the messages", 0, 0),
    ],
)  # fmt: skip
def test_a_prompt_that_does_not_fit_is_told_as_such(server, status, error, needed, available):
    server.paths[CHAT] = httpx.Response(status, json={"error": error})

    with pytest.raises(ContextOverflowError) as caught:
        answer(server.engine())

    assert (caught.value.needed, caught.value.available) == (needed, available)
    assert "select mode" in caught.value.hint


def test_an_unknown_model_is_told_with_those_the_server_has(server):
    server.paths[CHAT] = httpx.Response(404, json={"error": {"message": "model not found"}})
    server.paths["/v1/models"] = {"data": [{"id": "llama3.2:3b"}, {"id": "llama4:scout"}]}

    with pytest.raises(EngineResponseError, match=r"'m'; it has: llama3\.2:3b, llama4:scout"):
        answer(server.engine())


def test_an_address_without_the_interface_is_told(server):
    with pytest.raises(EngineResponseError) as caught:
        answer(server.engine())

    assert "/v1" in caught.value.hint


def test_a_redirect_is_not_followed(server):
    elsewhere = {"location": "http://example.com/v1/chat/completions"}
    server.paths[CHAT] = httpx.Response(307, headers=elsewhere)

    with pytest.raises(EngineResponseError, match="redirects elsewhere"):
        answer(server.engine())

    assert {request.url.host for request in server.requests} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (httpx.ConnectError("Connection refused"), EngineUnavailableError),
        (httpx.ConnectTimeout("too slow"), EngineUnavailableError),
        (httpx.ReadTimeout("too slow"), EngineTimeoutError),
    ],
)
def test_a_server_that_does_not_answer_is_told_with_its_address(server, raised, expected):
    def fail(_):
        raise raised

    server.paths[CHAT] = fail

    with pytest.raises(expected, match=r"127\.0\.0\.1:9"):
        answer(server.engine())


def test_a_preset_tells_how_its_server_is_started(server):
    def fail(_):
        raise httpx.ConnectError("Connection refused")

    server.paths[CHAT] = fail

    with pytest.raises(EngineUnavailableError) as caught:
        answer(server.engine(preset="ollama"))

    assert "ollama serve" in caught.value.hint


@pytest.mark.parametrize("status", [429, 500, 502])
def test_other_refusals_are_told_with_what_the_server_said(server, status):
    server.paths[CHAT] = httpx.Response(status, json={"error": {"message": "out of coffee"}})

    with pytest.raises(EngineResponseError, match="out of coffee"):
        answer(server.engine())


def test_a_server_that_still_loads_its_model_is_not_ready(server):
    server.paths[CHAT] = httpx.Response(503, json={"error": {"message": "Loading model"}})

    with pytest.raises(EngineUnavailableError, match="Loading model"):
        answer(server.engine())


@pytest.mark.parametrize("done", [True, False])
def test_an_answer_that_ends_in_the_middle_is_an_error_and_keeps_what_came(server, done):
    server.paths[CHAT] = event_stream(chunk("Within "), done=done)
    came = []

    with pytest.raises(EngineResponseError, match="before it was complete"):
        came.extend(server.engine().stream(PROMPT, SamplingParams()))

    assert "".join(delta.text for delta in came) == "Within "


def test_a_connection_that_breaks_in_mid_answer_is_an_error(server):
    def broken():
        yield event_stream(chunk("Within "), done=False).content
        raise httpx.ReadError("Connection reset by peer")

    server.paths[CHAT] = lambda _: httpx.Response(
        200, headers={"content-type": "text/event-stream"}, content=broken()
    )

    with pytest.raises(EngineResponseError, match="mid-answer"):
        answer(server.engine())


def test_an_error_inside_the_stream_is_an_error(server):
    server.paths[CHAT] = event_stream(chunk("a"), {"error": {"message": "slot was evicted"}})

    with pytest.raises(EngineResponseError, match="slot was evicted"):
        answer(server.engine())


def test_a_stream_of_something_else_is_an_error(server):
    server.paths[CHAT] = httpx.Response(
        200, headers={"content-type": "text/event-stream"}, text="data: <html>\n\n"
    )

    with pytest.raises(EngineResponseError):
        answer(server.engine())


def test_prefilling_tells_how_far_the_server_is(server):
    read = [{"total": 90, "cache": 10, "processed": n, "time_ms": 1} for n in (10, 90)]
    server.paths[CHAT] = event_stream(
        *(chunk(prompt_progress=each) for each in read),
        chunk("a", finish_reason="length"),
        usage_chunk(90, prompt_tokens_details={"cached_tokens": 10}),
    )

    progress = list(server.engine(preset="llama_cpp").prefill(PROMPT.prefix))

    assert PrefillProgress(10, 90, 10) in progress
    assert progress[-1] == PrefillProgress(90, 90, 10)
    assert server.sent()["max_tokens"] == 1
    assert server.sent()["messages"][0]["content"].startswith(HEAD)


def test_the_only_model_of_a_server_is_taken(server):
    server.paths["/v1/models"] = {"data": [{"id": "the-one"}]}
    server.paths[CHAT] = event_stream(chunk("a", finish_reason="stop"))
    engine = server.engine(model="", preset="vllm")

    answer(engine)

    assert engine.model == "the-one"


def test_of_several_models_one_has_to_be_chosen(server):
    server.paths["/v1/models"] = {"data": [{"id": "a"}, {"id": "b"}]}

    with pytest.raises(EngineNotConfiguredError, match="it has: a, b"):
        answer(server.engine(model="", preset="vllm"))


@pytest.mark.parametrize(
    ("model", "vocabulary"),
    [
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", "llama4"),
        ("llama4:scout", "llama4"),
        ("llama3.2:3b", "llama3"),
        ("Meta-Llama-3.1-8B-Instruct", "llama3"),
        ("qwen3:8b", "estimate"),
    ],
)
def test_llama_models_are_counted_by_their_own_vocabulary(server, model, vocabulary):
    assert server.engine(model=model).tokenizer.name == vocabulary


def test_health_names_server_model_and_window(server):
    server.paths["/v1/models"] = {"data": [{"id": "m", "max_model_len": 3_000}]}

    health = server.engine(preset="vllm").health()

    assert health.ok
    assert (health.model, health.context_length, health.models) == ("m", 3_000, ("m",))
    assert "vLLM" in health.detail


def test_health_tells_that_the_chosen_model_is_not_there(server):
    server.paths["/v1/models"] = {"data": [{"id": "other"}]}

    health = server.engine().health()

    assert not health.ok
    assert "it has: other" in health.detail


def test_health_of_a_server_that_is_down_is_no_exception(server):
    def fail(_):
        raise httpx.ConnectError("Connection refused")

    server.paths["/v1/models"] = fail

    health = server.engine(preset="lm_studio").health()

    assert not health.ok
    assert "Developer tab" in health.hint


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"base_url": "", "preset": "other"}, "address is not set"),
        ({"base_url": "ftp://127.0.0.1/v1"}, "not the address"),
        ({"base_url": "http://name:word@127.0.0.1/v1"}, "DOCQA_API_KEY"),
        ({"preset": "no such"}, "there are: ollama"),
        ({"preset": "groq"}, "needs a key"),
    ],
)
def test_wrong_settings_are_told_when_the_engine_is_made(tmp_path, settings, message):
    config = EngineConfig("openai_compatible", tmp_path, **settings)

    with pytest.raises(EngineNotConfiguredError, match=message):
        OpenAICompatibleEngine(config, CharacterTokenizer)


def test_a_local_preset_at_another_address_leaves_the_machine(server):
    assert not server.engine(preset="ollama").leaves_machine
    assert server.engine(preset="ollama", base_url="http://10.0.0.5:11434/v1").leaves_machine


def test_the_key_is_not_in_the_configuration_as_shown(tmp_path):
    config = EngineConfig("openai_compatible", tmp_path, api_key="sk-secret")

    assert "sk-secret" not in repr(config)
