import json

import pytest

from docqa.core.gpus import parse_gpus
from docqa.engines.sglang.server_info import parse_server_info
from docqa.errors import (
    EngineUnavailableError,
    GpuMissingError,
    ModelMissingError,
    UnknownGpuError,
    UnsizableModelError,
)
from docqa.services.plan_report import duration, estimate_rows, plan_json, plan_rows, verdict
from docqa.services.planning import PlanningService, PlanRequest
from docqa.settings import Settings

SMOLLM2 = {
    "architectures": ["LlamaForCausalLM"],
    "num_hidden_layers": 30,
    "hidden_size": 576,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "intermediate_size": 1_536,
    "vocab_size": 49_152,
    "max_position_embeddings": 8_192,
    "torch_dtype": "bfloat16",
}


class Server:
    """An engine service that knows of one server."""

    def __init__(self, answer=None):
        self.answer = answer

    def server_info(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def planning(tmp_path):
    def made(gpus: str = "", server=None, **settings) -> PlanningService:
        found = parse_gpus(gpus) if gpus else None
        home = Settings(home=tmp_path / "home", **settings)
        return PlanningService(home, Server(server), detect=lambda python: found)

    return made


@pytest.fixture
def directory(tmp_path):
    """A model directory with a configuration and a file of weights."""
    folder = tmp_path / "smollm2"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(SMOLLM2))
    (folder / "model.safetensors").write_bytes(b"")
    return folder


def test_the_settings_model_is_planned_on_this_machines_gpus(planning):
    planned = planning("8xH200").plan(PlanRequest())

    assert (planned.model, str(planned.plan.gpus)) == ("scout", "8xH200")
    assert planned.plan.fits
    assert "--tp-size 8" in planned.commands[0]
    assert planned.serve_command == "docqa serve --model scout --weights bf16"


def test_without_gpus_they_have_to_be_named(planning):
    with pytest.raises(GpuMissingError):
        planning().plan(PlanRequest())

    assert planning().plan(PlanRequest(gpus="8xH200")).plan.fits


def test_gpus_are_looked_for_once(tmp_path):
    asked = []
    service = PlanningService(
        Settings(home=tmp_path, serve_python="/other/python"),
        Server(),
        detect=lambda python: asked.append(python),
    )

    assert service.gpus() is None
    assert service.gpus() is None
    assert asked == ["/other/python"]


def test_unknown_gpus_are_refused(planning):
    with pytest.raises(UnknownGpuError):
        planning().plan(PlanRequest(gpus="8xQ900"))


def test_the_weights_follow_from_the_corpus(planning):
    service = planning("1xH200")

    small = service.plan(PlanRequest(tokens=200_000))
    large = service.plan(PlanRequest(tokens=2_000_000))

    assert small.plan.weight_precision == "fp8"
    assert large.plan.weight_precision == "int4"
    assert large.checkpoint == "RedHatAI/Llama-4-Scout-17B-16E-Instruct-quantized.w4a16"
    assert large.checkpoint in large.commands[0]


def test_what_does_not_fit_has_reasons_and_no_command(planning):
    planned = planning().plan(PlanRequest(gpus="1xL4", tokens=1_000_000))

    assert not planned.plan.fits
    assert planned.commands == ()
    assert "no room" in verdict(planned.plan)
    assert estimate_rows(planned.plan) == []


def test_a_model_directory_is_read(planning, directory):
    planned = planning("RTX-4090").plan(PlanRequest(model=str(directory)))

    assert planned.plan.kv_bytes_per_token == 11_520
    assert planned.plan.weight_precision == "bf16"
    assert str(directory) in planned.commands[0]


def test_a_configuration_alone_is_planned_without_a_command(planning, directory):
    (directory / "model.safetensors").unlink()

    planned = planning("L4").plan(PlanRequest(model=str(directory / "config.json")))

    assert planned.plan.fits
    assert planned.commands == ()
    assert any("no command" in note for note in planned.notes)


def test_a_model_that_is_not_here_says_how_to_get_it(planning):
    with pytest.raises(ModelMissingError) as raised:
        planning("L4").plan(PlanRequest(model="somebody/something-7b"))

    assert "hf download" in raised.value.hint


def test_a_model_that_is_no_decoder_is_refused(planning, directory):
    (directory / "config.json").write_text(json.dumps({**SMOLLM2, "kv_lora_rank": 512}))

    with pytest.raises(UnsizableModelError):
        planning("L4").plan(PlanRequest(model=str(directory)))


def test_the_hierarchical_cache_follows_from_the_settings(planning):
    planned = planning("8xH200", hicache_gb=800).plan(PlanRequest())

    assert planned.plan.host_tokens > 30_000_000
    assert "--hicache-size 100" in planned.commands[0]


def test_two_nodes_get_two_commands(planning):
    planned = planning().plan(PlanRequest(gpus="8xH100", nodes=2))

    assert ["--node-rank 0" in planned.commands[0], "--node-rank 1" in planned.commands[1]] == [
        True,
        True,
    ]


def test_planned_stands_beside_what_the_server_reports(planning, directory):
    info = parse_server_info(
        {
            "model_path": str(directory),
            "dtype": "float32",
            "device": "cpu",
            "max_total_num_tokens": 40_000,
            "internal_states": [{"memory_usage": {"kvcache": 1.717}}],
        },
        {},
    )
    service = planning("8xH200", info)

    planned = service.beside_server(service.plan(PlanRequest()))

    assert planned.server is info
    assert planned.compared[0].planned == 46_080
    assert planned.compared[0].ratio == pytest.approx(1, abs=0.02)


def test_without_a_server_the_plan_stands_alone(planning):
    service = planning("8xH200")
    planned = service.plan(PlanRequest())

    assert service.beside_server(planned) == planned


def test_a_server_that_does_not_answer_is_said(planning):
    service = planning("8xH200", EngineUnavailableError("sglang", "refused"))

    planned = service.beside_server(service.plan(PlanRequest()))

    assert planned.compared == ()
    assert "refused" in planned.notes[-1]


def test_a_servers_model_that_is_not_here_is_compared_with_nothing(planning):
    info = parse_server_info({"model_path": "somewhere/else", "max_total_num_tokens": 10}, {})
    service = planning("8xH200", info)

    planned = service.beside_server(service.plan(PlanRequest()))

    assert planned.server is info
    assert planned.compared == ()


def test_the_report_names_what_the_design_promises(planning):
    report = plan_json(planning("8xH200").plan(PlanRequest(tokens=5_000_000)))

    assert report["fits"] is True
    assert report["kv_bytes_per_token"] == 98_304
    assert report["kv_bytes_per_token_global"] == 24_576
    assert report["max_tokens"] > 10_000_000
    assert report["weights_bytes"] == pytest.approx(218e9, rel=0.01)
    assert report["command"].startswith("python -m sglang.launch_server")
    assert report["estimates"]["assumptions"]
    json.dumps(report)


def test_people_read_sentences(planning):
    planned = planning("8xH200", hicache_gb=800, hicache_disk_gb=4_000).plan(PlanRequest())

    rows = dict(plan_rows(planned))

    assert "36 of them local" in rows["Model"]
    assert "24 KiB in the global ones" in rows["KV per token"]
    assert {"In host memory", "On disk"} <= set(rows)
    assert "Fits" in verdict(planned.plan)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0123, "about 12 ms"),
        (1.234, "about 1.2 s"),
        (42.0, "about 42 s"),
        (600.0, "about 10 min"),
        (10_000.0, "about 2.8 h"),
    ],
)
def test_durations_are_rounded_to_what_people_read(seconds, words):
    assert duration(seconds) == words
