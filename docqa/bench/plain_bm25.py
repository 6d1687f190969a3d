"""The floor: plain BM25 over whole pages or blocks of lines, with nothing done to the words."""

import math
import re
from collections import Counter
from collections.abc import Sequence

_K1, _B = 1.5, 0.75
_WORD = re.compile(r"\w+")


class PlainBM25:
    """BM25 (k1 1.5, b 0.75) over lower-case words of a few texts, each under a key."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        self._keys = [key for key, _ in texts]
        self._counts = [Counter(_words(text)) for _, text in texts]
        self._lengths = [counts.total() for counts in self._counts]
        self._average = sum(self._lengths) / max(1, len(texts)) or 1.0
        self._frequency = Counter(word for counts in self._counts for word in counts)

    def ranked(self, question: str) -> list[str]:
        """The keys, best first, each once; those of texts without a word of the question not."""
        words = _words(question)
        best: dict[str, float] = {}
        for key, counts, length in zip(self._keys, self._counts, self._lengths, strict=True):
            score = sum(self._score(word, counts[word], length) for word in words if counts[word])
            if score:
                best[key] = max(score, best.get(key, 0.0))
        return sorted(best, key=lambda key: -best[key])

    def _score(self, word: str, count: int, length: int) -> float:
        frequency = self._frequency[word]
        rarity = math.log(1 + (len(self._keys) - frequency + 0.5) / (frequency + 0.5))
        return rarity * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length / self._average))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
