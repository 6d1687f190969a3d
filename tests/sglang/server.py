"""A real SGLang server on a CPU, as a process of its own."""

import os
import signal
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import httpx

from tests.sglang.environment import Environment

KEY = "a-key-of-the-tests"
MODEL = "smollm2-135m"
CONTEXT_LENGTH = 8_192
MAX_TOTAL_TOKENS = 40_000
ENVIRONMENT = {
    "SGLANG_USE_CPU_ENGINE": "1",
    # Threads that spin while they wait make it ten times slower where other work needs the cores.
    "OMP_WAIT_POLICY": "passive",
    "PYTHONPATH": "",
}
STARTS_WITHIN_S = 300
STOPS_WITHIN_S = 30
IDLE_WITHIN_S = 60
POLL_S = 0.25


class SGLangServer:
    """Starts with `start`, answers at `base_url`, ends with `stop`."""

    def __init__(self, environment: Environment, folder: Path, *extra: str) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.key = KEY
        self.model = MODEL
        self.environment = environment
        self.log = folder / "sglang.log"
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Launch it and return when it answers.

        Raises:
            AssertionError: If it ends or is silent for too long; with the end of its log.
        """
        self.launch()
        self.wait_until_healthy()

    def launch(self) -> None:
        """Launch it and return at once, while it is loading."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                env={**os.environ, **ENVIRONMENT},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_healthy(self) -> None:
        """Return when it answers."""
        assert self._process is not None
        for _ in range(int(STARTS_WITHIN_S / POLL_S)):
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.base_url}/health", timeout=10).status_code == 200:
                    return
            # Waiting on the process is the pause between two polls, and sees it end at once.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(POLL_S)
                break
        raise AssertionError("SGLang did not start:\n" + self.log.read_text()[-4_000:])

    def command(self) -> list[str]:
        """What is run."""
        return [
            *(str(self.environment.python), "-m", "sglang.launch_server"),
            *("--model-path", str(self.environment.model), "--served-model-name", MODEL),
            *("--host", "127.0.0.1", "--port", str(self.port), "--api-key", KEY),
            *("--device", "cpu", "--dtype", "float32"),
            *("--attention-backend", "torch_native", "--sampling-backend", "pytorch"),
            *("--context-length", str(CONTEXT_LENGTH)),
            *("--max-total-tokens", str(MAX_TOTAL_TOKENS)),
            *("--enable-cache-report", "--constrained-json-disable-any-whitespace"),
            # Without it an idle server keeps a core busy.
            "--sleep-on-idle",
            *self._extra,
        ]

    @property
    def pid(self) -> int:
        """Of the process that was launched; it has children."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """End it and its children; nothing happens when it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOPS_WITHIN_S)
        # The process group is the server's own; what is left of it ends here.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def client(self) -> httpx.Client:
        """A client that sends the key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=300)

    def becomes_idle(self) -> bool:
        """Wait until no request is running; False if one still is after a while."""
        pause = threading.Event()
        with self.client() as client:
            for _ in range(int(IDLE_WITHIN_S / POLL_S)):
                load = client.get("/v1/loads").raise_for_status().json()["loads"][0]
                if load["num_running_reqs"] == load["num_waiting_reqs"] == 0:
                    return True
                pause.wait(POLL_S)
        return False


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
