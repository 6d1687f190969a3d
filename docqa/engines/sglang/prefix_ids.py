"""Token ids of packs on the disk: append-only, so that only what is new is ever tokenized."""

import logging
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from docqa.engines.base import Prefix
from docqa.engines.locks import FileLock
from docqa.tokenizers.base import Tokenizer

logger = logging.getLogger(__name__)

ID_BYTES = 4
CHUNK = 65_536
"""Ids that are read at a time."""


@dataclass(frozen=True, slots=True)
class StoredIds:
    """The ids of a prefix, on the disk; never all of them in memory."""

    path: Path
    count: int

    def read(self, start: int, stop: int) -> "Iterator[array[int]]":
        """The ids at `start` to `stop`, some at a time."""
        with self.path.open("rb") as file:
            file.seek(start * ID_BYTES)
            left = max(0, min(stop, self.count) - start)
            while left:
                ids = array("I")
                ids.frombytes(file.read(min(left, CHUNK) * ID_BYTES))
                if not ids:
                    return
                left -= len(ids)
                yield ids


class PrefixIds:
    """A folder of id files, one for each family of prefixes (a pack generation) and vocabulary.

    `NAME.ids` holds the ids, four bytes each; `NAME.index` one line a piece: the pack's hash after
    it and how many ids there are then. A line is written after the ids it counts.
    """

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        self._folder = folder
        self._tokenizer = tokenizer

    def stored(self, prefix: Prefix) -> Iterator[StoredIds | None]:
        """Tokenize what is not there yet, a piece at a time (None), then the ids.

        Raises:
            OSError: If the disk is full or cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{prefix.family}-{self._tokenizer.name}"
        ids_path, index_path = self._folder / f"{name}.ids", self._folder / f"{name}.index"
        with FileLock(self._folder / f"{name}.lock").exclusive():
            index = _read_index(index_path)
            if index and index[-1][0] == prefix.hash:
                yield StoredIds(ids_path, index[-1][1])
                return
            hashes = prefix.piece_hashes()
            known = _common(index, hashes)
            if known == len(hashes):
                # The pack has grown since; an older version of it is asked.
                yield StoredIds(ids_path, index[known - 1][1])
                return
            count = index[known - 1][1] if known else 0
            with ids_path.open("ab") as ids_file, index_path.open("a", encoding="ascii") as lines:
                if known < len(index):
                    logger.warning("ids of %s do not belong to this pack and are made anew", name)
                ids_file.truncate(count * ID_BYTES)
                lines.truncate(sum(len(f"{line[0]} {line[1]}\n") for line in index[:known]))
                pieces = prefix.pieces(known)
                for piece_hash, text in zip(hashes[known:], pieces, strict=True):
                    ids = array("I", self._tokenizer.encode(text))
                    ids_file.write(ids.tobytes())
                    ids_file.flush()
                    count += len(ids)
                    lines.write(f"{piece_hash} {count}\n")
                    lines.flush()
                    yield None
            yield StoredIds(ids_path, count)

    def knows(self, prefix: Prefix, piece_hash: str) -> bool:
        """Whether there are ids up to this version of the prefix's pack."""
        index = _read_index(self._folder / f"{prefix.family}-{self._tokenizer.name}.index")
        return any(known == piece_hash for known, _ in index)


def _read_index(path: Path) -> list[tuple[str, int]]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="ascii").split("\n")
    found = []
    for line in lines[:-1]:  # what follows the last line feed was cut off
        piece_hash, _, count = line.partition(" ")
        if not count.isdigit():
            break
        found.append((piece_hash, int(count)))
    return found


def _common(index: Sequence[tuple[str, int]], hashes: Sequence[str]) -> int:
    """How many pieces the two have in common from the beginning."""
    shared = 0
    for (stored, _), wanted in zip(index, hashes, strict=False):
        if stored != wanted:
            break
        shared += 1
    return shared
