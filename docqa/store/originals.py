"""Original files by the SHA-256 of their bytes; each is stored once, whole or not at all."""

import hashlib
import os
import re
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from docqa.errors import UnknownItemError
from docqa.store.disk import disk_errors, sync

_BLOCK = 1 << 20
_HASH = re.compile(r"[0-9a-f]{64}")
_PARTIAL = ".part"


class OriginalStore:
    """A folder of files, each at the path that `path` tells."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put_file(self, path: Path, *, move: bool = False) -> tuple[str, int]:
        """Keep a copy of the file; its hash and size in bytes. With `move` the file goes.

        Raises:
            StorageFullError: If there is no space for it.
            StoreError: If it cannot be read or kept.
        """
        with disk_errors(path), path.open("rb") as file:
            kept = self.put_stream(file)
        if move:
            with disk_errors(path):
                path.unlink(missing_ok=True)
        return kept

    def put_bytes(self, data: bytes) -> tuple[str, int]:
        """Keep these bytes; their hash and number.

        Raises:
            StorageFullError: If there is no space for them.
        """
        digest = hashlib.sha256(data).hexdigest()
        if not self.contains(digest):
            with self._partial() as (partial, file):
                file.write(data)
                self._keep(partial, file, digest)
        return digest, len(data)

    def put_stream(self, stream: IO[bytes]) -> tuple[str, int]:
        """Keep what is left in the stream, read block by block; its hash and size in bytes.

        Raises:
            StorageFullError: If there is no space for it.
        """
        sha, size = hashlib.sha256(), 0
        with self._partial() as (partial, file):
            while block := stream.read(_BLOCK):
                sha.update(block)
                size += len(block)
                file.write(block)
            digest = sha.hexdigest()
            if not self.contains(digest):
                self._keep(partial, file, digest)
        return digest, size

    def path(self, content_hash: str) -> Path:
        """Where the file is.

        Raises:
            UnknownItemError: If it is not kept.
        """
        if not self.contains(content_hash):
            raise UnknownItemError("original file", content_hash)
        return self._place(content_hash)

    def contains(self, content_hash: str) -> bool:
        """Whether the file is kept."""
        return bool(_HASH.fullmatch(content_hash)) and self._place(content_hash).is_file()

    def delete(self, hashes: Collection[str]) -> int:
        """Remove these files; how many there were. `Store.delete_originals` looks first.

        Raises:
            StoreError: If the disk refuses.
        """
        removed = 0
        for content_hash in filter(self.contains, hashes):
            with disk_errors(self._place(content_hash)):
                self._place(content_hash).unlink(missing_ok=True)
            removed += 1
        return removed

    def hashes(self) -> Iterator[str]:
        """The hashes of all files that are kept."""
        for path in self.folder.glob("??/*"):
            if _HASH.fullmatch(path.parent.name + path.name):
                yield path.parent.name + path.name

    def age_s(self, content_hash: str) -> float:
        """Seconds since the file was kept; infinite if it is not there."""
        try:
            return time.time() - self._place(content_hash).stat().st_mtime
        except OSError:
            return float("inf")

    def clean(self, older_than_s: float = 3_600) -> int:
        """Remove what a killed process left half written; how many files that were."""
        removed = 0
        for path in self.folder.glob(f"*{_PARTIAL}"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime >= older_than_s:
                    path.unlink()
                    removed += 1
        return removed

    def _place(self, content_hash: str) -> Path:
        return self.folder / content_hash[:2] / content_hash[2:]

    @contextmanager
    def _partial(self) -> Iterator[tuple[Path, IO[bytes]]]:
        """A file to write to that is gone afterwards unless it was kept."""
        partial = self.folder / f"{os.getpid()}-{secrets.token_hex(8)}{_PARTIAL}"
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with partial.open("xb") as file:
                    yield partial, file
            finally:
                partial.unlink(missing_ok=True)

    def _keep(self, partial: Path, file: IO[bytes], digest: str) -> None:
        # First the bytes, then the name, each on the disk before anything refers to it.
        file.flush()
        os.fsync(file.fileno())
        place = self._place(digest)
        place.parent.mkdir(exist_ok=True)
        partial.replace(place)
        sync(place.parent)
