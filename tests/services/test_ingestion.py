import os
import shutil
import threading

import pytest

from docqa.errors import NotBuiltError, ReaderCrashedError, ReadError
from docqa.services import file_reading
from docqa.services.ingest_report import ingest_report
from docqa.services.jobs import JobContext
from tests.services.parts import (
    BACKUPS,
    INVOICES,
    InProcessPool,
    documents,
    ingest,
    items,
    make_folder,
    make_pdf,
    only,
    pack_text,
    upload,
    workspace,
)


@pytest.fixture
def sources(tmp_path):
    """A folder that the test may change."""
    return make_folder(tmp_path / "sources")


def test_every_file_of_a_folder_becomes_a_document_with_its_passages(app, folder):
    found = documents(app)

    assert set(found) == {"agreement.pdf", "orbit/__init__.py", "orbit/retry.py", "runbook.md"}
    assert all(document.status == "ready" for document in found.values())
    assert found["agreement.pdf"].pages == found["agreement.pdf"].readable_pages == 2
    assert all(document.passages and document.tokens for document in found.values())


def test_what_a_folder_skips_is_named_with_its_reason(empty, sources):
    (sources / ".gitignore").write_text("*.log\nbuild/\n")
    (sources / "debug.log").write_text("ignored")
    (sources / "build").mkdir()
    (sources / "build" / "out.txt").write_text("ignored")
    (sources / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    (sources / "nothing.txt").touch()

    job = ingest(empty, sources)
    (report,) = ingest_report(empty.store, job)

    skipped = {each["name"]: each["message"] for each in report["skipped"]}
    assert skipped["debug.log"] == skipped["build/"] == "ignored by .gitignore"
    assert "picture" in skipped["picture.png"]
    assert skipped["nothing.txt"] == "empty"
    assert report["status"] == "done"
    assert not {"debug.log", "picture.png"} & set(documents(empty))


def test_a_bad_file_fails_alone_and_says_why(empty, sources):
    (sources / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of it is left")

    job = ingest(empty, sources)
    (report,) = ingest_report(empty.store, job)

    assert job.status == "done"
    assert report["status"] == "partial"
    assert [each["name"] for each in report["failed"]] == ["broken.pdf"]
    assert report["failed"][0]["hint"]
    assert report["documents"] == 4
    assert documents(empty)["broken.pdf"].status == "failed"


def test_adding_a_folder_again_changes_nothing(app, folder):
    before = app.library.pack(workspace(app))

    job = ingest(app, folder)

    assert app.library.pack(workspace(app)) == before
    assert items(app, job) == {}
    assert ingest_report(app.store, job)[0]["status"] == "unchanged"


def test_a_changed_file_of_a_folder_supersedes_and_only_appends(empty, sources):
    ingest(empty, sources)
    before = pack_text(empty)
    (sources / "runbook.md").write_text("# Runbook\n\nRestart nothing before noon.\n")

    ingest(empty, sources)

    after = pack_text(empty)
    assert after.startswith(before)
    assert 'supersedes="' in after[len(before) :]
    runbook = documents(empty)["runbook.md"]
    assert runbook.version == 2
    assert len(documents(empty)) == 4
    assert [version.status for version in empty.library.versions(runbook.id)] == [
        "ready",
        "superseded",
    ]


def test_equal_files_of_a_folder_are_documents_of_their_own(empty, tmp_path):
    for name in ("a", "b"):
        (tmp_path / "src" / name).mkdir(parents=True)
        (tmp_path / "src" / name / "__init__.py").write_text("VERSION = 1\n")

    ingest(empty, tmp_path / "src")

    found = documents(empty)
    assert set(found) == {"a/__init__.py", "b/__init__.py"}
    assert len({document.content_hash for document in found.values()}) == 1


def test_two_folders_of_one_name_lose_nothing(empty, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "src" / "main.py").write_text(f"NAME = {name!r}\n")

    job = ingest(empty, tmp_path / "one" / "src", tmp_path / "two" / "src")

    found = empty.library.documents(workspace(empty))
    assert [document.name for document in found] == ["main.py", "main.py"]
    assert len({document.content_hash for document in found}) == 2
    assert [report["documents"] for report in ingest_report(empty.store, job)] == [1, 1]


def test_two_files_of_one_name_lose_nothing(empty, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text(f"This is {name}.\n")

    ingest(empty, tmp_path / "one" / "README.md", tmp_path / "two" / "README.md")

    assert len(empty.library.documents(workspace(empty))) == 2


def test_an_archive_is_read_without_being_unpacked_beside_it(empty, sources, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "freight"), "zip", sources)

    job = ingest(empty, archive)

    assert job.status == "done"
    assert len(documents(empty)) == 4
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "a home") == [
        "freight.zip",
        "sources",
    ]


def test_an_upload_of_the_same_bytes_changes_nothing(empty):
    upload(empty, "notes.txt", b"Backups are kept for 35 days.")
    before = empty.library.pack(workspace(empty))

    job = upload(empty, "notes.txt", b"Backups are kept for 35 days.")

    assert only(empty, job).result["status"] == "unchanged"
    assert empty.library.pack(workspace(empty)) == before


def test_an_upload_whose_name_is_taken_asks(empty):
    upload(empty, "notes.txt", b"Backups are kept for 35 days.")

    job = upload(empty, "notes.txt", b"Backups are kept for 40 days.")

    item = only(empty, job)
    assert (item.status, item.error_type) == ("failed", "NameConflictError")
    assert "other content" in item.error
    assert documents(empty)["notes.txt"].version == 1


def test_replacing_makes_a_new_version(empty):
    upload(empty, "notes.txt", b"Backups are kept for 35 days.")
    conflict = only(empty, upload(empty, "notes.txt", b"Backups are kept for 40 days."))

    empty.ingestion.wait(empty.ingestion.resolve(conflict.id, replace=True))

    (document,) = empty.library.documents(workspace(empty))
    assert document.version == 2
    assert "40 days" in empty.library.text(document.version_id)


def test_keeping_both_makes_a_second_document(empty):
    upload(empty, "notes.txt", b"Backups are kept for 35 days.")
    conflict = only(empty, upload(empty, "notes.txt", b"Backups are kept for 40 days."))

    empty.ingestion.wait(empty.ingestion.resolve(conflict.id, replace=False))

    found = empty.library.documents(workspace(empty))
    assert [(document.name, document.version) for document in found] == [("notes.txt", 1)] * 2


def test_a_file_of_the_command_line_gets_a_second_document_or_a_new_version(empty, tmp_path):
    path = tmp_path / "notes.txt"
    for text, on_conflict in (("one", "keep"), ("two", "keep"), ("three", "replace")):
        path.write_text(f"This is number {text}.")
        ingest(empty, path, on_conflict=on_conflict)

    found = empty.library.documents(workspace(empty))

    assert sorted(document.version for document in found) == [1, 2]


def test_an_encrypted_file_waits_for_its_password(empty, tmp_path):
    path = make_pdf(tmp_path / "secret.pdf", password="correct horse battery")

    job = ingest(empty, path)

    item = only(empty, job)
    assert (item.status, item.error_type) == ("failed", "PasswordNeededError")
    assert item.error == "needs a password to be opened"
    assert "password" in item.error_hint

    wrong = empty.ingestion.wait(empty.ingestion.retry(item.id, password="wrong"))

    assert only(empty, wrong).error == "the password is wrong"

    right = empty.ingestion.retry(only(empty, wrong).id, password="correct horse battery")
    empty.ingestion.wait(right)

    assert documents(empty)["secret.pdf"].status == "ready"
    assert INVOICES.split(",")[0] in " ".join(pack_text(empty).split())
    home = empty.settings.home
    for path in home.glob("docqa.db*"):
        assert b"correct horse" not in path.read_bytes()


def test_a_password_given_at_once_reads_the_file_at_once(empty, tmp_path):
    path = make_pdf(tmp_path / "secret.pdf", password="correct horse battery")

    job = ingest(empty, path, password="correct horse battery")

    assert only(empty, job).status == "done"


def test_the_address_of_a_file_on_the_web_is_not_built_yet(empty):
    with pytest.raises(NotBuiltError, match="not built yet"):
        empty.ingestion.submit_paths(workspace(empty), ["https://example.org/freight.pdf"])

    assert empty.store.jobs.recent() == ()


def test_a_path_that_does_not_exist_is_refused_before_anything_is_queued(empty, folder):
    with pytest.raises(ReadError, match="there is no such file"):
        empty.ingestion.submit_paths(workspace(empty), [folder, folder / "nowhere"])
    with pytest.raises(ReadError, match="there is no such file"):
        empty.ingestion.submit_paths(workspace(empty), ["x" * 300])

    assert empty.store.jobs.recent() == ()


def test_a_file_that_vanishes_before_it_is_read_fails_alone(empty, tmp_path, folder):
    path = tmp_path / "here.txt"
    path.write_text("Soon gone.")
    job_id = empty.ingestion.submit_paths(workspace(empty), [path, folder])
    path.unlink()

    job = empty.ingestion.wait(job_id)

    assert job.status == "done"
    assert items(empty, job)["here.txt"].status == "failed"
    assert len(documents(empty)) == 4


class VanishingPool(InProcessPool):
    """Files go the moment they are begun."""

    gone = ""

    def begin(self, name):
        if name.endswith(".txt"):
            (self.folder / name).unlink(missing_ok=True)


def test_a_file_that_vanishes_while_its_folder_is_read_fails_alone(open_app, tmp_path):
    VanishingPool.folder = tmp_path / "src"
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.txt").write_text("This one goes.")
    (tmp_path / "src" / "b.md").write_text("This one stays.")
    app = open_app(pool=VanishingPool)

    job = ingest(app, tmp_path / "src")

    assert job.status == "done"
    assert items(app, job)["a.txt"].error_type == "ReadError"
    assert set(documents(app)) == {"b.md"}


class CrashingPool(InProcessPool):
    """A file whose name says so ends the worker."""

    def begin(self, name):
        if name.startswith("crash"):
            raise ReaderCrashedError(name)


def test_a_file_that_ends_its_worker_fails_alone(open_app, tmp_path):
    for name in ("a.txt", "crash-1.txt", "crash-2.txt", "z.txt"):
        (tmp_path / name).write_text(f"This is {name}.")
    app = open_app(pool=CrashingPool)

    job = ingest(app, *sorted(tmp_path.glob("*.txt")))

    assert {name: item.status for name, item in items(app, job).items()} == {
        "a.txt": "done",
        "crash-1.txt": "failed",
        "crash-2.txt": "failed",
        "z.txt": "done",
    }
    assert set(documents(app)) >= {"a.txt", "z.txt"}


class CancelledPool(InProcessPool):
    """The user cancels when the second file is begun."""

    def begin(self, name):
        if len(self.names) == 2:
            self.app.ingestion.cancel(self.app.store.jobs.active()[0].id)


def test_what_was_read_before_a_cancel_is_kept(open_app, tmp_path):
    for number in range(40):
        (tmp_path / f"{number:02}.txt").write_text(f"This is document number {number}.")
    app = open_app(pool=CancelledPool)
    CancelledPool.app = app

    job = ingest(app, *sorted(tmp_path.glob("*.txt")))

    assert job.status == "cancelled"
    found = documents(app)
    assert 2 <= len(found) < 40
    assert all(document.status == "ready" for document in found.values())
    statuses = {item.status for item in items(app, job).values()}
    assert statuses == {"done", "cancelled"}


def test_a_cancelled_job_can_be_done_again(open_app, tmp_path):
    (tmp_path / "a.txt").write_text("This is document a.")
    app = open_app()
    job_id = app.ingestion.submit_paths(workspace(app), [tmp_path / "a.txt"])
    app.ingestion.cancel(job_id)

    assert app.ingestion.wait(job_id).status == "cancelled"
    assert documents(app) == {}
    assert ingest(app, tmp_path / "a.txt").status == "done"
    assert set(documents(app)) == {"a.txt"}


class DyingPool(InProcessPool):
    """The whole process dies when a certain file is begun."""

    on = "none"

    def begin(self, name):
        if name == type(self).on:
            raise SystemExit


def test_an_interrupted_job_is_resumed_where_it_was_left(open_app, tmp_path, sources, monkeypatch):
    monkeypatch.setattr(file_reading, "BATCH_FILES", 1)  # what is begun together is lost together
    job = ingest_and_die(open_app, tmp_path / "home", sources, "orbit/retry.py")
    app = open_app(tmp_path / "home")

    app.store.jobs.release_dead(lambda pid, started: False)
    resumed = app.jobs.run(job)

    assert resumed.status == "done"
    assert resumed.attempts == 2
    assert app.ingestion._pool.names == ["orbit/retry.py", "runbook.md"]
    assert len(documents(app)) == 4
    assert BACKUPS in " ".join(pack_text(app).split())


def ingest_and_die(open_app, home, sources, name):
    """The number of the job that was cut off, still `running`."""
    DyingPool.on = name
    app = open_app(home, pool=DyingPool)
    job_id = app.ingestion.submit_paths(workspace(app), [sources])
    job = app.jobs._claim(job_ids=[job_id])
    with pytest.raises(SystemExit):
        app.ingestion.handle(context_of(app, job))
    return job_id


def context_of(app, job):
    return JobContext(job, app.store.jobs, job.owner)


def test_nothing_of_an_interrupted_job_is_lost_if_it_is_given_again(open_app, tmp_path, sources):
    ingest_and_die(open_app, tmp_path / "home", sources, "orbit/retry.py")
    app = open_app(tmp_path / "home")

    ingest(app, sources)

    assert len(documents(app)) == 4
    assert not app.store.documents.unpublished(workspace(app))


def test_jobs_in_the_background_are_done_by_name_order_of_their_files(open_app, sources):
    app = open_app()
    app.start()
    job_id = app.ingestion.submit_paths(workspace(app), [sources])

    job = app.ingestion.wait(job_id)

    assert job.status == "done"
    segments = app.store.packs.segments(app.library.pack(workspace(app)).id)
    names = [segment.name for segment in segments]
    assert names == sorted(names)


def test_parallel_jobs_of_two_processes_lose_nothing(open_app, tmp_path):
    home = tmp_path / "home"
    folders = []
    for number in range(2):
        folder = tmp_path / f"part-{number}"
        folder.mkdir()
        for file in range(12):
            (folder / f"{file}.txt").write_text(f"Folder {number}, file {file}.")
        folders.append(folder)
    apps = [open_app(home), open_app(home)]
    where = workspace(apps[0])

    threads = [
        threading.Thread(target=ingest, args=(app, folder), kwargs={"workspace_id": where})
        for app, folder in zip(apps, folders, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = apps[0].library.documents(where)
    assert len(found) == 24
    assert all(document.published for document in found)
    segments = apps[0].store.packs.segments(apps[0].library.pack(where).id)
    labels = [segment.segment.labels for segment in segments]
    assert [first.stop for first in labels[:-1]] == [second.start for second in labels[1:]]


def test_links_and_names_that_are_no_text_are_refused_by_name(empty, sources, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("A secret of the machine.")
    (sources / "link.txt").symlink_to(outside)
    (sources / os.fsdecode(b"caf\xe9.txt")).write_text("Coffee.")

    job = ingest(empty, sources)

    skipped = {item.name: item.error for item in empty.ingestion.items(job.id) if item.error}
    assert skipped["link.txt"] == "refused: a symbolic link that leaves the folder"
    assert any("its name is not valid text" in reason for reason in skipped.values())
    assert "secret of the machine" not in pack_text(empty)
