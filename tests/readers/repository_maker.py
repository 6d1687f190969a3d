"""Small real repositories."""

import os
import subprocess
from pathlib import Path

_WHO = ("-c", "user.name=Ann Author", "-c", "user.email=ann@example.org")
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Repository:
    """A repository with a working tree, to commit to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """What git says."""
        ran = subprocess.run(
            ["git", *_WHO, *arguments],
            cwd=self.folder,
            env=_ENVIRONMENT,
            check=True,
            capture_output=True,
        )
        return ran.stdout.decode().strip()

    def write(self, path: str | bytes, data: str | bytes) -> None:
        """Put a file into the working tree."""
        target = os.path.join(os.fsencode(self.folder), os.fsencode(path))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())

    def commit(self, files: dict[str, str | bytes] | None = None, subject: str = "Work") -> str:
        """Write files and commit all that changed; returns the commit."""
        for path, data in (files or {}).items():
            self.write(path, data)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD")
