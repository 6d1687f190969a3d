"""Repositories and folders that are broken, hostile, private or empty: a message, nothing lost."""

import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from docqa.errors import StorageFullError
from docqa.readers.sources import SourceLimits
from tests.services.parts import bytes_under, documents, pack_text, workspace
from tests.services.repositories import FILES, commit, git, repository, write
from tests.services.test_sources import added, counts, looked, only_source, updated

TOKEN = "a-token-that-is-never-told"


@contextmanager
def private_server():
    """A server that lets nobody in; yields it with the headers it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.headers.get("Authorization"))
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def failure(app, job):
    """(type, message, hint) of the only input of the job."""
    (item,) = app.store.jobs.items(job.id)
    assert item.status == "failed"
    assert item.error_hint
    return item.error_type, item.error, item.error_hint


def test_a_host_that_cannot_be_reached(empty):
    job = added(empty, "http://127.0.0.1:9/orbit.git")

    error_type, message, _ = failure(empty, job)
    assert error_type == "GitUnreachableError"
    assert "127.0.0.1" in message
    assert empty.sources.sources(workspace(empty)) == ()


def test_a_preview_of_what_cannot_be_reached_fails_with_the_reason(empty):
    job = looked(empty, "http://127.0.0.1:9/orbit.git")

    assert (job.status, job.error_type) == ("failed", "GitUnreachableError")
    assert job.error_hint


def test_a_private_repository_without_a_token_names_the_setting(empty):
    with private_server() as server:
        job = added(empty, f"http://127.0.0.1:{server.server_port}/orbit.git")

    error_type, _, hint = failure(empty, job)
    assert error_type == "GitAccessError"
    assert "DOCQA_GIT_TOKEN" in hint
    assert set(server.asked) == {None}


def test_a_token_goes_to_its_host_only_and_is_stored_nowhere(open_app, caplog):
    with private_server() as server, private_server() as other:
        app = open_app(git_token=TOKEN, git_token_host=f"127.0.0.1:{server.server_port}")
        jobs = [
            added(app, f"http://127.0.0.1:{each.server_port}/orbit.git") for each in (server, other)
        ]

    assert any(server.asked)
    assert set(other.asked) == {None}
    assert {failure(app, job)[0] for job in jobs} == {"GitAccessError"}
    assert TOKEN not in repr(app.settings)
    assert TOKEN.encode() not in bytes_under(app.settings.home)
    assert TOKEN not in caplog.text


def test_an_empty_repository(empty, tmp_path):
    origin = repository(tmp_path / "orbit", {})

    job = added(empty, f"file://{origin}")

    assert failure(empty, job)[0] == "EmptyRepositoryError"
    assert empty.sources.sources(workspace(empty)) == ()


def test_a_branch_that_is_not_there(empty, tmp_path):
    origin = repository(tmp_path / "orbit")

    job = added(empty, f"file://{origin}", ref="nowhere")

    error_type, message, _ = failure(empty, job)
    assert error_type == "GitRefError"
    assert "nowhere" in message


def test_a_repository_that_is_too_large(open_app, tmp_path):
    origin = repository(tmp_path / "orbit", {"data.txt": ""})
    (origin / "noise.bin").write_bytes(os.urandom(3_000_000))
    commit(origin, {})
    app = open_app(max_repository_mb=1)

    job = added(app, f"file://{origin}")

    assert failure(app, job)[0] == "RepositoryTooLargeError"
    assert not any(app.settings.repositories_path.iterdir())


def test_a_file_of_a_repository_above_the_limit_of_the_settings_is_left_out(open_app, tmp_path):
    origin = repository(tmp_path / "orbit")
    commit(origin, {"long.txt": "A long text.\n" * 100_000})
    app = open_app(max_file_mb=1)

    job = added(app, f"file://{origin}")

    assert job.status == "done"
    assert counts(job)["added"] == 4
    (large,) = (each for each in app.sources.left_out(1) if each.path == "long.txt")
    assert large.size == 1_300_000


def test_a_repository_with_links_submodules_and_odd_names(empty, tmp_path):
    origin = repository(tmp_path / "orbit")
    (origin / "loop").symlink_to("loop")
    (origin / "out").symlink_to("/etc")
    (origin / os.fsdecode(b"caf\xe9.py")).write_text("X = 1\n")
    (origin / "bell\x07.py").write_text("X = 1\n")
    commit(origin, {})
    git(origin, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    git(origin, "commit", "--quiet", "--message", "Add a submodule")

    job = added(empty, f"file://{origin}")

    assert job.status == "done"
    assert counts(job)["added"] == 4
    left_out = {each.path: each.category for each in empty.sources.left_out(1)}
    assert left_out["loop"] == left_out["out"] == "link"
    assert left_out["module"] == "submodule"
    assert sorted(left_out.values()).count("unsafe") == 2


def test_a_folder_with_a_link_loop_and_odd_names_is_read_around_them(empty, tmp_path):
    folder = write(tmp_path / "orbit", FILES)
    (folder / "app" / "loop").symlink_to(folder)
    (folder / os.fsdecode(b"caf\xe9.py")).write_text("X = 1\n")

    job = added(empty, str(folder))

    assert counts(job)["added"] == 4
    categories = {each.category for each in empty.sources.left_out(only_source(empty).source.id)}
    assert categories == {"link", "lock", "unsafe"}


def test_a_file_of_two_gigabytes_is_listed_and_never_read(empty, tmp_path):
    folder = write(tmp_path / "orbit", FILES)
    with (folder / "dump.sql").open("wb") as file:
        file.truncate(2_000_000_000)

    job = added(empty, str(folder))

    assert counts(job)["added"] == 4
    (huge,) = (each for each in empty.sources.left_out(1) if each.path == "dump.sql")
    assert huge.size == 2_000_000_000
    assert sum(path.stat().st_size for path in empty.store.originals.folder.glob("??/*")) < 100_000


def test_a_folder_with_too_many_files_is_refused_as_a_whole(empty, tmp_path, monkeypatch):
    folder = write(tmp_path / "orbit", FILES)
    added(empty, str(folder))
    before = pack_text(empty)
    monkeypatch.setattr("docqa.readers.sources.SourceLimits", lambda: SourceLimits(max_files=3))

    job = updated(empty)

    error_type, message, _ = failure(empty, job)
    assert error_type == "ReadError"
    assert "more than 3 files" in message
    assert pack_text(empty) == before
    assert {each.status for each in documents(empty).values()} == {"ready"}


def test_hooks_and_settings_of_a_repository_are_not_run(empty, tmp_path):
    origin = repository(tmp_path / "orbit")
    ran = tmp_path / "ran"
    for name in ("post-checkout", "fsmonitor", "pre-auto-gc", "reference-transaction"):
        hook = origin / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
        hook.chmod(0o755)
    git(origin, "config", "uploadpack.packObjectsHook", f"touch {ran};")
    git(origin, "config", "core.fsmonitor", str(origin / ".git" / "hooks" / "fsmonitor"))
    ran.unlink(missing_ok=True)

    added(empty, f"file://{origin}")
    added(empty, str(origin))

    assert len(empty.sources.sources(workspace(empty))) == 2
    assert not ran.exists()


@pytest.mark.parametrize("ref", ["--upload-pack=true", "a..b", "x\ny"])
def test_a_ref_that_is_none_is_refused(empty, tmp_path, ref):
    origin = repository(tmp_path / "orbit")

    job = added(empty, f"file://{origin}", ref=ref)

    assert failure(empty, job)[0] == "GitRefError"


def test_a_disk_that_is_full_while_a_repository_is_unpacked_leaves_no_source(
    empty, tmp_path, monkeypatch
):
    origin = repository(tmp_path / "orbit")

    def full(data):
        raise StorageFullError(tmp_path)

    monkeypatch.setattr(empty.store.originals, "put_bytes", full)

    job = added(empty, f"file://{origin}")

    assert (job.status, job.error_type) == ("failed", "StorageFullError")
    assert empty.sources.sources(workspace(empty)) == ()
    monkeypatch.undo()
    assert counts(added(empty, f"file://{origin}"))["added"] == 4


def test_a_fetch_that_is_cancelled_adds_nothing(empty, tmp_path, monkeypatch):
    origin = repository(tmp_path / "orbit")
    job_id = empty.sources.preview(workspace(empty), f"file://{origin}")
    monkeypatch.setattr(empty.store.jobs, "to_stop", lambda job_id, owner: True)

    job = empty.jobs.run(job_id)

    assert job.status == "cancelled"
