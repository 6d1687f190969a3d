"""From options to commands, for this machine's GPUs or those of others."""

import json

import pytest

from docqa.core.gpus import parse_gpus
from docqa.errors import GpuMissingError, ModelMissingError, ServingError, UnknownGpuError
from docqa.services.serving.launching import launch, prepared
from docqa.services.serving.options import ServeOptions
from docqa.settings import Settings
from tests.services.serving.conftest import free_port
from tests.services.serving.test_checks import cached

SCOUT = "meta-llama/Llama-4-Scout-17B-16E-Instruct"


@pytest.fixture
def settings(home, tmp_path, monkeypatch, pretended_python):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return Settings(home=home, serve_python=str(pretended_python), serve_port=free_port())


def one_h200():
    return parse_gpus("H200")


def no_gpus():
    return None


def test_this_machines_gpus_are_asked_unless_others_are_named(settings):
    found = prepared(settings, ServeOptions(), detect=lambda: parse_gpus("8xH200"))
    named = prepared(settings, ServeOptions(gpus="8xH100"), detect=one_h200)

    assert str(found.gpus) == "8xH200"
    assert str(named.gpus) == "8xH100"


def test_without_a_gpu_it_says_so_and_what_to_do(settings):
    with pytest.raises(GpuMissingError) as caught:
        prepared(settings, ServeOptions(), detect=no_gpus)

    assert "--dry-run" in caught.value.hint
    with pytest.raises(UnknownGpuError):
        prepared(settings, ServeOptions(gpus="8xABACUS"), detect=no_gpus)


def test_a_model_that_does_not_fit_is_refused_with_the_reason(settings):
    with pytest.raises(ServingError, match="does not fit 1xRTX-4090") as caught:
        prepared(settings, ServeOptions(gpus="1xRTX-4090"), detect=no_gpus)

    assert "docqa plan" in caught.value.hint


def test_a_model_that_was_never_released_is_refused(settings):
    with pytest.raises(ServingError, match="never released"):
        prepared(settings, ServeOptions(model="behemoth", gpus="64xB200"), detect=no_gpus)


def test_the_checkpoint_that_is_here_is_taken_before_one_that_is_not(settings, tmp_path):
    detect = one_h200
    without = prepared(settings, ServeOptions(), detect=detect)
    int4 = "RedHatAI/Llama-4-Scout-17B-16E-Instruct-quantized.w4a16"
    cached(tmp_path / "hub", int4)

    assert without.model.checkpoint != int4
    assert prepared(settings, ServeOptions(), detect=detect).model.checkpoint == int4
    asked = prepared(settings, ServeOptions(weights="fp8"), detect=detect)
    assert asked.model.checkpoint.endswith("FP8-dynamic")


def test_weights_without_a_checkpoint_of_their_own_are_shrunk_while_loading(settings, small):
    found = prepared(settings, ServeOptions(model=str(small), weights="fp8"), detect=one_h200)

    assert found.plan.weight_precision == "fp8"
    assert "--quantization fp8" in found.commands[0]
    with pytest.raises(ModelMissingError, match="int4"):
        prepared(settings, ServeOptions(model=str(small), weights="int4"), detect=one_h200)


def test_any_directory_is_planned_from_its_configuration(settings, small):
    found = prepared(settings, ServeOptions(model=str(small)), detect=one_h200)

    assert found.plan.context_length == 8_192
    assert "--served-model-name small" in found.commands[0]


def test_a_model_that_cannot_be_sized_is_left_to_sglang(settings, small):
    (small / "config.json").write_text(json.dumps({"model_type": "mamba", "ssm_state_size": 4}))
    options = ServeOptions(model=str(small), context_length=4_096)

    found = prepared(settings, options, detect=lambda: parse_gpus("2xH200"))

    assert found.plan is None
    assert "--tp-size 2" in found.commands[0]
    assert "--context-length 4096" in found.commands[0]


def test_without_gpus_sglang_is_told_so_by_its_own_flags(settings, small):
    options = ServeOptions(model=str(small), extra=("--device", "cpu"))

    found = prepared(settings, options, detect=no_gpus)

    assert found.gpus is None
    assert found.commands[0].endswith("--device cpu")


def test_what_is_launched_is_the_models_directory_with_the_key_in_a_file(settings, small):
    options = ServeOptions(model=str(small), hicache_gb=1, hicache_disk_gb=64)

    launching = launch(settings, options, detect=one_h200)

    assert launching.arguments[:3] == (settings.serve_python, "-m", "sglang.launch_server")
    assert launching.model_path == str(small)
    assert launching.key
    assert launching.key not in " ".join(launching.arguments)
    assert launching.base_url == f"http://127.0.0.1:{settings.serve_port}"
    assert launching.environment["SGLANG_HICACHE_FILE_BACKEND_MAX_SIZE"] == "64000000000"
    folder = launching.environment["SGLANG_HICACHE_FILE_BACKEND_STORAGE_DIR"]
    assert folder.startswith(str(settings.home))


def test_a_model_that_is_not_here_is_not_launched(settings):
    with pytest.raises(ModelMissingError, match="is not on this machine") as caught:
        launch(settings, ServeOptions(weights="bf16", gpus="8xH200"), detect=no_gpus)

    assert f"hf download {SCOUT}" in caught.value.hint


def test_several_nodes_are_not_launched_from_one(settings):
    with pytest.raises(ServingError, match="by hand"):
        launch(settings, ServeOptions(gpus="2x8xH100"), detect=no_gpus)


def test_more_host_memory_than_there_is_is_refused(settings, small):
    options = ServeOptions(model=str(small), hicache_gb=10_000_000)

    with pytest.raises(ServingError, match="this machine has"):
        launch(settings, options, detect=one_h200)


def test_what_docqa_sets_itself_cannot_be_set_behind_its_back(settings):
    options = ServeOptions(gpus="8xH200", extra=("--port=31000", "--api-key", "x"))

    with pytest.raises(ServingError, match="--api-key, --port cannot be passed on"):
        prepared(settings, options, detect=no_gpus)


def test_options_survive_the_way_through_the_command_line():
    options = ServeOptions(model="scout", gpus="8xH200", kv="fp8", extra=("--device", "cpu"))

    assert options.arguments() == [
        *("--model", "scout", "--gpus", "8xH200", "--kv", "fp8"),
        *("--", "--device", "cpu"),
    ]
