"""The jobs that work reviews off: queued, found again, ended."""

from docqa.core.findings import Review
from docqa.services.jobs import JobRunner, is_alive
from docqa.store.store import Store
from docqa.store.values import JobInfo

REVIEW = "review"
"""The kind of these jobs."""


class ReviewJobs:
    """Jobs of reviews. `runner` is told of new ones."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.runner: JobRunner | None = None

    def queue(self, workspace_id: int, review_id: int, user: str) -> None:
        """Have the review worked off; a job that waits already will do, one at work may not."""
        jobs = jobs_of(self._store, workspace_id, review_id)
        job_id = next((job.id for job in jobs if job.status == "queued"), 0)
        if not job_id:
            told = {"review_id": review_id, "user": user}
            job_id = self._store.jobs.create(REVIEW, workspace_id, told)
        self._store.reviews.set_status(review_id, "running", job_id=job_id)
        if self.runner is not None:
            self.runner.wake()

    def stop(self, review: Review) -> None:
        """End the review's jobs; what nobody works on is tidied up here."""
        self._store.jobs.release_dead(is_alive)
        for job in jobs_of(self._store, review.workspace_id, review.id):
            self._store.jobs.cancel(job.id)
        if not jobs_of(self._store, review.workspace_id, review.id):
            self._store.reviews.requeue_running(review.id)
            if self._store.reviews.get(review.id).status == "cancelled":
                self._store.reviews.cancel_queued(review.id)


def jobs_of(store: Store, workspace_id: int | None, review_id: int) -> tuple[JobInfo, ...]:
    """The jobs of a review that wait or run, oldest first."""
    return tuple(
        job
        for job in store.jobs.active(workspace_id)
        if job.kind == REVIEW and int(job.payload["review_id"]) == review_id
    )
