"""Small codebases, and git repositories that are made on the spot."""

import os
import subprocess
from pathlib import Path

FILES = {
    "app/__init__.py": '"""Dispatching freight."""\n',
    "app/retry.py": (
        "def wait_before_retry(attempt):\n"
        '    """Seconds to wait before the given attempt."""\n'
        "    return min(60.0, 0.5 * 2**attempt)\n"
    ),
    "app/routes.py": "from app.retry import wait_before_retry\n\n\ndef route(order):\n    pass\n",
    "README.md": "# Orbit\n\nOrbit dispatches freight between two data centres.\n",
    "package-lock.json": '{"name": "orbit", "lockfileVersion": 3}\n',
}
_IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=os.environ | _IDENTITY,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files by their relative paths."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


def commit(folder: Path, files: dict[str, str], *, delete: tuple[str, ...] = ()) -> str:
    """Write and delete files and commit all of it; the commit."""
    write(folder, files)
    for path in delete:
        (folder / path).unlink()
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", f"Change {len(files)} files")
    return git(folder, "rev-parse", "HEAD")


def repository(folder: Path, files: dict[str, str] | None = None) -> Path:
    """A repository with one commit on its branch `main`."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    if files != {}:
        commit(folder, FILES if files is None else files)
    return folder
