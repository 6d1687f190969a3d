"""A process is killed with SIGKILL in the middle of things; nothing half done is left."""

import pytest
from sqlalchemy import text

from docqa.store.store import Store
from tests.store.processes import running
from tests.store.samples import HEAD, pdf, publish, stage

STAGING = """
import sys
from pathlib import Path
from docqa.store.store import Store
from tests.store.samples import pdf, stage

store = Store(Path(sys.argv[1]))

class Index:
    def add(self, connection, workspace_id, rows):
        store.search.add(connection, workspace_id, rows)
        print("in the transaction", flush=True)
        sys.stdin.readline()

store.documents._index = Index()
stage(store, "half.pdf", pdf(*(f"passage {n}" for n in range(500))), "b" * 64)
"""
PUBLISHING = """
import sys
from pathlib import Path
from docqa.store import publishing
from docqa.store.store import Store
from tests.store.samples import publish

store = Store(Path(sys.argv[1]))
publish_versions = publishing._make_current

def stop(*arguments):
    publish_versions(*arguments)
    print("in the transaction", flush=True)
    sys.stdin.readline()

publishing._make_current = stop
publish(store)
"""
WORKING = """
import sys
from pathlib import Path
from docqa.store.store import Store
from tests.store.samples import pdf, publish, stage

store = Store(Path(sys.argv[1]))
for number in range(10_000):
    data = f"{sys.argv[2]} {number}".encode()
    digest, _ = store.originals.put_bytes(data)
    stage(store, f"{sys.argv[2]}-{number}.pdf", pdf(*[f"passage of {number}"] * 50), digest)
    if number % 3 == 2:
        publish(store)
    print(number, flush=True)
"""


def assert_whole(store):
    """Every version has all that it says it has, every pack chains, every original is there."""
    assert store.database.check() == ()
    workspace_id = store.workspaces.get("default").id
    passages = 0
    with store.database.read() as connection:
        versions = connection.execute(text("SELECT id, content_hash FROM versions")).all()
        indexed = connection.scalar(text(f"SELECT count(*) FROM fts_w{workspace_id}"))
        orphans = connection.scalar(
            text("SELECT count(*) FROM passages WHERE version_id NOT IN (SELECT id FROM versions)")
        )
    for version_id, content_hash in versions:
        version = store.documents.version(version_id)
        assert len(list(store.documents.passages(version_id))) == version.passages
        assert len(store.documents.pages(version_id)) == version.pages
        assert len(content_hash) == 64
        passages += version.passages
    assert (indexed, orphans) == (passages, 0)
    pack = store.packs.current(workspace_id, HEAD)
    assert store.packs.pack(pack.id).hash == pack.hash
    published = {found.version_id for found in store.packs.segments(pack.id)}
    assert published == {
        version_id for version_id, _ in versions if store.documents.version(version_id).published
    }


@pytest.mark.parametrize("script", [STAGING, PUBLISHING])
def test_a_kill_inside_a_transaction_leaves_the_state_before_it(tmp_path, script):
    with Store(tmp_path) as store:
        stage(store, "whole.pdf", pdf("one", "two"))
        publish(store)
        stage(store, "ready.pdf", pdf("three"), "c" * 64)
        before = store.workspaces.all(), store.documents.unpublished(1)

        with running(script, tmp_path) as process:
            assert process.stdout.readline() == "in the transaction\n"
            process.kill()
            process.wait()

        assert (store.workspaces.all(), store.documents.unpublished(1)) == before
        assert_whole(store)
        stage(store, "half.pdf", pdf("now it is whole"), "b" * 64)
        assert publish(store).segment_count == 3


def test_kills_at_any_moment_lose_no_document_that_was_saved(tmp_path):
    for number in range(4):
        with running(WORKING, tmp_path, f"run{number}") as process:
            for _ in range(5 + number):
                done = int(process.stdout.readline())
            process.kill()
            process.wait()

        with Store(tmp_path) as store:
            assert_whole(store)
            source = store.documents.sources(store.workspaces.get("default").id)[0]
            for saved in range(done + 1):
                assert store.documents.find(source.id, f"run{number}-{saved}.pdf") is not None
            assert all(
                store.originals.contains(content_hash)
                for content_hash in store.documents.content_hashes()
            )
