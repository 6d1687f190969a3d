"""The same conversation over `/v1`: with SGLang, and with llama.cpp by its address."""

import pytest

from docqa.engines.base import SamplingParams, Turn
from docqa.engines.config import EngineConfig
from docqa.engines.embedded import EmbeddedEngine
from docqa.engines.openai_compatible import OpenAICompatibleEngine
from docqa.engines.packaged_model import packaged_file
from docqa.tokenizers.registry import tokenizer
from tests.sglang.packs import answer, document, pack, question

PARAMS = SamplingParams(max_tokens=8)


@pytest.fixture
def over_sglang(server, tmp_path):
    config = EngineConfig(
        "openai_compatible", tmp_path, base_url=f"{server.base_url}/v1", api_key=server.key
    )
    engine = OpenAICompatibleEngine(config, tokenizer)
    yield engine
    engine.close()


@pytest.fixture
def over_llama_cpp(tmp_path):
    assert packaged_file() is not None, "make test-sglang installs the packaged model"
    embedded = EmbeddedEngine(EngineConfig("embedded", tmp_path, context_length=4_096))
    client = embedded._starting().result().client
    config = EngineConfig(
        "openai_compatible",
        tmp_path,
        preset="llama_cpp",
        base_url=client.base_url,
        api_key=client._key,
    )
    engine = OpenAICompatibleEngine(config, tokenizer)
    yield engine
    engine.close()
    embedded.close()


@pytest.mark.parametrize("which", ["over_sglang", "over_llama_cpp"])
def test_a_conversation_finds_its_documents_cached(which, request):
    engine = request.getfixturevalue(which)
    counted = tokenizer("llama3")
    prefix = pack([document(31, 400, counted)], counted, family="")

    first = answer(engine, question(prefix, "What is said of the river?"), PARAMS)
    turns = (Turn("user", "What is said of the river?"), Turn("assistant", first.text or "-"))
    second = answer(engine, question(prefix, "And of the bridge?", turns), PARAMS)

    assert engine.health().ok
    assert first.usage.completion_tokens
    assert second.usage.completion_tokens
    assert second.usage.cached_tokens > 0.6 * second.usage.prompt_tokens
