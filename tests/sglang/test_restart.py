"""`docqa serve` with a real SGLang: it is found, dies, comes back, and is asked as before."""

import os
import signal
import threading

import psutil
import pytest

from docqa.bootstrap import build_app
from docqa.engines.base import SamplingParams
from docqa.errors import EngineError, EngineUnavailableError
from docqa.services.serving.options import ServeOptions
from docqa.services.serving.service import ServingService
from docqa.settings import Settings
from tests.sglang.packs import answer, document, pack, question
from tests.sglang.server import (
    CONTEXT_LENGTH,
    ENVIRONMENT,
    STARTS_WITHIN_S,
    STOPS_WITHIN_S,
    free_port,
)

SHORT = SamplingParams(max_tokens=4)
ON_A_CPU = (
    *("--device", "cpu", "--dtype", "float32", "--max-total-tokens", "20000"),
    *("--attention-backend", "torch_native", "--sampling-backend", "pytorch"),
)


@pytest.fixture
def settings(sglang_environment, tmp_path, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return Settings(
        home=tmp_path / "home",
        engine="sglang",
        serve_python=str(sglang_environment.python),
        serve_port=free_port(),
        workers=1,
    )


@pytest.fixture
def serving(settings, sglang_environment):
    """The service, with its server on the way to be ready."""
    service = ServingService(settings, detect=lambda: None)
    model = str(sglang_environment.model)
    service.start(ServeOptions(model=model, context_length=CONTEXT_LENGTH, extra=ON_A_CPU))
    yield service
    service.stop(STOPS_WITHIN_S)
    service.stop(STOPS_WITHIN_S)


@pytest.fixture
def engine(settings):
    app = build_app(settings)
    yield app.engines.engine()
    app.close()


def restarted(serving, before):
    """The state once another process answers than before."""
    pause = threading.Event()
    for _ in range(STARTS_WITHIN_S * 4):
        state = serving.state()
        if state.status in {"failed", "stopped"} or (
            state.status == "ready" and state.pid != before.pid
        ):
            return state
        pause.wait(0.25)
    raise AssertionError(f"not restarted: {serving.log_tail()}")


def test_a_server_that_dies_comes_back_and_the_next_question_succeeds(serving, engine):
    with pytest.raises(EngineUnavailableError):
        _ = engine.context_length
    ready = serving.wait(STARTS_WITHIN_S)
    assert ready.status == "ready", serving.log_tail()
    prefix = pack([document(41, 700, engine.tokenizer)], engine.tokenizer, family="family")
    before = answer(engine, question(prefix), SHORT)

    deltas = engine.stream(question(prefix), SamplingParams(max_tokens=500))
    next(delta for delta in deltas if delta.text)
    os.kill(ready.pid, signal.SIGKILL)
    with pytest.raises(EngineError):
        list(deltas)
    with pytest.raises(EngineUnavailableError):
        answer(engine, question(prefix), SHORT)
    again = restarted(serving, ready)
    after = answer(engine, question(prefix), SHORT)
    warm = answer(engine, question(prefix, "And of the candle?"), SHORT)

    assert (again.status, again.restarts) == ("ready", 1)
    assert after.text == before.text
    assert after.usage.cache_miss == "the server was restarted"
    assert warm.usage.cache_miss == ""
    assert warm.usage.cached_tokens >= 0.995 * prefix.token_count
    assert serving.stop(STOPS_WITHIN_S).status == "stopped"
    assert not psutil.pid_exists(again.pid)
