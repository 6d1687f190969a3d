"""Looks after one server: launches it, waits until it is healthy, starts it again when it dies."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from docqa.errors import StoreError
from docqa.services.serving.diagnosis import Diagnosis, diagnose
from docqa.services.serving.log import ServerLog, phase
from docqa.services.serving.process import ServerProcess
from docqa.services.serving.state import STOPPING, ServePaths, ServerState, started, write_state

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Launch:
    """What is run, and what is said of it."""

    arguments: tuple[str, ...]
    """The program and all of its arguments."""
    command: str
    """The same for people, and for a shell."""
    base_url: str
    model: str
    model_path: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """The user's options."""
    key: str = field(default="", repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds, and how often to try again."""

    poll_s: float = 1.0
    grace_s: float = 30.0
    quick_s: float = 60.0
    """A server that was healthy for less has died quickly."""
    quick_deaths: int = 3
    """So many quick deaths, one after another, are the end."""
    backoff_s: float = 2.0
    """Before the second start; doubled before each further one."""


class Supervisor:
    """Runs one server until `stop` is set or it cannot be kept alive. For one thread.

    Loading has no time limit: as long as the process lives it may take hours from a slow disk, or
    wait for other nodes. The state says what it is doing.
    """

    def __init__(
        self,
        launch: Launch,
        home: Path,
        *,
        patience: Patience | None = None,
        on_line: Callable[[str], None] = lambda line: None,
        on_state: Callable[[ServerState], None] = lambda state: None,
    ) -> None:
        self._launch = launch
        self._home = home
        self._paths = ServePaths(home)
        self._patience = patience or Patience()
        self._on_line = on_line
        self._on_state = on_state
        self._log = ServerLog(self._paths.log, secret=launch.key)
        self._state = ServerState()
        self._lock = threading.Lock()
        self._was_ready = False
        self._kill = threading.Event()

    def run(self, stop: threading.Event, kill: threading.Event | None = None) -> ServerState:
        """Keep the server running until `stop` is set; returns how it ended: stopped or failed.

        With `kill` set, the grace for what is in flight is cut short.

        Raises:
            ServerNotInstalledError: If the program cannot be launched.
            StoreError: If the first state cannot be written.
        """
        self._kill = kill or self._kill
        self._begin()
        quick_deaths = 0
        while not stop.is_set():
            lived_s, died = self._life(stop)
            if died is None:
                break
            quick_deaths = quick_deaths + 1 if lived_s < self._patience.quick_s else 1
            if gives_up := self._gives_up(died, quick_deaths):
                return self._set(
                    status="failed",
                    pid=None,
                    supervisor_pid=None,
                    detail="",
                    error=f"{gives_up}: {died.error}",
                    hint=died.hint or "The end of its log says more: docqa serve --log",
                )
            self._set(
                status="restarting",
                pid=None,
                restarts=self._state.restarts + 1,
                detail=f"it died ({died.error}); starting it again",
                ready_at=0.0,
            )
            stop.wait(self._patience.backoff_s * 2 ** (quick_deaths - 1))
        return self._set(status="stopped", pid=None, supervisor_pid=None, detail="")

    def _begin(self) -> None:
        """Say who is in charge now."""
        number = os.getpid()
        self._state = ServerState(
            status="starting",
            supervisor_pid=number,
            supervisor_started=started(number),
            base_url=self._launch.base_url,
            model=self._launch.model,
            model_path=self._launch.model_path,
            asked=self._launch.asked,
            command=self._launch.command,
            log_path=str(self._paths.log),
            started_at=time.time(),
        )
        write_state(self._home, self._state)
        self._tell(self._state)

    def _life(self, stop: threading.Event) -> tuple[float, Diagnosis | None]:
        """One life of the server: seconds that it was healthy, and its cause of death, if any."""
        self._log.forget()
        self._log.write(f"--- launched {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC ---")
        process = ServerProcess(
            self._launch.arguments,
            environment=self._launch.environment,
            folder=self._paths.folder,
            on_line=self._read,
        )
        ready_at = 0.0
        try:
            self._set(
                status="loading",
                pid=process.pid,
                pid_started=process.started,
                started_at=time.time(),
                detail="starting up",
            )
            if self._load(process, stop):
                ready_at = time.monotonic()
                self._was_ready = True
                self._set(status="ready", ready_at=time.time(), detail="", error="", hint="")
                while process.returncode is None and not stop.wait(self._patience.poll_s):
                    pass
        finally:
            returncode = process.returncode
            try:
                if returncode is None:
                    self._set(detail=STOPPING)
            finally:
                process.end(self._patience.grace_s, at_once=self._kill)
        if returncode is None or stop.is_set():
            return 0.0, None
        lived_s = time.monotonic() - ready_at if ready_at else 0.0
        return lived_s, diagnose(self._log.last(), returncode)

    def _load(self, process: ServerProcess, stop: threading.Event) -> bool:
        """Wait until the server is healthy; false if it died or is to stop."""
        headers = {"Authorization": f"Bearer {self._launch.key}"}
        # No proxy of the environment's: the server is on this machine.
        with httpx.Client(headers=headers, trust_env=False) as client:
            while process.returncode is None and not stop.is_set():
                if self._healthy(client, "/health", 5) and self._healthy(
                    client, "/health_generate", 25
                ):
                    return process.returncode is None
                stop.wait(self._patience.poll_s)
        return False

    def _healthy(self, client: httpx.Client, path: str, timeout_s: float) -> bool:
        try:
            return client.get(self._launch.base_url + path, timeout=timeout_s).is_success
        except httpx.TransportError:
            return False

    def _gives_up(self, died: Diagnosis, quick_deaths: int) -> str:
        """Why it is not started again; empty if it is."""
        if not self._was_ready:
            # Nobody has used it yet, and what failed while loading would mostly fail again.
            return "the server died while it was loading"
        if died.lasting:
            return "the server died and cannot be started again"
        if quick_deaths >= self._patience.quick_deaths:
            return f"the server died {quick_deaths} times in a row"
        return ""

    def _read(self, line: str) -> None:
        """Take a line of the log; on the reader's thread."""
        kept = self._log.write(line)
        try:
            self._on_line(kept)
        except OSError:
            # Nobody listens any more: a closed terminal. The server must be able to go on talking.
            self._on_line = lambda line: None
        if (doing := phase(kept)) and doing != self._state.detail:
            with self._lock:
                if self._state.status == "loading":
                    self._write(replace(self._state, detail=doing))

    def _set(self, **changes: Any) -> ServerState:  # noqa: ANN401
        with self._lock:
            self._write(replace(self._state, **changes))
        return self._state

    def _write(self, state: ServerState) -> None:
        self._state = state
        try:
            write_state(self._home, state)
        except StoreError as error:
            # The server goes on answering; only what is said of it is old.
            logger.warning("the server's state cannot be written: %s", error)
        self._tell(state)

    def _tell(self, state: ServerState) -> None:
        try:
            self._on_state(state)
        except OSError:
            # A closed terminal must not keep the server from being ended.
            self._on_state = lambda state: None
