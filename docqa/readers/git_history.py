"""What changed between two commits, who wrote which line, and when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from docqa.readers.git_blobs import check_revision
from docqa.readers.git_process import Git

MAX_BLAME_LINES = 100_000
_KINDS: dict[str, Literal["added", "changed", "deleted"]] = {"A": "added", "D": "deleted"}
_BLAMED = re.compile(r"([0-9a-f]{40,64}) \d+ (\d+)(?: (\d+))?")


@dataclass(frozen=True, slots=True)
class TreeChange:
    """A file that two commits have not in common; one that was renamed is deleted and added."""

    path: str
    kind: Literal["added", "changed", "deleted"]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit."""

    id: str
    author: str
    at: float
    """When it was committed, in seconds since 1970."""
    subject: str


@dataclass(frozen=True, slots=True)
class BlameLine:
    """Lines that one commit wrote, from `first` to `last` (1-based)."""

    first: int
    last: int
    commit: str
    author: str
    at: float
    summary: str
    boundary: bool
    """Whether older history was not fetched, so that the lines may be older than this commit."""


def changes(repository: Path, old: str, new: str) -> tuple[TreeChange, ...]:
    """What one commit has otherwise than another, in path order; odd names as git gives them.

    Raises:
        GitError: If one of them is not in the repository.
    """
    git = Git(repository.name, repository)
    old, new = (check_revision(git.name, revision) for revision in (old, new))
    options = ("-r", "-z", "--no-renames", "--no-ext-diff", "--name-status")
    data = git.output("diff-tree", *options, old, new, "--", timeout_s=600)
    fields = data.decode("utf-8", errors="surrogateescape").split("\0")
    pairs = zip(fields[0::2], fields[1::2], strict=False)
    return tuple(TreeChange(path, _KINDS.get(kind, "changed")) for kind, path in pairs if path)


def log(repository: Path, old: str, new: str, most: int = 20) -> tuple[Commit, ...]:
    """The commits since `old` (empty: the newest) up to `new`, the newest first, as far as known.

    Raises:
        GitError: If one of them is not in the repository.
    """
    git = Git(repository.name, repository)
    new = check_revision(git.name, new)
    span = f"{check_revision(git.name, old)}..{new}" if old else new
    options = (f"--max-count={most}", "-z", "--no-show-signature", "--encoding=UTF-8")
    data = git.output("log", *options, "--format=%H%n%an%n%ct%n%s", span, "--")
    commits = []
    for record in data.decode("utf-8", errors="replace").split("\0"):
        fields = record.strip("\n").split("\n")
        if len(fields) >= 3:
            subject = fields[3] if len(fields) > 3 else ""
            commits.append(
                Commit(fields[0], _shown(fields[1], 100), float(fields[2]), _shown(subject, 300))
            )
    return tuple(commits)


def blame(repository: Path, revision: str, path: str) -> tuple[BlameLine, ...]:
    """Which commit wrote which lines of a file, in the order of the lines.

    Raises:
        GitError: If the commit has no such file, or it takes too long to tell.
    """
    git = Git(repository.name, repository)
    revision = check_revision(git.name, revision)
    # A converter named in the configuration of a user's own repository would be run.
    options = ("--porcelain", "--root", "--no-progress", "--no-textconv", "--encoding=UTF-8")
    data = git.output("blame", *options, revision, "--", path, limit=64_000_000)
    return tuple(_merged(_blamed(data, _shallow(repository))))


def _shallow(repository: Path) -> frozenset[str]:
    """The commits whose parents were not fetched."""
    try:
        return frozenset((repository / "shallow").read_text().split())
    except OSError:
        return frozenset()


def _blamed(data: bytes, shallow: frozenset[str]) -> Iterator[BlameLine]:
    """A value for each line that git's porcelain format tells of."""
    known: dict[str, dict[str, str]] = {}
    commit, line = "", 0
    for row in data.decode("utf-8", errors="replace").split("\n"):
        if row.startswith("\t"):
            about = known[commit]
            yield BlameLine(
                first=line,
                last=line,
                commit=commit,
                author=_shown(about.get("author", ""), 100),
                at=float(about.get("committer-time", "0")),
                summary=_shown(about.get("summary", ""), 300),
                boundary=commit in shallow,
            )
            if line >= MAX_BLAME_LINES:
                return
        elif match := _BLAMED.fullmatch(row):
            commit, line = match[1], int(match[2])
            known.setdefault(commit, {})
        elif commit:
            key, _, value = row.partition(" ")
            known[commit][key] = value


def _merged(lines: Iterator[BlameLine]) -> Iterator[BlameLine]:
    """Lines of one commit that follow on each other as one."""
    held: BlameLine | None = None
    for line in lines:
        if held is not None and held.commit == line.commit and held.last + 1 == line.first:
            held = replace(held, last=line.last)
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _shown(text: str, most: int) -> str:
    """Text of a stranger as one line that can be printed."""
    return "".join(char if char.isprintable() else " " for char in text[:most]).strip()
