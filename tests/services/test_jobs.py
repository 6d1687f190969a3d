import os
import threading

import psutil
import pytest

from docqa.errors import InputError, JobFailedError
from docqa.services.jobs import JobRunner, is_alive
from docqa.services.lanes import Lane, Routine
from docqa.store.store import Store

LANES = (Lane("work", ("work",), 1),)


@pytest.fixture
def store(empty_home):
    with Store(empty_home) as opened:
        yield opened


@pytest.fixture
def runner_of(store):
    """Makes runners that do `work` jobs with a function, and closes them."""
    made = []

    def make(handler, *, lanes=LANES):
        runner = JobRunner(store.jobs, {"work": handler}, lanes)
        made.append(runner)
        return runner

    yield make
    for runner in made:
        runner.close()


def test_a_job_is_done_in_this_thread_without_a_background(store, runner_of):
    threads = []
    runner = runner_of(lambda context: threads.append(threading.current_thread()) or {"n": 1})

    job = runner.wait(store.jobs.create("work", None, {}))

    assert (job.status, job.result) == ("done", {"n": 1})
    assert threads == [threading.current_thread()]


def test_a_job_is_done_in_the_background_after_start(store, runner_of):
    threads = []
    runner = runner_of(lambda context: threads.append(threading.current_thread().name) or {})
    runner.start()

    job = runner.wait(store.jobs.create("work", None, {}))

    assert job.status == "done"
    assert threads == ["docqa-work-0"]


def test_an_error_of_docqa_fails_the_job_with_its_hint(store, runner_of):
    def refuse(context):
        raise InputError("the question is empty")

    runner = runner_of(refuse)

    job = runner.wait(store.jobs.create("work", None, {}))

    assert (job.status, job.error, job.error_type) == (
        "failed",
        "the question is empty",
        "InputError",
    )


def test_a_bug_is_logged_and_fails_only_its_job(store, runner_of, caplog):
    def stumble(context):
        return {"third": [1, 2][context.job.payload["n"]]}

    runner = runner_of(stumble)
    runner.start()
    numbers = [store.jobs.create("work", None, {"n": n}) for n in (5, 1)]

    bad, good = [runner.wait(number) for number in numbers]

    assert (bad.status, bad.error) == ("failed", "an unexpected error in docqa (IndexError)")
    assert "report it" in bad.error_hint
    assert "IndexError: list index out of range" in caplog.text
    assert (good.status, good.result) == ("done", {"third": 2})


def test_a_cancelled_job_stops_at_its_next_check(store, runner_of):
    def work(context):
        store.jobs.cancel(context.job.id)
        context.check()
        raise AssertionError("it went on")

    job = runner_of(work).wait(store.jobs.create("work", None, {}))

    assert job.status == "cancelled"


def test_a_job_that_was_cancelled_while_it_waited_is_not_begun(store, runner_of):
    begun = []
    number = store.jobs.create("work", None, {})
    store.jobs.cancel(number)

    job = runner_of(lambda context: begun.append(1) or {}).wait(number)

    assert (job.status, begun) == ("cancelled", [])


def test_the_job_of_a_dead_process_is_taken_up_at_the_next_start(store, runner_of):
    number = store.jobs.create("work", None, {})
    process = psutil.Process()
    store.jobs.claim("killed", process.pid, process.create_time() - 1_000)

    runner = runner_of(lambda context: {"attempt": context.job.attempts})
    runner.start()

    job = runner.wait(number)
    assert (job.status, job.result) == ("done", {"attempt": 2})


def test_the_job_of_a_living_process_is_left_to_it(store, runner_of):
    number = store.jobs.create("work", None, {})
    process = psutil.Process()
    store.jobs.claim("another", process.pid, process.create_time())

    runner_of(lambda context: {}).start()

    assert store.jobs.get(number).owner == "another"


def test_waiting_for_a_job_of_another_process_waits_until_it_is_done(store, runner_of):
    number = store.jobs.create("work", None, {})
    process = psutil.Process()
    store.jobs.claim("another", process.pid, process.create_time())
    runner = runner_of(lambda context: {"by": "us"})
    waited = []
    waiting = threading.Thread(target=lambda: waited.append(runner.wait(number)))

    waiting.start()
    store.jobs.finish(number, "done", owner="another", result={"by": "another"})
    waiting.join()

    assert waited[0].result == {"by": "another"}


def test_waiting_takes_a_job_over_when_its_process_dies(store, runner_of):
    number = store.jobs.create("work", None, {})
    process = psutil.Process()
    store.jobs.claim("another", process.pid, process.create_time())
    runner = runner_of(lambda context: {"by": "us"})
    waited = []
    waiting = threading.Thread(target=lambda: waited.append(runner.wait(number)))

    waiting.start()
    store.jobs.release_dead(lambda pid, started: False)
    waiting.join()

    assert waited[0].result == {"by": "us"}


def test_following_shows_progress_and_raises_what_went_wrong(store, runner_of):
    def work(context):
        context.progress(1, 2, "half")
        raise InputError("the other half is missing")

    shown = []
    runner = runner_of(work)

    with pytest.raises(JobFailedError, match="the other half is missing"):
        runner.follow(store.jobs.create("work", None, {}), shown.append)

    assert (shown[-1].progress_done, shown[-1].progress_text) == (1, "half")


def test_an_interrupt_while_following_cancels_the_job(store, runner_of):
    begun = threading.Event()

    def work(context):
        begun.set()
        while True:
            context.check()

    def interrupt(job):
        begun.wait()
        raise KeyboardInterrupt

    runner = runner_of(work)

    job = runner.follow(store.jobs.create("work", None, {}), interrupt)

    assert job.status == "cancelled"


def test_two_runners_never_do_the_same_job(store, runner_of):
    done = []
    lock = threading.Lock()

    def work(context):
        with lock:
            done.append(context.job.id)
        return {}

    runners = [runner_of(work) for _ in range(2)]
    numbers = [store.jobs.create("work", None, {}) for _ in range(20)]
    for runner in runners:
        runner.start()
    for number in numbers:
        runners[0].wait(number)

    assert sorted(done) == numbers


def test_lanes_do_not_wait_for_each_other(store):
    free = threading.Event()
    runner = JobRunner(
        store.jobs,
        {"slow": lambda context: {"free": free.wait(60)}, "quick": lambda context: {}},
        (Lane("slow", ("slow",), 1), Lane("quick", ("quick",), 1)),
    )
    runner.start()
    slow = store.jobs.create("slow", None, {})

    quick = runner.wait(store.jobs.create("quick", None, {}))

    assert quick.status == "done"
    assert not store.jobs.get(slow).finished
    free.set()
    assert runner.wait(slow).status == "done"
    runner.close()


def test_a_process_is_alive_by_number_and_start():
    process = psutil.Process()

    assert is_alive(os.getpid(), process.create_time())
    assert not is_alive(os.getpid(), process.create_time() - 60)
    assert not is_alive(2**22 - 1, process.create_time())


def test_a_lane_does_as_many_jobs_at_once_as_it_may(store):
    together = threading.Barrier(5)
    lanes = (Lane("work", ("work",), 4),)
    runner = JobRunner(store.jobs, {"work": lambda context: {"at": together.wait(60)}}, lanes)
    runner.start()
    numbers = [store.jobs.create("work", None, {}) for _ in range(4)]
    runner.wake()

    together.wait(60)

    assert [runner.wait(number).status for number in numbers] == ["done"] * 4
    runner.close()


def test_an_idle_runner_has_two_threads_however_many_jobs_it_may_do(store):
    runner = JobRunner(store.jobs, {"work": lambda context: {}}, (Lane("work", ("work",), 32),))
    before = threading.active_count()
    runner.start()

    runner.wait(store.jobs.create("work", None, {}))

    assert threading.active_count() <= before + 3  # the job's own may be ending
    assert not any(thread.name == "docqa-work-1" for thread in threading.enumerate())
    runner.close()


def test_a_failing_job_does_not_hurt_those_beside_it(store):
    together = threading.Barrier(3)

    def work(context):
        together.wait(60)
        if context.job.payload["fails"]:
            raise InputError("this one cannot be done")
        return {"done": True}

    runner = JobRunner(store.jobs, {"work": work}, (Lane("work", ("work",), 3),))
    runner.start()
    numbers = [store.jobs.create("work", None, {"fails": n == 1}) for n in range(3)]

    jobs = [runner.wait(number) for number in numbers]

    assert [job.status for job in jobs] == ["done", "failed", "done"]
    runner.close()


def test_a_routine_is_done_again_although_it_failed(store, caplog):
    done = []
    again = threading.Event()

    def act():
        done.append(1)
        if len(done) == 2:
            again.set()
        raise InputError("not now")

    runner = JobRunner(store.jobs, {}, ())
    runner.add_routine(Routine("routine", 0.001, act))
    runner.start()

    assert again.wait(60)
    runner.close()
    assert "routine: not now" in caplog.text
