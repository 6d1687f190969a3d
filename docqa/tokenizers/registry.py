"""Tokenizers by name. Each is built once in a process."""

from functools import cache

from docqa.errors import UnknownItemError
from docqa.tokenizers.base import Tokenizer
from docqa.tokenizers.estimate import EstimateTokenizer
from docqa.tokenizers.llama import llama3, llama4

NAMES = ("llama3", "llama4", "estimate")


@cache
def tokenizer(name: str) -> Tokenizer:
    """The tokenizer of this name.

    Raises:
        UnknownItemError: If there is none of this name.
        EngineNotConfiguredError: If its vocabulary is not installed.
    """
    if name == "llama3":
        return llama3()
    if name == "llama4":
        return llama4()
    if name == "estimate":
        return EstimateTokenizer(tokenizer("llama4"))
    raise UnknownItemError("tokenizer", name)
