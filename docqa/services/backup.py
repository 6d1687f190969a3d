"""Backup and restore of DOCQA_HOME: one archive, consistent while the app runs."""

import gzip
import lzma
import re
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path

from docqa.errors import (
    BrokenFileError,
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseNewerError,
    InputError,
    ReadError,
)
from docqa.services.jobs import is_alive
from docqa.settings import Settings
from docqa.store.database import Database
from docqa.store.disk import disk_errors
from docqa.store.store import Store

DATABASE = "docqa.db"
ORIGINALS = "originals"
_MEMBER = re.compile(rf"{re.escape(DATABASE)}|{ORIGINALS}/[0-9a-f]{{64}}")
"""What a backup holds."""


def back_up(settings: Settings, store: Store, target: Path) -> int:
    """Write the database and the originals it refers to into a tar archive; returns its bytes.

    Keys of engines are left out. The database is copied first, so that every original it names
    that still exists is in the archive.

    Raises:
        StorageFullError: If the disk is full.
        InputError: If the target exists.
        StoreError: If it cannot be written.
    """
    if target.exists():
        raise InputError(f"{str(target)!r} exists already")
    partial = target.with_name(target.name + ".part")
    with disk_errors(target):
        try:
            with tempfile.TemporaryDirectory(dir=settings.home) as folder:
                copy = Path(folder) / DATABASE
                store.database.backup_to(copy)
                with tarfile.open(partial, "w:gz", compresslevel=1) as archive:
                    archive.add(copy, DATABASE)
                    for content_hash in sorted(_needed(store)):
                        if store.originals.contains(content_hash):
                            original = store.originals.path(content_hash)
                            archive.add(original, f"{ORIGINALS}/{content_hash}")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return target.stat().st_size


def _needed(store: Store) -> set[str]:
    """Hashes of the originals of documents, and of uploads that wait to become some."""
    waiting = (
        item.payload.get("place", {}).get("original", "")
        for job in store.jobs.active()
        for item in store.jobs.items(job.id)
    )
    return {*store.documents.content_hashes(), *filter(None, waiting)}


def restore(settings: Settings, source: Path) -> Path | None:
    """Put a backup in place of DOCQA_HOME; what was there is moved aside and returned.

    Raises:
        ReadError: If the backup cannot be read or is not one; nothing is changed then.
        DatabaseBusyError: If docqa runs on this data folder.
    """
    if not source.is_file():
        raise ReadError(str(source), "there is no such file")
    home = settings.home
    _check_idle(settings)
    with disk_errors(home):
        return _replace(home, source)


def _replace(home: Path, source: Path) -> Path | None:
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".restore-") as folder:
        fresh = Path(folder) / "home"
        fresh.mkdir()
        _unpack(source, fresh)
        aside = _aside(home) if home.exists() else None
        if aside is not None:
            home.rename(aside)
        fresh.rename(home)
    return aside


def _check_idle(settings: Settings) -> None:
    if not settings.database_path.exists():
        return
    try:
        store = Store(settings.home)
    except (DatabaseDamagedError, DatabaseNewerError):
        return  # the very reason to restore
    try:
        store.jobs.release_dead(is_alive)
        if any(job.status == "running" for job in store.jobs.active()):
            raise DatabaseBusyError("docqa is working on this data folder; close it first")
    finally:
        store.close()


def _unpack(source: Path, fresh: Path) -> None:
    unpacked = fresh / "unpacked"
    try:
        with tarfile.open(source, "r:*") as archive:
            _extract(archive, unpacked)
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise BrokenFileError(source.name, f"is not a backup of docqa ({error})") from error
    if not (unpacked / DATABASE).is_file():
        raise BrokenFileError(source.name, "is not a backup of docqa: it has no database")
    database = Database(unpacked / DATABASE, create=False)
    problems = database.check()
    database.close()
    if problems:
        raise BrokenFileError(source.name, f"its database is damaged: {problems[0]}")
    shutil.copy2(unpacked / DATABASE, fresh / DATABASE)
    store = Store(fresh)
    try:
        for original in sorted((unpacked / ORIGINALS).glob("*")):
            store.originals.put_file(original, move=True)
    finally:
        store.close()
    shutil.rmtree(unpacked)


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Write the database and the originals of a backup below the folder, and nothing else.

    `extractall(filter="data")` would do; Python 3.11 has it from 3.11.4 on only.
    """
    (folder / ORIGINALS).mkdir(parents=True)
    for member in archive:
        if not member.isfile() or not _MEMBER.fullmatch(member.name):
            continue
        packed = archive.extractfile(member)
        assert packed is not None
        with packed, (folder / member.name).open("wb") as file:
            shutil.copyfileobj(packed, file)


def _aside(home: Path) -> Path:
    number = 1
    while (aside := home.with_name(f"{home.name}.before-restore-{number}")).exists():
        number += 1
    return aside
