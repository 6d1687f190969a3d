"""The worker process as its parent sees it: JSON lines in and out."""

import json
import signal
import subprocess

import pytest

from docqa.services.processes import COMMAND
from tests.services.parts import make_pdf, settings_of


def hostile_folder(folder):
    """A folder whose files are called like modules that a worker imports."""
    folder.mkdir()
    for name in ("json", "queue", "logging", "docqa", "pymupdf"):
        (folder / f"{name}.py").write_text("raise SystemExit('this was read, and run')\n")
    return folder


@pytest.fixture
def worker(tmp_path):
    process = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=hostile_folder(tmp_path / "hostile"),
    )
    settings = settings_of(tmp_path / "home", api_key="secret key")
    say(process, json.loads(settings.model_dump_json(exclude={"api_key"})))
    yield process
    process.kill()
    process.communicate()


def say(process, message):
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def events(process):
    """The events of a task, without its `done`."""
    heard = []
    while (event := json.loads(process.stdout.readline()))["event"] != "done":
        heard.append(event)
    return heard


def test_a_worker_says_only_events_and_ends_when_its_input_closes(worker, tmp_path):
    path = make_pdf(tmp_path / "a.pdf")
    draw = {"task": "page", "path": str(path), "width": 160, "id": "x"}

    say(worker, draw | {"page": 1, "out": str(tmp_path / "1.webp")})
    assert events(worker) == []

    # On a terminal an interrupt reaches workers as well as their parent, which decides.
    worker.send_signal(signal.SIGINT)
    say(worker, draw | {"page": 3, "out": str(tmp_path / "3.webp")})
    (error,) = events(worker)
    assert (error["event"], error["type"]) == ("error", "UnknownItemError")

    rest, _ = worker.communicate()
    assert worker.returncode == 0
    assert rest == ""
