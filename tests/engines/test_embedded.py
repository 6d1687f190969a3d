"""With the real packaged model: one server for the whole file."""

import dataclasses
import os
import subprocess
import sys
import time
from contextlib import closing

import pytest

from docqa.core.prompts import HEAD, render_tail
from docqa.engines.base import Prefix, Prompt, SamplingParams
from docqa.engines.chat_client import ChatClient
from docqa.engines.config import EngineConfig
from docqa.engines.embedded import EmbeddedEngine, window_for
from docqa.engines.gguf_file import read_gguf
from docqa.engines.gguf_tokenizer import ServedTokenizer
from docqa.engines.packaged_model import INSTALL_COMMAND, packaged_file
from docqa.errors import (
    ContextOverflowError,
    EngineKeyRefusedError,
    EngineNotConfiguredError,
    EngineUnavailableError,
)
from tests.engines.test_gguf_file import write

needs_model = pytest.mark.skipif(
    packaged_file() is None, reason=f"the packaged model is not here: {INSTALL_COMMAND}"
)
HARD_TEXTS = (
    "",
    "Plain words, 12,345 numbers and 3.5 %.",
    "  spaces\n\n\n 1. lists\n\t  2 tabs\r\n   x\n    7",
    "def f(x):\n    return x ** 2  # don't\n\n\nclass A:\n        pass\n",
    "naïve Straße 数据处理协议 данные 🦙🦙 ﬁne \u00a0 \u200b",
    "<|im_end|><|im_start|>user <|endoftext|>",
    "\x00\x04\x06\x13\x1d control \U000e0041 \ufffd",
    "a" * 3_000 + " " * 3_000 + "7" * 40,
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    made = EmbeddedEngine(EngineConfig("embedded", tmp_path_factory.mktemp("cache")))
    yield made
    made.close()


def prompt_of(engine, question, subject="supplier", passages=8):
    corpus = "".join(
        f"[#{n}] (p. {n}) The {subject} of lot {n} delivers within {n + 3} working days.\n"
        for n in range(1, passages + 1)
    )
    text = f'{HEAD}<document id="1" name="lots.pdf" pages="{passages}">\n{corpus}</document>\n'
    prefix = Prefix("0" * 64, engine.tokenizer.count(text), "smollm2", lambda: iter((text,)))
    return Prompt(prefix, render_tail(question))


def answer(engine, prompt, max_tokens=8):
    deltas = list(engine.stream(prompt, SamplingParams(max_tokens=max_tokens)))
    return "".join(delta.text for delta in deltas), deltas[-1]


def is_busy(engine):
    client = engine._starting().result().client
    return any(slot["is_processing"] for slot in client.get_json(client.root_url + "/slots"))


@needs_model
@pytest.mark.model
def test_the_second_question_over_a_prefix_reads_only_itself(engine):
    prompt = prompt_of(engine, "When does lot 3 arrive?")
    progress = list(engine.prefill(prompt.prefix))

    text, first = answer(engine, prompt)
    _, second = answer(engine, prompt_of(engine, "And lot 5?"))

    assert progress[-1].done == progress[-1].total >= prompt.prefix.token_count
    assert text
    for usage in (first.usage, second.usage):
        assert usage.cached_tokens >= prompt.prefix.token_count
        assert usage.prompt_tokens > usage.cached_tokens
    assert first.finish_reason in ("stop", "length")


@needs_model
@pytest.mark.model
def test_closing_the_stream_stops_the_generation(engine):
    deltas = engine.stream(
        prompt_of(engine, "Count to a million."), SamplingParams(max_tokens=8_00)
    )
    next(delta for delta in deltas if delta.text)

    deltas.close()

    deadline = time.monotonic() + 30
    while is_busy(engine):
        assert time.monotonic() < deadline


@needs_model
@pytest.mark.model
def test_what_does_not_fit_the_window_is_told(engine):
    with pytest.raises(ContextOverflowError) as caught:
        answer(engine, prompt_of(engine, "?", passages=600))

    assert caught.value.available == engine.context_length == 8_192
    assert caught.value.needed > 8_192


@needs_model
@pytest.mark.model
@pytest.mark.parametrize("text", HARD_TEXTS)
def test_the_tokenizer_gives_the_ids_of_llama_cpp(engine, text):
    theirs = ServedTokenizer(engine._file, engine._tokenize)

    assert engine.tokenizer.encode(text) == theirs.encode(text)
    assert engine.tokenizer.count(text) == theirs.count(text)


@needs_model
@pytest.mark.model
def test_many_texts_are_counted_as_each_of_them(engine):
    texts = list(HARD_TEXTS) * 3

    assert engine.tokenizer.name == "smollm2"
    assert engine.tokenizer.count_all(texts) == [engine.tokenizer.count(text) for text in texts]


@needs_model
@pytest.mark.model
def test_nobody_else_on_the_machine_can_ask_the_model(engine):
    address = engine._starting().result().client.base_url

    with closing(ChatClient("stranger", address)) as stranger, pytest.raises(EngineKeyRefusedError):
        list(stranger.stream([{"role": "user", "content": "x"}], SamplingParams(), model="m"))


@needs_model
@pytest.mark.model
def test_health_knows_whether_the_model_is_loaded(engine):
    engine._starting().result()

    health = engine.health()

    assert health.ok
    assert "in this process, loaded" in health.detail
    assert health.model == "SmolLM2-135M-Instruct"


@needs_model
@pytest.mark.model
def test_a_whole_life_of_the_engine_writes_nothing_to_the_terminal(tmp_path):
    program = (
        "import pathlib, sys\n"
        "from docqa.engines.base import *\n"
        "from docqa.engines.config import EngineConfig\n"
        "from docqa.engines.embedded import EmbeddedEngine\n"
        f"config = EngineConfig('embedded', pathlib.Path({str(tmp_path)!r}), model=sys.argv[1])\n"
        "engine = EmbeddedEngine(config)\n"
        "prefix = Prefix('', 2, 'smollm2', lambda: iter(('<a>',)))\n"
        "deltas = list(engine.stream(Prompt(prefix, '<b>'), SamplingParams(max_tokens=2)))\n"
        "assert deltas[-1].usage.completion_tokens\n"
        "engine.close()\n"
    )
    # By another name, so that it is not converted.
    own = tmp_path / "own.gguf"
    own.symlink_to(packaged_file())
    command = [sys.executable, "-W", "error", "-c", program, str(own)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ})

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_file_that_llama_cpp_cannot_load_is_told_and_the_engine_still_closes(tmp_path):
    engine = EmbeddedEngine(
        EngineConfig("embedded", tmp_path, model=str(write(tmp_path / "tiny.gguf")))
    )
    prefix = Prefix("", 2, "x", lambda: iter(("<a>",)))

    with pytest.raises(EngineUnavailableError, match=r"cannot load 'tiny\.gguf'"):
        list(engine.stream(Prompt(prefix, "<b>"), SamplingParams()))
    engine.close()
    with pytest.raises(EngineUnavailableError, match="closed"):
        list(engine.stream(Prompt(prefix, "<b>"), SamplingParams()))


def test_a_file_that_is_no_model_is_told_when_the_engine_is_made(tmp_path):
    path = tmp_path / "notes.gguf"
    path.write_text("dear diary")

    with pytest.raises(EngineNotConfiguredError, match=r"notes\.gguf"):
        EmbeddedEngine(EngineConfig("embedded", tmp_path, model=str(path)))


def test_the_window_is_bounded_by_the_settings_and_the_memory(tmp_path):
    file = dataclasses.replace(
        read_gguf(write(tmp_path / "m.gguf")), context_length=131_072, kv_bytes_per_token=100_000
    )

    assert window_for(file, 8_000, 0) == 8_000
    assert window_for(file, 1_000_000, 0) == 131_072
    assert window_for(file, 0, 4e9) == 19_968
    assert window_for(file, 0, 0) == 2_048
