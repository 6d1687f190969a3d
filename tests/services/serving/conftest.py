"""A supervisor over a server that is pretended, on a home of each test's own."""

import json
import queue
import socket
import sys
import threading
from pathlib import Path

import httpx
import pytest

from docqa.services.serving.key import ensure_key
from docqa.services.serving.state import ServePaths
from docqa.services.serving.supervisor import Launch, Patience, Supervisor
from docqa.settings import server_environment

SCRIPT = Path(__file__).with_name("pretended_server.py")
WAIT_S = 60
QUICK = Patience(poll_s=0.02, grace_s=WAIT_S, quick_s=600, quick_deaths=3, backoff_s=0.01)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Running:
    """A supervisor on a thread, and what it says."""

    def __init__(self, home, behaviour, patience):
        port = free_port()
        self.home = home
        self.paths = ServePaths(home)
        self.url = f"http://127.0.0.1:{port}"
        self.key = ensure_key(home)
        self.lives = self.paths.folder / "lives"
        self.stop, self.kill = threading.Event(), threading.Event()
        self.states, self.seen, self.lines = queue.Queue(), [], []
        arguments = (sys.executable, str(SCRIPT), "--port", str(port), "--behaviour", behaviour)
        arguments += ("--config", str(self.paths.key), "--lives", str(self.lives))
        launch = Launch(
            arguments,
            command="the command",
            base_url=self.url,
            model="a model",
            key=self.key,
            environment=server_environment(),
        )
        self.supervisor = Supervisor(
            launch, home, patience=patience, on_line=self._line, on_state=self._heard
        )
        self.result, self.gone = None, False
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        self.result = self.supervisor.run(self.stop, self.kill)

    def _line(self, line):
        self._listen()
        self.lines.append(line)

    def _heard(self, state):
        self._listen()
        self.states.put(state)

    def _listen(self):
        if self.gone:
            raise BrokenPipeError

    def until(self, status, **facts):
        """The first state of this status, and with these facts, from now on."""
        while True:
            state = self.states.get(timeout=WAIT_S)
            self.seen.append(state.status)
            if state.status == status and all(
                getattr(state, name) == value for name, value in facts.items()
            ):
                return state

    def die(self):
        """Have the server end, as a crash would."""
        with pytest.raises(httpx.TransportError):
            httpx.post(self.url + "/die", trust_env=False)

    def end(self):
        self.stop.set()
        self.thread.join(WAIT_S)
        return self.result


@pytest.fixture
def home(tmp_path):
    return tmp_path / "a home"


@pytest.fixture
def supervise(home):
    begun = []

    def begin(behaviour="serve", patience=QUICK):
        begun.append(Running(home, behaviour, patience))
        return begun[-1]

    yield begin
    for running in begun:
        running.kill.set()
        running.end()


@pytest.fixture
def pretended_python(tmp_path):
    """Stands in for the Python of an environment with SGLang, whose server is pretended."""
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = -c ]; then echo 0.5.23; exit; fi\n'
        "shift 2\n"  # -m sglang.launch_server
        f'exec {sys.executable} {SCRIPT} "$@"\n'
    )
    python.chmod(0o700)
    return python


@pytest.fixture
def small(tmp_path):
    """A model directory whose weights nobody reads."""
    folder = model_in(tmp_path / "small")
    (folder / "config.json").write_text(json.dumps(SMALL))
    return folder


def model_in(folder, *, shards=2, present=2):
    """A model directory with so many of its files of weights."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    names = [f"model-{number:05d}-of-{shards:05d}.safetensors" for number in range(1, shards + 1)]
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {f"layer.{name}": name for name in names}})
    )
    for name in names[:present]:
        (folder / name).write_bytes(b"weights")
    return folder


SMALL = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 1_000,
    "intermediate_size": 128,
    "max_position_embeddings": 8_192,
    "torch_dtype": "bfloat16",
}
