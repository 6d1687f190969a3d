"""Worker processes that do their work, crash or hang. Each test starts at most two."""

import os
import signal
from contextlib import contextmanager

import psutil
import pytest

from docqa.errors import ReaderCrashedError, ReaderTimeoutError
from docqa.services.processes import WorkerPool
from tests.services.parts import documents, ingest, items, make_pdf, settings_of

QUICK_S = 0.5


@pytest.fixture
def pool(empty_home):
    pool = WorkerPool(settings_of(empty_home, reader_timeout_s=QUICK_S), 1)
    yield pool
    pool.close()


class SabotagedPool(WorkerPool):
    """Sends a signal to a worker when it begins a certain file."""

    def __init__(self, settings):
        super().__init__(settings, 1)
        self.signals = {}
        self.pid = 0

    @contextmanager
    def worker(self):
        with super().worker() as worker:
            yield Sabotaged(worker, self.signals)
            self.pid = worker.pid


class Sabotaged:
    def __init__(self, worker, signals):
        self.worker = worker
        self.signals = signals

    def run(self, task, *, on_event, **options):
        names = {file["item_id"]: file["name"] for file in task["files"]}

        def handle(event):
            on_event(event)
            if event["event"] == "begin" and names[event["item_id"]] in self.signals:
                os.kill(self.worker.pid, self.signals[names[event["item_id"]]])

        self.worker.run(task, on_event=handle, **options)


def test_a_file_that_crashes_or_hangs_its_worker_fails_alone(open_app, tmp_path):
    # Large enough not to be read before the signal arrives.
    text = "The retention period of backups is thirty-five days.\n\n" * 2_000
    for name in ("a.txt", "crashes.txt", "hangs.txt", "z.txt"):
        (tmp_path / name).write_text(text if "s." in name else "Short.")
    app = open_app(pool=SabotagedPool, reader_timeout_s=2)
    app.ingestion._pool.signals |= {"crashes.txt": signal.SIGKILL, "hangs.txt": signal.SIGSTOP}

    job = ingest(app, *sorted(tmp_path.glob("*.txt")))
    app.ingestion._pool.close()

    assert job.status == "done"
    found = items(app, job)
    assert {name: (item.status, item.error_type) for name, item in found.items()} == {
        "a.txt": ("done", ""),
        "crashes.txt": ("failed", "ReaderCrashedError"),
        "hangs.txt": ("failed", "ReaderTimeoutError"),
        "z.txt": ("done", ""),
    }
    assert "ended unexpectedly on it (exit -9)" in found["crashes.txt"].error
    assert "took longer than 2 s" in found["hangs.txt"].error
    assert {"a.txt", "z.txt"} <= set(documents(app))


def run(worker, task, on_event=lambda event: None, idle_timeout_s=60.0):
    worker.run(
        task,
        name="a.pdf",
        idle_timeout_s=idle_timeout_s,
        on_event=on_event,
        stopped=lambda: False,
    )


def test_a_worker_serves_many_tasks_and_ends_with_its_pool(pool, tmp_path):
    path = make_pdf(tmp_path / "a.pdf")
    draw = {"task": "page", "path": str(path), "width": 160, "id": "x"}
    for page in (1, 2):
        with pool.worker() as worker:
            run(worker, draw | {"page": page, "out": str(tmp_path / f"{page}.webp")})
    (pid,) = pool.pids

    pool.close()

    assert (tmp_path / "1.webp").read_bytes()[8:12] == b"WEBP"
    assert (tmp_path / "2.webp").exists()
    assert not psutil.pid_exists(pid)


def test_a_task_that_fails_says_so_and_the_worker_goes_on(pool, tmp_path):
    events = []
    draw = {"task": "page", "path": str(make_pdf(tmp_path / "a.pdf")), "width": 160, "id": "x"}

    with pool.worker() as worker:
        run(worker, draw | {"page": 9, "out": str(tmp_path / "9.webp")}, events.append)
        run(worker, draw | {"page": 1, "out": str(tmp_path / "1.webp")})

    assert [event["type"] for event in events] == ["UnknownItemError"]
    assert (tmp_path / "1.webp").exists()
    assert not (tmp_path / "9.webp").exists()


def test_a_dead_worker_is_told_from_one_that_hangs_and_both_are_replaced(pool, tmp_path):
    draw = {"task": "page", "path": str(make_pdf(tmp_path / "a.pdf")), "width": 160, "id": "x"}
    draw |= {"page": 1, "out": str(tmp_path / "1.webp")}
    with pool.worker() as worker:
        run(worker, draw)
        os.kill(worker.pid, signal.SIGSTOP)
        with pytest.raises(ReaderTimeoutError, match="took longer"):
            run(worker, draw, idle_timeout_s=QUICK_S)
        assert not worker.alive()
    with pool.worker() as worker:
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(ReaderCrashedError, match="ended unexpectedly"):
            run(worker, draw)

    assert pool.pids == ()


def test_a_worker_that_died_while_idle_is_replaced(pool, tmp_path):
    draw = {"task": "page", "path": str(make_pdf(tmp_path / "a.pdf")), "width": 160, "id": "x"}
    with pool.worker() as worker:
        first = worker.pid
        os.kill(first, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(first)] if psutil.pid_exists(first) else [], timeout=0)
    with pool.worker() as worker:
        while worker.pid == first and worker.alive():
            continue
    with pool.worker() as worker:
        run(worker, draw | {"page": 1, "out": str(tmp_path / "1.webp")})
        assert worker.pid != first

    assert (tmp_path / "1.webp").exists()
