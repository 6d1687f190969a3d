"""What a model needs on given GPUs: KV per token, tokens per tier, the largest window, times.

Sizes are counted from shapes and SGLang 0.5.23's own rules; times are estimates (`estimates.py`).
"""

from dataclasses import dataclass

from docqa.core.estimates import ASSUMPTIONS, Speed
from docqa.core.gpus import GpuSet
from docqa.core.kv_pool import ANSWER_TOKENS, ROUNDING, KvPool, kv_pool
from docqa.core.layout import (
    LONG_WINDOW,
    QUESTIONS,
    Layout,
    chunk_of,
    layout_of,
)
from docqa.core.model_shapes import BYTES, ModelShape, Precision


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
        return self.tokens or _corpus_room(self.context_length)


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
    pool = kv_pool(
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
    notes = _notes(shape, gpus, layout, pool, tokens=tokens)
    if disk_bytes and not host_bytes:
        notes = (*notes, "SGLang reaches its files through host memory: give it some as well")
    problems = _problems(shape, gpus, pool, tokens=tokens, asked_window=context_length)
    corpus = tokens or _corpus_room(pool.context_length)
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
        notes=notes,
        prefill_s=speed.prefill_s(corpus),
        warm_first_token_s=speed.warm_first_token_s(corpus),
        decode_s_per_token=speed.decode_s_per_token(corpus),
    )


def best_precision(
    shape: ModelShape,
    gpus: GpuSet,
    choices: tuple[Precision, ...],
    *,
    tokens: int = 0,
    kv_precision: Precision | None = None,
) -> Precision:
    """The finest weight precision of these that leaves room for the corpus, else the coarsest.

    For no corpus in particular: that leaves a window of `LONG_WINDOW`. No more than the model's
    window is ever wanted.
    """
    wanted = min(tokens or LONG_WINDOW, shape.max_positions or LONG_WINDOW)
    finest_first = sorted(choices, key=lambda precision: -BYTES[precision])
    kv = kv_precision or default_kv_precision(gpus)
    for precision in finest_first:
        tried = plan(shape, gpus, weight_precision=precision, kv_precision=kv)
        if tried.context_length >= wanted:
            return precision
    return finest_first[-1]


def default_kv_precision(gpus: GpuSet) -> Precision:
    """fp8, which halves the cache, where the GPU computes with it; else bf16."""
    return "fp8" if gpus.gpu.fp8_flops else "bf16"


def _corpus_room(window: int) -> int:
    """Tokens of a window that are left for the corpus."""
    return window - min(ANSWER_TOKENS, window // 4)


def _tier_tokens(tier_bytes: int, pool: KvPool, layout: Layout) -> int:
    return int(tier_bytes / (pool.bytes_per_token * layout.tp_size))


def _problems(
    shape: ModelShape, gpus: GpuSet, pool: KvPool, *, tokens: int, asked_window: int
) -> list[str]:
    if not shape.released:
        return [f"{shape.name} was announced but never released: nothing can serve it"]
    if pool.context_length < ROUNDING:
        have = gpus.gpu.memory_bytes / 1e9
        return [
            f"the weights take {pool.weights / 1e9:,.0f} GB of each GPU's {have:,.0f} GB"
            " and leave no room for the KV cache"
        ]
    problems = []
    if shape.max_positions and asked_window > shape.max_positions:
        problems.append(
            f"the model is offered with a window of {shape.max_positions:,} tokens at most"
        )
    if pool.context_length < asked_window:
        problems.append(
            f"a window of {asked_window:,} tokens was asked for, {pool.context_length:,} fit"
        )
    if tokens > _corpus_room(pool.context_length):
        problems.append(
            f"{tokens:,} tokens, with room for question and answer, are more than the largest"
            f" window of {pool.context_length:,}"
        )
    return problems


def _notes(
    shape: ModelShape, gpus: GpuSet, layout: Layout, pool: KvPool, *, tokens: int
) -> tuple[str, ...]:
    notes = [shape.note] if shape.note else []
    if gpus.gpu.guessed:
        notes.append(
            f"docqa does not know {gpus.gpu.name}: its speed, and so the times, is a guess"
        )
    if shape.hybrid_pool and gpus.gpu.attention_backend != "fa3":
        # `use_irope` is read by `flashattention_backend.py` (and Intel's) alone.
        notes.append(
            "as its source reads, SGLang 0.5.23 computes Llama 4's local layers in chunks on Hopper"
            f" (fa3) only: check answers beyond {shape.local_window:,} tokens on {gpus.gpu.name}"
        )
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
    if max(tokens, pool.context_length) > 262_144 and shape.hybrid_pool and shape.released:
        notes.append("Llama 4 was trained at 256K tokens: measure its quality on your documents")
    return tuple(notes)
