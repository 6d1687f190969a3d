"""The session of a pack on the server: its root is grown by what is new, questions branch off."""

import hashlib
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from docqa.engines.base import PrefillProgress, Prefix, PrefixState
from docqa.engines.locks import FileLock
from docqa.engines.sglang.growth import WARMED, Growth, Reading, new_id
from docqa.engines.sglang.native import NativeClient, SessionForgottenError
from docqa.engines.sglang.prefix_ids import StoredIds
from docqa.engines.sglang.record import BranchCount, Record, RecordFile, Root
from docqa.engines.sglang.request import Request, Sent, in_memory
from docqa.engines.ticking import TICK_S
from docqa.errors import EngineError

logger = logging.getLogger(__name__)

FORGET_AFTER = 8
"""Branches that are forgotten together once none is in flight."""
BRANCH_BYTES_PER_TOKEN = 24
"""Host memory of the server for a branch, by token of the pack: two or three arrays of 8 bytes."""
MAX_BRANCH_BYTES = 8 << 30
MOST_BRANCHES = (32, 256)
"""Branches after which questions wait until those in flight are done: at least and at most."""


class Tree:
    """One family of prefixes on one server. Threads and processes of this machine may share it."""

    def __init__(self, client: NativeClient, base: Path, salt: str) -> None:
        """`base` is a path without suffix; the record and its locks lie there."""
        self._client = client
        self._salt = salt
        self.file = RecordFile(base.with_suffix(".json"))
        base.parent.mkdir(parents=True, exist_ok=True)
        self._building = FileLock(base.with_suffix(".building"))
        self._asking = FileLock(base.with_suffix(".asking"))
        self._lock = threading.Lock()
        self._in_flight = 0
        self._branches = BranchCount(base.with_suffix(".branches"))
        self._closed = False
        self._room = threading.Event()
        self._room.set()
        self._progress: PrefillProgress | None = None
        self._tidying = ThreadPoolExecutor(1, thread_name_prefix="sglang-tidy")

    def root(self, prefix: Prefix, vocabulary: str) -> Root | None:
        """The root of this very pack version, if its session has one."""
        record = self.file.read()
        return record.root(prefix.hash) if record.vocabulary == vocabulary else None

    def miss(self, prefix: Prefix, vocabulary: str) -> str:
        """Why there is no root of this pack version, in words."""
        record = self.file.read()
        if record.lost:
            return record.lost
        if record.warming is not None and not record.roots:
            return f"not warmed to the end ({record.warming.tokens:,} tokens were)"
        if record.last is None or record.vocabulary != vocabulary:
            return "not warmed yet"
        hashes = list(prefix.piece_hashes())
        if record.last.hash in hashes:
            known = hashes.index(record.last.hash)
            return f"the pack changed: new from segment {known + 1} of {len(hashes) - 1}"
        return "the pack was built anew"

    def state(self, prefix: Prefix, server: str) -> PrefixState:
        """What is known of a prefix in the cache of the server with this identity.

        An empty one stands for the server that was there when the session was opened.
        """
        record = self.file.read()
        total = prefix.token_count
        if server and record.server and server != record.server:
            record = record.forgotten("the server was restarted")
        root = record.root(prefix.hash)
        if root is not None:
            return PrefixState("hot", total, total)
        progress = self._progress
        done = max((each.tokens for each in (record.last, record.warming) if each), default=0)
        if progress is not None:
            return PrefixState("warming", progress.done, progress.total)
        with self._building.attempt() as free:
            state = PrefixState("cold" if free else "warming", min(done, total), total)
        return replace(state, detail=record.lost)

    def grow(self, prefix: Prefix, reading: Reading) -> Iterator[PrefillProgress]:
        """Read what the session lacks of this prefix; one at a time, others wait for it.

        Raises:
            NativeAbsentError: If the server has no sessions.
            EngineError: If it cannot be reached or refuses.
        """
        with self._building.waited() as waiting:
            for _ in waiting:
                yield self._progress or PrefillProgress(0, prefix.token_count)
            if self.root(prefix, reading.vocabulary) is not None:
                return
            try:
                # What is read branches off a root: it must not be forgotten as questions are.
                with self._asking.shared():
                    for progress in self._read(prefix, reading):
                        self._progress = progress
                        yield progress
            finally:
                self._progress = None
        self.tidy()

    def _read(self, prefix: Prefix, reading: Reading) -> Iterator[PrefillProgress]:
        source: StoredIds | None = None
        for found in reading.ids.stored(prefix):
            source = found
            yield PrefillProgress(0, prefix.token_count)
        assert source is not None
        growth = Growth(self._client, reading, source, self._salt)
        record = self.file.read()
        if record.vocabulary != reading.vocabulary:
            record = self.file.change(lambda old: Record(reading.vocabulary, retired=old.sessions))
        base = record.last
        if base is not None and base.hash not in prefix.piece_hashes():
            # A newer version was read meanwhile: this question goes without a root of its own.
            if reading.ids.knows(prefix, base.hash):
                return
            record = self.file.change(lambda old: old.dropped())
        try:
            yield from self._grown(prefix, growth, record, reading)
        except SessionForgottenError:
            record = self.file.change(lambda old: old.forgotten(old.lost))
            yield from self._grown(prefix, growth, record, reading)

    def _grown(
        self, prefix: Prefix, growth: Growth, record: Record, reading: Reading
    ) -> Iterator[PrefillProgress]:
        base = record.last
        if base is not None and not record.full and base.tokens < growth.total:
            yield from self._appended(prefix, growth, base)
            return
        server = reading.server()
        known = record.warming if record.server == server else None
        if known is None and growth.total - (base.tokens if base else 0) > growth.step:
            known = Root(growth.open(), "", "", 0, reading.rank)
        if known is not None:
            # Step by step in a session of its own, so that a large pack shows progress and can be
            # stopped and taken up again; then once more as one root, for the server's memory.
            for step in growth.steps(known):
                if isinstance(step, PrefillProgress):
                    yield step
                else:
                    self.file.change(partial(Record.warmed, root=step, server=server))
        for step in growth.whole(prefix.hash):
            if isinstance(step, PrefillProgress):
                yield step
            else:
                self.file.change(partial(Record.moved, root=step, server=server))
                self._branches.reset()

    def _appended(self, prefix: Prefix, growth: Growth, base: Root) -> Iterator[PrefillProgress]:
        for step in growth.steps(base):
            if isinstance(step, PrefillProgress):
                yield step
            elif step.tokens == growth.total:
                root = replace(step, hash=prefix.hash)
                self.file.change(partial(Record.appended, root=root))

    def lose(self, root: Root, why: str) -> None:
        """Take note that the server has lost this root and all before it."""
        self.file.change(partial(Record.without, root=root, why=why))
        self._branches.reset()

    def wait_for_room(self, root: Root) -> Iterator[None]:
        """Wait while the server holds too many branches; they go when none is in flight."""
        least, most = MOST_BRANCHES
        room = min(most, MAX_BRANCH_BYTES // max(1, BRANCH_BYTES_PER_TOKEN * root.tokens))
        with self._lock:
            if self._in_flight and self._branches.value >= max(least, room):
                self._room.clear()
        while not self._room.wait(TICK_S):
            yield None

    @contextmanager
    def flight(self) -> Iterator[None]:
        """A question is in flight: nothing is forgotten meanwhile."""
        with self._asking.shared():
            with self._lock:
                self._in_flight += 1
            self._branches.add()
            try:
                yield
            finally:
                with self._lock:
                    self._in_flight -= 1
                    idle = not self._in_flight and self._branches.value >= FORGET_AFTER
        if idle:
            self.tidy()

    def tidy(self) -> None:
        """Forget branches and close retired sessions soon, if no question is in flight then."""
        with self._lock:
            if not self._closed:
                self._tidying.submit(self._tidy)

    def _tidy(self) -> None:
        try:
            with self._asking.attempt() as alone:
                if alone:
                    self._close_retired()
                    self._forget_branches()
        except EngineError as error:
            logger.info("could not tidy the session up: %s", error)
        finally:
            self._room.set()

    def _close_retired(self) -> None:
        retired = self.file.read().retired
        for session in retired:
            self._client.close_session(session)
        if retired:
            left = set(retired)
            self.file.change(
                lambda old: replace(old, retired=tuple(x for x in old.retired if x not in left))
            )

    def _forget_branches(self) -> None:
        root = self.file.read().last
        if root is None or self._branches.value < FORGET_AFTER:
            return
        # A new branch in the place of all others; one token of it is the price.
        request = Request(in_memory([0]), new_id(), WARMED, root.branch(replace=True), self._salt)
        with closing(self._client.generate(request, Sent())) as events:
            for _ in events:
                if self._closed:  # a busy server is not waited for
                    break
        self._branches.reset(1)

    def close_sessions(self) -> None:
        """Close all sessions on the server and delete the record.

        Raises:
            EngineError: If the server cannot be reached or refuses.
        """
        sessions = self.file.read().sessions
        self.file.path.unlink(missing_ok=True)
        for session in sessions:
            self._client.close_session(session)

    def close(self) -> None:
        """End the thread; sessions stay for the next start."""
        with self._lock:
            self._closed = True
        self._tidying.shutdown(wait=True)


def tree_name(family: str, *parts: str) -> str:
    """File name of a tree: the family, and what else its session depends on."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    return f"{family}-{digest}"
