import json
import re
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import tiktoken
from typer.testing import CliRunner

from docqa.bench.fake.sglang import FakeSGLang
from docqa.bench.gpu import __main__ as gpu
from docqa.bench.gpu.model import hugging_face_tokenizer, merges, scout_config, write_model
from docqa.bench.gpu.report import gpu_markdown
from docqa.bench.gpu.run import GpuBench, pool_of, without_keys
from docqa.bench.gpu.setup import LAUNCH_S, Configuration, GpuSetup, most_layers
from docqa.core.gpus import parse_gpus
from docqa.core.known_models import known_model
from docqa.core.model_shapes import shape_from_config
from docqa.engines.sglang.server_info import parse_server_info
from docqa.errors import ServerDiedError, ServingError
from docqa.settings import Settings
from docqa.tokenizers.llama import LLAMA4_PATTERN, ranks

SETUP = GpuSetup(parse_gpus("H200"), 8, (1_000, 3_000), ("fp8", "bf16"))
APP = gpu.typer.Typer()
APP.command()(gpu.main)


def test_the_written_shape_is_scouts():
    scout = known_model("scout").shape

    written = shape_from_config(scout_config(), name="scout")

    assert replace(written, other_parameters=scout.other_parameters) == scout
    assert written.hybrid_pool
    assert written.kv_bytes("bf16", written.layers) == 192 * 1024


def test_fewer_layers_keep_three_local_ones_for_each_global_one():
    shape = shape_from_config(scout_config(20))

    assert (shape.layers, shape.local_layers, shape.global_layers) == (20, 15, 5)


def test_the_vocabulary_written_for_sglang_encodes_as_llama_4s():
    # The first ranks of a vocabulary are a vocabulary too, one that is quickly converted.
    few = {token: rank for token, rank in ranks("llama4").items() if rank < 6_000}
    expected = tiktoken.Encoding(
        "few", pat_str=LLAMA4_PATTERN, mergeable_ranks=few, special_tokens={}
    )
    text = Path(gpu.__file__).read_text() + "\n\n  Größe, 数千 😀 DON'T 12345/678\t\n"

    made = hugging_face_tokenizer(few, size=6_010)

    assert made.encode(text, add_special_tokens=False).ids == expected.encode_ordinary(text)
    assert made.decode(expected.encode_ordinary(text)) == text
    assert made.decode([6_009], skip_special_tokens=True) == "<|reserved_6009|>"


def test_a_pair_is_what_was_joined_last():
    learned = {b"a": 0, b"b": 1, b"c": 2, b"ab": 3, b"bc": 4, b"abc": 5, b"abcab": 6}

    assert merges(learned) == [
        (b"a", b"b"),
        (b"b", b"c"),
        (b"ab", b"c"),
        (b"abc", b"ab"),
    ]


def test_a_model_directory_has_all_but_weights(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}")

    write_model(tmp_path, 8)

    config = json.loads((tmp_path / "config.json").read_text())
    assert config["architectures"] == ["Llama4ForConditionalGeneration"]
    assert config["text_config"]["num_hidden_layers"] == 8
    assert config["text_config"]["max_position_embeddings"] == 10_485_760
    assert "chat_template" in json.loads((tmp_path / "tokenizer_config.json").read_text())
    assert (tmp_path / "tokenizer.json").read_text() == "{}"


def test_as_many_layers_are_taken_as_fit():
    one, eight = parse_gpus("H200"), parse_gpus("8xH200")

    assert 4 <= most_layers(one, 1_048_576) < 48
    assert most_layers(eight, 1_048_576) == 48
    with pytest.raises(ServingError, match="not even 4 layers"):
        most_layers(parse_gpus("L4"), 1_048_576)


def test_no_server_needs_more_time_than_comparing_asks_for():
    configuration = Configuration("fp8", 1_048_576)

    plain, compared = (replace(SETUP, compare=compare) for compare in (False, True))

    assert plain.seconds(configuration) < compared.seconds(configuration)


@pytest.fixture
def server():
    with FakeSGLang(
        model="meta-llama/Llama-4-Scout-17B-16E-Instruct",
        api_key="secret",
        context_length=60_000,
        max_total_tokens=1_000_000,
    ) as fake:
        yield fake


class Lab:
    """A bench whose server is a fake, and what it was launched with."""

    def __init__(self, folder, server, *, setup=SETUP, budget_s=1e6, fails=""):
        self.launched = []
        self.clock = [0.0]
        self.fails = fails
        self._server = server
        self._folder = folder
        self.bench = GpuBench(
            setup=setup,
            out=folder / "results",
            model=folder / "model",
            port=30_100,
            serve=self.serve,
            budget_s=budget_s,
            now=lambda: self.clock[0],
            log=lambda: ("Loading weights", "KV Cache is allocated. #tokens: 5"),
            gpu="NVIDIA H200, 143771 MiB",
        )

    @contextmanager
    def serve(self, options):
        self.launched.append(options)
        if self.fails == options.kv:
            raise ServerDiedError("CUDA out of memory", "Take fewer layers.")
        yield Settings(
            home=self._folder / "home",
            engine="sglang",
            base_url=self._server.base_url,
            api_key="secret",
        )


@pytest.fixture
def quick(monkeypatch):
    """Few questions: what is tested is what becomes of the answers."""
    from docqa.bench.gpu import run

    options = run.BenchOptions
    monkeypatch.setattr(
        run, "BenchOptions", lambda **given: options(**{**given, "in_flight": (2,)})
    )


@pytest.mark.usefixtures("quick")
def test_each_precision_has_a_server_and_each_size_a_file(tmp_path, server):
    lab = Lab(tmp_path, server)

    results = lab.bench.run()

    assert [options.kv for options in lab.launched] == ["fp8", "bf16"]
    assert lab.launched[0].dummy
    assert [result["name"] for result in results] == [
        "fp8-1000",
        "fp8-3000",
        "bf16-1000",
        "bf16-3000",
    ]
    assert len(list((tmp_path / "results").glob("*.json"))) == 4
    first = results[0]
    assert first["log"] == ["KV Cache is allocated. #tokens: 5"]
    assert first["plan"]["prefill_s"] > 0
    assert first["report"]["sizes"][0]["corpus_cached_share"] == 1.0
    assert "secret" not in json.dumps(results)


@pytest.mark.usefixtures("quick")
def test_a_second_run_measures_what_is_missing_only(tmp_path, server):
    Lab(tmp_path, server, setup=replace(SETUP, kv=("fp8",))).bench.run()
    again = Lab(tmp_path, server)

    results = again.bench.run()

    assert [options.kv for options in again.launched] == ["bf16"]
    assert len(results) == 4


@pytest.mark.usefixtures("quick")
def test_what_would_take_longer_than_is_left_is_named(tmp_path, server):
    needed = LAUNCH_S + SETUP.seconds(Configuration("fp8", 1_000))
    lab = Lab(tmp_path, server, budget_s=needed + 1)
    lab.clock[0] = 5.0
    measured = lab.bench.serve

    @contextmanager
    def takes_long(options):
        with measured(options) as settings:
            lab.clock[0] += LAUNCH_S
            yield settings

    lab.bench.serve = takes_long
    results = lab.bench.run()

    assert [result["name"] for result in results] == ["fp8-1000", "fp8-3000"]
    assert set(lab.bench.skipped) == {"bf16-1000", "bf16-3000"}
    assert "were left" in lab.bench.skipped["bf16-1000"]


@pytest.mark.usefixtures("quick")
def test_a_server_that_does_not_start_is_told_and_tried_again_next_time(tmp_path, server):
    results = Lab(tmp_path, server, fails="fp8").bench.run()

    assert "CUDA out of memory" in results[0]["error"]
    assert [result["kv"] for result in results[1:]] == ["bf16", "bf16"]
    again = Lab(tmp_path, server)
    assert "report" in again.bench.run()[0]
    assert [options.kv for options in again.launched] == ["fp8"]


@pytest.mark.usefixtures("quick")
def test_the_report_has_measured_beside_planned(tmp_path, server):
    lab = Lab(tmp_path, server, fails="bf16")

    text = gpu_markdown(lab.bench.run(), {"bf16-3000": "the time was over"})

    said = " ".join(text.split())
    assert "on NVIDIA H200, 143771 MiB with SGLang" in said
    assert "8 of its 48 layers" in said
    assert "| KV | tokens | cold first token | planned |" in said.replace("-", "")
    assert re.search(r"\| fp8 \| (?:2,99\d|3,000) \|", said)  # made of whole passages
    assert "100.00%" in said
    assert "Failed: bf16-1000: " in said
    assert "Not measured: bf16-3000: the time was over." in said


def test_the_pool_is_read_from_what_the_server_says():
    def info(**memory):
        return parse_server_info({"internal_states": [{"memory_usage": memory}]}, {})

    assert pool_of(info(token_capacity_swa=98_304)) == "hybrid, 98,304 local tokens"
    assert pool_of(info(kvcache=12.5)) == "all layers"
    assert pool_of(None) == "unknown"


def test_a_servers_keys_are_not_kept():
    facts = {"api_key": "a", "admin_api_key": "b", "version": "0.5.23"}

    assert without_keys(facts) == {"version": "0.5.23"}


def test_a_dry_run_says_what_would_be_launched(tmp_path):
    work = tmp_path / "work"
    folder = work / "scout-shape-20-layers"
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text("{}")

    done = CliRunner().invoke(
        APP, ["--gpus", "H200", "--layers", "20", "--work", str(work), "--dry-run"]
    )

    assert done.exit_code == 0, done.output
    said = done.output.replace("\n", " ")
    assert said.count("--load-format dummy") == 2
    assert "--kv-cache-dtype fp8_e4m3" in said
    assert "1,048,576 tokens: prefill" in said
    assert not (tmp_path / "gpu-results").exists()


def test_gpus_that_are_not_known_are_said_to_be(tmp_path):
    done = CliRunner().invoke(APP, ["--gpus", "Voodoo2", "--dry-run"])

    assert done.exit_code == 1
    assert "Voodoo2" in done.output
