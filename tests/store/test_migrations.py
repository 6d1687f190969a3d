import sqlite3
from contextlib import closing

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from docqa.core.answers import Usage
from docqa.store import migrations
from docqa.store.audit import AuditStore
from docqa.store.conversations import ConversationStore
from docqa.store.database import REVISION, Database
from docqa.store.models import Row
from docqa.store.reviews import ReviewStore

_LISTS = ("citations", "sentences", "scope", "suggested")
_NUMBERS = (
    "job_id",
    "unresolved",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "ttft_s",
    "total_s",
    "progress_done",
    "progress_total",
    "created_at",
)


def _take_back_0005(old):
    for table in ("vectors", "fingerprints"):
        old.execute(f"DROP TABLE {table}")
    for table, column in (
        ("pages", "confidence"),
        ("passages", "unit"),
        ("passages", "part"),
        ("passages", "columns"),
        ("passages", "confidence"),
        ("documents", "kept_out"),
        ("answers", "shards"),
    ):
        old.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _take_back_0004(old):
    _take_back_0005(old)
    for table in ("left_out", "symbols", "code_facts", "secrets"):
        old.execute(f"DROP TABLE {table}")
    for table, column in (
        ("sources", "revision"),
        ("sources", "options"),
        ("documents", "removed"),
        ("versions", "revision"),
        ("answers", "mentions"),
    ):
        old.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _take_back_0003(old):
    _take_back_0004(old)
    for table in ("decisions", "findings", "review_cells", "reviews", "checklists"):
        old.execute(f"DROP TABLE {table}")
    old.execute("DROP INDEX ix_audit_user")


def test_migrations_and_models_agree(tmp_path):
    with closing(Database(tmp_path / "docqa.db")) as database, database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, Row.metadata) == []


def test_the_newest_migration_is_the_one_that_opening_looks_for():
    assert migrations.newest() == REVISION


def test_a_folder_with_spaces_and_percent_signs_can_hold_the_database(tmp_path):
    path = tmp_path / "My documents 100% %(here)s" / "docqa.db"

    Database(path).close()

    with closing(Database(path)) as database:
        assert database.check() == ()


def test_foreign_keys_are_on_after_a_migration(tmp_path):
    with closing(Database(tmp_path / "docqa.db")) as database, database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_answers_of_the_first_release_are_there_after_the_migration(tmp_path):
    """The database is brought to revision 0001, filled, and opened by this docqa."""
    path = tmp_path / "docqa.db"
    with closing(Database(path)):
        pass
    with closing(sqlite3.connect(path)) as old:
        _take_back_0003(old)
        for name in ("sent_tokens", "sent_bytes", "prefill_s", "cache_miss", "error_type"):
            old.execute(f"ALTER TABLE answers DROP COLUMN {name}")
        old.execute("UPDATE alembic_version SET version_num = '0001'")
        old.commit()
        before = {row[1] for row in old.execute("PRAGMA table_info(answers)")}
        columns = "workspaces (name, created_at) VALUES ('default', 1)"
        old.execute(f"INSERT INTO {columns}")
        old.execute(
            "INSERT INTO conversations (workspace_id, title, created_at, updated_at)"
            " VALUES (1, 'Breaches', 1, 1)"
        )
        filled = {
            name: "[]" if name in _LISTS else 0 if name in _NUMBERS else "old" for name in before
        } | {"id": 1, "conversation_id": 1, "params": "{}", "coverage": None, "status": "answered"}
        names = ", ".join(filled)
        marks = ", ".join("?" for _ in filled)
        old.execute(f"INSERT INTO answers ({names}) VALUES ({marks})", tuple(filled.values()))
        old.commit()

    with closing(Database(path)) as database:
        answer = ConversationStore(database).answer(1)

    assert "sent_tokens" not in before
    assert (answer.question, answer.text) == ("old", "old")
    assert answer.usage == Usage(0, 0, 0)


def test_the_audit_log_of_an_earlier_release_still_chains_after_the_migration(tmp_path):
    path = tmp_path / "docqa.db"
    with closing(Database(path)) as database:
        AuditStore(database).append("local", "erase", {"document": 3})
    with closing(sqlite3.connect(path)) as old:
        _take_back_0003(old)
        old.execute("UPDATE alembic_version SET version_num = '0002'")
        old.commit()

    with closing(Database(path)) as database:
        assert AuditStore(database).verify() is None
        assert AuditStore(database).count() == 1
        assert ReviewStore(database).all(1) == ()
