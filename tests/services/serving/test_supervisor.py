"""The supervisor over a server process that loads, dies, hangs or will not end."""

import os
import signal
from dataclasses import replace

import httpx
import psutil

from docqa.services.serving.log import log_tail
from docqa.services.serving.process import end_orphan
from docqa.services.serving.state import ServerState, alive, read_state, started, write_state
from tests.services.serving.conftest import QUICK


def test_a_server_is_ready_once_it_is_healthy_and_stops_when_told(supervise, home):
    running = supervise()
    ready = running.until("ready")

    assert read_state(home) == ready
    assert ready.base_url == running.url
    assert ready.command == "the command"
    assert httpx.get(running.url + "/health", trust_env=False).is_success
    ended = running.end()

    assert ended.status == "stopped"
    assert read_state(home).status == "stopped"
    assert not psutil.pid_exists(ready.pid)


def test_while_it_loads_the_state_says_so_and_what_it_does(supervise, home):
    running = supervise("slow")
    loading = running.until("loading", detail="loading weights, 5 of 11 files")

    assert loading.running
    assert loading.pid
    assert read_state(home).status == "loading"
    (running.paths.folder / "loaded").touch()

    assert running.until("ready").detail == ""


def test_a_death_while_loading_is_told_with_its_cause_and_not_repeated(supervise, home):
    running = supervise("out-of-memory")
    failed = running.until("failed")

    assert "died while it was loading" in failed.error
    assert "the GPUs ran out of memory" in failed.error
    assert "--kv fp8" in failed.hint
    assert len(running.lives.read_text().splitlines()) == 1
    assert any("OutOfMemoryError" in line for line in log_tail(running.paths.log, 5))


def test_a_server_that_the_system_kills_is_said_to_be_killed(supervise):
    failed = supervise("killed").until("failed")

    assert "memory was full" in failed.error


def test_a_server_that_dies_later_is_started_again(supervise):
    running = supervise()
    first = running.until("ready")
    running.die()

    restarting = running.until("restarting")
    second = running.until("ready")

    assert "asked to die" in restarting.detail
    assert second.restarts == 1
    assert second.pid != first.pid
    assert second.error == ""


def test_a_server_that_dies_again_and_again_is_given_up(supervise):
    running = supervise()
    for _ in range(3):
        running.until("ready")
        running.die()

    failed = running.until("failed")

    assert "died 3 times in a row" in failed.error
    assert failed.restarts == 2
    assert len(running.lives.read_text().splitlines()) == 3


def test_a_server_that_cannot_start_a_second_time_is_given_up(supervise):
    running = supervise("dies-after-first-life")
    running.until("ready")
    running.die()

    assert "cannot start again" in running.until("failed").error


def test_deaths_after_a_long_life_do_not_add_up(supervise):
    running = supervise(patience=replace(QUICK, quick_s=0, quick_deaths=2))
    for _ in range(4):
        running.until("ready")
        running.die()

    assert running.until("ready").restarts == 4


def test_stopping_while_it_loads_ends_it(supervise):
    running = supervise("slow")
    loading = running.until("loading")

    assert running.end().status == "stopped"
    assert not psutil.pid_exists(loading.pid)


def test_a_server_that_will_not_end_is_killed(supervise):
    running = supervise("deaf", replace(QUICK, grace_s=0.2))
    ready = running.until("ready")

    assert running.end().status == "stopped"
    assert not psutil.pid_exists(ready.pid)


def test_a_second_request_to_stop_does_not_wait_for_the_grace(supervise):
    running = supervise("deaf")
    ready = running.until("ready")
    running.kill.set()

    assert running.end().status == "stopped"
    assert not psutil.pid_exists(ready.pid)


def test_all_of_the_servers_processes_end_with_it(supervise):
    running = supervise("family")
    running.until("ready")
    child = psutil.Process(int((running.paths.folder / "child").read_text()))
    begun = child.create_time()
    running.end()

    assert not alive(child.pid, begun)


def test_a_crash_takes_the_processes_it_left_behind_along(supervise):
    running = supervise("family")
    running.until("ready")
    child = psutil.Process(int((running.paths.folder / "child").read_text()))
    begun = child.create_time()
    running.die()
    running.until("restarting")

    assert not alive(child.pid, begun)


def test_the_key_is_in_no_log_and_in_no_list_of_processes(supervise):
    running = supervise()
    ready = running.until("ready")

    assert running.key not in " ".join(psutil.Process(ready.pid).cmdline())
    running.end()
    assert running.key not in running.paths.log.read_text()
    assert running.key not in "\n".join(running.lines)
    assert "'api_key': '[key]'" in running.paths.log.read_text()


def test_a_server_that_outlived_its_supervisor_is_told_and_ended(supervise, home):
    running = supervise("slow")
    orphan = running.until("loading")
    # As if its supervisor had been killed: the state still names it, nobody looks after it.
    write_state(home, replace(orphan, supervisor_pid=None))

    found = read_state(home)
    assert found.orphaned
    assert found.status == "failed"
    assert "docqa serve --stop" in found.hint
    end_orphan(found)

    assert not alive(orphan.pid, orphan.pid_started)
    assert not read_state(home).orphaned


def test_a_process_that_took_over_an_old_number_is_left_alone(home):
    mine = psutil.Process()
    write_state(home, ServerState(status="ready", pid=mine.pid, pid_started=1.0))

    end_orphan(read_state(home))

    assert mine.is_running()


def test_an_order_from_outside_ends_the_server_and_it_is_started_again(supervise):
    running = supervise()
    ready = running.until("ready")
    os.kill(ready.pid, signal.SIGKILL)

    assert running.until("ready").restarts == 1


def test_the_state_of_a_supervisor_that_is_gone_is_stopped(home):
    write_state(
        home,
        ServerState(
            status="ready",
            pid=2**22 + 1,
            pid_started=1.0,
            supervisor_pid=os.getpid(),
            supervisor_started=started(os.getpid()) - 100,
            model="a model",
        ),
    )

    state = read_state(home)

    assert state.status == "stopped"
    assert state.pid is None
    assert state.model == "a model"


def test_a_damaged_or_missing_state_is_stopped(home):
    assert read_state(home) == ServerState()
    write_state(home, ServerState(status="failed", error="died"))
    assert read_state(home).error == "died"
    for text in ("", "[1]", '{"status"', '{"pid": 1, "unknown": 2}'):
        (home / "serve" / "state.json").write_text(text)
        assert read_state(home).status == "stopped"


def test_a_full_disk_does_not_end_the_server(supervise, monkeypatch):
    running = supervise("slow")
    running.until("loading", detail="loading weights, 5 of 11 files")
    (running.paths.folder / "state.json").unlink()
    (running.paths.folder / "state.json").mkdir()
    running.paths.log.unlink()
    running.paths.log.mkdir()
    (running.paths.folder / "loaded").touch()

    assert running.until("ready").running
    assert httpx.get(running.url + "/health", trust_env=False).is_success


def test_a_listener_that_is_gone_does_not_keep_the_server_from_being_ended(supervise):
    running = supervise()
    ready = running.until("ready")
    running.gone = True

    assert running.end().status == "stopped"
    assert not alive(ready.pid, ready.pid_started)
