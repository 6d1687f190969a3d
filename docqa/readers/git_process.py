"""Git as a process: what it is allowed, how it is stopped, and what its messages mean.

Git is given argument lists, never a shell; no configuration but ours, no hooks, no prompts, and no
transport but the one that the address names. Nothing is ever checked out.
"""

import base64
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO

from docqa.errors import (
    GitCancelledError,
    GitError,
    GitMissingError,
    GitUnreachableError,
)
from docqa.readers.git_address import GitAddress
from docqa.readers.git_messages import translated
from docqa.settings import git_environment

OLDEST = (2, 32)
"""The first git that takes its configuration from the environment alone."""
TIMEOUT_S = 60.0
MAX_OUTPUT = 256_000_000
MAX_MESSAGES = 20_000

_SSH = (
    "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ForwardAgent=no -o ClearAllForwardings=yes"
    " -o PermitLocalCommand=no"
)
_HARMLESS = (
    *("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate", "missingSpaceBeforeEmail"),
    *("badEmail", "missingNameBeforeEmail", "gitmodulesUrl"),
    *("gitmodulesParse", "zeroPaddedDate", "missingTaggerEntry", "badTagName"),
)
"""Faults of old repositories that do no harm."""
_CONFIG = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.askPass": "",
    "core.pager": "cat",
    "core.quotePath": "false",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "fetch.unpackLimit": "1",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "log.showSignature": "false",
    "blame.ignoreRevsFile": "",
    "protocol.allow": "never",
    "transfer.fsckObjects": "true",
    **{f"fetch.fsck.{name}": "ignore" for name in _HARMLESS},
}


@dataclass(frozen=True, slots=True)
class GitCredentials:
    """A token, and the only host that it is sent to."""

    host: str
    token: str = field(repr=False)

    def header_for(self, address: GitAddress) -> tuple[str, str] | None:
        """Key and value of git's configuration that carry the token; None for other hosts."""
        if not self.token or address.scheme not in ("https", "http"):
            return None
        if address.host.lower() != self.host.strip().lower():
            return None
        basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        key = f"http.{address.scheme}://{address.host}/.extraHeader"
        return key, f"Authorization: Basic {basic}"


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git for one repository, or for none yet."""

    name: str
    """Of the source, for messages."""
    directory: Path | None = None
    """The repository's own directory (`GIT_DIR`)."""
    folder: Path | None = None
    """A working tree in which git looks for its directory itself."""
    address: GitAddress | None = None
    """The one place that may be asked over the network."""
    credentials: GitCredentials | None = None

    def output(
        self,
        *arguments: str,
        timeout_s: float = TIMEOUT_S,
        limit: int = MAX_OUTPUT,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> bytes:
        """What git writes, at most `limit` bytes.

        Raises:
            GitError: If git fails, takes too long, or writes more; or when `cancelled` says so.
        """
        data = bytearray()
        with self.started(*arguments, timeout_s=timeout_s) as running:
            stream = running.stdout.fileno()
            while True:
                ready, _, _ = select.select([stream], [], [], 0.25)
                if cancelled():
                    raise GitCancelledError(self.name)
                chunk = os.read(stream, 1 << 20) if ready else None
                if chunk == b"":
                    break
                data += chunk or b""
                if len(data) > limit:
                    raise GitError(self.name, f"git {arguments[0]} tells more than docqa takes in")
            running.finish()
        return bytes(data)

    @contextmanager
    def started(
        self, *arguments: str, timeout_s: float = TIMEOUT_S, with_input: bool = False
    ) -> "Iterator[Running]":
        """A running git; it has ended when the context has.

        Raises:
            GitMissingError: If git is not installed, or too old.
        """
        with tempfile.TemporaryFile() as messages:
            process = subprocess.Popen(
                [git_program(self.name), *arguments],
                stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=messages,
                env=self.environment(),
                cwd=self.folder or self.directory,
                start_new_session=True,
            )
            running = Running(self, process, messages)
            timer = threading.Timer(timeout_s, running.time_out)
            timer.daemon = True
            timer.start()
            try:
                yield running
            finally:
                timer.cancel()
                stop(process)

    def environment(self) -> dict[str, str]:
        """All that git knows: no user's or machine's configuration, and no question to anybody."""
        scheme = self.address.scheme if self.address else ""
        config = dict(_CONFIG)
        if header := self._header():
            config[header[0]] = header[1]
            # A redirect would take the token along.
            config["http.followRedirects"] = "false"
        environment = git_environment() | {
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": scheme,
            "GIT_PROTOCOL_FROM_USER": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_SSH_COMMAND": _SSH,
            "GIT_HTTP_LOW_SPEED_LIMIT": "100",
            "GIT_HTTP_LOW_SPEED_TIME": "60",
            "GIT_CONFIG_COUNT": str(len(config)),
        }
        if self.directory is not None:
            environment["GIT_DIR"] = str(self.directory)
        for number, (key, value) in enumerate(config.items()):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment

    def _header(self) -> tuple[str, str] | None:
        if self.credentials is None or self.address is None:
            return None
        return self.credentials.header_for(self.address)

    def failure(self, messages: str) -> GitError:
        """The error that git's messages mean, without any credentials."""
        return translated(self.name, self._clean(messages), self.address)

    def _clean(self, messages: str) -> str:
        header = self._header()
        token = self.credentials.token if self.credentials else ""
        for secret in (token, header[1].rpartition(" ")[2] if header else ""):
            if secret:
                messages = messages.replace(secret, "***")
        return re.sub(r"(?<=://)[^/\s@]+@", "", messages)


class Running:
    """A process of git that was started."""

    def __init__(self, git: Git, process: "subprocess.Popen[bytes]", messages: IO[bytes]) -> None:
        self._git = git
        self._messages = messages
        self._timed_out = False
        self.process = process

    @property
    def stdout(self) -> IO[bytes]:
        """What git writes."""
        assert self.process.stdout is not None
        return self.process.stdout

    @property
    def stdin(self) -> IO[bytes]:
        """What git reads."""
        assert self.process.stdin is not None
        return self.process.stdin

    def time_out(self) -> None:
        """Stop it because it takes too long."""
        # Its streams are in use by the thread that reads them, and end with it.
        self._timed_out = True
        _kill(self.process)

    def finish(self) -> None:
        """Wait for its end.

        Raises:
            GitError: If it failed.
        """
        code = self.process.wait()
        if self._timed_out:
            raise GitUnreachableError(self._git.name, "git took too long and was stopped")
        if code != 0:
            self._messages.seek(0)
            raise self._git.failure(self._messages.read(MAX_MESSAGES).decode(errors="replace"))


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process of git with all that it started."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue  # it had ended before it read what was left
    if process.poll() is None:
        _kill(process)
    process.wait()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()


def git_program(name: str) -> str:
    """Where git is.

    Raises:
        GitMissingError: If it is not installed, or too old.
    """
    program = shutil.which("git", path=git_environment().get("PATH"))
    if program is None:
        raise GitMissingError(name)
    version = _version(program)
    if version < OLDEST:
        found, wanted = (".".join(map(str, each)) for each in (version, OLDEST))
        raise GitMissingError(name, f"git {found} is too old, {wanted} is needed")
    return program


@lru_cache(maxsize=4)
def _version(program: str) -> tuple[int, ...]:
    try:
        told = subprocess.run(
            [program, "--version"], capture_output=True, check=False, timeout=TIMEOUT_S
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(rb"(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else ()
