from types import SimpleNamespace

import pytest

from docqa.store.store import Store
from docqa.store.values import NewJobItem
from docqa.ui import queue, state


@pytest.fixture
def store(tmp_path, monkeypatch):
    made = Store(tmp_path)
    monkeypatch.setattr(state, "app", lambda: SimpleNamespace(store=made))
    monkeypatch.setattr(state, "retried", frozenset)
    yield made
    made.close()


def test_of_a_job_with_many_files_only_those_that_need_to_be_seen_are_looked_up(store):
    workspace = store.workspaces.create("code")
    many = [NewJobItem(f"{n}.py", {"kind": "file"}) for n in range(queue.LARGE + 10)]
    job = store.jobs.create("ingest", workspace.id, {}, many)
    taken = store.jobs.claim_items(job, 3)
    store.jobs.finish_item(taken[0].id, "done")
    store.jobs.finish_item(taken[1].id, "failed", error="not text")

    files = queue._files(job)

    assert {item.name for item in files.items} == {"1.py", "2.py"}
    assert (files.total, files.ended) == (queue.LARGE + 10, 2)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            {"source": "shop", "revision": "9f3c2ab4d1", "added": 1, "changed": 3, "deleted": 2},
            "shop at 9f3c2ab: 1 added, 3 changed, 2 deleted.",
        ),
        ({"source": "s_hop", "revision": "", "unchanged": 1_208}, r"s\_hop: 1,208 unchanged."),
        ({"source": "shop", "unchanged": 0}, "shop: no files."),
    ],
)
def test_what_an_update_brought_is_said_in_a_line(told, said):
    assert queue._changes(told) == said
