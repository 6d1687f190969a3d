import threading

import pytest
from sqlalchemy import text

from docqa.errors import UnknownItemError
from docqa.store.values import NewJobItem


@pytest.fixture
def workspace_id(store):
    return store.workspaces.create("default").id


def claim(store, owner="one", **options):
    return store.jobs.claim(owner, 100, 5.0, **options)


def test_jobs_are_claimed_oldest_first_and_once(store, workspace_id):
    first = store.jobs.create("ingest", workspace_id, {"paths": ["/a"]})
    second = store.jobs.create("ingest", None, {})

    claimed = [claim(store, owner) for owner in ("one", "two", "three")]

    assert [job and job.id for job in claimed] == [first, second, None]
    assert claimed[0].payload == {"paths": ["/a"]}
    assert (claimed[0].status, claimed[0].owner, claimed[0].attempts) == ("running", "one", 1)
    assert (claimed[0].owner_pid, claimed[0].owner_started) == (100, 5.0)
    assert claimed[1].workspace_id is None


def test_a_worker_can_claim_only_some_kinds_or_jobs(store, workspace_id):
    store.jobs.create("ingest", workspace_id, {})
    answer = store.jobs.create("answer", workspace_id, {})
    mine = store.jobs.create("ingest", workspace_id, {})

    assert claim(store, kinds=["answer"]).id == answer
    assert claim(store, job_ids=[mine]).id == mine
    assert claim(store, kinds=["answer"]) is None
    assert claim(store, job_ids=[]) is None


def test_threads_that_claim_at_once_get_different_jobs(store, workspace_id):
    jobs = {store.jobs.create("ingest", workspace_id, {}) for _ in range(12)}
    claimed = []

    def work(owner):
        while job := claim(store, owner):
            claimed.append(job.id)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == sorted(jobs)


def test_a_job_whose_owner_is_silent_is_claimed_by_another(store, workspace_id):
    job_id = store.jobs.create("ingest", workspace_id, {})
    claim(store, "silent")
    none = claim(store, "other")
    with store.database.write() as connection:
        connection.execute(text("UPDATE jobs SET heartbeat_at = heartbeat_at - 31"))

    taken = claim(store, "other")

    assert none is None
    assert (taken.id, taken.owner, taken.attempts) == (job_id, "other", 2)
    assert store.jobs.heartbeat(job_id, "silent") is True
    assert store.jobs.heartbeat(job_id, "other") is False
    assert store.jobs.finish(job_id, "failed", owner="silent") is False
    assert store.jobs.finish(job_id, "done", owner="other") is True


def test_jobs_of_dead_processes_go_back_into_the_queue(store, workspace_id):
    dead, alive, cancelled = (store.jobs.create("ingest", workspace_id, {}) for _ in range(3))
    store.jobs.add_items(dead, [NewJobItem("a"), NewJobItem("b")])
    store.jobs.claim("dead", 100, 5.0)
    store.jobs.claim("alive", 100, 6.0)
    store.jobs.claim("dead too", 101, 5.0)
    store.jobs.claim_items(dead, 1)
    store.jobs.cancel(cancelled)

    released = store.jobs.release_dead(lambda pid, started: (pid, started) == (100, 6.0))

    assert released == (dead,)
    assert store.jobs.get(dead).status == "queued"
    assert store.jobs.item_counts(dead) == {"queued": 2}
    assert store.jobs.get(alive).status == "running"
    assert store.jobs.get(cancelled).status == "cancelled"


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked(store, workspace_id):
    running = store.jobs.create("ingest", workspace_id, {})
    waiting = store.jobs.create("ingest", workspace_id, {}, [NewJobItem("a")])
    claim(store)

    store.jobs.cancel(waiting)
    store.jobs.cancel(running)

    assert store.jobs.get(waiting).status == "cancelled"
    assert store.jobs.items(waiting)[0].status == "cancelled"
    assert (store.jobs.get(running).status, store.jobs.heartbeat(running, "one")) == (
        "running",
        True,
    )
    assert claim(store, "two") is None


def test_the_first_end_of_a_job_counts(store, workspace_id):
    job_id = store.jobs.create("ingest", workspace_id, {}, [NewJobItem("a"), NewJobItem("b")])
    claim(store)
    (item,) = store.jobs.claim_items(job_id, 1)
    store.jobs.finish_item(item.id, "done")

    first = store.jobs.finish(job_id, "failed", error="no space", error_hint="free some")
    second = store.jobs.finish(job_id, "done", result={"documents": 1})
    store.jobs.cancel(job_id)
    store.jobs.progress(job_id, 5, 5, "late")

    job = store.jobs.get(job_id)
    assert (first, second) == (True, False)
    assert (job.status, job.error, job.result, job.finished) == ("failed", "no space", {}, True)
    assert job.progress_text == ""
    assert [(i.status, i.error) for i in store.jobs.items(job_id)] == [
        ("done", ""),
        ("failed", "no space"),
    ]
    with pytest.raises(ValueError, match="does not end a job"):
        store.jobs.finish(job_id, "running")


def test_items_are_claimed_in_order_and_resumed_after_a_crash(store, workspace_id):
    items = [NewJobItem(name, {"path": name}) for name in "abcd"]
    job_id = store.jobs.create("ingest", workspace_id, {}, items)

    first = store.jobs.claim_items(job_id, 2)
    store.jobs.item_progress(first[0].id, 3, 24)
    store.jobs.finish_item(first[1].id, "done", result={"pages": 1})
    resumed = store.jobs.requeue_items(job_id)
    again = store.jobs.claim_items(job_id, 9)

    assert [item.name for item in first] == ["a", "b"]
    assert resumed == 1
    assert [item.name for item in again] == ["a", "c", "d"]
    assert (again[0].pages_done, again[0].pages_total) == (3, 24)
    assert store.jobs.claim_items(job_id, 1) == ()
    assert [item.name for item in store.jobs.items(job_id, status="done")] == ["b"]


def test_the_first_end_of_an_item_counts(store, workspace_id):
    job_id = store.jobs.create("ingest", workspace_id, {}, [NewJobItem("a")])
    (item,) = store.jobs.claim_items(job_id, 1)

    first = store.jobs.finish_item(item.id, "failed", error="broken", error_type="BrokenFileError")
    second = store.jobs.finish_item(item.id, "done")

    ended = store.jobs.item(item.id)
    assert (first, second) == (True, False)
    assert (ended.status, ended.error, ended.error_type) == ("failed", "broken", "BrokenFileError")
    assert ended.finished
    with pytest.raises(ValueError, match="does not end an item"):
        store.jobs.finish_item(item.id, "queued")


def test_a_finished_item_can_be_tried_again_and_its_job_with_it(store, workspace_id):
    job_id = store.jobs.create("ingest", workspace_id, {}, [NewJobItem("a"), NewJobItem("b")])
    claim(store)
    for item in store.jobs.claim_items(job_id, 2):
        store.jobs.finish_item(item.id, "failed", error="needs a password")
    store.jobs.finish(job_id, "done")

    store.jobs.requeue_item(item.id, {"replace": True})

    job = claim(store)
    assert job.id == job_id
    (again,) = store.jobs.claim_items(job_id, 9)
    assert (again.id, again.payload, again.error) == (item.id, {"replace": True}, "")


def test_a_job_does_not_end_over_an_item_that_was_put_back(store, workspace_id):
    job_id = store.jobs.create("ingest", workspace_id, {}, [NewJobItem("a")])
    claim(store)
    (item,) = store.jobs.claim_items(job_id, 1)
    store.jobs.finish_item(item.id, "failed")
    store.jobs.requeue_item(item.id)

    store.jobs.finish(job_id, "done", owner="one")

    assert store.jobs.get(job_id).status == "queued"


def test_lists_of_jobs_are_by_workspace_and_age(store, workspace_id):
    other = store.workspaces.create("other").id
    old, new = (store.jobs.create("ingest", workspace_id, {}) for _ in range(2))
    elsewhere = store.jobs.create("ingest", other, {})
    store.jobs.finish(old, "done")

    assert [job.id for job in store.jobs.active()] == [new, elsewhere]
    assert [job.id for job in store.jobs.active(workspace_id)] == [new]
    assert [job.id for job in store.jobs.recent(workspace_id)] == [new, old]
    assert [job.id for job in store.jobs.recent(limit=1)] == [elsewhere]
    with pytest.raises(UnknownItemError):
        store.jobs.get(99)
    with pytest.raises(UnknownItemError):
        store.jobs.item(99)
    with pytest.raises(UnknownItemError):
        store.jobs.requeue_item(99)


def test_progress_is_told(store, workspace_id):
    job_id = store.jobs.create("ingest", workspace_id, {})
    claim(store)

    store.jobs.progress(job_id, 3, 25, "reading a.pdf")

    job = store.jobs.get(job_id)
    assert (job.progress_done, job.progress_total, job.progress_text) == (3, 25, "reading a.pdf")
