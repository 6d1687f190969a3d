"""A repository is fetched into a bare one of docqa's: one commit, or all of its history."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from docqa.errors import (
    EmptyRepositoryError,
    GitError,
    GitRefError,
)
from docqa.readers.git_address import GitAddress
from docqa.readers.git_process import Git, GitCredentials
from docqa.readers.git_transfer import FetchLimits, Report, Transfer, bytes_of

UPDATE_DEPTH = 20
"""Commits that an update brings, so that it can be told what changed."""
_FETCHED = "refs/docqa/fetched"
_KEPT = "refs/docqa/revisions"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|\.lock(?:/|$)|/\.|\.$|^[/.-]|/$|^@$")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A commit that was fetched."""

    revision: str
    ref: str
    """Branch or tag that was asked for, the repository's default branch, or the commit itself."""
    committed_at: float
    bytes: int
    """Of the repository on this disk."""


@dataclass(frozen=True, slots=True)
class RemoteHint:
    """What a repository tells before anything is fetched."""

    revision: str
    """Commit of the ref that was asked for."""
    ref: str
    default_branch: str
    branches: tuple[str, ...]
    tags: tuple[str, ...]


def check_ref(name: str, ref: str) -> str:
    """The name of a branch, tag or commit as it is, if it can be one.

    Raises:
        GitRefError: If git would not take it for a name.
    """
    if len(ref) > 250 or not ref.isprintable() or _BAD_REF.search(ref):
        raise GitRefError(name, ref[:100])
    return ref


def size_hint(
    address: GitAddress, *, ref: str = "", credentials: GitCredentials | None = None
) -> RemoteHint:
    """What is there, before a fetch; how many objects it has comes with a fetch's first progress.

    Raises:
        GitError: If the repository cannot be reached, is private, empty, or has no such ref.
    """
    git = Git(address.name, address=address, credentials=credentials)
    patterns = ("HEAD", "refs/heads/*", "refs/tags/*")
    found, default = _remote_refs(git, address, patterns)
    full, revision = _chosen(address.name, check_ref(address.name, ref), found, default)
    return RemoteHint(
        revision=revision,
        ref=_short(full),
        default_branch=default.removeprefix("refs/heads/"),
        branches=tuple(_names(found, "refs/heads/")),
        tags=tuple(_names(found, "refs/tags/")),
    )


def fetch(
    address: GitAddress,
    repository: Path,
    *,
    ref: str = "",
    history: bool = False,
    credentials: GitCredentials | None = None,
    on_progress: Report = lambda *_: None,
    cancelled: Callable[[], bool] = lambda: False,
    limits: FetchLimits | None = None,
) -> Fetched:
    """Bring a branch, tag or commit (by default the default branch) into a bare repository.

    The repository is made if it is not there. What it has already is not fetched again, and stays.

    Raises:
        GitError: If the repository cannot be reached, is private, empty, too large, or has no such
            ref; or when `cancelled` says so. What was fetched before is as it was.
    """
    limits = limits or FetchLimits()
    name = address.name
    is_new = not (repository / "HEAD").exists()
    git = Git(name, repository, address=address, credentials=credentials)
    anywhere = Git(name, address=address, credentials=credentials)
    full = _resolved(anywhere, check_ref(name, ref), cancelled)
    try:
        if is_new:
            _create(name, repository)
        depth = _depth(repository, history=history)
        Transfer(git, limits, on_progress, cancelled).run(*depth, "--", address.url, _spec(full))
        return _fetched(git, repository, full)
    except GitError:
        if is_new:
            shutil.rmtree(repository, ignore_errors=True)
        raise


def _spec(full: str) -> str:
    return f"+{full}:{_FETCHED}"


def _create(name: str, repository: Path) -> None:
    repository.mkdir(parents=True, exist_ok=True)
    Git(name, repository).output("init", "--quiet", "--bare", "--template=")


def _depth(repository: Path, *, history: bool) -> tuple[str, ...]:
    is_shallow = (repository / "shallow").exists()
    if history:
        return ("--unshallow",) if is_shallow else ()
    if is_shallow:
        return (f"--depth={UPDATE_DEPTH}",)
    has_history = (repository / "refs" / "docqa").exists() or (repository / "packed-refs").exists()
    return () if has_history else ("--depth=1",)


def _fetched(git: Git, repository: Path, full: str) -> Fetched:
    told = git.output("log", "-1", "--format=%H %ct", _FETCHED, "--").split()
    if len(told) != 2:
        raise GitRefError(git.name, _short(full))
    revision = told[0].decode()
    git.output("update-ref", f"{_KEPT}/{revision}", revision)
    return Fetched(revision, _short(full), float(told[1]), bytes_of(repository))


# What the other side has


def _remote_refs(
    git: Git,
    address: GitAddress,
    patterns: tuple[str, ...],
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[dict[str, str], str]:
    """Commits by full name of a ref, and the full name of the default branch (or empty)."""
    arguments = ("ls-remote", "--symref", "--", address.url, *patterns)
    data = git.output(*arguments, limit=32_000_000, timeout_s=60, cancelled=cancelled)
    told = data.decode(errors="replace")
    found: dict[str, str] = {}
    default = ""
    for line in told.splitlines():
        value, _, ref = line.partition("\t")
        if value.startswith("ref: "):
            default = value.removeprefix("ref: ") if ref == "HEAD" else default
        elif _COMMIT.fullmatch(value):
            found[ref] = value
    return found, default


def _resolved(git: Git, ref: str, cancelled: Callable[[], bool]) -> str:
    """The full name of what is to be fetched."""
    if _COMMIT.fullmatch(ref):
        return ref
    assert git.address is not None
    patterns: tuple[str, ...] = (f"refs/heads/{ref}", f"refs/tags/{ref}", ref)
    if not ref:
        patterns = ("HEAD", "refs/heads/*")
    found, default = _remote_refs(git, git.address, patterns, cancelled)
    return _chosen(git.name, ref, found, default)[0]


def _chosen(name: str, ref: str, found: dict[str, str], default: str) -> tuple[str, str]:
    """The full name of a ref and its commit; of a branch and a tag of one name, the branch."""
    if ref:
        for full in (ref, f"refs/heads/{ref}", f"refs/tags/{ref}"):
            if full in found and full != "HEAD":
                return full, found.get(f"{full}^{{}}", found[full])
        if _COMMIT.fullmatch(ref):
            return ref, ref
        raise GitRefError(name, ref)
    branches = [full for full in found if full.startswith("refs/heads/")]
    if default in found:
        return default, found[default]
    if "HEAD" in found:
        return default or "HEAD", found["HEAD"]
    if not branches:
        raise EmptyRepositoryError(name)
    usual = ("refs/heads/main", "refs/heads/master")
    full = next((each for each in usual if each in found), min(branches))
    return full, found[full]


def _names(found: dict[str, str], prefix: str) -> Iterator[str]:
    return (
        ref.removeprefix(prefix)
        for ref in sorted(found)
        if ref.startswith(prefix) and not ref.endswith("^{}")
    )


def _short(full: str) -> str:
    return re.sub(r"^refs/(?:heads|tags)/", "", full)
