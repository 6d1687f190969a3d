"""Threads that take a review's cells, have them asked, and keep what came of each."""

import logging
import threading
import uuid

from docqa.core.findings import Cell, NewFinding, Review
from docqa.core.outcomes import unchanged
from docqa.errors import (
    DocqaError,
    EngineKeyRefusedError,
    EngineLeavesMachineError,
    EngineNotConfiguredError,
    EngineTimeoutError,
    EngineUnavailableError,
    StaleError,
    StoreError,
)
from docqa.services.jobs import JobContext
from docqa.services.review_asking import CellAsker
from docqa.services.review_replies import StoppedError
from docqa.store.store import Store

logger = logging.getLogger(__name__)

POLL_S = 0.3
"""How often is looked whether the job is to stop, and told how far it is."""
RETRY_S = 2.0
"""After which an engine that could not be reached is tried once more."""
UNREACHABLE = 5
"""Cells in a row that find no engine; then the review pauses instead of failing them all."""
_NO_ENGINE = (
    EngineUnavailableError,
    EngineTimeoutError,
    EngineKeyRefusedError,
    EngineNotConfiguredError,
    EngineLeavesMachineError,
)
"""What is no cell's own fault; a prompt that is too long, or refused, may be."""
STALE_TRIES = 3


class CellWorkers:
    """Works cells off until none waits, the job is to stop, or the engine is gone."""

    retry_s = RETRY_S

    def __init__(
        self, store: Store, asker: CellAsker, review: Review, context: JobContext, *, user: str
    ) -> None:
        self._store = store
        self._asker = asker
        self._review = review
        self._context = context
        self._user = user
        self._token = uuid.uuid4().hex
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._unreachable: list[int] = []
        """Cells that found no engine, since the last that did."""
        self.failure: BaseException | None = None
        """Why they stopped, if it was not the user's wish."""

    def work(self, threads: int) -> bool:
        """Do it in so many threads; returns whether they stopped before all was done."""
        workers = [
            threading.Thread(target=self._run, name=f"docqa-cells-{number}", daemon=True)
            for number in range(threads)
        ]
        for worker in workers:
            worker.start()
        watched = False
        try:
            while alive := [worker for worker in workers if worker.is_alive()]:
                alive[0].join(POLL_S)
                self._look()
            watched = True
        finally:
            if not watched:  # for example because the review was deleted
                self._stop.set()
        if self._stop.is_set() and self._unreachable:
            self._store.reviews.requeue(self._review.id, self._unreachable, user=self._user)
        return self._stop.is_set()

    def _look(self) -> None:
        if self._context.cancelled():
            self._stop.set()
        counts = self._store.reviews.get(self._review.id).counts
        done = counts.total - counts.queued - counts.running
        self._context.progress(done, counts.total, f"{counts.running} cells in flight")

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                cells = self._store.reviews.claim(self._review.id, self._token, 1)
                if not cells:
                    return
                self._cell(cells[0])
        except BaseException as error:
            # Above all the store's: what cannot be kept need not be asked.
            self._fail_all(error)
            if not isinstance(error, Exception):
                raise

    def _fail_all(self, error: BaseException) -> None:
        with self._lock:
            self.failure = self.failure or error
        self._stop.set()

    def _cell(self, cell: Cell) -> None:
        """Ask one cell; whatever its engine, its document or a bug does ends that cell alone."""
        try:
            found = self._found(cell)
        except StoppedError:
            return
        except _NO_ENGINE as error:
            self._fail(cell, error)
            self._lost(cell, error)
        except StoreError as error:
            if not isinstance(error, StaleError):
                raise
            self._fail(cell, error)
        except DocqaError as error:
            self._fail(cell, error)
        except BaseException as error:
            # A bug: it is logged whole and shown as one, and the other cells go on.
            logger.exception("cell %d hit a bug", cell.id)
            said = f"an unexpected error in docqa ({type(error).__name__})"
            hint = "The log has the details; please report it."
            self._store.reviews.fail(cell.id, self._token, said, hint, type(error).__name__)
            if not isinstance(error, Exception):
                raise
        else:
            self._keep(cell, found)

    def _found(self, cell: Cell) -> NewFinding:
        for attempt in range(STALE_TRIES):
            try:
                return self._asked(cell)
            except StaleError:
                # The pack grew or was built anew between two looks at it.
                if attempt + 1 == STALE_TRIES:
                    raise
        raise AssertionError

    def _asked(self, cell: Cell) -> NewFinding:
        try:
            return self._asker.ask(cell, self._stop.is_set)
        except EngineUnavailableError:
            if self._stop.wait(self.retry_s):
                raise
        return self._asker.ask(cell, self._stop.is_set)

    def _keep(self, cell: Cell, found: NewFinding) -> None:
        with self._lock:
            self._unreachable.clear()
        reviews = self._store.reviews
        keep = bool(cell.finding_id) and unchanged(reviews.finding(cell.finding_id), found)
        reviews.record(cell.id, self._token, found, user=self._user, keep=keep)

    def _fail(self, cell: Cell, error: DocqaError) -> None:
        logger.warning("cell %d failed: %s", cell.id, error)
        self._store.reviews.fail(cell.id, self._token, str(error), error.hint, type(error).__name__)

    def _lost(self, cell: Cell, error: DocqaError) -> None:
        """Count a cell that found no engine; several in a row end the run."""
        with self._lock:
            self._unreachable.append(cell.id)
            gone = len(self._unreachable) >= UNREACHABLE
        if gone:
            self._fail_all(error)
