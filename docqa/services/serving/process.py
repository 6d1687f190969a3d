"""The server's processes: launched in a group of their own, read line by line, ended for certain.

A group of its own: Ctrl-C in the terminal reaches the supervisor alone, and an SGLang scheduler
that fails may end its whole group without ending docqa.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import psutil

from docqa.errors import ServerNotInstalledError
from docqa.services.serving.state import ServerState, started

_LINE_BYTES = 65_536


class ServerProcess:
    """A launched server; `on_line` gets what it prints, on a thread of its own."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        on_line: Callable[[str], None],
    ) -> None:
        """Launch it.

        Raises:
            ServerNotInstalledError: If there is no such program.
        """
        try:
            self._process = subprocess.Popen(
                list(arguments),
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise ServerNotInstalledError(arguments[0], error.strerror or str(error)) from error
        self.pid = self._process.pid
        self.started = started(self.pid)
        self._on_line = on_line
        self._reader = threading.Thread(target=self._read, name="server-log", daemon=True)
        self._reader.start()

    @property
    def returncode(self) -> int | None:
        """The exit status, None while it runs."""
        return self._process.poll()

    def end(self, grace_s: float, *, at_once: threading.Event) -> None:
        """Ask it to end, and after `grace_s` seconds, or `at_once`, make it; all of its group.

        It answers what is in flight first, hence the grace.
        """
        if self.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + grace_s
            while self.returncode is None and time.monotonic() < deadline:
                if at_once.wait(0.1):
                    break
        self.clear()

    def clear(self) -> None:
        """Kill what is left of the group and wait for the end of it, and of its output."""
        kill_group(self.pid)
        self._process.wait()
        # A process that left the group may hold the pipe open; its words are not waited for.
        self._reader.join(timeout=5)
        if not self._reader.is_alive():
            assert self._process.stdout is not None
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in iter(lambda: self._process.stdout.readline(_LINE_BYTES), ""):  # type: ignore[union-attr]
            self._on_line(line)


def kill_group(pid: int) -> None:
    """Kill a process group of ours and wait until its GPU memory and ports are given back."""
    members = _group(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _wait(members, 30.0)


def end_orphan(state: ServerState, grace_s: float = 30.0) -> None:
    """End a server whose supervisor is gone: exactly that process and its group, or nothing."""
    if not state.orphaned or state.pid is None:
        return
    with contextlib.suppress(psutil.Error):
        orphan = psutil.Process(state.pid)
        orphan.terminate()
        _wait([orphan], grace_s)
    kill_group(state.pid)


def _group(pid: int) -> list[psutil.Process]:
    """The processes of a group but its leader, which its parent waits for."""
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if process.pid != pid and os.getpgid(process.pid) == pid:
                members.append(process)
    return members


def _wait(processes: Iterable[psutil.Process], timeout_s: float) -> None:
    """Wait until these have ended.

    One that is dead and not yet buried has: in a container nobody may bury others' children.
    """
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while any(_runs(process) for process in processes) and time.monotonic() < deadline:
        pause.wait(0.05)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
