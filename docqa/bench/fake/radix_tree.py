"""A radix tree over token ids: how much of a prompt was seen before."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

_WIDTH = array("I").itemsize


@dataclass(slots=True)
class _Node:
    """The ids on the way to it, and what follows, by the bytes of the next id."""

    ids: bytes = b""
    children: dict[bytes, "_Node"] = field(default_factory=dict)


class PrefixTree:
    """Sequences of token ids, each stored once where they begin alike.

    Ids are kept and compared as bytes, so that a prefix of ten million tokens takes 40 MB and
    milliseconds.
    """

    def __init__(self) -> None:
        self._root = _Node()
        self.token_count = 0

    def matched(self, ids: bytes) -> int:
        """Tokens at the beginning of `ids` (see `packed`) that are in the tree."""
        return self._descend(ids)[2] // _WIDTH

    def insert(self, ids: bytes) -> None:
        """Add a sequence."""
        node, at, done = self._descend(ids)
        if at < len(node.ids):
            _split(node, at)
        if done < len(ids):
            node.children[ids[done : done + _WIDTH]] = _Node(ids[done:])
            self.token_count += (len(ids) - done) // _WIDTH

    def _descend(self, ids: bytes) -> tuple[_Node, int, int]:
        """The last node that shares ids, how far in it, and how far in `ids`, in bytes."""
        node, done = self._root, 0
        while True:
            following = node.children.get(ids[done : done + _WIDTH])
            if following is None:
                return node, len(node.ids), done
            node = following
            shared = _shared(node.ids, ids[done : done + len(node.ids)])
            done += shared
            if shared < len(node.ids):
                return node, shared, done


def packed(ids: Sequence[int]) -> bytes:
    """Token ids as the tree takes them; packed sequences may be joined."""
    return array("I", ids).tobytes()


def _split(node: _Node, at: int) -> None:
    node.children = {node.ids[at : at + _WIDTH]: _Node(node.ids[at:], node.children)}
    node.ids = node.ids[:at]


def _shared(left: bytes, right: bytes) -> int:
    """Bytes that both begin with, a multiple of one id's."""
    low, high = 0, min(len(left), len(right))
    if left[:high] == right[:high]:
        return high - high % _WIDTH
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low - low % _WIDTH
