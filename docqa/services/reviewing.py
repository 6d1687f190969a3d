"""Reviewing: a checklist against documents becomes cells, a job works them off, people decide."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from docqa.core.checklists import Checklist, Requirement
from docqa.core.findings import (
    Action,
    Cell,
    Decision,
    Finding,
    FindingStatus,
    Review,
    Target,
)
from docqa.errors import NotBuiltError
from docqa.services.engines import EngineService
from docqa.services.jobs import JobRunner
from docqa.services.publishing import Publisher
from docqa.settings import Settings
from docqa.store.store import Store


@dataclass(frozen=True, slots=True)
class Grid:
    """A review with all of its cells, in document order and then the checklist's."""

    review: Review
    cells: tuple[Cell, ...]
    conflicts: Mapping[int, tuple[int, ...]]
    """Of cells that contradict others: the ids of those others."""
    stale: frozenset[int]
    """Cells whose document, or whose workspace, has changed since they were answered."""


@dataclass(frozen=True, slots=True)
class CellDetail:
    """A cell with all that is known about it."""

    cell: Cell
    review: Review
    requirement: Requirement
    finding: Finding | None
    """The current one; None before the first."""
    previous: Finding | None
    """What the current one is compared with."""
    decisions: tuple[Decision, ...]
    """Newest first."""
    conflicts: tuple[Cell, ...]
    """Cells of other documents that contradict this one."""
    stale: bool


class ReviewService:
    """Makes reviews, has them worked off, and keeps what people decide."""

    def __init__(
        self, settings: Settings, store: Store, engines: EngineService, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher
        self.runner: JobRunner | None = None

    def submit(
        self,
        workspace_id: int,
        checklist: Checklist,
        *,
        document_ids: Sequence[int] = (),
        target: Target = "documents",
        title: str = "",
        user: str = "",
    ) -> int:
        """Make a review and queue its job; returns the review's id.

        Raises:
            NothingToAskError: If no readable document is in scope.
            InputError: If the checklist cannot be used, or a document cannot be reviewed.
            EngineLeavesMachineError: If the engine is remote and this workspace not allowed to.
        """
        raise NotBuiltError("reviewing")

    def pause(self, review_id: int, user: str = "") -> None:
        """Stop after the cells in flight; `resume` goes on."""
        raise NotBuiltError("reviewing")

    def resume(self, review_id: int, user: str = "") -> None:
        """Go on with a paused or cancelled review."""
        raise NotBuiltError("reviewing")

    def cancel(self, review_id: int, user: str = "") -> None:
        """Stop; cells that wait are cancelled, what has been found stays."""
        raise NotBuiltError("reviewing")

    def delete(self, review_id: int, user: str = "") -> None:
        """Remove a review with its findings and decisions; the audit log stays."""
        raise NotBuiltError("reviewing")

    def rerun(
        self,
        review_id: int,
        *,
        cells: Collection[int] = (),
        requirement: str = "",
        document_id: int | None = None,
        changed: bool = False,
        failed: bool = False,
        user: str = "",
    ) -> int:
        """Ask these cells again; returns how many were queued.

        `requirement` and `document_id` name a column and a row; `changed` means what `Grid.stale`
        tells. A document that was added after the review was made gets no cells.
        """
        raise NotBuiltError("reviewing")

    def review(self, review_id: int) -> Review:
        """The review with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        raise NotBuiltError("reviewing")

    def reviews(self, workspace_id: int) -> tuple[Review, ...]:
        """The workspace's reviews, newest first."""
        raise NotBuiltError("reviewing")

    def grid(self, review_id: int) -> Grid:
        """All cells of a review, and what contradicts what.

        Raises:
            UnknownItemError: If there is no such review.
        """
        raise NotBuiltError("reviewing")

    def detail(self, cell_id: int) -> CellDetail:
        """All about one cell.

        Raises:
            UnknownItemError: If there is no such cell.
        """
        raise NotBuiltError("reviewing")

    def decide(
        self,
        cell_id: int,
        action: Action,
        *,
        verdict: FindingStatus | str = "",
        comment: str = "",
        revision: int,
        user: str = "",
    ) -> Decision:
        """Keep what a person decided about the cell as it was at `revision`.

        Raises:
            StaleError: If the cell was changed meanwhile.
            InputError: If the action needs a verdict, or the verdict cannot be approved.
        """
        raise NotBuiltError("reviewing")

    def next_unreviewed(self, grid: Grid, after: int | None = None) -> int | None:
        """The next cell that a person still has to look at, in the grid's order; it wraps."""
        raise NotBuiltError("reviewing")

    def wait(self, review_id: int) -> Review:
        """Wait until the review's job has ended, doing it here when nothing runs in background."""
        raise NotBuiltError("reviewing")
