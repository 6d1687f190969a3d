"""Several shards asked at the same time, in threads; what came of each is handed out as it ends."""

import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event

from docqa.core.answers import Usage
from docqa.core.sharding import Shard
from docqa.engines.base import PROMPT_TRUNCATED, Engine, Prompt, SamplingParams
from docqa.errors import DocqaError
from docqa.services.streaming import close

TICK_S = 0.2
"""How often whoever waits for shards hears that they are still at work."""


@dataclass
class Asking:
    """One shard's request and what has come of it; written by one thread, read by another."""

    shard: Shard
    prompt: Prompt
    params: SamplingParams
    raw: str = ""
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = ""
    """Empty if the engine did not end the answer."""
    read: int = 0
    """Tokens of the prompt that the engine says it has read."""
    first_s: float | None = None
    """From the request to the first token."""
    seconds: float | None = None
    """From the request to its end."""
    error: DocqaError | None = None

    @property
    def ended(self) -> bool:
        """Whether the engine ended its answer; else it failed or was stopped."""
        return bool(self.finish_reason)

    @property
    def cut_off(self) -> bool:
        """Whether the answer was too long."""
        return self.finish_reason == "length"

    @property
    def read_in_part(self) -> bool:
        """Whether the prompt was too long, so that the engine left out some of it."""
        return self.finish_reason == PROMPT_TRUNCATED


def side_by_side(
    engine: Engine, requests: Iterator[Asking], *, at_once: int, stop: Event
) -> Iterator[Asking | None]:
    """Ask, so many at once, and yield each when it has ended; None now and then meanwhile.

    Once `stop` is set no other is begun, and those under way end soon with what has come. Closing
    this sets it and waits for them.
    """
    running: set[Future[Asking]] = set()
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="docqa-sweep")
    try:
        while True:
            while len(running) < at_once and not stop.is_set():
                following = next(requests, None)
                if following is None:
                    break
                running.add(pool.submit(_asked, engine, following, stop))
            if not running:
                return
            done, running = wait(running, TICK_S, FIRST_COMPLETED)
            for future in done:
                yield future.result()
            if not done:
                yield None
    finally:
        stop.set()
        pool.shutdown(wait=True)


def _asked(engine: Engine, asking: Asking, stop: Event) -> Asking:
    begun = time.monotonic()
    try:
        deltas = engine.stream(asking.prompt, asking.params)
        try:
            for delta in deltas:
                if delta.progress is not None:
                    asking.read = delta.progress.done
                if delta.text:
                    asking.raw += delta.text
                    asking.first_s = asking.first_s or time.monotonic() - begun
                if delta.usage is not None:
                    asking.usage, asking.finish_reason = delta.usage, delta.finish_reason
                if stop.is_set():
                    break
        finally:
            close(deltas)
    except DocqaError as error:
        asking.error = error
    asking.seconds = time.monotonic() - begun
    return asking
