"""The KV pool on each GPU, as SGLang 0.5.23 sizes it (`model_executor/pool_configurator.py`)."""

import math
from dataclasses import dataclass

from docqa.core.gpus import GpuSet
from docqa.core.layout import (
    CONTEXT_BYTES,
    LONG_PAGE,
    LONG_WINDOW,
    Layout,
    activation_bytes,
    table_bytes_per_token,
    weights_per_gpu,
)
from docqa.core.model_shapes import ModelShape, Precision

LOCAL_WINDOWS = 12
"""Windows that the pool of the local layers holds.

SGLang keeps the last window before each point from which a cached prefix can go on, one window and
two chunks for a prompt being read, and the own tokens of the questions in flight.
"""
ANSWER_TOKENS = 4_096
"""Tokens of a long window that a question and its answer may take, beside the corpus."""
ROUNDING = 1_024
"""Windows are multiples of this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KvPool:
    """The KV pool on each GPU."""

    weights: int
    heads_per_gpu: int
    tokens: int
    ratio: float
    bytes_per_token: float
    context_length: int
    page: int
    mem_fraction_static: float


def kv_pool(
    shape: ModelShape,
    gpus: GpuSet,
    layout: Layout,
    *,
    weight_precision: Precision,
    kv_precision: Precision,
    chunk: int,
    questions: int,
    paged: bool,
    context_length: int,
) -> KvPool:
    """The pool on each GPU, and the window that it holds.

    `paged` asks for pages of `LONG_PAGE` tokens whatever the window; `context_length` is a window
    to set instead of the model's (0).
    """
    usable = gpus.gpu.memory_bytes - CONTEXT_BYTES
    weights = weights_per_gpu(shape, layout, weight_precision)
    activations = activation_bytes(gpus, layout.tp_size, chunk=chunk, questions=questions)
    free = max(usable - weights - activations, 0)
    heads = max(1, shape.kv_heads // layout.attention_tp)
    layers = shape.global_layers if shape.hybrid_pool else shape.layers
    each = shape.kv_bytes(kv_precision, layers, heads)
    local = shape.kv_bytes(kv_precision, shape.local_layers, heads) if shape.hybrid_pool else 0
    positions = context_length or shape.max_positions or LONG_WINDOW
    page = LONG_PAGE if paged or positions > LONG_WINDOW else 1
    table = table_bytes_per_token(page=page, questions=questions)
    # Where the pool is larger than the window the tables stop growing with it.
    capacity = free / (each + table)
    free_for_kv = free - min(capacity, positions) * table
    ratio = _local_ratio(shape, free_for_kv, each, local)
    per_token = each + ratio * local
    tokens = int(free_for_kv / per_token)
    room = max(tokens - min(questions * ANSWER_TOKENS // 4, tokens // 16), 0)
    window = min(positions, room // ROUNDING * ROUNDING)
    tables = math.ceil(window * table)
    return KvPool(
        weights=weights,
        heads_per_gpu=heads,
        tokens=tokens,
        ratio=ratio,
        bytes_per_token=per_token,
        context_length=window,
        page=page,
        mem_fraction_static=math.floor(1000 * (1 - (activations + tables) / usable)) / 1000,
    )


def _local_ratio(shape: ModelShape, free: float, each: int, local: int) -> float:
    """`--swa-full-tokens-ratio`: the local pool's tokens for each token of the other, in 1/10,000.

    SGLang's default of 0.8 would give nine tenths of the memory to layers that need a window.
    """
    if not local:
        return 0.0
    wanted = LOCAL_WINDOWS * shape.local_window
    full = (free - wanted * local) / each
    if full <= wanted:
        return 1.0
    return math.ceil(wanted / full * 10_000) / 10_000
