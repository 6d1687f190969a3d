"""What is known of the server that `docqa serve` runs: one small file, read by anyone."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import psutil

from docqa.store.disk import disk_errors

Status = Literal["stopped", "starting", "loading", "ready", "restarting", "failed"]
RUNNING: frozenset[Status] = frozenset({"starting", "loading", "ready", "restarting"})
STOPPING = "stopping: what is in flight is answered first"
"""The detail of a server that has been told to end."""
_SAME_START_S = 2.0
"""Two readings of one process's start differ by less, two processes of one number by more."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """The server, as its supervisor last said. Times are seconds since 1970."""

    status: Status = "stopped"
    pid: int | None = None
    """SGLang's main process."""
    supervisor_pid: int | None = None
    """The `docqa serve` that looks after it."""
    base_url: str = ""
    """The server's root; set while one is run."""
    model: str = ""
    """What was asked for: a known name, a hub name or a directory."""
    model_path: str = ""
    """The model's directory on this machine."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """The options that it was started with, by their names in `ServeOptions`."""
    command: str = ""
    started_at: float = 0.0
    """When the process that runs now was launched."""
    ready_at: float = 0.0
    """When it was first healthy; 0 until then."""
    restarts: int = 0
    detail: str = ""
    """What it is doing while it loads."""
    error: str = ""
    hint: str = ""
    log_path: str = ""
    pid_started: float = 0.0
    supervisor_started: float = 0.0

    @property
    def running(self) -> bool:
        """Whether a supervisor looks after a server now, healthy or on its way to be."""
        return self.status in RUNNING

    @property
    def stopping(self) -> bool:
        """Whether it has been told to end."""
        return self.running and self.detail == STOPPING

    @property
    def orphaned(self) -> bool:
        """Whether the server outlived its supervisor."""
        return not self.running and alive(self.pid, self.pid_started)


@dataclass(frozen=True, slots=True)
class ServePaths:
    """The files of `docqa serve` under one DOCQA_HOME."""

    home: Path
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.home.absolute() / "serve")

    @property
    def state(self) -> Path:
        """The supervisor's last word."""
        return self.folder / "state.json"

    @property
    def key(self) -> Path:
        """The server's key, as the file that its `--config` names."""
        return self.folder / "config.yaml"

    @property
    def log(self) -> Path:
        """What the server printed; the part before it is in the file of this name and `.1`."""
        return self.folder / "server.log"

    @property
    def supervisor_log(self) -> Path:
        """What a supervisor that was started by a page printed."""
        return self.folder / "supervisor.log"

    @property
    def lock(self) -> Path:
        """Held by the one supervisor of this home."""
        return self.folder / "lock"

    def make(self) -> None:
        """Make the folder, for this user alone.

        Raises:
            StoreError: If it cannot be made.
        """
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def read_state(home: Path) -> ServerState:
    """The state of this home's server. Never raises; whom nobody looks after is not running."""
    try:
        raw = json.loads(ServePaths(home).state.read_text("utf-8"))
        known = {item.name for item in fields(ServerState)}
        state = ServerState(**{name: value for name, value in raw.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError):
        return ServerState()
    if not state.running or alive(state.supervisor_pid, state.supervisor_started):
        return state
    if alive(state.pid, state.pid_started):
        return replace(
            state,
            status="failed",
            supervisor_pid=None,
            error="docqa serve ended unexpectedly; its server runs on with nobody to look after it",
            hint="Start it again, which ends that one first, or end it: docqa serve --stop",
        )
    return replace(state, status="stopped", pid=None, supervisor_pid=None, detail="")


def write_state(home: Path, state: ServerState) -> None:
    """Put a new state in place of the last one, whole or not at all.

    Raises:
        StorageFullError: If the disk is full.
        StoreError: If it cannot be written.
    """
    paths = ServePaths(home)
    paths.make()
    replace_file(paths.state, json.dumps(asdict(state)))


def replace_file(path: Path, text: str) -> None:
    """Put a file for this user alone in place of another, whole or not at all.

    Raises:
        StoreError: If it cannot be written; what was there stays.
    """
    with disk_errors(path):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def alive(pid: int | None, started: float) -> bool:
    """Whether this very process lives: its number may have been given to another since."""
    if not pid:
        return False
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _SAME_START_S
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def started(pid: int) -> float:
    """When a process started, 0 if there is none of this number."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0
