"""A blocking read as an iterator that yields now and then, so that its reader can give up."""

import queue
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from docqa.engines.connection import Connection

TICK_S = 0.25
"""How often a silent server's stream yields."""

Item = TypeVar("Item")


def ticking(
    read: Callable[[Connection, Callable[[Item], None]], None],
) -> Generator[Item | None, None, None]:
    """What `read` puts, as it comes, and None while it is silent.

    `read` runs in a thread of its own: it is given the connection to tell of its socket, and what
    to call with each item. What it raises is raised here. Closing the iterator shuts the socket.
    """
    connection = Connection()
    items: queue.SimpleQueue[tuple[Item] | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            read(connection, lambda item: items.put((item,)))
        finally:
            items.put(None)

    reader = ThreadPoolExecutor(1, thread_name_prefix="engine-stream")
    reading = reader.submit(run)
    try:
        while True:
            try:
                found = items.get(timeout=TICK_S)
            except queue.Empty:
                yield None
                continue
            if found is None:
                reading.result()
                return
            yield found[0]
    finally:
        connected = connection.abort()
        reader.shutdown(wait=connected or reading.done())
