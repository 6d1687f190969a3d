"""The embedder that is installed."""

import importlib.util
from typing import Literal

from docqa.embeddings.base import Embedder
from docqa.embeddings.weights import packaged_folder


def create_embedder(semantic: Literal["auto", "off"]) -> Embedder | None:
    """The packaged model if it and torch are installed, and not turned off. Loads nothing."""
    if semantic == "off" or importlib.util.find_spec("torch") is None:
        return None
    folder = packaged_folder()
    if folder is None:
        return None
    from docqa.embeddings.minilm import MiniLM

    return MiniLM(folder)
