"""The entry of worker processes: reads files and draws pages, one task at a time.

Standard input: a line of settings, then a task a line, as JSON. Standard output: events a line, as
JSON, the last one of each task called `done`. A closed standard input ends the worker at once, also
in the middle of a task: its parent is gone, and what it had not committed is done again later.
"""

import gc
import json
import logging
import os
import queue
import signal
import sys
import threading
from typing import Any, TextIO

from docqa.errors import DocqaError
from docqa.services.reading import TaskReader
from docqa.settings import Settings


def main() -> None:
    """Serve tasks until standard input closes."""
    # An interrupt on the terminal reaches this process too; what follows is for its parent to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = _keep_standard_output()
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    settings = Settings.model_validate(json.loads(sys.stdin.readline()))
    logging.basicConfig(level=settings.log_level, stream=sys.stderr)
    threading.Thread(target=_feed, args=(lines,), daemon=True).start()
    # Parsing makes many small values that live as long as their document: look for cycles seldom.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    reader = TaskReader(settings, lambda event: _say(out, event))
    while True:
        task: dict[str, Any] = json.loads(lines.get())
        try:
            reader.run(task)
        except DocqaError as error:
            _say(out, error_event(error))
        _say(out, {"event": "done"})


def error_event(error: DocqaError) -> dict[str, Any]:
    """How an error travels to the parent process."""
    return {
        "event": "error",
        "type": type(error).__name__,
        "message": getattr(error, "detail", "") or str(error),
        "hint": error.hint,
    }


def _feed(lines: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def _keep_standard_output() -> TextIO:
    """Keep the real standard output for events; whatever libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def _say(out: TextIO, event: dict[str, Any]) -> None:
    out.write(json.dumps(event) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
