"""The database file: connections, transactions, migration, backup, errors translated."""

import contextlib
import os
import shutil
import sqlite3
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc

from docqa.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseNewerError,
    StorageFullError,
    StoreError,
)
from docqa.store.disk import disk_errors, sync

BUSY_TIMEOUT_S = 30.0
REVISION = "0005"
"""The newest migration; a file that has it is opened without importing Alembic."""

_WRITE = "docqa_write"
_MIN_FREE_BYTES = 1_000_000


class Database:
    """One SQLite file, shared by threads and processes.

    Writers begin with `BEGIN IMMEDIATE`: what a transaction reads cannot change before it writes,
    and waiting happens at its start, never in its middle. Readers see one consistent moment and
    block nobody (WAL). Transactions are short: none is open across a model call or a parsed file.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Open the file, making it and bringing its tables up to date where needed.

        Raises:
            StorageFullError: If there is no space left to do so.
            DatabaseBusyError: If another process holds the file for too long.
            DatabaseNewerError: If a newer docqa wrote it.
            DatabaseDamagedError: If it is no database of docqa's, or damaged.
            StoreError: If it cannot be opened, or is missing and `create` is false.
        """
        self.path = path
        self._writer = threading.Lock()
        self._writing = threading.local()
        if not create and not path.exists():
            raise StoreError(f"there is no database {str(path)!r}")
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._translated():
            self._engine = _engine(path)
            try:
                self._use_wal()
                self._migrate()
            except BaseException:
                self._engine.dispose()
                raise

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write: committed at the end, rolled back on any error.

        Raises:
            StoreError: One of its kinds, when SQLite cannot do what is asked.
        """
        if getattr(self._writing, "now", False):
            raise RuntimeError("write() inside write() would wait for itself; pass the connection")
        if not self._writer.acquire(timeout=BUSY_TIMEOUT_S):
            raise DatabaseBusyError("another thread holds the database for too long")
        self._writing.now = True
        try:
            with self._translated(), self._engine.connect() as connection:
                connection.execution_options(**{_WRITE: True})
                with connection.begin():
                    yield connection
        finally:
            self._writing.now = False
            self._writer.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads, all of it from the same moment.

        Raises:
            StoreError: One of its kinds, when SQLite cannot do what is asked.
        """
        with self._translated(), self._engine.connect() as connection, connection.begin():
            yield connection

    def backup_to(self, target: Path) -> None:
        """Write a consistent copy, one file without side files, while others go on writing.

        Raises:
            StorageFullError: If the target's disk is full; nothing is left there then.
        """
        partial = target.with_name(f".{target.name}.{os.getpid()}.part")
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with (
                self._translated(target),
                contextlib.closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S)) as source,
                contextlib.closing(sqlite3.connect(partial, isolation_level=None)) as copy,
            ):
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
            with disk_errors(target):
                sync(partial)
                partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def vacuum(self) -> None:
        """Rewrite the file without what was deleted, and empty the write-ahead log.

        After it no deleted byte is left in the file or beside it.

        Raises:
            StorageFullError: If there is no space for the second copy that this needs for a moment.
            DatabaseBusyError: If a reader kept the old contents in use.
        """
        with self._translated(), self._unmanaged() as connection:
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise DatabaseBusyError("the database is in use, its old contents could not be freed")

    def check(self) -> tuple[str, ...]:
        """What SQLite finds wrong in the file; empty when it is sound."""
        with self.read() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(20)").scalars().all()
        return tuple(line for line in found if line != "ok")

    def close(self) -> None:
        """Close all connections; the last process to do so empties the write-ahead log."""
        self._engine.dispose()

    def _use_wal(self) -> None:
        # Turning WAL on does not wait for other connections as everything else does, so this does.
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                with self._unmanaged() as connection:
                    connection.execute("PRAGMA journal_mode = WAL").fetchone()
                return
            except sqlite3.OperationalError as error:
                if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _migrate(self) -> None:
        with self.read() as connection:
            found = _revision(connection, self.path)
        if found == REVISION:
            return
        from docqa.store import migrations  # Alembic takes 0.1 s to import, and is rarely needed

        # One process migrates, others wait at BEGIN IMMEDIATE and then find it done.
        with self._translated(), self._engine.connect() as connection:
            # Tables may be rebuilt. Has no effect inside a transaction, so it is set before one.
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
            connection.execution_options(**{_WRITE: True})
            try:
                with connection.begin():
                    found = _revision(connection, self.path)
                    if not migrations.knows(found):
                        raise DatabaseNewerError(self.path, found)
                    migrations.upgrade(connection)
            finally:
                connection.invalidate()

    @contextmanager
    def _unmanaged(self) -> Iterator[Any]:
        """The driver's own connection, without a transaction; for PRAGMA and VACUUM."""
        connection = self._engine.raw_connection()
        try:
            yield connection.driver_connection
        finally:
            connection.close()

    @contextmanager
    def _translated(self, path: Path | None = None) -> Iterator[None]:
        path = path or self.path
        try:
            yield
        except exc.DBAPIError as error:
            raise _translation(error.orig, path) from error
        except exc.TimeoutError as error:
            raise DatabaseBusyError("all connections to the database are in use") from error
        except sqlite3.Error as error:
            raise _translation(error, path) from error


def _engine(path: Path) -> Engine:
    # The driver must not begin transactions on its own: it would do so late, and lose updates.
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_TIMEOUT_S, "isolation_level": None},
        pool_size=8,
        max_overflow=56,
        pool_timeout=BUSY_TIMEOUT_S,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = NORMAL")  # with WAL: safe, and no sync per commit
    connection.execute("PRAGMA journal_size_limit = 67108864")
    connection.execute("PRAGMA cache_size = -16000")
    # SQLite's own lower() knows the letters A to Z alone.
    connection.create_function("folded", 1, folded, deterministic=True)


def folded(text: str) -> str:
    """As it is compared where case is of no matter, nor how letters with accents are written.

    SQL knows it under the same name.
    """
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _revision(connection: Connection, path: Path) -> str:
    """The file's migration, empty for a new file."""
    tables = set(
        connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
    )
    if "alembic_version" not in tables:
        if tables:
            raise DatabaseDamagedError(path, "it is a database of another program")
        return ""
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return str(found or "")


def _primary(error: BaseException | None) -> int:
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _translation(error: BaseException | None, path: Path) -> StoreError:
    code = _primary(error)
    if code == sqlite3.SQLITE_FULL:
        return StorageFullError(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusyError(f"{str(path)!r} is in use by another process")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatabaseDamagedError(path, str(error))
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _no_space(path):
        return StorageFullError(path)
    if code == sqlite3.SQLITE_CONSTRAINT:
        return StoreError(f"what was to be saved does not fit what is there ({error})")
    return StoreError(f"{str(path)!r}: {error}")


def _no_space(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _MIN_FREE_BYTES
    except OSError:
        return False
