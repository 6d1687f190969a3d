"""An embedder that knows a few words that mean the same, and counts what it is asked."""

import math
import zlib

from docqa.errors import EmbeddingError

SAME = {"breach": "leak", "incident": "leak", "notify": "tell", "inform": "tell"}
DIMENSIONS = 64


class FakeEmbedder:
    """Texts that share words, or words that mean the same, are alike."""

    name = "fake/1"

    def __init__(self):
        self.asked: list[str] = []
        self.broken = False

    def embed(self, texts):
        if self.broken:
            raise EmbeddingError("out of memory")
        self.asked += texts
        return [self._vector(text) for text in texts]

    def _vector(self, text):
        numbers = [0.0] * DIMENSIONS
        for word in text.casefold().split():
            plain = word.strip(".,:?")
            numbers[zlib.crc32(SAME.get(plain, plain).encode()) % DIMENSIONS] += len(plain)
        length = math.hypot(*numbers) or 1.0
        return [number / length for number in numbers]
