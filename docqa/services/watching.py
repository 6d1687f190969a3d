"""Folders that are watched: looked at now and then, and read again when something changed in them.

Looking is a listing of names, sizes and times, which also works on network folders. A folder that
differs from what was read is read again once it has stayed the same from one look to the next, so
that nothing is read while it is being copied. A folder that is away has not lost its files.
"""

import logging
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from docqa.errors import DocqaError, InputError, ReaderCrashedError, ReadError, UnknownItemError
from docqa.readers.sources import is_archive
from docqa.readers.stamps import Stamp, stamp_of
from docqa.services.glances import Glances, Look, Seen
from docqa.services.inputs import existing_path, is_repository
from docqa.services.lanes import Routine
from docqa.services.sources import SourceService
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import JobInfo, JobItem, Source

logger = logging.getLogger(__name__)

WatchStatus = Literal["waiting", "same", "settling", "reading", "away", "failed"]
PATIENCE_S = 10.0
"""So long is a round of looks waited for."""
REST = 20
"""A source is left alone for so many times as long as looking at it took."""
RETRY_S = 600.0
"""After so long a source is read again that could not be, though nothing changed in it."""
MOST_CRASHES = 3
"""So often is a file read, while nothing changes, on which the reader ended unexpectedly."""
_NOT_OPENED = ("cannot be opened", "its archive is not there")
"""How the errors of files begin that were away just then."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How a watched source was found."""

    status: WatchStatus = "waiting"
    """`waiting` before the first look, `settling` when it has just changed, `reading` while it is
    read again, `same` when there is nothing new."""
    looked_at: float = 0.0
    """Of the last look that was answered; 0 before the first."""
    since: float = 0.0
    """When its status became what it is."""
    detail: str = ""
    """Why it is away, or could not be read."""
    read: str = ""
    """The digest that was read last."""
    last: str = ""
    """The digest of the last look."""
    job: int = 0
    """That reads it again, or did so last."""
    job_at: float = 0.0
    tries: int = 0
    """How often it was read as it is now."""


class WatchingService:
    """Looks at watched sources while the app runs, and keeps what it saw across restarts."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        sources: SourceService,
        *,
        look: Look | None = None,
    ) -> None:
        self._every_s = settings.watch_every_s
        self._store = store
        self._sources = sources
        self._glances = Glances(look or look_at_folder, patience_s=PATIENCE_S)
        self._rests: dict[int, float] = {}
        """Until when a source is left alone, by its id; in monotonic seconds."""

    def check(self, address: str) -> None:
        """Return if what is to be added can be watched.

        Raises:
            ReadError: If there is no such file or folder.
            InputError: If it is no folder or archive of this machine.
        """
        path = None if is_repository(address) else existing_path(address)
        if path is None or not (path.is_dir() or is_archive(path, path.name)):
            raise not_watchable(address)

    def watch(self, source_id: int) -> None:
        """Look at a source from now on.

        Raises:
            UnknownItemError: If there is no such source.
            InputError: If it is no folder or archive of this machine.
        """
        source = self._store.documents.source(source_id)
        if not can_be_watched(source):
            raise not_watchable(source.name)
        self._store.documents.set_options(source_id, replace(source.options, watch=True))

    def stop(self, source_id: int) -> None:
        """Look at a source no longer.

        Raises:
            UnknownItemError: If there is no such source.
        """
        source = self._store.documents.source(source_id)
        self._store.documents.set_options(source_id, replace(source.options, watch=False))
        self._store.preferences.delete(_key(source_id))

    def state(self, source: Source) -> Watch | None:
        """How a source was found when it was looked at last; None where it is not watched."""
        if not source.options.watch:
            return None
        return Watch(**self._store.preferences.get(_key(source.id), default={}))

    def routine(self) -> Routine:
        """Looking, as often as the settings say."""
        return Routine("watch", self._every_s, self.look)

    def look(self) -> None:
        """Look at every watched source once, and begin to read those that changed and settled.

        Raises:
            StoreError: If the store cannot be read or written.
        """
        watched = [
            source
            for each in self._store.workspaces.all()
            for source in self._store.documents.sources(each.workspace.id)
            if source.options.watch
            and can_be_watched(source)
            and self._rests.get(source.id, 0.0) <= time.monotonic()
        ]
        for source_id, seen in self._glances.at(watched).items():
            source = next(each for each in watched if each.id == source_id)
            self._judge(source, seen)
            rest_s = REST * self._glances.took_s.get(source_id, 0.0)
            if rest_s > self._every_s:
                self._rests[source_id] = time.monotonic() + rest_s

    def _judge(self, source: Source, seen: Seen | None) -> None:
        before = self.state(source) or Watch()
        if seen is None:
            now = replace(before, status="away", detail="it does not answer")
        elif isinstance(seen, ReadError):
            now = replace(before, status="away", detail=seen.detail, looked_at=time.time())
        elif not seen.files and self._has_documents(source):
            # A share that is not mounted is an empty folder.
            detail = "it is empty, as a share is that is not mounted"
            now = replace(before, status="away", detail=detail, looked_at=time.time())
        else:
            now = self._there(source, before, seen)
        try:
            self._store.documents.source(source.id)
        except UnknownItemError:
            return  # erased meanwhile
        since = before.since if now.status == before.status else time.time()
        self._store.preferences.set(_key(source.id), asdict(replace(now, since=since)))

    def _there(self, source: Source, before: Watch, seen: Stamp) -> Watch:
        now = replace(before, looked_at=time.time(), last=seen.digest, detail="")
        if any(job.kind == "ingest" for job in self._store.jobs.active(source.workspace_id)):
            job = self._job(before)
            own = job is not None and not job.finished
            return replace(now, status="reading" if own else before.status)
        if failure := self._failure(before):
            now = replace(now, status="failed", detail=failure)
            if time.time() - before.job_at < RETRY_S and seen.digest == before.read:
                return now
        elif seen.digest == before.read:
            return replace(now, status="same")
        if seen.digest != before.last:
            return replace(now, status="settling")
        return self._begin(source, now)

    def _begin(self, source: Source, now: Watch) -> Watch:
        """Read the source again, as it looks now."""
        try:
            job = self._sources.update(source.id)
        except DocqaError as error:
            logger.warning("watched source %d is not read again: %s", source.id, error)
            return replace(now, status="failed", detail=str(error))
        tries = now.tries + 1 if now.last == now.read else 1
        return replace(
            now, status="reading", read=now.last, job=job, job_at=time.time(), tries=tries
        )

    def _failure(self, before: Watch) -> str:
        """Why the source could not be read whole the last time; empty if trying again is vain."""
        job = self._job(before)
        if job is None:
            return ""
        if job.status in ("failed", "cancelled"):
            return job.error or "reading it was stopped"
        failed = self._store.jobs.items(job.id, status="failed")
        return next((item.error for item in failed if _may_pass(item, before.tries)), "")

    def _job(self, before: Watch) -> JobInfo | None:
        try:
            return self._store.jobs.get(before.job) if before.job else None
        except UnknownItemError:
            return None

    def _has_documents(self, source: Source) -> bool:
        files = self._store.source_files.files(source.id).values()
        return any(file.version_id and not file.removed for file in files)


def _may_pass(item: JobItem, tries: int) -> bool:
    """Whether what failed may not when it is tried again, though nothing changed."""
    if item.error_type == ReaderCrashedError.__name__:
        return tries < MOST_CRASHES
    return item.payload["kind"] == "input" or item.error.startswith(_NOT_OPENED)


def can_be_watched(source: Source) -> bool:
    """Whether it is a folder or archive of this machine, not one that was uploaded."""
    return source.kind in ("folder", "archive") and Path(source.uri).is_absolute()


def not_watchable(name: str) -> InputError:
    """What is said of a source that cannot be watched."""
    return InputError(
        f"{name!r} is not a folder or archive of this machine; only those are watched"
    )


def look_at_folder(source: Source) -> Stamp:
    """How a folder or archive looks from outside.

    Raises:
        ReadError: If it is not there.
    """
    return stamp_of(Path(source.uri), source.options.put_back)


def _key(source_id: int) -> str:
    return f"watch source {source_id}"
