"""Looking at folders in threads of their own: one that does not answer holds up nobody."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from docqa.errors import ReadError
from docqa.readers.stamps import Stamp
from docqa.store.values import Source

Look = Callable[[Source], Stamp]
"""Looks at one source. Raises `ReadError` where it is not there."""
Seen = Stamp | ReadError


@dataclass(slots=True)
class _Glance:
    ended: threading.Event = field(default_factory=threading.Event)
    seen: Seen | None = None
    took_s: float = 0.0


class Glances:
    """One look at a time for each source; a look that takes long is collected in a later round."""

    def __init__(self, look: Look, *, patience_s: float) -> None:
        self._look = look
        self._patience_s = patience_s
        self._going: dict[int, _Glance] = {}
        self.took_s: dict[int, float] = {}
        """How long the last look at each source took, by its id."""

    def at(self, sources: Sequence[Source]) -> dict[int, Seen | None]:
        """What each source looks like, by its id; None where its look has not ended yet.

        Returns within `patience_s`. Not to be called by several threads at once.
        """
        for source in sources:
            if source.id not in self._going:
                self._going[source.id] = self._begin(source)
        deadline = time.monotonic() + self._patience_s
        found: dict[int, Seen | None] = {}
        for source in sources:
            glance = self._going[source.id]
            ended = glance.ended.wait(max(0.0, deadline - time.monotonic()))
            if ended:
                self.took_s[source.id] = self._going.pop(source.id).took_s
            found[source.id] = glance.seen if ended else None
        return found

    def _begin(self, source: Source) -> _Glance:
        glance = _Glance()

        def work() -> None:
            begun = time.monotonic()
            try:
                glance.seen = self._look(source)
            except ReadError as error:
                glance.seen = error
            finally:
                glance.took_s = time.monotonic() - begun
                glance.ended.set()

        # A daemon: a network folder that never answers must not keep the app from ending.
        threading.Thread(target=work, name=f"docqa-glance-{source.id}", daemon=True).start()
        return glance
