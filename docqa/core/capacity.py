"""What a model needs on given GPUs: KV per token, tokens per tier, the largest window, times.

Sizes are counted from shapes and SGLang 0.5.23's own rules; times are estimates (`estimates.py`).
"""

import math
from dataclasses import dataclass

from docqa.core.estimates import ASSUMPTIONS, Speed
from docqa.core.gpus import GpuSet
from docqa.core.layout import (
    CONTEXT_BYTES,
    LONG_PAGE,
    LONG_WINDOW,
    QUESTIONS,
    Layout,
    activation_bytes,
    chunk_of,
    layout_of,
    table_bytes_per_token,
    weights_per_gpu,
)
from docqa.core.model_shapes import BYTES, ModelShape, Precision

LOCAL_WINDOWS = 12
"""Windows that the pool of the local layers holds.

SGLang keeps the last window before each point from which a cached prefix can go on, one window and
two chunks for a prompt being read, and the own tokens of the questions in flight.
"""
ANSWER_TOKENS = 4_096
"""Tokens of the window that a question and its answer may take, beside the corpus."""
_ROUNDING = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a model needs on these GPUs. Seconds (fields named `_s`) are estimates."""

    shape: ModelShape
    gpus: GpuSet
    layout: Layout
    weight_precision: Precision
    kv_precision: Precision
    tokens: int
    """The corpus that was asked about; 0 for "as much as fits"."""
    weights_bytes: int
    """Of all GPUs together, repeated parts once."""
    weights_bytes_per_gpu: int
    kv_bytes_per_token: int
    """In all layers."""
    global_kv_bytes_per_token: int
    """In the layers that attend to the whole window."""
    local_kv_bytes: int
    """The local layers' window, which does not grow with the corpus; 0 without local layers."""
    pool_bytes_per_token: float
    """What a token of the pool takes on all GPUs: repeated heads and the local pool included."""
    max_tokens: int
    """Tokens whose KV the GPUs hold (one attention group's, where there are several)."""
    local_pool_tokens: int
    host_tokens: int
    """Tokens that the host memory given for the hierarchical cache holds."""
    disk_tokens: int
    context_length: int
    """The largest window in tokens: the model's, or what the pool holds."""
    page_size: int
    chunk: int
    questions: int
    mem_fraction_static: float
    swa_full_tokens_ratio: float
    """Tokens of the local layers' pool for each of the pool's; 0 without such a pool."""
    host_bytes: int
    disk_bytes: int
    fits: bool
    problems: tuple[str, ...]
    """Why it does not fit."""
    notes: tuple[str, ...]
    """What one should know beside the figures."""
    prefill_s: float
    warm_first_token_s: float
    decode_s_per_token: float
    assumptions: tuple[str, ...] = ASSUMPTIONS

    @property
    def planned_tokens(self) -> int:
        """The corpus that the estimates are for: the one asked about, else the largest."""
        return self.tokens or max(self.context_length - ANSWER_TOKENS, 0)


def plan(
    shape: ModelShape,
    gpus: GpuSet,
    *,
    weight_precision: Precision = "bf16",
    kv_precision: Precision = "fp8",
    tokens: int = 0,
    host_bytes: int = 0,
    disk_bytes: int = 0,
    context_length: int = 0,
    questions: int = QUESTIONS,
) -> Plan:
    """Plan a model on GPUs, for a corpus of `tokens` (0: as much as fits).

    `host_bytes` and `disk_bytes` are what all nodes together give to the hierarchical cache;
    `context_length` is a window to set instead of the largest.
    """
    layout = layout_of(shape, gpus)
    chunk = chunk_of(gpus)
    pool = _pool(
        shape,
        gpus,
        layout,
        weight_precision=weight_precision,
        kv_precision=kv_precision,
        chunk=chunk,
        questions=questions,
        paged=bool(host_bytes or disk_bytes),
        context_length=context_length,
    )
    speed = Speed(
        shape=shape,
        gpu=gpus.gpu,
        gpus=layout.tp_size,
        attention_gpus=layout.attention_tp,
        weight_precision=weight_precision,
        kv_precision=kv_precision,
        kv_heads_held=pool.heads_per_gpu * layout.attention_tp,
    )
    problems = _problems(shape, gpus, pool, tokens=tokens, asked_window=context_length)
    corpus = tokens or max(pool.context_length - ANSWER_TOKENS, 0)
    return Plan(
        shape=shape,
        gpus=gpus,
        layout=layout,
        weight_precision=weight_precision,
        kv_precision=kv_precision,
        tokens=tokens,
        weights_bytes=shape.weights_bytes(weight_precision),
        weights_bytes_per_gpu=pool.weights,
        kv_bytes_per_token=shape.kv_bytes(kv_precision, shape.layers),
        global_kv_bytes_per_token=shape.kv_bytes(kv_precision, shape.global_layers),
        local_kv_bytes=shape.local_window * shape.kv_bytes(kv_precision, shape.local_layers),
        pool_bytes_per_token=pool.bytes_per_token * layout.attention_tp,
        max_tokens=pool.tokens,
        local_pool_tokens=int(pool.tokens * pool.ratio),
        host_tokens=_tier_tokens(host_bytes, pool, layout),
        disk_tokens=_tier_tokens(disk_bytes, pool, layout),
        context_length=pool.context_length,
        page_size=pool.page,
        chunk=chunk,
        questions=questions,
        mem_fraction_static=pool.mem_fraction_static,
        swa_full_tokens_ratio=pool.ratio,
        host_bytes=host_bytes,
        disk_bytes=disk_bytes,
        fits=not problems,
        problems=tuple(problems),
        notes=_notes(shape, gpus, layout, pool, tokens=tokens),
        prefill_s=speed.prefill_s(corpus),
        warm_first_token_s=speed.warm_first_token_s(corpus),
        decode_s_per_token=speed.decode_s_per_token(corpus),
    )


def best_precision(
    shape: ModelShape, gpus: GpuSet, choices: tuple[Precision, ...], *, tokens: int = 0
) -> Precision:
    """The finest weight precision of these that leaves room for the corpus, else the coarsest.

    For no corpus in particular: that leaves a window of `LONG_WINDOW`, or the model's.
    """
    wanted = tokens or min(LONG_WINDOW, shape.max_positions or LONG_WINDOW)
    finest_first = sorted(choices, key=lambda precision: -BYTES[precision])
    kv = default_kv_precision(gpus)
    for precision in finest_first:
        tried = plan(shape, gpus, weight_precision=precision, kv_precision=kv, tokens=wanted)
        if tried.max_tokens >= wanted:
            return precision
    return finest_first[-1]


def default_kv_precision(gpus: GpuSet) -> Precision:
    """fp8, which halves the cache, where the GPU computes with it; else bf16."""
    return "fp8" if gpus.gpu.fp8_flops else "bf16"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """The KV pool on each GPU."""

    weights: int
    heads_per_gpu: int
    tokens: int
    ratio: float
    bytes_per_token: float
    context_length: int
    page: int
    mem_fraction_static: float


def _pool(
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
) -> _Pool:
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
    window = min(positions, room // _ROUNDING * _ROUNDING)
    tables = math.ceil(window * table)
    return _Pool(
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


def _tier_tokens(tier_bytes: int, pool: _Pool, layout: Layout) -> int:
    return int(tier_bytes / (pool.bytes_per_token * layout.tp_size))


def _problems(
    shape: ModelShape, gpus: GpuSet, pool: _Pool, *, tokens: int, asked_window: int
) -> list[str]:
    if not shape.released:
        return [f"{shape.name} was announced but never released: nothing can serve it"]
    if pool.context_length < _ROUNDING:
        have = gpus.gpu.memory_bytes / 1e9
        return [
            f"the weights take {pool.weights / 1e9:,.0f} GB of each GPU's {have:,.0f} GB"
            " and leave no room for the KV cache"
        ]
    problems = []
    if asked_window and pool.context_length < asked_window:
        problems.append(
            f"a window of {asked_window:,} tokens was asked for, {pool.context_length:,} fit"
        )
    if tokens + ANSWER_TOKENS > pool.context_length:
        problems.append(
            f"{tokens:,} tokens and {ANSWER_TOKENS:,} for question and answer are more than the"
            f" largest window of {pool.context_length:,}"
        )
    return problems


def _notes(
    shape: ModelShape, gpus: GpuSet, layout: Layout, pool: _Pool, *, tokens: int
) -> tuple[str, ...]:
    notes = [shape.note] if shape.note else []
    if layout.unused:
        notes.append(
            f"{layout.unused} of {gpus.count} GPUs stay unused: {layout.tp_size} is the most that"
            f" divides {shape.heads} query heads and {shape.kv_heads} KV heads"
        )
    if layout.attention_dp > 1:
        notes.append(
            f"{shape.heads} query heads cannot be cut in {layout.tp_size}:"
            f" {layout.attention_dp} attention groups each keep a KV cache of their own, and a"
            " prefix is hot in the group that has read it"
        )
    if layout.attention_tp > shape.kv_heads:
        notes.append(f"each of {shape.kv_heads} KV heads is kept on several GPUs")
    if max(tokens, pool.context_length) > 262_144 and shape.hybrid_pool:
        notes.append("Llama 4 was trained at 256K tokens: measure its quality on your documents")
    return tuple(notes)
