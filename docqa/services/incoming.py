"""Folders dropped in the browser: they wait here, as folders, until their files have been read."""

import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from docqa.errors import DocqaError, UnsafePathError
from docqa.settings import Settings
from docqa.store.disk import disk_errors

KEEP_S = 86_400.0
"""What a failed file left behind can be read again for a day, for example with a password."""
_CHUNK = 1 << 20


def incoming_path(settings: Settings) -> Path:
    """The folder of dropped folders."""
    return settings.home / "incoming"


def save_folders(settings: Settings, files: Iterable[tuple[str, BinaryIO]]) -> list[Path]:
    """Write files under a new folder of ours by their relative paths; the top folders.

    Raises:
        UnsafePathError: If a path leads out of its folder.
        StorageFullError: If the disk is full; nothing is left behind then.
    """
    base = incoming_path(settings) / uuid.uuid4().hex
    try:
        with disk_errors(settings.home):
            for name, stream in files:
                target = base.joinpath(*_parts(name))
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as file:
                    shutil.copyfileobj(stream, file, _CHUNK)
    except DocqaError:
        shutil.rmtree(base, ignore_errors=True)
        raise
    return sorted(base.iterdir()) if base.exists() else []


def clean(settings: Settings, *, older_than_s: float = KEEP_S) -> None:
    """Remove what has waited for so many seconds."""
    for base in _waiting(settings):
        if time.time() - base.stat().st_mtime >= older_than_s:
            shutil.rmtree(base, ignore_errors=True)


def remove(settings: Settings, folder: Path) -> None:
    """Remove a dropped folder that has been read; other folders are left alone."""
    base = incoming_path(settings)
    if folder.parent.parent == base:
        shutil.rmtree(folder, ignore_errors=True)
        if not any(folder.parent.iterdir()):
            folder.parent.rmdir()


def _waiting(settings: Settings) -> Iterator[Path]:
    base = incoming_path(settings)
    if base.is_dir():
        yield from base.iterdir()


def _parts(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise UnsafePathError(name, "leads out of its folder")
    return path.parts if len(path.parts) > 1 else ("files", *path.parts)
