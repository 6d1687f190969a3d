import io
import shutil
import tarfile

import pytest

from docqa.errors import (
    BrokenFileError,
    DatabaseBusyError,
    InputError,
    ReadError,
    StoreError,
)
from docqa.services.backup import back_up, restore
from docqa.services.doctor import run_checks
from docqa.store.database import Database
from tests.services.parts import (
    BREACH,
    InProcessPool,
    ask,
    documents,
    ingest,
    settings_of,
    workspace,
)

QUESTION = "Within how many hours must a personal data breach be notified?"


@pytest.fixture
def archive(app, tmp_path):
    """A backup of the home that has the folder's documents and an answer."""
    ask(app, QUESTION)
    target = tmp_path / "backup.tar.gz"
    back_up(app.settings, app.store, target)
    return target


def test_a_restored_home_answers_and_shows_what_the_old_one_had(app, archive, open_app, tmp_path):
    settings = settings_of(tmp_path / "elsewhere" / "restored")

    assert restore(settings, archive) is None

    restored = open_app(settings.home)
    assert documents(restored) == documents(app)
    assert restored.library.pack(workspace(restored)) == app.library.pack(workspace(app))
    (first,) = restored.conversations.all(workspace(restored))
    (old,) = restored.conversations.answers(first.id)
    assert BREACH.rstrip(".") in old.text
    again = ask(restored, QUESTION)
    assert again.status == "answered"
    agreement = documents(restored)["agreement.pdf"]
    assert restored.library.original(agreement.version_id).read_bytes().startswith(b"%PDF")


def test_a_restore_moves_what_was_there_aside(app, archive, open_app):
    app.library.erase(documents(app)["runbook.md"].id)

    aside = restore(app.settings, archive)

    restored = open_app(app.settings.home)
    assert "runbook.md" in documents(restored)
    assert aside.name == "home.before-restore-1"
    assert "runbook.md" not in documents(open_app(aside))


class BackingUpPool(InProcessPool):
    """A backup is made while the third file is being read."""

    def begin(self, name):
        if len(self.names) == 3:
            back_up(self.app.settings, self.app.store, self.target)


def test_a_backup_made_while_documents_are_added_is_resumed_in_the_restored_home(
    open_app, folder, tmp_path
):
    app = open_app(pool=BackingUpPool)
    BackingUpPool.app, BackingUpPool.target = app, tmp_path / "meanwhile.tar.gz"
    assert ingest(app, folder).status == "done"

    restore(settings_of(tmp_path / "restored"), tmp_path / "meanwhile.tar.gz")

    restored = open_app(tmp_path / "restored")
    assert restored.store.database.check() == ()
    assert documents(restored) == {}
    (job,) = restored.store.jobs.active()
    restored.store.jobs.release_dead(lambda pid, started: False)
    assert restored.jobs.run(job.id).status == "done"
    assert set(documents(restored)) == set(documents(app))


def test_an_upload_that_waits_is_in_the_backup(empty, open_app, tmp_path):
    stream = io.BytesIO(b"Backups are kept for 35 days.")
    empty.ingestion.submit_uploads(workspace(empty), [("notes.txt", stream)])
    back_up(empty.settings, empty.store, tmp_path / "backup.tar.gz")

    restore(settings_of(tmp_path / "restored"), tmp_path / "backup.tar.gz")

    restored = open_app(tmp_path / "restored")
    (job,) = restored.store.jobs.active()
    assert restored.jobs.run(job.id).status == "done"
    assert documents(restored)["notes.txt"].status == "ready"


def test_a_backup_never_writes_over_a_file(app, archive):
    before = archive.read_bytes()

    with pytest.raises(InputError, match="exists already"):
        back_up(app.settings, app.store, archive)

    assert archive.read_bytes() == before


def test_a_backup_into_a_folder_that_does_not_exist_says_so(app, tmp_path):
    with pytest.raises(StoreError, match="No such file"):
        back_up(app.settings, app.store, tmp_path / "nowhere" / "backup.tar.gz")


def test_a_backup_holds_no_keys_and_no_caches(open_app, home, tmp_path):
    app = open_app(home, engine="auto")
    app.engines.choose(
        "openai_compatible", base_url="http://127.0.0.1:9/v1", model="m", api_key="sk-very-secret"
    )
    app.pages.picture(documents(app)["agreement.pdf"].version_id, 1, 160)

    back_up(app.settings, app.store, tmp_path / "backup.tar.gz")

    with tarfile.open(tmp_path / "backup.tar.gz") as packed:
        names = packed.getnames()
        held = [packed.extractfile(member).read() for member in packed if member.isfile()]
    assert {name.split("/")[0] for name in names} == {"docqa.db", "originals"}
    assert not any(b"sk-very-secret" in content for content in held)


def a_tar(path, **members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name.replace("__", "/"))
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"not an archive"), "is not a backup of docqa"),
        (lambda path: path.write_bytes(b""), "is not a backup of docqa"),
        (lambda path: a_tar(path, other=b"x"), "it has no database"),
        (lambda path: a_tar(path, **{"docqa.db": b"x" * 5_000}), "not a database"),
        (lambda path: a_tar(path, **{"..__docqa.db": b"x"}), "is not a backup of docqa"),
    ],
)
def test_what_is_no_backup_is_refused_and_nothing_changes(app, tmp_path, make, message):
    path = tmp_path / "garbage.tar.gz"
    make(path)
    before = documents(app)

    with pytest.raises((BrokenFileError, StoreError), match=message):
        restore(app.settings, path)

    assert documents(app) == before
    left = {entry.name for entry in app.settings.home.parent.iterdir()}
    assert left == {"home", "garbage.tar.gz", "a home"}


def test_a_backup_cut_short_is_refused(app, archive, tmp_path):
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])

    with pytest.raises(BrokenFileError, match="is not a backup"):
        restore(app.settings, cut)

    assert len(documents(app)) == 4


def test_a_missing_backup_is_refused(app, tmp_path):
    with pytest.raises(ReadError, match="there is no such file"):
        restore(app.settings, tmp_path / "nowhere.tar.gz")


def test_nothing_is_restored_under_a_job_that_runs(app, archive):
    job = app.store.jobs.create("ingest", workspace(app), {})
    app.jobs._claim(job_ids=[job])

    with pytest.raises(DatabaseBusyError, match="close it first"):
        restore(app.settings, archive)


def test_the_job_of_a_killed_process_does_not_stand_in_the_way(app, archive):
    app.store.jobs.create("ingest", workspace(app), {})
    app.store.jobs.claim("killed", 2**22 - 1, 0.0)

    assert restore(app.settings, archive) is not None


@pytest.mark.parametrize("damage", ["garbage", "newer"])
def test_a_database_that_cannot_be_opened_can_be_restored_over(app, archive, open_app, damage):
    app.store.close()
    path = app.settings.database_path
    if damage == "garbage":
        shutil.rmtree(app.settings.home)
        app.settings.home.mkdir()
        path.write_bytes(b"no database at all" * 500)
    else:
        make_newer(path)

    restore(app.settings, archive)

    assert len(documents(open_app(app.settings.home))) == 4


def make_newer(path):
    """As a later version of docqa would have left it."""
    database = Database(path)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()


def test_the_doctor_finds_everything_well(app):
    checks = {check.check: check for check in run_checks(app.settings, app.store, app.engines)}

    assert {"streamlit", "pymupdf", "tokenizer", "disk", "database", "originals"} <= set(checks)
    assert checks["database"].ok
    assert checks["originals"].detail == "all are there"
    assert checks["audit log"].ok
    assert checks["engine"].ok


def test_the_doctor_misses_originals_and_a_dead_engine(open_app, home):
    app = open_app(
        home,
        engine="openai_compatible",
        base_url="http://127.0.0.1:9/v1",
        model="llama",
        context_length=8_000,
        engine_timeout_s=2,
    )
    app.library.original(documents(app)["runbook.md"].version_id).unlink()

    checks = {check.check: check for check in run_checks(app.settings, app.store, app.engines)}

    assert not checks["originals"].ok
    assert "1 original files are missing" in checks["originals"].detail
    assert "Add these documents again" in checks["originals"].hint
    assert not checks["engine"].ok
    assert checks["engine"].hint
