"""Reading a prefix into a session: its ids from the disk, step by step or at once."""

import itertools
import uuid
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from docqa.engines.base import PrefillProgress, SamplingParams
from docqa.engines.sglang.native import NativeClient
from docqa.engines.sglang.prefix_ids import PrefixIds, StoredIds
from docqa.engines.sglang.record import Root
from docqa.engines.sglang.request import Branch, Ids, Request, Sent

STEP_TOKENS = 8_192
"""A prefix is read in steps of so many tokens, a large one in `MAX_STEPS` equal ones."""
MAX_STEPS = 16
"""Every step keeps its own copy of the ids before it on the server, until the last one is done."""
WARMED = SamplingParams(max_tokens=1)
"""Warming produces one token, which branches drop."""
_CAPACITY = 1 << 40


@dataclass(frozen=True, slots=True)
class Reading:
    """What is needed to read a prefix: the ids before it, its own, and the server's identity."""

    opening: list[int]
    vocabulary: str
    ids: PrefixIds
    server: Callable[[], str]
    sent: Sent
    """Counts what is sent."""
    step_tokens: int = STEP_TOKENS
    rank: int | None = None
    """Which of the server's data-parallel ranks is to hold it, where there are several."""


class Growth:
    """Sends a prefix's ids to the server, step by step or at once."""

    def __init__(
        self, client: NativeClient, reading: Reading, source: StoredIds, salt: str
    ) -> None:
        self._client = client
        self._opening = opening = reading.opening
        self._source = source
        self._salt = salt
        self.total = len(opening) + source.count
        self.step = max(reading.step_tokens, -(-self.total // MAX_STEPS))
        self._computed = 0
        self._told = False
        self._sent = reading.sent
        self._rank = reading.rank

    def open(self) -> str:
        """Open a session; returns its name."""
        session = f"docqa-{new_id()}"
        self._client.open_session(session, _CAPACITY)
        return session

    def steps(self, root: Root) -> Iterator[Root | PrefillProgress]:
        """Read on from a root to the end: progress, and the new root after each step."""
        while root.tokens < self.total:
            end = min(root.tokens + self.step, self.total)
            branch = root.branch()
            rid = new_id()
            yield from self._send(root.tokens, end, branch, rid)
            root = Root(root.session, rid, "", end, self._rank)
            yield root
            yield self._progress(end)

    def whole(self, prefix_hash: str) -> Iterator[Root | PrefillProgress]:
        """Read all of it as the first request of a new session."""
        session, rid = self.open(), new_id()
        yield from self._send(0, self.total, Branch(session, rank=self._rank), rid)
        yield Root(session, rid, prefix_hash, self.total, self._rank)
        yield self._progress(self.total)

    def _send(self, start: int, end: int, branch: Branch, rid: str) -> Iterator[PrefillProgress]:
        request = Request(self._ids(start, end), rid, WARMED, branch, self._salt)
        computed = self._computed
        for event in self._client.generate(request, self._sent):
            if event is not None:
                cached = event.meta.get("cached_tokens")
                self._told = True
                self._computed = computed + end - (cached if isinstance(cached, int) else 0)
            yield self._progress(start)

    def _progress(self, done: int) -> PrefillProgress:
        cached = max(0, self.total - self._computed) if self._told else None
        return PrefillProgress(done, self.total, cached)

    def _ids(self, start: int, end: int) -> Ids:
        before = array("I", self._opening[start:end])
        first = len(self._opening)
        rest = self._source.read(max(0, start - first), max(0, end - first))
        return Ids(itertools.chain((before,), rest), end - start)


def new_id() -> str:
    """A name that no other request has: one that is in flight twice harms the whole server."""
    return uuid.uuid4().hex
