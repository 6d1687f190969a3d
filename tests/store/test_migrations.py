from contextlib import closing

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from docqa.store import migrations
from docqa.store.database import REVISION, Database
from docqa.store.models import Row


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
