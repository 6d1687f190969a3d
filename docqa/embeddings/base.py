"""What turns texts into vectors."""

from collections.abc import Sequence
from typing import Protocol

from docqa.core.vectors import Vector


class Embedder(Protocol):
    """Gives texts of similar meaning similar vectors. May be used by several threads at once."""

    name: str
    """Of the model and of how it is used; vectors of different names are never compared."""

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A unit vector for each text, in order; of a long text its beginning counts.

        The same text gives the same vector, whatever else is embedded with it, but for rounding.

        Raises:
            EmbeddingError: If the model cannot be loaded or run.
        """
        ...
