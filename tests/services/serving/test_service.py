"""A server in a process of its own: started, watched and ended by any other process."""

import os
import signal
import threading

import psutil
import pytest

from docqa.errors import ServerRunningError, ServingError
from docqa.services.serving.options import ServeOptions
from docqa.services.serving.service import ServingService
from docqa.services.serving.state import alive
from docqa.settings import Settings
from tests.services.serving.conftest import QUICK, WAIT_S, free_port


@pytest.fixture
def settings(home, pretended_python, small):
    port = free_port()
    return Settings(
        home=home, serve_python=str(pretended_python), serve_model=str(small), serve_port=port
    )


@pytest.fixture
def service(settings):
    service = ServingService(settings, detect=lambda: None)
    yield service
    service.stop()
    service.stop(WAIT_S)


ONE = ServeOptions(gpus="H200")


def behave(service, home, how):
    (home / "serve").mkdir(parents=True)
    (home / "serve" / "behaviour").write_text(how)


def test_a_server_outlives_who_started_it_and_is_seen_by_others(service, settings):
    begun = service.start(ONE)
    other = ServingService(settings, detect=lambda: None)
    ready = other.wait(WAIT_S)

    assert begun.supervisor_pid == ready.supervisor_pid != os.getpid()
    assert os.getsid(ready.supervisor_pid) != os.getsid(0)
    assert ready.status == "ready"
    assert any("fired up" in line for line in other.log_tail())
    with pytest.raises(ServerRunningError, match="running already"):
        other.start(ONE)

    assert other.stop(WAIT_S).status == "stopped"
    assert not alive(ready.pid, ready.pid_started)


def test_what_is_missing_is_said_at_once(service, settings):
    with pytest.raises(ServingError, match="does not fit") as caught:
        service.start(ServeOptions(model="scout", gpus="L4"))

    assert "docqa plan" in caught.value.hint
    assert service.state().status == "stopped"


def test_a_death_while_loading_is_in_the_state(service, home):
    behave(service, home, "out-of-memory")
    service.start(ONE)
    failed = service.wait(WAIT_S)

    assert failed.status == "failed"
    assert "ran out of memory" in failed.error
    behave_again = home / "serve" / "behaviour"
    behave_again.write_text("serve")
    service.start(ONE)

    assert service.wait(WAIT_S).status == "ready"


def test_a_server_is_stopped_while_it_loads(service, home):
    behave(service, home, "slow")
    service.start(ONE)

    assert service.stop(WAIT_S).status == "stopped"


def test_told_twice_it_does_not_wait_for_what_is_in_flight(service, home):
    behave(service, home, "deaf")
    service.start(ONE)
    ready = service.wait(WAIT_S)
    assert service.stop().stopping

    assert service.stop(WAIT_S).status == "stopped"
    assert not alive(ready.pid, ready.pid_started)


def test_a_supervisor_that_is_killed_leaves_a_server_that_can_be_ended(service):
    service.start(ONE)
    ready = service.wait(WAIT_S)
    supervisor = psutil.Process(ready.supervisor_pid)
    os.kill(ready.supervisor_pid, signal.SIGKILL)
    psutil.wait_procs([supervisor], timeout=WAIT_S)

    left = service.state()
    assert left.status == "failed"
    assert left.orphaned
    assert "nobody to look after it" in left.error

    assert service.stop().status == "stopped"
    assert not alive(ready.pid, ready.pid_started)


def test_what_a_killed_supervisor_left_is_ended_by_the_next(service):
    service.start(ONE)
    first = service.wait(WAIT_S)
    supervisor = psutil.Process(first.supervisor_pid)
    os.kill(first.supervisor_pid, signal.SIGKILL)
    psutil.wait_procs([supervisor], timeout=WAIT_S)

    service.start(ONE)
    second = service.wait(WAIT_S)

    assert second.status == "ready"
    assert second.pid != first.pid
    assert not alive(first.pid, first.pid_started)


def test_in_the_foreground_it_runs_until_told(service):
    stop, states = threading.Event(), []

    def on_state(state):
        states.append(state.status)
        if state.status == "ready":
            stop.set()

    ended = service.supervise(
        ONE, stop=stop, kill=threading.Event(), patience=QUICK, on_state=on_state
    )

    assert ended.status == "stopped"
    assert states[:3] == ["starting", "loading", "loading"]
    assert states[-1] == "stopped"


def test_told_to_stop_before_it_begins_it_launches_nothing(service, home):
    stop = threading.Event()
    stop.set()

    assert service.supervise(ONE, stop=stop, kill=stop, patience=QUICK).status == "stopped"
    assert not (home / "serve" / "server.log").exists()
