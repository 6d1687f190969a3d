"""The bytes of a repository's files, from one process of git."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from docqa.errors import FileTooLargeError, GitError
from docqa.readers.git_process import Git, Running

MAX_LOOKED_AT = 20_000_000
"""Larger files are told by their names and sizes alone."""
ASKED_AT_ONCE = 200
TIMEOUT_S = 3_600.0

_REVISION = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def check_revision(name: str, revision: str) -> str:
    """The commit as it is.

    Raises:
        GitError: If it is no full name of a commit.
    """
    if not _REVISION.fullmatch(revision):
        raise GitError(name, f"{revision[:80]!r} is not the full name of a commit")
    return revision


def read_blobs(
    repository: Path, blob_ids: Iterable[str], *, limit: int = 200_000_000
) -> Iterator[tuple[str, bytes]]:
    """The bytes of files of a repository, in the order asked for, from one process.

    Raises:
        GitError: If one is not there.
        FileTooLargeError: If one has more than `limit` bytes.
    """
    with open_blobs(Git(repository.name, repository)) as blobs:
        yield from blobs.read_all(blob_ids, limit=limit)


class Blobs:
    """One `git cat-file --batch`."""

    def __init__(self, git: Git, running: Running) -> None:
        self._git = git
        self._running = running

    def read(self, blob_id: str, *, keep: int | None = None) -> bytes:
        """The bytes of a file, or the first `keep` of them.

        Raises:
            GitError: If it is not there.
            FileTooLargeError: If it is larger than what is looked at.
        """
        ((_, data),) = self.read_all((blob_id,), keep=keep)
        return data

    def read_all(
        self, blob_ids: Iterable[str], *, keep: int | None = None, limit: int = MAX_LOOKED_AT
    ) -> Iterator[tuple[str, bytes]]:
        """The bytes of files in the order asked for, or the first `keep` of each.

        Raises:
            GitError: If one is not there.
            FileTooLargeError: If one has more than `limit` bytes.
        """
        ids = iter(blob_ids)
        while batch := tuple(islice(ids, ASKED_AT_ONCE)):
            for blob_id in batch:
                check_revision(self._git.name, blob_id)
            try:
                # Far less than a pipe holds, so that git and docqa never wait for each other.
                self._running.stdin.write("".join(f"{each}\n" for each in batch).encode("ascii"))
                self._running.stdin.flush()
            except OSError as error:
                raise GitError(self._git.name, f"git ended before it was done: {error}") from error
            for blob_id in batch:
                data = self._next(blob_id, limit)
                yield blob_id, data if keep is None else data[:keep]

    def _next(self, blob_id: str, limit: int) -> bytes:
        about = self._running.stdout.readline().split()
        if len(about) != 3 or about[1] != b"blob":
            raise GitError(self._git.name, f"the repository has no file {blob_id}")
        size = int(about[2])
        if size > limit:
            raise FileTooLargeError(blob_id, size, limit)
        data = self._running.stdout.read(size + 1)
        if len(data) != size + 1:
            raise GitError(self._git.name, "git ended before it was done")
        return data[:size]


@contextmanager
def open_blobs(git: Git) -> Iterator[Blobs]:
    """The files of a repository of docqa's, while the context is open."""
    with git.started("cat-file", "--batch", timeout_s=TIMEOUT_S, with_input=True) as running:
        yield Blobs(git, running)
