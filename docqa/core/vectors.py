"""Embeddings as values: unit vectors, how alike two of them are, and their form in the store."""

import struct
from collections.abc import Callable, Sequence
from operator import mul

Vector = Sequence[float]
"""Of length 1; all of one model have the same number of dimensions."""
Likeness = Callable[[Sequence[str]], Sequence[float]]
"""For each text, its cosine with a question; nothing at all where that cannot be told."""


def cosine(one: Vector, other: Vector) -> float:
    """How alike two unit vectors of one model are: from -1 to 1, of related texts mostly above .3.

    Raises:
        ValueError: If they have not the same number of dimensions.
    """
    if len(one) != len(other):
        raise ValueError(f"vectors of {len(one)} and {len(other)} dimensions")
    return float(sum(map(mul, one, other)))


def vector_bytes(vector: Vector) -> bytes:
    """Its numbers as little-endian 16-bit floats: cosines change by less than .001."""
    return struct.pack(f"<{len(vector)}e", *vector)


def to_vector(packed: bytes) -> Vector:
    """What `vector_bytes` packed.

    Raises:
        ValueError: If these are half a number too many.
    """
    if len(packed) % 2:
        raise ValueError(f"{len(packed)} bytes are no 16-bit floats")
    return struct.unpack(f"<{len(packed) // 2}e", packed)
