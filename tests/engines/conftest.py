import json
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from docqa.engines.config import EngineConfig
from docqa.engines.openai_compatible import OpenAICompatibleEngine
from tests.engines.pretended import CharacterTokenizer


@pytest.fixture
def server(tmp_path: Path):
    """A pretended server: `paths` maps paths to answers, `requests` keeps what was asked."""
    state = SimpleNamespace(paths={}, requests=[])
    engines = []

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        state.requests.append(request)
        answer = state.paths.get(request.url.path)
        if answer is None:
            return httpx.Response(404, json={"error": {"message": "no such path"}})
        if callable(answer):
            return answer(request)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def engine(**settings) -> OpenAICompatibleEngine:
        given = {"model": "m", "base_url": "http://127.0.0.1:9/v1", "context_length": 4_000}
        config = EngineConfig("openai_compatible", tmp_path, **{**given, **settings})
        made = OpenAICompatibleEngine(
            config, CharacterTokenizer, transport=httpx.MockTransport(handle)
        )
        engines.append(made)
        return made

    state.engine = engine
    state.sent = lambda: json.loads(state.requests[-1].content)
    yield state
    for made in engines:
        made.close()
