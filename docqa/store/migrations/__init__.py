"""The migrations, one file per revision in `versions`; run by `Database`, with no ini file."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Bring the database up to date within the transaction that the caller began."""
    scripts = _scripts()

    def steps(revision: object, _context: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=True, render_as_batch=True)
        environment.run_migrations()


def knows(revision: str) -> bool:
    """Whether this docqa knows the revision; the empty one is a new file."""
    return not revision or revision in {script.revision for script in _scripts().walk_revisions()}


def newest() -> str:
    """The newest revision."""
    return _scripts().get_current_head() or ""


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(Path(__file__).parent)
