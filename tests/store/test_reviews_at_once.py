"""Several workers and people at one review, and workers that are killed at it."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.errors import InputError, StaleError
from docqa.store.store import Store
from tests.store.processes import running
from tests.store.reviewed import found, recorded, review

WORKING = """
import sys
from pathlib import Path
from docqa.store.store import Store
from tests.store.reviewed import found

with Store(Path(sys.argv[1])) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    while cells := store.reviews.claim(1, sys.argv[2], 2):
        for cell in cells:
            assert store.reviews.record(cell.id, sys.argv[2], found(), user="a", keep=False)
            print(cell.id, flush=True)
"""
CLAIMING = """
import sys
from pathlib import Path
from docqa.store.store import Store

store = Store(Path(sys.argv[1]))
store.reviews.claim(1, "dead", 4)
print("claimed", flush=True)
sys.stdin.readline()
"""
RECORDING = """
import sys
from pathlib import Path
from docqa.store import review_findings
from docqa.store.store import Store
from tests.store.reviewed import found

store = Store(Path(sys.argv[1]))
(cell,) = store.reviews.claim(1, "dead", 1)

def stop(*arguments):
    print("in the transaction", flush=True)
    sys.stdin.readline()

review_findings.append_in = stop
store.reviews.record(cell.id, "dead", found(), user="a", keep=False)
"""


def test_no_cell_goes_to_two_workers(store):
    review_id = review(store, 10)
    ids = [cell.id for cell in store.reviews.cells(review_id)]

    with ExitStack() as stack:
        workers = [
            stack.enter_context(running(WORKING, store.home, f"worker {n}")) for n in range(3)
        ]
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        answered = [int(line) for worker in workers for line in worker.stdout]

    assert sorted(answered) == ids
    assert {len(store.reviews.findings(cell_id)) for cell_id in ids} == {1}
    assert store.audit.verify() is None


def test_a_worker_killed_between_claim_and_record_loses_nothing(store):
    review_id = review(store)
    with running(CLAIMING, store.home) as process:
        assert process.stdout.readline() == "claimed\n"
        process.kill()
        process.wait()
    mine = store.reviews.claim(review_id, "next", 2)

    assert store.reviews.requeue_running(review_id, but="next") == 4
    left = store.reviews.claim(review_id, "next", 9)

    assert len(mine) + len(left) == store.reviews.get(review_id).counts.total
    for cell in (*mine, *left):
        assert store.reviews.record(cell.id, "dead", found(), user="a", keep=False) is None
        assert store.reviews.record(cell.id, "next", found(), user="a", keep=False)


def test_a_kill_while_a_finding_is_written_leaves_no_part_of_it(store):
    review_id = review(store, 1)
    with running(RECORDING, store.home) as process:
        assert process.stdout.readline() == "in the transaction\n"
        process.kill()
        process.wait()

    cell = store.reviews.cells(review_id)[0]
    assert (cell.state, cell.finding_id, cell.revision) == ("running", 0, 0)
    assert store.reviews.findings(cell.id) == ()
    assert store.audit.verify() is None
    store.reviews.requeue_running(review_id)
    assert recorded(store, cell.id).number == 1


def test_one_answer_counts_where_two_come_under_one_token(store):
    (cell,) = store.reviews.claim(review(store), "t", 1)

    def answering(verdict):
        return store.reviews.record(cell.id, "t", found(verdict), user="a", keep=False)

    with ThreadPoolExecutor(4) as pool:
        kept = [finding for finding in pool.map(answering, ["met", "not_met"] * 4) if finding]

    assert tuple(kept) == store.reviews.findings(cell.id)
    assert len(kept) == 1


def test_one_decision_counts_where_several_people_decide_on_what_they_saw(store):
    cell_id = store.reviews.cells(review(store))[0].id
    recorded(store, cell_id)

    def deciding(user):
        try:
            return store.reviews.decide(cell_id, "approve", user=user, revision=1)
        except StaleError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(deciding, ("anna", "bert", "carl", "dora")))

    (decision,) = store.reviews.decisions(cell_id)
    assert results.count(decision) == 1
    refused = f"{decision.user!r} has approved it since you opened the cell"
    assert results.count(refused) == 3


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), st.integers(1, 3)),
        st.tuples(
            st.just("record"),
            st.integers(0, 5),
            st.sampled_from(["met", "not_met", "needs_person"]),
            st.booleans(),
        ),
        st.tuples(st.just("fail"), st.integers(0, 5)),
        st.tuples(st.just("requeue"), st.integers(0, 5)),
        st.tuples(
            st.just("decide"),
            st.integers(0, 5),
            st.sampled_from(["approve", "change", "reject", "comment", "reopen"]),
        ),
        st.tuples(st.just("give back")),
    ),
    max_size=40,
)


def act(store, cells, name, *arguments):
    if name == "claim":
        store.reviews.claim(1, "t", *arguments)
    elif name == "give back":
        store.reviews.requeue_running(1)
    elif name == "record":
        place, status, keep = arguments
        store.reviews.record(cells[place], "t", found(status), user="anna", keep=keep)
    elif name == "fail":
        store.reviews.fail(cells[arguments[0]], "t", "it is down", "", "EngineError")
    elif name == "requeue":
        store.reviews.requeue(1, [cells[arguments[0]]], user="anna")
    else:
        place, action = arguments
        revision = store.reviews.cell(cells[place]).revision
        told = {"verdict": "not_met", "user": "bert", "revision": revision}
        store.reviews.decide(cells[place], action, **told)


@pytest.fixture(scope="module")
def reviewed(empty_database, tmp_path_factory):
    """A database with a review of six cells."""
    home = tmp_path_factory.mktemp("reviewed")
    shutil.copy(empty_database, home)
    with Store(home) as store:
        review(store)
        return store.path


@settings(max_examples=25, deadline=None)
@given(acts=ACTS)
def test_whatever_happens_the_record_verifies_and_no_cell_is_lost(reviewed, acts):
    with TemporaryDirectory() as folder:
        shutil.copy(reviewed, folder)
        with Store(Path(folder)) as store:
            cells = [cell.id for cell in store.reviews.cells(1)]

            for name, *arguments in acts:
                try:
                    act(store, cells, name, *arguments)
                except InputError:
                    assert name == "decide"

            counts = store.reviews.get(1).counts
            assert counts.total == 6 == counts.queued + counts.running + counts.done + counts.failed
            for cell_id in cells:
                findings = store.reviews.findings(cell_id)
                numbers = [finding.number for finding in findings]
                assert numbers == list(range(len(findings), 0, -1))
            assert store.audit.verify() is None
