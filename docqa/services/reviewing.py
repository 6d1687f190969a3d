"""Reviewing: a checklist against documents becomes cells, a job works them off, people decide."""

from collections.abc import Callable, Collection, Sequence

from docqa.core.checklists import Checklist, checklist_from, to_data
from docqa.core.conflicts import conflicts
from docqa.core.findings import (
    Action,
    Decision,
    FindingStatus,
    Review,
    Target,
)
from docqa.errors import InputError, NothingToAskError
from docqa.services.engines import EngineService
from docqa.services.evidence import in_scope
from docqa.services.jobs import JobRunner
from docqa.services.publishing import Publisher
from docqa.services.review_changes import Changes
from docqa.services.review_grids import CellDetail, Grid, next_unreviewed
from docqa.services.review_jobs import ReviewJobs, jobs_of
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, JobInfo

__all__ = ["CellDetail", "Grid", "ReviewService"]

MAX_CELLS = 100_000
_UNKNOWN = 5
"""Documents that an error names."""


class ReviewService:
    """Makes reviews, has them worked off, and keeps what people decide.

    `user` is who does it; empty stands for the name in the settings.
    """

    def __init__(
        self, settings: Settings, store: Store, engines: EngineService, publisher: Publisher
    ) -> None:
        self._settings = settings
        self._store = store
        self._engines = engines
        self._publisher = publisher
        self._changes = Changes(store)
        self._jobs = ReviewJobs(store)

    @property
    def runner(self) -> JobRunner | None:
        """What does the jobs; None until the parts are put together."""
        return self._jobs.runner

    @runner.setter
    def runner(self, runner: JobRunner) -> None:
        self._jobs.runner = runner

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
        checklist = checklist_from(to_data(checklist))
        self._engines.check_remote(workspace_id)
        documents = self._documents(workspace_id, document_ids)
        cells = len(checklist.requirements) * (len(documents) if target == "documents" else 1)
        if cells > MAX_CELLS:
            raise InputError(
                f"the review would have {cells:,} cells, at most {MAX_CELLS:,} are taken"
            )
        review_id = self._store.reviews.create(
            workspace_id,
            checklist=checklist,
            title=" ".join(title.split()) or checklist.title,
            target=target,
            scope=tuple(document_ids),
            documents=documents,
            user=self._user(user),
            pack=self._publisher.pack(workspace_id).hash,
        )
        self._jobs.queue(workspace_id, review_id, self._user(user))
        return review_id

    def pause(self, review_id: int, user: str = "") -> None:
        """Stop; cells in flight wait again, and `resume` goes on with them."""
        review = self.review(review_id)
        if review.status == "running":
            self._store.reviews.set_status(review_id, "paused", user=self._user(user))
            self._jobs.stop(review)

    def resume(self, review_id: int, user: str = "") -> None:
        """Go on with a paused review; of a cancelled one, ask what was left out."""
        review = self.review(review_id)
        if review.status == "cancelled":
            left_out = [
                cell.id
                for cell in self._store.reviews.cells(review_id)
                if cell.state == "cancelled"
            ]
            self._store.reviews.requeue(review_id, left_out, user=self._user(user))
        if review.status in ("paused", "cancelled"):
            self._store.reviews.set_status(review_id, "running", user=self._user(user))
        if review.status != "done":
            self._jobs.queue(review.workspace_id, review_id, self._user(user))

    def cancel(self, review_id: int, user: str = "") -> None:
        """Stop; cells that wait are left out, what has been found stays."""
        review = self.review(review_id)
        if review.status in ("running", "paused"):
            self._store.reviews.set_status(review_id, "cancelled", user=self._user(user))
            self._jobs.stop(review)

    def delete(self, review_id: int, user: str = "") -> None:
        """Remove a review with its findings and decisions; the audit log stays."""
        self._jobs.stop(self.review(review_id))
        self._store.reviews.delete(review_id, user=self._user(user))

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
        """Ask cells again; returns how many were queued.

        `requirement` and `document_id` name a column and a row; `changed` means what `Grid.stale`
        tells, `failed` those that failed or were cancelled. Where several are given, all have to
        hold; of the last two, one. A document that was added after the review was made gets no
        cells, see `Grid.added`.

        Raises:
            InputError: If nothing is said about which cells.
        """
        if not (cells or requirement or document_id is not None or changed or failed):
            raise InputError("say which cells are to be asked again")
        grid = self.grid(review_id)
        named = frozenset(cells)
        wanted = [
            cell.id
            for cell in grid.cells
            if (not named or cell.id in named)
            and (not requirement or cell.requirement_id == requirement)
            and (document_id is None or cell.document_id == document_id)
            and (
                not (changed or failed)
                or (changed and cell.id in grid.stale)
                or (failed and cell.state in ("failed", "cancelled"))
            )
        ]
        queued = self._store.reviews.requeue(review_id, wanted, user=self._user(user))
        if queued:
            self._store.reviews.set_status(review_id, "running")
            self._jobs.queue(grid.review.workspace_id, review_id, self._user(user))
        return queued

    def review(self, review_id: int) -> Review:
        """The review with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        return self._store.reviews.get(review_id)

    def reviews(self, workspace_id: int) -> tuple[Review, ...]:
        """The workspace's reviews, newest first."""
        return self._store.reviews.all(workspace_id)

    def grid(self, review_id: int) -> Grid:
        """All cells of a review, and what contradicts what.

        Raises:
            UnknownItemError: If there is no such review.
        """
        review = self.review(review_id)
        cells = self._store.reviews.cells(review_id)
        found = self._changes.of(review, cells)
        return Grid(
            review, cells, conflicts(review.checklist, cells), found.stale, added=found.added
        )

    def detail(self, cell_id: int, grid: Grid | None = None) -> CellDetail:
        """All about one cell; who has its review's grid at hand gives it, and saves making it.

        Raises:
            UnknownItemError: If there is no such cell.
        """
        reviews = self._store.reviews
        cell = reviews.cell(cell_id)
        if grid is None or grid.review.id != cell.review_id:
            grid = self.grid(cell.review_id)
        against = frozenset(grid.conflicts.get(cell_id, ()))
        return CellDetail(
            cell=cell,
            review=grid.review,
            requirement=grid.review.checklist.requirements[cell.row],
            finding=reviews.finding(cell.finding_id) if cell.finding_id else None,
            previous=(
                reviews.finding(cell.previous_finding_id) if cell.previous_finding_id else None
            ),
            decisions=reviews.decisions(cell_id),
            conflicts=tuple(each for each in grid.cells if each.id in against),
            stale=cell_id in grid.stale,
        )

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
            InputError: If the action needs a verdict that the requirement allows, or there is none
                to approve.
        """
        if action == "change":
            cell = self._store.reviews.cell(cell_id)
            checklist = self._store.reviews.get(cell.review_id).checklist
            allowed = checklist.requirement(cell.requirement_id).verdicts
            if verdict not in allowed:
                raise InputError(
                    f"{verdict!r} is none of this requirement's verdicts: {', '.join(allowed)}"
                )
        return self._store.reviews.decide(
            cell_id,
            action,
            verdict=verdict,
            comment=comment,
            user=self._user(user),
            revision=revision,
        )

    def next_unreviewed(self, grid: Grid, after: int | None = None) -> int | None:
        """The next cell that a person still has to look at, in the grid's order; it wraps."""
        return next_unreviewed(grid, after)

    def wait(self, review_id: int, show: Callable[[JobInfo], None] = lambda job: None) -> Review:
        """Wait until the review's jobs have ended, doing them here when nothing else does.

        `show` is told of the job now and then. An interrupt pauses the review.

        Raises:
            JobFailedError: If nothing more could be asked or kept; the review is paused then.
        """
        assert self.runner is not None
        review = self.review(review_id)
        while jobs := jobs_of(self._store, review.workspace_id, review_id):
            job = self.runner.follow(jobs[0].id, show)
            if job.status == "cancelled" or not job.finished:
                break
        return self.review(review_id)

    def adopt(self) -> None:
        """Take care of reviews whose process ended before it had queued their job, or after it.

        Called at the start of the background runner.
        """
        for summary in self._store.workspaces.all():
            workspace_id = summary.workspace.id
            for review in self.reviews(workspace_id):
                if review.status == "running":
                    self._jobs.queue(workspace_id, review.id, review.created_by)

    def _documents(
        self, workspace_id: int, document_ids: Sequence[int]
    ) -> tuple[DocumentInfo, ...]:
        known = self._store.documents.all(workspace_id, include_failed=False)
        documents = in_scope(known, document_ids)
        missing = sorted(set(document_ids) - {document.id for document in documents})
        if missing:
            names = {document.id: repr(document.name) for document in known}
            shown = ", ".join(names.get(each, f"number {each}") for each in missing[:_UNKNOWN])
            more = f" and {len(missing) - _UNKNOWN:,} more" if len(missing) > _UNKNOWN else ""
            raise InputError(f"not in scope, so that it cannot be reviewed: {shown}{more}")
        if not documents:
            raise NothingToAskError
        return documents

    def _user(self, user: str) -> str:
        return user or self._settings.user
