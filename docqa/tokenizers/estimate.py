"""Counts for engines that tokenize on their side without telling."""

import math
from collections.abc import Sequence

from docqa.errors import EngineNotConfiguredError
from docqa.tokenizers.base import Tokenizer

# Tokens that others need for each of Llama 4's (contracts, Flask, ripgrep and one manual in six
# languages): Llama 3's 128,000 ranks 0.99 to 1.11; SmolLM2's 49,000 ranks 1.09 to 1.20 for English
# and code, 1.31 for German, 1.21 for Japanese, but 1.67 for Chinese and 1.87 for Russian. A margin
# for those would count a half too much where the vocabulary is a large one.
MARGIN = 1.3


class EstimateTokenizer:
    """Llama 4's counts with a margin; too low for small vocabularies on Chinese and Russian."""

    name = "estimate"
    exact = False

    def __init__(self, basis: Tokenizer) -> None:
        self._basis = basis

    def count(self, text: str) -> int:
        """About how many tokens this text has; rather more than less."""
        return math.ceil(self._basis.count(text) * MARGIN)

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """About how many tokens each text has."""
        return [math.ceil(count * MARGIN) for count in self._basis.count_all(texts)]

    def encode(self, text: str) -> list[int]:
        """There are no ids to give.

        Raises:
            EngineNotConfiguredError: Always.
        """
        raise EngineNotConfiguredError(
            self.name, f"has counts, not token ids ({len(text):,} characters were to be encoded)"
        )
