"""Who wrote which lines: asked of the repository that a source was read from."""

import hashlib
import re
from pathlib import Path

from docqa.errors import GitError, NotInRepositoryError
from docqa.readers.git import BlameLine, blame, is_bare_repository
from docqa.readers.git_process import Git
from docqa.services.repositories import Repositories
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import Source

_COMMIT = re.compile(r"[0-9a-f]{40,64}")


def blame_of(settings: Settings, store: Store, version_id: int) -> tuple[BlameLine, ...]:
    """Who wrote the lines of a version, as of its revision.

    Raises:
        UnknownItemError: If there is no such version.
        NotInRepositoryError: If it was not read from a repository that is still there.
        GitError: If git cannot tell.
    """
    version = store.documents.version(version_id)
    document = store.documents.get(version.document_id)
    source = store.documents.source(document.source_id)
    place = _repository(settings, source)
    if place is None:
        raise NotInRepositoryError(document.name)
    repository, folder = place
    path = f"{folder}/{document.path}" if folder else document.path
    original = store.originals.path(version.content_hash)
    # A file that did not change since has the same bytes in the newest commit, which may be kept
    # when its own is not.
    for revision in filter(None, (version.revision, source.revision)):
        if _is_committed(repository, revision, path, original):
            return blame(repository, revision, path)
    raise NotInRepositoryError(document.name)


def _repository(settings: Settings, source: Source) -> tuple[Path, str] | None:
    """The repository's own directory, and the source's folder in it."""
    if source.kind == "git":
        kept = Repositories(settings).path(source.uri)
        return (kept, "") if is_bare_repository(kept) else None
    folder = Path(source.uri)
    if source.kind != "folder" or not folder.is_absolute():
        return None
    for above in (folder, *folder.parents):
        if is_bare_repository(above / ".git"):
            relative = folder.relative_to(above).as_posix()
            return above / ".git", "" if relative == "." else relative
    return None


def _is_committed(repository: Path, revision: str, path: str, original: Path) -> bool:
    """Whether the commit has these very bytes: a file of a folder may have been changed since."""
    git = Git(repository.name, repository)
    if not _COMMIT.fullmatch(revision):
        return False
    try:
        blob_id = (
            git.output("rev-parse", "--verify", "--quiet", f"{revision}:{path}").decode().strip()
        )
    except GitError:
        return False
    data = original.read_bytes()
    algorithm = "sha1" if len(blob_id) == 40 else "sha256"
    hashed = hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False)
    return hashed.hexdigest() == blob_id
