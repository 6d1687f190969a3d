"""Texts that are nearly the same, told by the three-word sequences that they have in common.

A text's sketch are the smallest hashes of its sequences: those of the union of two texts are in
their sketches, and the share of them that both have estimates the share of sequences that both
have (Broder 1997, "On the resemblance and containment of documents"; bottom-k sketches). With 256
hashes its standard error is at most .03.
"""

import re
import struct
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest

SEQUENCE = 3
"""Words."""
HASHES = 256
LEAST_SIMILARITY = 0.8
FEWEST = 20
"""Texts with fewer sequences count as duplicates only if they have all in common."""
_LOOKED_UP = 32
"""Smallest hashes by which texts are found that may be alike."""
_IN_COMMON = 8
_BATCH = 50_000
"""Words."""
# Python does not promise how tuples are hashed: should that change, sketches are made anew.
FORMAT = hash((1, 2, 3)) & 0xFFFF_FFFF
_HEAD = struct.Struct("<I")
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts without spaces: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


class _Ids(dict[str, int]):
    """A number for each word, the same in any process."""

    def __missing__(self, word: str) -> int:
        if len(self) > 200_000:
            self.clear()
        number = self[word] = zlib.crc32(word.encode(errors="replace"))
        return number


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a text to compare it with others."""

    hashes: tuple[int, ...]
    """The smallest, ascending; all of them if the text has fewer than `HASHES` sequences."""
    _set: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_set", frozenset(self.hashes))

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Sketch":
        """The sketch of a text that comes in parts; cut elsewhere it is the same.

        Letters in upper case, punctuation and white space make no difference.
        """
        smallest: set[int] = set()
        for words in _batches(texts):
            found = set(map(hash, zip(*(words[at:] for at in range(SEQUENCE)), strict=False)))
            if not found and not smallest and words:
                found = {hash(tuple(words))}
            smallest = set(nsmallest(HASHES, smallest | found))
        return cls(tuple(sorted(smallest)))

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Sketch | None":
        """What `to_bytes` packed; None if this Python would have made another one."""
        if len(packed) < _HEAD.size or _HEAD.unpack_from(packed)[0] != FORMAT:
            return None
        count = (len(packed) - _HEAD.size) // 8
        return cls(struct.unpack_from(f"<{count}q", packed, _HEAD.size))

    def to_bytes(self) -> bytes:
        """At most 2,052 bytes."""
        return _HEAD.pack(FORMAT) + struct.pack(f"<{len(self.hashes)}q", *self.hashes)

    def similarity(self, other: "Sketch") -> float:
        """The share of three-word sequences in common, 0 to 1; 0 where there are no words.

        Of texts with few sequences that is exact, of others an estimate. The same both ways.
        """
        union = sorted(self._set | other._set)[:HASHES]
        common = self._set & other._set
        return sum(each in common for each in union) / len(union) if union else 0.0

    def is_duplicate(self, other: "Sketch", least: float = LEAST_SIMILARITY) -> bool:
        """Whether the two are so alike that one of them may be spared."""
        few = min(len(self.hashes), len(other.hashes)) < FEWEST
        return self.similarity(other) >= (1.0 if few else least)


def groups(
    sketches: Mapping[int, Sketch], *, least: float = LEAST_SIMILARITY
) -> list[tuple[int, ...]]:
    """Texts by their numbers that are so alike, in the order given; lone ones are left out.

    Each member of a group is a duplicate of its first one. A text is in one group at most, that of
    the first which it is most like.
    """
    members: dict[int, list[int]] = {}
    index: defaultdict[int, list[int]] = defaultdict(list)
    for number, sketch in sketches.items():
        if not sketch.hashes:
            continue
        best, first = 0.0, None
        for candidate in _candidates(sketch, index):
            other = sketches[candidate]
            found = sketch.similarity(other)
            if found > best and sketch.is_duplicate(other, least):
                best, first = found, candidate
        if first is not None:
            members[first].append(number)
            continue
        members[number] = [number]
        for each in sketch.hashes[:_LOOKED_UP]:
            index[each].append(number)
    return [tuple(group) for group in members.values() if len(group) > 1]


def _candidates(sketch: Sketch, index: Mapping[int, list[int]]) -> list[int]:
    """First texts of groups that may be like this one, in the order they came."""
    looked_up = sketch.hashes[:_LOOKED_UP]
    counts = Counter(number for each in looked_up for number in index.get(each, ()))
    # Of two texts that are .5 alike, 16 of the 32 smallest hashes of both are expected in common.
    enough = min(_IN_COMMON, max(1, len(looked_up) // 4))
    return [number for number, count in counts.items() if count >= enough]


def _batches(texts: Iterable[str]) -> Iterator[list[int]]:
    """The words' numbers, many at a time, each batch with the last ones of the batch before."""
    ids = _Ids()
    words: list[int] = []
    for text in texts:
        words += map(ids.__getitem__, _WORD.findall(_plain(text)))
        if len(words) >= _BATCH:
            yield words
            words = words[1 - SEQUENCE :]
    yield words


def _plain(text: str) -> str:
    """Without differences that do not count; each letter of a script without spaces is a word."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _UNSPACED.sub(r" \g<0> ", plain)
