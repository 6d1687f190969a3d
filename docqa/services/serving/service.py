"""Running the model server of this installation, in the foreground or beside the app."""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from docqa.errors import ServerRunningError, ServingError
from docqa.services.serving.launching import DetectGpus, Prepared, launch, prepared
from docqa.services.serving.lock import only_supervisor
from docqa.services.serving.log import log_tail
from docqa.services.serving.options import ServeOptions
from docqa.services.serving.process import end_orphan
from docqa.services.serving.state import ServePaths, ServerState, read_state, write_state
from docqa.services.serving.supervisor import Patience, Supervisor
from docqa.settings import Settings, environment_of
from docqa.store.disk import disk_errors

logger = logging.getLogger(__name__)

_COMMAND = (
    sys.executable,
    "-P",
    "-c",
    f"import sys; sys.path.append({str(Path(__file__).parents[3])!r});"
    " from docqa.cli_serve import main; main()",
    "--quiet",
    "--json",
)
"""`docqa serve`, in whatever way this docqa came to be importable."""
HEAR_S = 30.0
START_TIMEOUT_S = 180.0
"""For looking at GPUs, model and SGLang, before anything is loaded."""


class ServingService:
    """Starts, stops and watches the server of one DOCQA_HOME, from any process."""

    def __init__(self, settings: Settings, *, detect: DetectGpus) -> None:
        self._settings = settings
        self._detect = detect
        self._paths = ServePaths(settings.home)

    def state(self) -> ServerState:
        """The server's state, from the disk; whoever started it."""
        return read_state(self._settings.home)

    def log_tail(self, number: int = 40) -> tuple[str, ...]:
        """The last lines that the server printed, oldest first."""
        return log_tail(self._paths.log, number)

    def plan(self, options: ServeOptions) -> Prepared:
        """What would be run for these options, here or on the GPUs that they name.

        Raises:
            ServingError: If the model does not fit, or there is no GPU.
            InputError: If the model or the GPUs are not known.
        """
        return prepared(self._settings, options, detect=self._detect)

    def supervise(
        self,
        options: ServeOptions,
        *,
        stop: threading.Event,
        kill: threading.Event,
        patience: Patience | None = None,
        on_line: Callable[[str], None] = lambda line: None,
        on_state: Callable[[ServerState], None] = lambda state: None,
    ) -> ServerState:
        """Run the server in this process until `stop` is set; returns how it ended.

        Raises:
            ServerRunningError: If another process does so for this home.
            ServingError: If something that it needs is missing.
            StoreError: If the folder cannot be written.
        """
        home = self._settings.home
        with only_supervisor(home):
            end_orphan(read_state(home))
            launching = launch(self._settings, options, detect=self._detect)
            supervisor = Supervisor(
                launching, home, patience=patience, on_line=on_line, on_state=on_state
            )
            return supervisor.run(stop, kill)

    def start(self, options: ServeOptions | None = None) -> ServerState:
        """Have a process of its own run the server: it outlives this one. Does not wait for it.

        What is missing is said within seconds; the state tells how the loading goes.

        Raises:
            ServerRunningError: If one is run already.
            ServingError: If it cannot be started, with the reason.
            StoreError: If the folder cannot be written.
        """
        before = self.state()
        if before.running:
            raise ServerRunningError(before.base_url, before.supervisor_pid)
        self._paths.make()
        arguments = (*_COMMAND, *(options or ServeOptions()).arguments())
        with disk_errors(self._paths.supervisor_log):
            descriptor = os.open(
                self._paths.supervisor_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
            )
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                env=environment_of(self._settings),
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        # Someone has to take note of its end, or it stays in the list of processes for ever.
        threading.Thread(target=process.wait, name="serve-end", daemon=True).start()
        return self._wait_for(process, before)

    def stop(self, wait_s: float = 0.0) -> ServerState:
        """End the server: it answers what is in flight first; told again, it ends at once.

        Waits until it has heard, and up to `wait_s` seconds until it has ended.
        """
        state = self.state()
        if state.orphaned:
            end_orphan(state)
            write_state(self._settings.home, ServerState(log_path=state.log_path))
        elif state.running and state.supervisor_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(state.supervisor_pid, signal.SIGTERM)
            self._until(lambda: not self.state().running or self.state().stopping, HEAR_S)
            self._until(lambda: not self.state().running, wait_s)
        return self.state()

    def wait(self, timeout_s: float | None = None) -> ServerState:
        """Wait until the server is ready, or is not run any more; returns its state."""
        self._until(lambda: self.state().status not in {"starting", "loading"}, timeout_s)
        return self.state()

    def _wait_for(self, process: subprocess.Popen[bytes], before: ServerState) -> ServerState:
        self._until(
            lambda: process.poll() is not None or self.state().supervisor_pid == process.pid,
            START_TIMEOUT_S,
        )
        state = self.state()
        if process.poll() is None or state != before:
            # It took over; if it has failed since, its state says why.
            return state
        raise self._reason()

    def _reason(self) -> ServingError:
        """What a supervisor that did not get far said at its end."""
        lines = log_tail(self._paths.supervisor_log, 50)
        for line in reversed(lines):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                said = json.loads(line)["error"]
                return ServingError(str(said["message"]), str(said["hint"]))
        return ServingError("docqa serve ended at once", "; ".join(lines[-3:]))

    @staticmethod
    def _until(true: Callable[[], bool], timeout_s: float | None) -> None:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        pause = threading.Event()
        while not true() and (deadline is None or time.monotonic() < deadline):
            pause.wait(0.1)
