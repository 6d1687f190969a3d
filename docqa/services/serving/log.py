"""The server's log: what it prints, bounded, without its key."""

import logging
import re
from collections import deque
from pathlib import Path

logger = logging.getLogger(__name__)

MAX_BYTES = 8_000_000
"""Of one file; there are two, the current one and the one before."""
KEPT_LINES = 1_000
MAX_LINE = 20_000
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PROGRESS = re.compile(r"(?P<share>\d{1,3})% Completed \| (?P<done>\d+)/(?P<total>\d+)")
_PHASES = (
    ("Load weight begin", "loading weights"),
    ("Load weight end", "weights are loaded"),
    ("KV Cache is allocated", "making room for the KV cache"),
    ("Capture cuda graph begin", "capturing CUDA graphs"),
    ("Capture cuda graph end", "CUDA graphs are captured"),
    ("Application startup complete", "warming up"),
)


class ServerLog:
    """Keeps lines in a file of at most `max_bytes`, the last ones also in memory.

    A full disk ends the writing, not the server.
    """

    def __init__(self, path: Path, *, secret: str = "", max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._secret = secret
        self._max_bytes = max_bytes
        self._size = path.stat().st_size if path.exists() else 0
        self._broken = False
        self._last: deque[str] = deque(maxlen=KEPT_LINES)

    def write(self, line: str) -> str:
        """Keep a line; returns it as it was kept."""
        line = _COLOUR.sub("", line.rstrip("\r\n"))[:MAX_LINE]
        if self._secret:
            # SGLang prints all of its arguments when it starts, the key among them.
            line = line.replace(self._secret, "[key]")
        self._last.append(line)
        self._append(line)
        return line

    def last(self, number: int = KEPT_LINES) -> tuple[str, ...]:
        """The last lines of this run."""
        return tuple(self._last)[-number:]

    def forget(self) -> None:
        """Begin anew: what another process printed explains nothing about the next."""
        self._last.clear()

    def _append(self, line: str) -> None:
        data = (line + "\n").encode("utf-8", "replace")
        try:
            if self._size + len(data) > self._max_bytes and self._size:
                self._path.replace(older(self._path))
                self._size = 0
            if not self._path.exists():
                self._path.touch(mode=0o600)
                self._size = 0
            with self._path.open("ab") as file:
                file.write(data)
        except OSError as error:
            if not self._broken:
                logger.warning("the server's log cannot be written: %s", error)
            self._broken = True
            return
        self._broken = False
        self._size += len(data)


def older(path: Path) -> Path:
    """Where the lines before those of this log are."""
    return path.with_name(path.name + ".1")


def log_tail(path: Path, number: int) -> tuple[str, ...]:
    """The last lines of a log on the disk, oldest first; none if there is no log."""
    lines: list[str] = []
    for part in (path, older(path)):
        if len(lines) < number:
            lines = _end_of(part).splitlines() + lines
    return tuple(lines[-number:])


def _end_of(path: Path, size: int = 200_000) -> str:
    try:
        with path.open("rb") as file:
            begin = max(0, path.stat().st_size - size)
            file.seek(begin)
            data = file.read()
    except OSError:
        return ""
    if begin:
        data = data[data.find(b"\n") + 1 :]
    return data.decode("utf-8", "replace")


def phase(line: str) -> str:
    """What a server that prints this line is doing while it loads; empty if the line tells not."""
    if found := _PROGRESS.search(line):
        return f"loading weights, {found['done']} of {found['total']} files"
    return next((text for words, text in _PHASES if words in line), "")
