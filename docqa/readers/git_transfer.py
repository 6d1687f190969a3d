"""One run of `git fetch`: its progress is told, and it is stopped when it goes too far."""

import os
import re
import select
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docqa.errors import GitCancelledError, GitUnreachableError, RepositoryTooLargeError
from docqa.readers.git_process import MAX_MESSAGES, Git, git_program, stop

_PROGRESS = re.compile(r"(Enumerating|Counting|Compressing|Receiving|Resolving)[^:]*: +(.*)")
_COUNT = re.compile(r"(?:\d+% \()?(\d+)(?:/(\d+)\))?")

STALE_S = 3_600.0

Report = Callable[[str, int, int], None]
"""Called with a stage (`receiving`, ...), objects done, and objects in all (0: not known yet)."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much a fetch may bring, and how long it may be silent."""

    max_fetch_bytes: int = 2_000_000_000
    idle_s: float = 180.0


class Transfer:
    """One run of `git fetch`, watched."""

    def __init__(
        self, git: Git, limits: FetchLimits, report: Report, cancelled: Callable[[], bool]
    ) -> None:
        assert git.directory is not None
        self._git = git
        self._limits = limits
        self._report = report
        self._cancelled = cancelled
        self._packs = git.directory / "objects" / "pack"
        self._before = bytes_of(self._packs)
        self._messages = ""
        self._heard = 0.0

    def run(self, *arguments: str) -> None:
        """Fetch.

        Raises:
            GitError: If git fails, is silent for too long, brings too much, or is cancelled.
        """
        options = ("--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--progress")
        program = git_program(self._git.name)
        # Of a docqa that was killed; what is younger may be another process's.
        self._tidy(older_than_s=STALE_S)
        with subprocess.Popen(
            [program, "fetch", *options, "--update-shallow", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self._git.environment(),
            start_new_session=True,
        ) as process:
            try:
                self._watch(process)
                if process.wait() != 0:
                    raise self._git.failure(self._messages)
                self._check()
            finally:
                stop(process)
                self._tidy()

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        """Read what git says until it ends."""
        assert process.stderr is not None
        stream = process.stderr.fileno()
        self._heard = time.monotonic()
        while True:
            ready, _, _ = select.select([stream], [], [], 0.25)
            if ready:
                data = os.read(stream, 65_536)
                if not data:
                    return
                self._heard = time.monotonic()
                self._hear(data.decode(errors="replace"))
            self._check()

    def _check(self) -> None:
        if self._cancelled():
            raise GitCancelledError(self._git.name)
        if bytes_of(self._packs) - self._before > self._limits.max_fetch_bytes:
            raise RepositoryTooLargeError(self._git.name, self._limits.max_fetch_bytes)
        if time.monotonic() - self._heard > self._limits.idle_s:
            seconds = f"{self._limits.idle_s:,.0f}"
            raise GitUnreachableError(self._git.name, f"nothing came for {seconds} seconds")

    def _hear(self, text: str) -> None:
        self._messages = (self._messages + text)[-MAX_MESSAGES:]
        for line in re.split(r"[\r\n]", text)[-4:]:
            if (told := _PROGRESS.search(line)) and (count := _COUNT.match(told[2])):
                self._report(told[1].lower(), int(count[1]), int(count[2] or 0))

    def _tidy(self, *, older_than_s: float = 0.0) -> None:
        """Remove what a fetch that was stopped left behind."""
        assert self._git.directory is not None
        locks = (self._git.directory / name for name in ("shallow.lock", "packed-refs.lock"))
        for left in (*self._packs.glob("tmp_*"), *locks):
            try:
                if time.time() - left.stat().st_mtime >= older_than_s:
                    left.unlink(missing_ok=True)
            except FileNotFoundError:
                continue


def bytes_of(folder: Path) -> int:
    """Bytes of all files in a folder and below."""
    total = 0
    for above, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(above, name)).st_size
            except OSError:
                continue  # git renamed it in the meantime
    return total
