import shlex

import pytest

from docqa.core.capacity import best_precision, default_kv_precision, plan
from docqa.core.gpus import parse_gpus
from docqa.core.known_models import MODELS
from docqa.core.launch import LaunchOptions, launch_commands, router_command, sglang_arguments

SCOUT = MODELS["scout"]


def planned(gpus: str, model=SCOUT, **options):
    where = parse_gpus(gpus)
    return plan(
        model.shape,
        where,
        weight_precision=best_precision(model.shape, where, tuple(model.checkpoints)),
        kv_precision=default_kv_precision(where),
        **options,
    )


def commands(gpus: str, model=SCOUT, *, more=None, **options) -> tuple[str, ...]:
    made = planned(gpus, model, **options)
    path = model.checkpoints[made.weight_precision]
    return launch_commands(made, LaunchOptions(model_path=path, **(more or {})))


def test_one_h200_gets_fp8_weights_and_a_window_that_the_pool_holds():
    assert commands("1xH200", more={"config_file": "serve.yaml"}) == (
        "python -m sglang.launch_server"
        " --model-path RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic"
        " --config serve.yaml --host 127.0.0.1 --port 30000 --tp-size 1"
        " --context-length 544768 --kv-cache-dtype fp8_e4m3 --mem-fraction-static 0.908"
        " --chunked-prefill-size 8192 --max-running-requests 32 --page-size 64"
        " --swa-full-tokens-ratio 0.1701 --attention-backend fa3"
        " --enable-cache-report --enable-metrics --constrained-json-disable-any-whitespace"
        " --sleep-on-idle",
    )


def test_eight_h200_get_the_whole_window():
    assert commands("8xH200") == (
        "python -m sglang.launch_server --model-path meta-llama/Llama-4-Scout-17B-16E-Instruct"
        " --host 127.0.0.1 --port 30000 --tp-size 8"
        " --context-length 10485760 --kv-cache-dtype fp8_e4m3 --mem-fraction-static 0.893"
        " --chunked-prefill-size 8192 --max-running-requests 32 --page-size 64"
        " --swa-full-tokens-ratio 0.0029 --attention-backend fa3"
        " --enable-cache-report --enable-metrics --constrained-json-disable-any-whitespace"
        " --sleep-on-idle",
    )


def test_two_nodes_get_a_line_each_that_differs_in_the_rank():
    first, second = commands("2x8xH100")

    assert first == (
        "python -m sglang.launch_server --model-path meta-llama/Llama-4-Scout-17B-16E-Instruct"
        " --host 127.0.0.1 --port 30000 --tp-size 16 --attn-dp-size 2"
        " --nnodes 2 --node-rank 0 --dist-init-addr HEAD_NODE:20000"
        " --context-length 10485760 --kv-cache-dtype fp8_e4m3 --mem-fraction-static 0.797"
        " --chunked-prefill-size 16384 --max-running-requests 64 --page-size 64"
        " --swa-full-tokens-ratio 0.0058 --attention-backend fa3"
        " --enable-cache-report --enable-metrics --constrained-json-disable-any-whitespace"
        " --sleep-on-idle"
    )
    assert second == first.replace("--node-rank 0", "--node-rank 1")


def test_several_servers_get_a_router_that_knows_their_caches():
    options = LaunchOptions(model_path="m", servers=("http://a:30000", "http://b:30000"))

    assert router_command(options) == (
        "python -m sglang_router.launch_router --worker-urls http://a:30000 http://b:30000"
        " --policy cache_aware --host 127.0.0.1 --port 30080"
    )
    assert launch_commands(planned("1xH200"), options)[-1] == router_command(options)


def test_a_hierarchical_cache_is_given_its_share_of_every_gpu():
    made = planned("8xH200", host_bytes=800 * 10**9, disk_bytes=10**12)
    options = LaunchOptions(model_path="m", hicache_path="/kv cache")

    arguments = sglang_arguments(made, options)

    assert arguments[arguments.index("--hicache-size") + 1] == "100"
    assert "--enable-hierarchical-cache" in arguments
    extra = arguments[arguments.index("--hicache-storage-backend-extra-config") + 1]
    assert extra == '{"file_storage_path": "/kv cache"}'


def test_files_are_not_asked_for_without_a_folder():
    made = planned("8xH200", host_bytes=10**12, disk_bytes=10**12)

    assert "file" not in sglang_arguments(made, LaunchOptions(model_path="m"))


def test_other_models_leave_the_backend_to_sglang():
    arguments = sglang_arguments(
        planned("1xH100", MODELS["llama-3.1-8b"]), LaunchOptions(model_path="m")
    )

    assert "--attention-backend" not in arguments
    assert "--swa-full-tokens-ratio" not in arguments
    assert "--page-size" not in arguments


def test_further_arguments_come_last_and_are_quoted_in_the_line():
    options = LaunchOptions(
        model_path="/my models/scout", log_level="INFO", extra=("--load-format", "dummy")
    )

    line = launch_commands(planned("1xH200"), options)[0]

    assert line.endswith("--log-level info --load-format dummy")
    assert shlex.split(line)[4] == "/my models/scout"


def test_the_key_is_never_an_argument():
    for gpus in ("1xH200", "8xH200", "2x8xH100"):
        assert not any("api-key" in line for line in commands(gpus))


@pytest.mark.parametrize(("gpus", "dtype"), [("8xH200", "fp8_e4m3"), ("8xA100", "bfloat16")])
def test_the_caches_precision_is_the_gpus(gpus, dtype):
    assert f"--kv-cache-dtype {dtype}" in commands(gpus)[0]
