"""The SGLang commands that follow from a plan. Flags are those of SGLang 0.5.23."""

import json
import math
import shlex
from dataclasses import dataclass

from docqa.core.capacity import Plan
from docqa.core.model_shapes import Precision

LAUNCH = ("python", "-m", "sglang.launch_server")
"""What the arguments stand after."""
HEAD_NODE = "HEAD_NODE"
"""Stands for the first node's address where none is given."""
_KV_DTYPES: dict[Precision, str] = {"fp32": "auto", "bf16": "bfloat16", "fp8": "fp8_e4m3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchOptions:
    """What a plan leaves open."""

    model_path: str
    """A directory or a name on the Hugging Face hub."""
    host: str = "127.0.0.1"
    port: int = 30_000
    config_file: str = ""
    """A YAML file with the key (`api-key: ...`), so that it shows in no list of processes."""
    served_model_name: str = ""
    quantization: str = ""
    """For a checkpoint that is not quantized itself: how SGLang quantizes it while loading."""
    hicache_path: str = ""
    """Folder for the hierarchical cache's files; needed where the plan gives disk to it."""
    log_level: str = ""
    dist_init_address: str = f"{HEAD_NODE}:20000"
    """Where the nodes of one server meet: the first node's address and a free port."""
    servers: tuple[str, ...] = ()
    """Addresses of several equal servers, for a router in front of them."""
    router_port: int = 30_080
    extra: tuple[str, ...] = ()
    """More arguments, as they are; they come last and win."""


def sglang_arguments(plan: Plan, options: LaunchOptions, *, node: int = 0) -> tuple[str, ...]:
    """The arguments after `python -m sglang.launch_server`, on this node (0 is the first)."""
    arguments = ["--model-path", options.model_path]
    if options.served_model_name:
        arguments += ["--served-model-name", options.served_model_name]
    if options.config_file:
        arguments += ["--config", options.config_file]
    arguments += ["--host", options.host, "--port", str(options.port)]
    arguments += _parallel(plan, options, node)
    if options.quantization:
        arguments += ["--quantization", options.quantization]
    arguments += _memory(plan)
    arguments += _hierarchical_cache(plan, options)
    arguments += [
        # Cached tokens in answers to /v1, and Prometheus figures under /metrics.
        "--enable-cache-report",
        "--enable-metrics",
        # A small model may otherwise fill grammar-constrained JSON with white space.
        "--constrained-json-disable-any-whitespace",
        # An idle scheduler otherwise keeps a processor core busy.
        "--sleep-on-idle",
    ]
    if options.log_level:
        arguments += ["--log-level", options.log_level.lower()]
    return (*arguments, *options.extra)


def launch_commands(plan: Plan, options: LaunchOptions) -> tuple[str, ...]:
    """A shell line for each node; for several servers the line of one, then the router's.

    A router knows no sessions, so that docqa re-sends the corpus through it as a chat message:
    the servers' caches still hold it.
    """
    lines = [
        shlex.join((*LAUNCH, *sglang_arguments(plan, options, node=node)))
        for node in range(plan.gpus.nodes)
    ]
    return (*lines, router_command(options)) if options.servers else tuple(lines)


def router_command(options: LaunchOptions) -> str:
    """The shell line of `sglang-router`, which sends a prefix to the server that knows it."""
    router = ["python", "-m", "sglang_router.launch_router", "--worker-urls", *options.servers]
    router += ["--policy", "cache_aware", "--host", options.host]
    return shlex.join([*router, "--port", str(options.router_port)])


def _parallel(plan: Plan, options: LaunchOptions, node: int) -> list[str]:
    arguments = ["--tp-size", str(plan.layout.tp_size)]
    if plan.layout.attention_dp > 1:
        arguments += ["--attn-dp-size", str(plan.layout.attention_dp)]
    if plan.gpus.nodes > 1:
        arguments += ["--nnodes", str(plan.gpus.nodes), "--node-rank", str(node)]
        arguments += ["--dist-init-addr", options.dist_init_address]
    return arguments


def _memory(plan: Plan) -> list[str]:
    groups = plan.layout.attention_dp  # SGLang divides both figures among the groups
    arguments = [
        "--context-length",
        str(plan.context_length),
        "--kv-cache-dtype",
        _KV_DTYPES.get(plan.kv_precision, "auto"),
        "--mem-fraction-static",
        f"{plan.mem_fraction_static:.3f}",
        "--chunked-prefill-size",
        str(plan.chunk * groups),
        # The tables of running requests grow with the window: SGLang's default of 2,048 requests
        # would take more memory than the cache.
        "--max-running-requests",
        str(plan.questions * groups),
    ]
    if plan.page_size > 1:
        arguments += ["--page-size", str(plan.page_size)]
    if plan.swa_full_tokens_ratio:
        arguments += ["--swa-full-tokens-ratio", f"{plan.swa_full_tokens_ratio:.4f}"]
    if plan.shape.architecture.startswith("Llama4"):
        arguments += ["--attention-backend", plan.gpus.gpu.attention_backend]
    return arguments


def _hierarchical_cache(plan: Plan, options: LaunchOptions) -> list[str]:
    """Host memory and files behind the GPUs' cache. SGLang's size is gigabytes a GPU."""
    if not plan.host_bytes:
        return []
    each = max(1, math.floor(plan.host_bytes / plan.layout.tp_size / 1e9))
    arguments = ["--enable-hierarchical-cache", "--hicache-size", str(each)]
    arguments += ["--hicache-write-policy", "write_through"]
    if plan.disk_bytes and options.hicache_path:
        folder = json.dumps({"file_storage_path": options.hicache_path})
        arguments += ["--hicache-storage-backend", "file"]
        arguments += ["--hicache-storage-backend-extra-config", folder]
    return arguments
