"""The worker process as its parent sees it: JSON lines in and out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.parts import make_pdf, settings_of

ROOT = Path(__file__).parents[1]


@pytest.fixture
def worker(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "docqa.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
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

    say(worker, draw | {"page": 3, "out": str(tmp_path / "3.webp")})
    (error,) = events(worker)
    assert (error["event"], error["type"]) == ("error", "UnknownItemError")

    rest, _ = worker.communicate()
    assert worker.returncode == 0
    assert rest == ""
