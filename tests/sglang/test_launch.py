"""Every flag that docqa prints is one of SGLang's."""

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from docqa.core.capacity import best_precision, default_kv_precision, plan
from docqa.core.gpus import parse_gpus
from docqa.core.known_models import MODELS
from docqa.core.launch import LaunchOptions, launch_commands
from docqa.core.model_shapes import shape_from_config
from docqa.engines.config import EngineConfig
from docqa.engines.sglang.engine import SGLangEngine
from docqa.services.comparing import compare
from docqa.tokenizers.registry import tokenizer

CHECK_FLAGS = Path(__file__).with_name("check_flags.py")
GPUS = ("1xH200", "8xH200", "2x8xH100", "8xB200", "1xA100-80GB", "1xRTX4090", "8xMI300X")


def planned(model, gpus, **memory):
    where = parse_gpus(gpus)
    return plan(
        model.shape,
        where,
        weight_precision=best_precision(model.shape, where, tuple(model.checkpoints)),
        kv_precision=default_kv_precision(where),
        **memory,
    )


def commands(tmp_path):
    config = tmp_path / "serve.yaml"
    config.write_text("api-key: secret\n")
    for gpus in GPUS:
        for name in ("scout", "llama-3.1-8b"):
            for memory in ({}, {"host_bytes": 10**12, "disk_bytes": 10**13}):
                options = LaunchOptions(
                    model_path="some/model",
                    config_file=str(config),
                    served_model_name=name,
                    hicache_path=str(tmp_path),
                    log_level="INFO",
                )
                yield from launch_commands(planned(MODELS[name], gpus, **memory), options)


def test_the_printed_commands_are_understood_by_the_parser(sglang_environment, tmp_path):
    lines = list(commands(tmp_path))
    arguments = [shlex.split(line)[3:] for line in lines]
    nonsense = ["--model-path", "m", "--no-such-flag"]

    asked = subprocess.run(
        [str(sglang_environment.python), str(CHECK_FLAGS)],
        input=json.dumps([*arguments, nonsense]),
        env={**os.environ, "SGLANG_USE_CPU_ENGINE": "1", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    *refusals, of_nonsense = json.loads(asked.stdout.splitlines()[-1])
    assert "no-such-flag" in of_nonsense
    assert all(line.startswith("python -m sglang.launch_server ") for line in lines)
    assert [pair for pair in zip(refusals, lines, strict=True) if pair[0]] == []


def test_the_planner_counts_the_servers_memory_as_it_does(started, tmp_path):
    config = EngineConfig("sglang", tmp_path, base_url=started.base_url, api_key=started.key)
    engine = SGLangEngine(config, tokenizer)
    info = engine.server_info()
    engine.close()
    shape = shape_from_config(json.loads((started.environment.model / "config.json").read_text()))

    rows = {row.what: row.ratio for row in compare(shape, info)}

    assert rows["KV bytes per token on a GPU"] == pytest.approx(1, rel=0.02)
    assert rows["tokens in KV memory"] == pytest.approx(1, rel=0.02)
