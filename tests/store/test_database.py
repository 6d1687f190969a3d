import os
import sqlite3
import threading
from contextlib import ExitStack, closing

import pytest
from sqlalchemy import text

from docqa.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseNewerError,
    StorageFullError,
    StoreError,
)
from docqa.store import database as module
from docqa.store.database import Database
from docqa.store.store import Store
from tests.store.processes import running
from tests.store.samples import pdf, publish, stage

COUNT = """
import sys
from pathlib import Path
from sqlalchemy import text
from docqa.store.database import Database

database = Database(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(150):
    with database.write() as connection:
        value = connection.scalar(text("SELECT value FROM preferences WHERE key = 'n'"))
        connection.execute(text("UPDATE preferences SET value = :n"), {"n": int(value) + 1})
"""
OPEN = """
import sys
from pathlib import Path
print("ready", flush=True)
sys.stdin.readline()
from docqa.store.database import Database
Database(Path(sys.argv[1])).close()
"""
WRITE = """
import sys
from pathlib import Path
from sqlalchemy import text
from docqa.store.database import Database

database = Database(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    with database.write() as connection:
        for key in ("a", "b"):
            connection.execute(
                text("INSERT OR REPLACE INTO preferences VALUES (0, :key, :value)"),
                {"key": key, "value": number},
            )
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "docqa.db"


def go(processes):
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def test_processes_that_read_modify_and_write_lose_no_update(path):
    with closing(Database(path)) as database:
        with database.write() as connection:
            connection.execute(text("INSERT INTO preferences VALUES (0, 'n', '0')"))

        with running(COUNT, path) as one, running(COUNT, path) as two:
            go([one, two])
            assert (one.wait(), two.wait()) == (0, 0)

        with database.read() as connection:
            assert connection.scalar(text("SELECT value FROM preferences")) == 300


def test_threads_that_read_modify_and_write_lose_no_update(store):
    store.preferences.set("n", 0)

    def count():
        for _ in range(50):
            with store.database.write() as connection:
                value = connection.scalar(text("SELECT value FROM preferences"))
                connection.execute(text("UPDATE preferences SET value = :n"), {"n": int(value) + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.preferences.get("n") == 200


def test_several_processes_may_make_the_database_at_once(path):
    with ExitStack() as stack:
        processes = [stack.enter_context(running(OPEN, path)) for _ in range(4)]
        go(processes)

        assert [process.wait() for process in processes] == [0, 0, 0, 0]

    with closing(Database(path)) as database:
        assert database.check() == ()


def test_a_reader_sees_one_moment_and_does_not_hold_up_writers(store):
    store.preferences.set("n", 1)

    with store.database.read() as connection:
        assert connection.scalar(text("SELECT value FROM preferences")) == 1
        store.preferences.set("n", 2)
        seen = connection.scalar(text("SELECT value FROM preferences"))

    assert seen == 1
    assert store.preferences.get("n") == 2


def test_a_transaction_that_fails_leaves_nothing(store):
    def fail():
        with store.database.write() as connection:
            connection.execute(text("INSERT INTO preferences VALUES (0, 'n', '1')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert store.preferences.all() == {}


def test_a_transaction_inside_a_transaction_is_a_mistake_that_shows(store):
    with store.database.write(), pytest.raises(RuntimeError, match="pass the connection"):
        store.preferences.set("n", 1)


def test_a_database_that_another_process_holds_too_long_is_busy(path, monkeypatch):
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.05)
    with (
        closing(Database(path)) as database,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(DatabaseBusyError), database.write():
            pass


def test_a_full_disk_is_said_and_what_was_saved_stays(store):
    stage(store, "kept.pdf", pdf("kept"))
    with store.database.read() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    with store.database.read() as connection:
        connection.execute(text(f"PRAGMA max_page_count = {pages + 2}"))

    with pytest.raises(StorageFullError) as raised:
        stage(store, "big.pdf", pdf(*("x" * 4_000 for _ in range(100))), "b" * 64)

    assert raised.value.path == store.path
    assert "Free some space" in raised.value.hint
    assert publish(store).segment_count == 1
    assert store.database.check() == ()


def test_a_file_that_is_no_database_is_said_to_be_damaged(path):
    path.write_bytes(b"%PDF-1.7 something else" * 100)

    with pytest.raises(DatabaseDamagedError, match="cannot be read"):
        Database(path)


def test_a_damaged_database_is_said_to_be_damaged(path):
    with Store(path.parent) as store:
        for number in range(20):
            stage(store, f"{number}.pdf", pdf("text " * 500), str(number) * 64)
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(os.urandom(path.stat().st_size - 8_192))

    with pytest.raises(DatabaseDamagedError), Store(path.parent) as store:
        store.workspaces.all()


def test_a_database_of_another_program_is_left_alone(path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (title)")

    with pytest.raises(DatabaseDamagedError, match="another program"):
        Database(path)

    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]


def test_a_database_of_a_newer_docqa_is_left_alone(path):
    Database(path).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(DatabaseNewerError, match=r"newer version of docqa \(9999\)"):
        Database(path)


def test_a_database_that_must_exist_is_not_made(path):
    with pytest.raises(StoreError, match="there is no database"):
        Database(path, create=False)

    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreError):
        Database(tmp_path / "file" / "docqa.db")


def test_a_backup_made_while_another_process_writes_is_of_one_moment(path, tmp_path):
    with closing(Database(path)) as database, running(WRITE, path) as writer:
        assert int(writer.stdout.readline()) == 1
        for number in range(5):
            target = tmp_path / f"backup {number}.db"

            database.backup_to(target)

            with closing(sqlite3.connect(target)) as copy:
                values = copy.execute("SELECT value FROM preferences").fetchall()
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert len(values) == 2
            assert values[0] == values[1]
    assert {found.name for found in tmp_path.glob("*backup*")} == {
        f"backup {number}.db" for number in range(5)
    }


def test_a_backup_can_be_opened_as_a_database(store, tmp_path):
    stage(store, "a.pdf", pdf("text"))
    publish(store)

    store.database.backup_to(tmp_path / "copy" / "docqa.db")

    with Store(tmp_path / "copy") as copy:
        assert copy.workspaces.all() == store.workspaces.all()
