"""Git repositories that docqa keeps: fetched bare, one folder an address, nothing checked out."""

import hashlib
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from docqa.errors import EmptyFileError, GitCancelledError, ReadError
from docqa.readers.git import (
    Commit,
    Fetched,
    FetchLimits,
    GitAddress,
    GitCredentials,
    changes,
    fetch,
    log,
    read_blobs,
    tree,
)
from docqa.readers.sources import GitBlob, SourceFile, SourceLimits
from docqa.services.jobs import JobCancelled, JobContext
from docqa.services.looking import Looked
from docqa.settings import Settings
from docqa.store.originals import OriginalStore
from docqa.store.values import SourceOptions

KEPT_AT_ONCE = 8
BATCH_BLOBS = 200
BATCH_BYTES = 16_000_000
KEEP_S = 86_400.0
"""A repository that was only looked at is kept for a day, so that adding it need not fetch it."""


class Repositories:
    """Fetches repositories and looks into them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._locks: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)

    def path(self, uri: str) -> Path:
        """Where the repository of this address is kept, if it is."""
        digest = hashlib.sha256(uri.encode()).hexdigest()
        return self._settings.repositories_path / f"{digest[:32]}.git"

    def look(
        self, context: JobContext, uri: str, options: SourceOptions, *, at: str = ""
    ) -> Looked:
        """Fetch a repository and list its files; `at` is a commit that need not be fetched again.

        Raises:
            ReadError: If it cannot be fetched or read; a subclass tells why.
        """
        address = GitAddress.parse(uri)
        repository = self.path(address.display)
        with self._locks[repository]:
            if at and (looked := self._kept(address, repository, options, at)):
                return looked
            fetched = self._fetch(context, address, repository, options)
            return self._listed(
                address,
                repository,
                options,
                fetched.revision,
                fetched.ref,
                fetched.committed_at,
            )

    def changed(self, looked: Looked, old: str) -> frozenset[str] | None:
        """The paths that differ from an older commit; None where that is not kept."""
        assert looked.repository is not None
        try:
            found = changes(looked.repository, old, looked.revision)
            return frozenset(change.path for change in found)
        except ReadError:
            return None

    def commits(self, looked: Looked, old: str) -> tuple[Commit, ...]:
        """What was committed since an older commit, newest first; empty if that is not known."""
        assert looked.repository is not None
        try:
            return log(looked.repository, old, looked.revision)
        except ReadError:
            return ()

    def keep(
        self,
        context: JobContext,
        looked: Looked,
        files: Sequence[SourceFile],
        originals: OriginalStore,
    ) -> dict[str, str]:
        """Keep the bytes of these files of a repository as originals; their hashes by path."""
        assert looked.repository is not None
        blobs = tuple(dict.fromkeys(blob_of(file) for file in files))
        hashes: dict[str, str] = {}
        contents = read_blobs(
            looked.repository, blobs, limit=self._settings.max_file_mb * 1_000_000
        )
        # Each is waited for until it is on the disk: several at once take a third of the time.
        with ThreadPoolExecutor(KEPT_AT_ONCE, thread_name_prefix="docqa-keep") as threads:
            for batch in _batches(contents):
                context.check()
                context.progress(len(hashes), len(blobs), "unpacking")
                kept = threads.map(originals.put_bytes, [data for _, data in batch])
                for (blob, _), (content_hash, _) in zip(batch, kept, strict=True):
                    hashes[blob] = content_hash
        return {file.path: hashes[blob_of(file)] for file in files}

    def hashes(self, looked: Looked, files: Sequence[SourceFile]) -> dict[str, str]:
        """The content hashes of these files of a repository, by path; nothing of them is kept."""
        assert looked.repository is not None
        blobs = tuple(dict.fromkeys(blob_of(file) for file in files))
        limit = self._settings.max_file_mb * 1_000_000
        hashes = {
            blob: hashlib.sha256(data).hexdigest()
            for blob, data in read_blobs(looked.repository, blobs, limit=limit)
        }
        return {file.path: hashes[blob_of(file)] for file in files}

    def remove(self, uri: str) -> None:
        """Forget a repository: its files may have been erased."""
        repository = self.path(uri)
        with self._locks[repository]:
            shutil.rmtree(repository, ignore_errors=True)

    def clean(self, wanted: Iterable[str]) -> None:
        """Remove what was only looked at, a day later; `wanted` are the addresses of sources."""
        kept = {self.path(uri) for uri in wanted}
        folder = self._settings.repositories_path
        for repository in folder.iterdir() if folder.is_dir() else ():
            age_s = time.time() - repository.stat().st_mtime
            if repository not in kept and age_s >= KEEP_S:
                shutil.rmtree(repository, ignore_errors=True)

    def _fetch(
        self, context: JobContext, address: GitAddress, repository: Path, options: SourceOptions
    ) -> Fetched:
        repository.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = self._settings
        credentials = None
        if settings.git_token:
            credentials = GitCredentials(settings.git_token_host, settings.git_token)
        try:
            return fetch(
                address,
                repository,
                ref=options.ref,
                history=options.history,
                credentials=credentials,
                on_progress=lambda text, done, total: context.progress(done, total, text),
                cancelled=context.cancelled,
                limits=FetchLimits(max_fetch_bytes=settings.max_repository_mb * 1_000_000),
            )
        except GitCancelledError as error:
            raise JobCancelled from error

    def _kept(
        self, address: GitAddress, repository: Path, options: SourceOptions, at: str
    ) -> Looked | None:
        """What a commit holds that was fetched before; None if it is not kept."""
        if not repository.is_dir():
            return None
        try:
            return self._listed(address, repository, options, at, options.ref)
        except ReadError:
            return None

    def _listed(
        self,
        address: GitAddress,
        repository: Path,
        options: SourceOptions,
        revision: str,
        ref: str,
        committed_at: float = 0.0,
    ) -> Looked:
        limits = SourceLimits(max_file_bytes=self._settings.max_file_mb * 1_000_000)
        listing = tree(
            repository, revision, name=address.name, put_back=options.put_back, limits=limits
        )
        if not listing.files and not listing.left_out:
            raise EmptyFileError(address.name, "there is nothing in it")
        return Looked(
            kind="git",
            name=f"{address.name}@{options.ref}" if options.ref else address.name,
            uri=address.display,
            files=listing.files,
            left_out=listing.left_out,
            revision=revision,
            ref=ref,
            committed_at=committed_at,
            repository=repository,
        )


def blob_of(file: SourceFile) -> str:
    """Git's name of a file's bytes."""
    assert isinstance(file.location, GitBlob)
    return file.location.blob_id


def _batches(blobs: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    """The blobs in order, so many at a time that they are held in memory together."""
    batch: list[tuple[str, bytes]] = []
    held = 0
    for blob in blobs:
        batch.append(blob)
        held += len(blob[1])
        if held >= BATCH_BYTES or len(batch) >= BATCH_BLOBS:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
