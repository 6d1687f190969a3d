"""The bounded log, the key, and reading a cause of death from the last lines."""

import json
import multiprocessing
import stat

import pytest

from docqa.errors import ServerRunningError
from docqa.services.serving.diagnosis import diagnose
from docqa.services.serving.key import ensure_key, read_key
from docqa.services.serving.lock import only_supervisor
from docqa.services.serving.log import ServerLog, log_tail, older, phase
from docqa.services.serving.state import ServerState, write_state


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_log_never_takes_more_than_twice_its_limit(tmp_path):
    path = tmp_path / "server.log"
    log = ServerLog(path, max_bytes=1_000)

    for number in range(500):
        log.write(f"line {number:04d} of many\n")

    assert path.stat().st_size <= 1_000
    assert older(path).stat().st_size <= 1_000
    assert log_tail(path, 60)[-1] == "line 0499 of many"
    assert len(log_tail(path, 60)) == 60
    assert mode(path) == 0o600


def test_a_log_goes_on_where_the_last_run_ended(tmp_path):
    path = tmp_path / "server.log"
    ServerLog(path).write("first")
    log = ServerLog(path)
    log.write("second")

    assert log_tail(path, 9) == ("first", "second")
    assert log.last() == ("second",)


def test_the_tail_of_no_log_is_empty(tmp_path):
    assert log_tail(tmp_path / "server.log", 9) == ()


def test_a_line_without_end_is_cut(tmp_path):
    assert len(ServerLog(tmp_path / "server.log").write("x" * 100_000)) == 20_000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Load weight begin. avail mem=139.7 GB", "loading weights"),
        (
            "Loading safetensors checkpoint shards:  80% Completed | 40/50 [00:51<00:12]",
            "loading weights, 40 of 50 files",
        ),
        ("Capture cuda graph begin. This can take up to several minutes.", "capturing CUDA graphs"),
        ("INFO:     127.0.0.1:1 - GET /health 200", ""),
    ],
)
def test_a_loading_server_says_what_it_does(line, said):
    assert phase(line) == said


@pytest.mark.parametrize(
    ("lines", "code", "error", "lasting"),
    [
        (["torch.OutOfMemoryError: CUDA out of memory. Tried"], 1, "ran out of memory", False),
        (
            ["RuntimeError: Not enough memory. Please try to increase --mem-fraction-static."],
            1,
            "no GPU memory for the KV cache",
            True,
        ),
        (
            ["launch_server.py: error: unrecognized arguments: --swa-full-tokens-ratio 0.5"],
            2,
            "does not know the flags --swa-full-tokens-ratio 0.5",
            True,
        ),
        (["ModuleNotFoundError: No module named 'sgl_kernel'"], 1, "the package sgl_kernel", True),
        (["OSError: [Errno 28] No space left on device"], 1, "no space is left", True),
        (["[Errno 98] address already in use"], 1, "another program listens", True),
        (["ValueError: the model has a mistake", "Exit"], 1, "ValueError: the model has a", False),
        (["KeyError: {not a format}"], 1, "KeyError: {not a format}", False),
        ([], -9, "the system killed it", False),
        ([], -11, "SIGSEGV", False),
        (["all is well"], 3, "exit status 3", False),
        ([], None, "exit status", False),
    ],
)
def test_a_death_has_a_cause_in_words(lines, code, error, lasting):
    found = diagnose(lines, code)

    assert error in found.error
    assert found.lasting == lasting


def test_the_first_cause_counts_not_its_consequences():
    lines = [
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 5.00 GiB.",
        "RuntimeError: Rank 0 scheduler died during initialization (exit code: -9).",
    ]

    assert "GPUs ran out of memory" in diagnose(lines, -9).error


def test_a_key_is_made_once_and_for_this_user_alone(tmp_path):
    assert read_key(tmp_path) == ""
    key = ensure_key(tmp_path)

    assert len(key) >= 32
    assert ensure_key(tmp_path) == read_key(tmp_path) == key
    path = tmp_path / "serve" / "config.yaml"
    assert json.loads(path.read_text()) == {"api-key": key}
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700


def _hold(home, taken, enough):
    with only_supervisor(home):
        taken.set()
        enough.wait(60)


def test_a_home_has_one_supervisor(tmp_path):
    context = multiprocessing.get_context("spawn")
    taken, enough = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path, taken, enough))
    other.start()
    assert taken.wait(60)
    write_state(tmp_path, ServerState(status="ready", base_url="http://127.0.0.1:30000"))

    with (
        pytest.raises(ServerRunningError, match="30000"),
        only_supervisor(tmp_path),
    ):
        pass

    enough.set()
    other.join(60)
    with only_supervisor(tmp_path):
        pass
