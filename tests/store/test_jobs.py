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


def questions(store, workspace_id, count):
    """Jobs of as many questions in one new conversation."""
    conversation = store.conversations.create(workspace_id)
    jobs = []
    for number in range(count):
        answer_id = store.conversations.add_answer(conversation.id, f"Question {number}?")
        jobs.append(store.jobs.create("answer", workspace_id, {"answer_id": answer_id}))
    return jobs


def claimed(store, count):
    return [claim(store, f"owner {number}", kinds=["answer"]).id for number in range(count)]


def test_workspaces_with_queued_questions_take_turns(store):
    many = questions(store, store.workspaces.create("busy").id, 6)
    few = questions(store, store.workspaces.create("quiet").id, 2)

    taken = claimed(store, 6)

    assert taken == [many[0], few[0], many[1], few[1], many[2], many[3]]


def test_conversations_of_a_workspace_take_turns(store, workspace_id):
    many = questions(store, workspace_id, 4)
    few = questions(store, workspace_id, 1)

    assert claimed(store, 3) == [many[0], few[0], many[1]]


def test_turns_are_kept_when_one_question_is_answered_at_a_time(store):
    many = questions(store, store.workspaces.create("busy").id, 4)
    few = questions(store, store.workspaces.create("quiet").id, 2)
    taken = []

    while job := claim(store, kinds=["answer"]):
        taken.append(job.id)
        store.jobs.finish(job.id, "done")

    assert taken == [many[0], few[0], many[1], few[1], many[2], many[3]]


def test_other_kinds_do_not_count_for_whose_turn_it_is(store):
    busy = store.workspaces.create("busy").id
    quiet = store.workspaces.create("quiet").id
    store.jobs.create("ingest", busy, {})
    claim(store, kinds=["ingest"])
    first = questions(store, busy, 1)
    second = questions(store, quiet, 1)

    assert claimed(store, 2) == [*first, *second]


def test_a_workspace_is_warmed_once_at_a_time(store, workspace_id):
    first = store.jobs.create("warm", workspace_id, {"pack": "a"})
    second = store.jobs.create("warm", workspace_id, {"pack": "b"})
    other = store.jobs.create("warm", store.workspaces.create("other").id, {"pack": "a"})

    taken = [claim(store, f"owner {number}") for number in range(3)]
    store.jobs.finish(first, "done")
    later = claim(store, "late")

    assert [job and job.id for job in taken] == [first, other, None]
    assert later.id == second


def test_a_single_job_takes_over_what_a_waiting_one_was_to_do(store, workspace_id):
    first = store.jobs.create_single("warm", workspace_id, {"pack": "a"})

    second = store.jobs.create_single("warm", workspace_id, {"pack": "b"})

    assert second == first
    assert store.jobs.get(first).payload == {"pack": "b"}


def test_a_single_job_waits_behind_one_at_work_that_does_something_else(store, workspace_id):
    working = store.jobs.create_single("warm", workspace_id, {"pack": "a"})
    claim(store)

    same = store.jobs.create_single("warm", workspace_id, {"pack": "a"})
    newer = store.jobs.create_single("warm", workspace_id, {"pack": "b"})
    newest = store.jobs.create_single("warm", workspace_id, {"pack": "c"})

    assert same == working
    assert newer == newest != working
    assert store.jobs.get(newest).payload == {"pack": "c"}


def test_a_single_job_does_not_rely_on_one_that_is_being_cancelled(store, workspace_id):
    working = store.jobs.create_single("warm", workspace_id, {"pack": "a"})
    claim(store)
    store.jobs.cancel(working)

    assert store.jobs.create_single("warm", workspace_id, {"pack": "a"}) != working


def test_an_owner_is_asked_to_stop_without_writing(store, workspace_id):
    job_id = store.jobs.create("answer", workspace_id, {})
    claim(store)

    before = store.jobs.to_stop(job_id, "one")
    others = store.jobs.to_stop(job_id, "another")
    store.jobs.cancel(job_id)

    assert (before, others, store.jobs.to_stop(job_id, "one")) == (False, True, True)


def test_a_heartbeat_of_several_jobs_reaches_those_of_the_owner(store, workspace_id):
    mine, theirs = (store.jobs.create("answer", workspace_id, {}) for _ in range(2))
    claim(store, "one")
    claim(store, "two")
    with store.database.write() as connection:
        connection.execute(text("UPDATE jobs SET heartbeat_at = 1"))

    store.jobs.beat([mine, theirs], "one")

    assert store.jobs.get(mine).heartbeat_at > 1
    assert store.jobs.get(theirs).heartbeat_at == 1


def test_the_last_jobs_of_a_kind_are_found_by_how_they_ended(store, workspace_id):
    done, failed = (store.jobs.create("warm", workspace_id, {}) for _ in range(2))
    store.jobs.create("ingest", workspace_id, {})
    store.jobs.finish(done, "done")
    store.jobs.finish(failed, "failed")

    assert [job.id for job in store.jobs.last("warm")] == [done]
    assert [job.id for job in store.jobs.last("warm", workspace_id, status=None)] == [failed, done]
    assert store.jobs.last("warm", 999) == ()


def test_a_batch_is_small_parts_in_order_or_one_large_one(store, workspace_id):
    sizes = [1, 1, 90, 1, 1, 1]
    parts = [NewJobItem(str(size), {"size": size}) for size in sizes]
    job_id = store.jobs.create("ingest", workspace_id, {}, parts)

    batches = [
        store.jobs.claim_batch(job_id, 2, is_small=lambda item: item.payload["size"] < 50)
        for _ in range(6)
    ]

    assert [[item.payload["size"] for item in batch] for batch in batches] == [
        [1, 1],
        [90],
        [1, 1],
        [1],
        [],
        [],
    ]
    assert store.jobs.item_counts(job_id) == {"running": 6}


def test_parts_end_together_and_only_once(store, workspace_id):
    parts = [NewJobItem(str(number), {}) for number in range(3)]
    job_id = store.jobs.create("ingest", workspace_id, {}, parts)
    first, second, third = store.jobs.claim_items(job_id, 3)
    store.jobs.finish_item(first.id, "failed", error="broken")

    store.jobs.finish_done({first.id: {"n": 1}, second.id: {"n": 2}})
    store.jobs.finish_done({})

    ended = store.jobs.items(job_id)
    assert [item.status for item in ended] == ["failed", "done", "running"]
    assert [item.result for item in ended] == [{}, {"n": 2}, {}]
    assert third.id == ended[2].id
