"""A server that dies and comes back: the next question succeeds by itself."""

import pytest

from docqa.engines.base import SamplingParams
from docqa.engines.config import EngineConfig
from docqa.engines.sglang.engine import SGLangEngine
from docqa.errors import EngineError, EngineUnavailableError
from docqa.tokenizers.registry import tokenizer
from tests.sglang.packs import answer, document, pack, question

SHORT = SamplingParams(max_tokens=4)


def test_a_restarted_server_is_asked_as_before(server, tmp_path):
    config = EngineConfig("sglang", tmp_path, base_url=server.base_url, api_key=server.key)
    engine = SGLangEngine(config, tokenizer)
    prefix = pack([document(41, 700, engine.tokenizer)], engine.tokenizer, family="family")
    before = answer(engine, question(prefix), SHORT)

    deltas = engine.stream(question(prefix), SamplingParams(max_tokens=500))
    next(delta for delta in deltas if delta.text)
    server.kill()
    with pytest.raises(EngineError):
        list(deltas)
    with pytest.raises(EngineUnavailableError):
        answer(engine, question(prefix), SHORT)
    server.start()
    after = answer(engine, question(prefix), SHORT)
    again = answer(engine, question(prefix, "And of the candle?"), SHORT)
    engine.close()

    assert after.text == before.text
    assert after.usage.cache_miss == "the server was restarted"
    assert again.usage.cache_miss == ""
    assert again.usage.cached_tokens >= 0.995 * prefix.token_count
