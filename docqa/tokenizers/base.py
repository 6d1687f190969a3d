"""The tokenizer's protocol."""

from collections.abc import Sequence
from typing import Protocol


class Tokenizer(Protocol):
    """Text to token ids. Special tokens in the text are encoded as ordinary text."""

    name: str
    """Stable name that stored counts are filed under: `llama3`, `llama4`, `smollm2`, `estimate`."""
    exact: bool
    """False where counts are estimates with a margin."""

    def count(self, text: str) -> int:
        """Number of tokens of this text."""
        ...

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """Number of tokens of each text, using several threads where that helps."""
        ...

    def encode(self, text: str) -> list[int]:
        """Token ids of this text.

        Raises:
            NotImplementedError: Never; a tokenizer without ids is not exact and has no `encode`
                callers, it raises `EngineNotConfiguredError`.
        """
        ...
