import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from docqa.bench.fake.sglang import FakeSGLang
from docqa.bench.prefix.measure import BenchOptions
from docqa.bench.prefix.run import Target, opened_target, run_prefix_bench
from docqa.cli import cli
from docqa.engines.scripted import ScriptedEngine
from docqa.errors import (
    ContextOverflowError,
    EngineKeyRefusedError,
    EngineLeavesMachineError,
    EngineNotConfiguredError,
    EngineResponseError,
    EngineUnavailableError,
)
from docqa.settings import Settings
from docqa.tokenizers.registry import tokenizer

QUICK = BenchOptions(tokens=(1_000,), cold_runs=1, questions=2, in_flight=(2,))
FEW = ["--cold", "1", "--questions", "2", "--in-flight", "2", "--tokens", "1000"]


@pytest.fixture
def server():
    with FakeSGLang(
        model="meta-llama/Llama-4-Scout-17B-16E-Instruct",
        api_key="secret",
        context_length=60_000,
        max_total_tokens=1_000_000,
    ) as fake:
        yield fake


def settings_of(home: Path, address: str, *, engine: str = "sglang", key: str = "secret"):
    return Settings(home=home, engine=engine, base_url=address, api_key=key)


def test_sglang_is_measured_beside_chat_messages_and_a_flushed_cache(tmp_path, server):
    with opened_target(settings_of(tmp_path, server.base_url), compare=True) as target:
        report = run_prefix_bench(target, QUICK)

    docqa, chat, flushed = (report.sizes[0].way(name) for name in ("docqa", "chat", "flushed"))
    assert report.sizes[0].corpus_cached_share == 1.0
    assert {asked.cached_tokens for asked in flushed.warm} == {0}
    assert len(server.sent_to("/flush_cache")) == QUICK.questions
    assert len(server.sent_to("/v1/chat/completions")) == 1 + 1 + 2 + 8
    assert [each.sent_bytes for each in docqa.warm] == [
        each.byte_count for each in server.sent_to("/generate")[4:6]
    ]
    assert [each.sent_bytes for each in chat.warm] == [
        each.byte_count for each in server.sent_to("/v1/chat/completions")[2:4]
    ]
    assert chat.cold[0].cached_tokens < 100
    assert report.server["SGLang"]
    assert report.address == server.base_url


def test_the_server_keeps_no_session_of_a_run_and_the_disk_no_ids(tmp_path, server):
    with opened_target(settings_of(tmp_path, server.base_url)) as target:
        run_prefix_bench(target, QUICK)

    assert server.sessions == ()
    assert not list(tmp_path.rglob("*.ids"))


def test_a_chat_engine_is_not_compared_with_itself(tmp_path, server):
    settings = settings_of(tmp_path, f"{server.base_url}/v1", engine="openai_compatible")

    with opened_target(settings, compare=True) as target:
        assert target.comparison.chat is None
        assert target.comparison.chat_skipped == "the engine sends chat messages itself"
        assert target.comparison.flush is not None


def test_a_server_that_cannot_empty_its_cache_is_said_to(tmp_path, server):
    server.native = False

    with opened_target(settings_of(tmp_path, server.base_url), compare=True) as target:
        assert target.comparison.flush is None
        assert target.comparison.flush_skipped
        assert target.server == {}


def test_a_cache_that_is_not_emptied_fails_the_run(tmp_path, server):
    with opened_target(settings_of(tmp_path, server.base_url), compare=True) as target:
        server.native = False
        with pytest.raises(EngineResponseError, match="did not empty its cache"):
            target.comparison.flush()


def test_the_extractive_reader_has_nothing_to_measure(tmp_path):
    with (
        pytest.raises(EngineNotConfiguredError, match="nothing to measure"),
        opened_target(Settings(home=tmp_path, engine="extractive")),
    ):
        pass


def test_another_machine_is_asked_only_if_allowed(tmp_path):
    settings = Settings(home=tmp_path, engine="sglang", base_url="https://gpu.example:30000")

    with pytest.raises(EngineLeavesMachineError), opened_target(settings, allow_remote=False):
        pass


def test_a_server_that_is_down_or_refuses_the_key_is_said_at_once(tmp_path, server):
    wrong = settings_of(tmp_path, server.base_url, key="wrong")
    with pytest.raises(EngineKeyRefusedError), opened_target(wrong):
        pass
    address = server.base_url
    server.stop()

    with pytest.raises(EngineUnavailableError), opened_target(settings_of(tmp_path, address)):
        pass


def test_a_window_that_is_too_small_is_said_before_anything_is_asked():
    engine = ScriptedEngine(tokenizer("llama4"), context_length=2_000)

    with pytest.raises(ContextOverflowError):
        run_prefix_bench(Target(engine), QUICK)


def run(home: Path, *arguments: str):
    return CliRunner(env={"DOCQA_HOME": str(home), "DOCQA_API_KEY": "secret"}).invoke(
        cli, ["bench", "prefix", *FEW, *arguments]
    )


def test_the_command_prints_json_and_draws(tmp_path, server):
    engine = ["--engine", "sglang", "--base-url", server.base_url]
    picture = tmp_path / "prefix.png"

    done = run(tmp_path, *engine, "--compare", "--json", "--hints", "--plot", str(picture))

    assert done.exit_code == 0, done.output
    value = json.loads(done.stdout)
    assert value["hints"] is True
    assert value["sizes"][0]["ratios"]["chat_to_docqa_warm"] > 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_command_prints_tables_for_the_engine_in_force(tmp_path, server):
    done = CliRunner(
        env={
            "DOCQA_HOME": str(tmp_path),
            "DOCQA_ENGINE": "sglang",
            "DOCQA_BASE_URL": server.base_url,
            "DOCQA_API_KEY": "secret",
        }
    ).invoke(cli, ["bench", "prefix", *FEW])

    assert done.exit_code == 0, done.output
    assert "| 1,000 |" in done.stdout.replace("  ", " ")
    assert "Hints off" in " ".join(done.stdout.split())


def test_an_address_without_an_engine_is_wrong_usage(tmp_path):
    done = run(tmp_path, "--base-url", "http://127.0.0.1:9")

    assert done.exit_code == 2


def test_a_folder_of_ones_own_is_measured(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("The pump needs 14 litres of oil every 300 hours. " * 40)

    report = run_prefix_bench(Target(ScriptedEngine(tokenizer("llama4"))), QUICK, folder)

    assert report.corpus == "1 document in 'mine' and changed copies"
