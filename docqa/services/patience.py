"""Asking engines on behalf of a page, which must not wait for one that is busy or gone."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import dataclass
from typing import Any, TypeVar

from docqa.engines.base import Engine
from docqa.errors import DocqaError, EngineError, EngineTimeoutError

T = TypeVar("T")
PATIENCE_S = 2.0
"""How long an engine is waited for; it may be in the midst of reading millions of tokens."""
SILENT_S = 10.0
"""An engine that could not be reached is not asked again for so long."""


@dataclass
class _Line:
    """What an engine was asked, and what came of it."""

    engine: Engine
    pending: Future[Any] | None = None
    answers: tuple[Any, ...] = ()
    """The last answer, if there was one."""
    error: EngineError | None = None
    silent_until: float = 0.0


class Patience:
    """Asks in threads, waits for a moment, and remembers the last answer."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, patience_s: float = PATIENCE_S
    ) -> None:
        self._clock = clock
        self._patience_s = patience_s
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()

    def ask(self, engine: Engine, what: str, question: Callable[[], T]) -> T:
        """The answer, or the last one where it does not come within a moment.

        `what` names the question. A question that is under way is not asked twice.

        Raises:
            EngineError: If the engine does not answer, or could not be reached a moment ago.
        """
        with self._lock:
            line = self._lines.get(what)
            if line is None or line.engine is not engine:
                line = self._lines[what] = _Line(engine)
            if line.error is not None and self._clock() < line.silent_until:
                raise line.error
            if line.pending is None:
                line.pending = self._asked(question)
            pending = line.pending
        try:
            answer: T = pending.result(self._patience_s)
        except NotYetError:
            if line.answers:
                kept: T = line.answers[0]
                return kept
            raise EngineTimeoutError(engine.name, "it has not answered yet") from None
        except EngineError as error:
            line.error, line.silent_until = error, self._clock() + SILENT_S
            raise
        finally:
            if pending.done() and line.pending is pending:
                line.pending = None
        line.error, line.answers = None, (answer,)
        return answer

    @staticmethod
    def _asked(question: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(question())
            except DocqaError as error:
                future.set_exception(error)
            except BaseException as error:
                future.set_exception(error)
                raise

        threading.Thread(target=run, name="docqa-ask", daemon=True).start()
        return future
