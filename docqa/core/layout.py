"""How a model is spread over GPUs, and what each of them holds beside the KV cache."""

from dataclasses import dataclass

from docqa.core.gpus import GpuSet
from docqa.core.model_shapes import ModelShape, Precision

_GIB = 1 << 30
_MIB = 1 << 20
CONTEXT_BYTES = _GIB
"""Assumed bytes a GPU gives to the driver's context and NCCL before the weights are loaded."""
QUESTIONS = 32
"""Questions that the server is set to work on at once; more wait in its queue."""
LONG_WINDOW = 131_072
"""Windows beyond this get KV pages of `LONG_PAGE` tokens."""
LONG_PAGE = 64
"""Tokens a KV page has in long windows and with a hierarchical cache.

A captured graph holds a table of a sequence's pages for every question in flight, and the file
backend of the hierarchical cache writes a file a page: with pages of one token, SGLang's default,
that is 4 GB on each GPU and ten million files for a window of 10M.
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which GPUs do what. `tp_size` is SGLang's: all GPUs of the server."""

    tp_size: int
    attention_dp: int
    """Groups that each keep their own KV cache; a question is answered by one of them."""
    unused: int
    """GPUs that this model's heads leave over."""

    @property
    def attention_tp(self) -> int:
        """GPUs that share one request's heads."""
        return self.tp_size // self.attention_dp


def layout_of(shape: ModelShape, gpus: GpuSet) -> Layout:
    """The layout with the most GPUs that this model's heads allow.

    SGLang's models assert that a tensor-parallel group's size divides the query heads, and that
    it and the KV heads divide one another (`models/llama4.py`, `models/llama.py`). On one node
    fewer GPUs are used where it does not. Over nodes all are: Scout's 40 heads cannot be cut in 16,
    so 16 GPUs become two attention groups of 8 (`--attn-dp-size 2`). Its `llama4.py` knows no
    pipeline parallelism.
    """
    if gpus.nodes == 1:
        size = next(n for n in range(gpus.count, 0, -1) if _divides(shape, n))
        return Layout(size, 1, gpus.count - size)
    # One GPU always divides: at the latest every GPU is a group.
    groups = next(
        n
        for n in range(1, gpus.count + 1)
        if gpus.count % n == 0 and _divides(shape, gpus.count // n)
    )
    return Layout(gpus.count, groups, 0)


def _divides(shape: ModelShape, size: int) -> bool:
    heads, kv_heads = shape.heads, shape.kv_heads
    return heads % size == 0 and (kv_heads % size == 0 or size % kv_heads == 0)


def weights_per_gpu(shape: ModelShape, layout: Layout, precision: Precision) -> int:
    """Bytes of weights on each GPU; attention and embeddings are there once a group."""
    total = shape.weights_bytes(precision)
    if layout.attention_dp == 1:
        return total // layout.tp_size
    repeated = int(2 * (shape.attention_parameters + shape.embedding_parameters))
    return (total - repeated) // layout.tp_size + repeated // layout.attention_tp


def chunk_of(gpus: GpuSet) -> int:
    """Tokens SGLang prefills at a time on such GPUs (`arg_groups/memory_hook.py`)."""
    memory = gpus.gpu.memory_bytes
    for limit, chunk in ((20, 2_048), (60, 4_096), (160, 8_192)):
        if memory < limit * _GIB:
            return chunk
    return 16_384


def activation_bytes(gpus: GpuSet, tp_size: int, *, chunk: int, questions: int = QUESTIONS) -> int:
    """Bytes SGLang leaves a GPU for activations and captured graphs.

    Its own rule (`arg_groups/memory_hook.py`): 0.5 GiB, 1.5 MiB a token of a chunk, 2 MiB a
    question in flight, 1/8 GiB a GPU; 10 GiB at least on GPUs of more than 60 GiB.
    """
    needed = _GIB // 2 + chunk * 3 * _MIB // 2 + questions * 2 * _MIB + tp_size * _GIB // 8
    return max(needed, 10 * _GIB) if gpus.gpu.memory_bytes > 60 * _GIB else needed


def table_bytes_per_token(*, page: int, questions: int = QUESTIONS) -> float:
    """Bytes of tables on each GPU for every token of the window.

    Four for each request that may run, in `ReqToTokenPool`: SGLang's default of 2,048 requests
    would take 86 GB for a window of 10M, which is why `--max-running-requests` is set. Twelve a
    page and question in the graphs captured for decoding (`layers/attention`:
    `page_table`, `swa_page_table`, `local_block_table`).
    """
    return 4 * (questions + 1) + (12 * questions + 8) / page
