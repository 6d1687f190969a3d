"""`docqa serve`: what it prints for machines that are not here, and how it runs and ends here."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from docqa import cli
from docqa.services.serving.service import ServingService
from docqa.services.serving.state import ServerState, alive, read_state, write_state
from docqa.settings import Settings
from tests.services.serving import conftest
from tests.services.serving.conftest import WAIT_S, free_port

pretended_python = conftest.pretended_python
small = conftest.small
ROOT = Path(__file__).parents[1]

ONE_H200 = """\
python -m sglang.launch_server \
--model-path RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic --served-model-name scout \
--config HOME/serve/config.yaml --host 127.0.0.1 --port 30000 --tp-size 1 \
--context-length 544768 --kv-cache-dtype fp8_e4m3 --mem-fraction-static 0.908 \
--chunked-prefill-size 8192 --max-running-requests 32 --page-size 64 \
--swa-full-tokens-ratio 0.1701 --attention-backend fa3 --enable-cache-report --enable-metrics \
--constrained-json-disable-any-whitespace --sleep-on-idle
"""
EIGHT_H200 = """\
python -m sglang.launch_server \
--model-path meta-llama/Llama-4-Scout-17B-16E-Instruct --served-model-name scout \
--config HOME/serve/config.yaml --host 127.0.0.1 --port 30000 --tp-size 8 \
--context-length 10485760 --kv-cache-dtype fp8_e4m3 --mem-fraction-static 0.893 \
--chunked-prefill-size 8192 --max-running-requests 32 --page-size 64 \
--swa-full-tokens-ratio 0.0029 --attention-backend fa3 --enable-cache-report --enable-metrics \
--constrained-json-disable-any-whitespace --sleep-on-idle
"""
NODE_OF_8_H100 = """\
python -m sglang.launch_server \
--model-path meta-llama/Llama-4-Scout-17B-16E-Instruct --served-model-name scout \
--config HOME/serve/config.yaml --host 127.0.0.1 --port 30000 --tp-size 16 --attn-dp-size 2 \
--nnodes 2 --node-rank {rank} --dist-init-addr {meet} \
--context-length 10485760 --kv-cache-dtype fp8_e4m3 --mem-fraction-static 0.797 \
--chunked-prefill-size 16384 --max-running-requests 64 --page-size 64 \
--swa-full-tokens-ratio 0.0058 --attention-backend fa3 --enable-cache-report --enable-metrics \
--constrained-json-disable-any-whitespace --sleep-on-idle
"""
ROUTER = """\
python -m sglang_router.launch_router \
--worker-urls http://10.0.0.5:30000 http://10.0.0.6:30000 --policy cache_aware \
--host 0.0.0.0 --port 30080
"""
SERVERS = ("--server", "http://10.0.0.5:30000", "--server", "http://10.0.0.6:30000")


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("DOCQA_HOME", str(home))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return home


@pytest.fixture
def run(monkeypatch, capsys, home):
    """Runs `docqa serve`: exit status, standard output and standard error."""

    def run_(*arguments):
        monkeypatch.setattr(sys, "argv", ["docqa", "serve", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out.replace(str(home), "HOME"), said.err

    return run_


@pytest.mark.parametrize(
    ("gpus", "printed"),
    [
        (("--gpus", "1xH200"), ONE_H200),
        (("--gpus", "8xH200"), EIGHT_H200),
        (
            ("--gpus", "2x8xH100"),
            NODE_OF_8_H100.format(rank=0, meet="HEAD_NODE:20000")
            + NODE_OF_8_H100.format(rank=1, meet="HEAD_NODE:20000"),
        ),
        (
            ("--gpus", "8xH100", "--nodes", "2", "--dist-init-addr", "10.0.0.5:20000"),
            NODE_OF_8_H100.format(rank=0, meet="10.0.0.5:20000")
            + NODE_OF_8_H100.format(rank=1, meet="10.0.0.5:20000"),
        ),
        (
            ("--gpus", "8xH200", *SERVERS),
            EIGHT_H200.replace("--host 127.0.0.1", "--host 0.0.0.0") + ROUTER,
        ),
    ],
    ids=["1xH200", "8xH200", "2x8xH100", "two nodes of 8xH100", "two servers"],
)
def test_a_dry_run_prints_the_commands_and_nothing_else(run, home, gpus, printed):
    assert run("--dry-run", *gpus)[:2] == (0, printed)
    assert not home.exists()


def test_several_machines_get_commands_without_being_asked_for_a_dry_run(run):
    code, out, err = run("--gpus", "2x8xH100")

    assert (code, len(out.splitlines())) == (0, 2)
    assert "run each command on its own machine" in err
    assert "HEAD_NODE stands for the first machine's address" in err


def test_arguments_for_sglang_come_last_and_win(run):
    assert run("--dry-run", "--gpus", "8xH200", "--", "--log-level", "warning")[1].endswith(
        "--sleep-on-idle --log-level warning\n"
    )


def test_the_disk_of_the_hierarchical_cache_is_bounded(run):
    _, out, err = run(
        "--dry-run", "--gpus", "8xH200", "--hicache-gb", "800", "--hicache-disk-gb", "4000"
    )

    assert "--enable-hierarchical-cache --hicache-size 100" in out
    assert "HOME/serve/kv/fp8" in out
    assert "SGLANG_HICACHE_FILE_BACKEND_MAX_SIZE=500000000000" in err


def test_a_dry_run_as_json_is_one_object(run):
    _, out, _ = run("--dry-run", "--gpus", "8xH200", "--json")
    told = json.loads(out)

    assert told["commands"] == [EIGHT_H200.strip()]
    assert told["context_length"] == 10_485_760
    assert told["base_url"] == "http://127.0.0.1:30000"


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        (("--gpus", "8xABACUS"), "UnknownGpuError", "8xABACUS"),
        (("--gpus", "L4"), "ServingError", "does not fit"),
        (("--gpus", "8xH200", "--model", "scouty"), "ModelMissingError", "no model directory"),
        (("--gpus", "8xH200", "--model", "behemoth"), "ServingError", "never released"),
        (("--gpus", "8xH200"), "ModelMissingError", "is not on this machine"),
    ],
)
def test_what_is_missing_is_an_error_with_a_hint(run, arguments, kind, said):
    code, out, err = run(*arguments, "--json")
    told = json.loads(out)["error"]

    assert code == 1
    assert told["type"] == kind
    assert said in told["message"]
    assert told["hint"]
    assert "error:" in err


def test_without_a_server_the_state_is_stopped(run):
    assert run("--status")[:2] == (0, "stopped\n")
    assert run("--stop")[:2] == (0, "stopped\n")
    assert run("--log")[:2] == (0, "\n")
    assert json.loads(run("--status", "--json")[1])["status"] == "stopped"


def test_a_failure_stays_to_be_read(run, home):
    write_state(home, ServerState(status="failed", error="the GPUs ran out", hint="Use more."))

    _, out, err = run("--status")

    assert out == "failed, the GPUs ran out\n"
    assert "hint: Use more." in err


@pytest.fixture
def environment(home, pretended_python, small, monkeypatch):
    """Settings with which `docqa serve` runs a server that is pretended."""
    monkeypatch.setenv("DOCQA_SERVE_PYTHON", str(pretended_python))
    monkeypatch.setenv("DOCQA_SERVE_MODEL", str(small))
    monkeypatch.setenv("DOCQA_SERVE_PORT", str(free_port()))
    yield
    service = ServingService(Settings(), detect=lambda: None)
    service.stop()
    service.stop(WAIT_S)


@pytest.mark.usefixtures("environment")
def test_detached_it_returns_once_the_server_is_healthy_and_stops_when_told(run, home):
    code, out, _ = run("--gpus", "H200", "--detach", "--json")
    ready = read_state(home)

    assert code == 0
    assert json.loads(out)["status"] == ready.status == "ready"
    assert "pid_started" not in json.loads(out)
    assert run("--gpus", "H200", "--detach")[0] == 1
    assert "fired up" in run("--log")[1]
    assert run("--stop")[:2] == (0, "stopped\n")
    assert not alive(ready.pid, ready.pid_started)


@pytest.mark.usefixtures("environment")
def test_detached_a_death_while_loading_ends_with_the_reason_and_the_log(run, home):
    (home / "serve").mkdir(parents=True)
    (home / "serve" / "behaviour").write_text("out-of-memory")

    code, _, err = run("--gpus", "H200", "--detach")

    assert code == 1
    assert "torch.OutOfMemoryError: CUDA out of memory" in err
    assert "the GPUs ran out of memory" in err
    assert "hint: Another program may hold some of it" in err


@pytest.mark.usefixtures("environment")
def test_ctrl_c_ends_a_server_that_runs_in_the_foreground(home):
    command = [sys.executable, "-c", "from docqa.cli_serve import main; main()"]
    process = subprocess.Popen(
        [*command, "--gpus", "H200", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    ready = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=WAIT_S)

    assert process.returncode == 0
    assert out == ""
    assert "fired up and ready to roll" in err
    assert "the server has ended" in err
    assert "api-key" not in err
    assert not alive(ready["pid"], read_state(home).pid_started)
    assert read_state(home).status == "stopped"


@pytest.mark.usefixtures("environment")
def test_a_closed_terminal_ends_it_too_and_nothing_is_left(home):
    command = [sys.executable, "-c", "from docqa.cli_serve import main; main()"]
    with subprocess.Popen(
        [*command, "--gpus", "H200", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        ready = json.loads(process.stdout.readline())
        process.stderr.close()
        process.send_signal(signal.SIGHUP)
        process.wait(WAIT_S)

    assert not alive(ready["pid"], read_state(home).pid_started)
    assert not read_state(home).running
