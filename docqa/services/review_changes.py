"""What has changed since a review's cells were answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from docqa.core.findings import Cell, Review
from docqa.services.evidence import in_scope
from docqa.store.store import Store

_KEPT = 20_000
"""Findings whose pack is remembered; what they read never changes."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Cells that a re-run may answer otherwise, and documents that have none."""

    stale: frozenset[int]
    added: tuple[str, ...]


class Changes:
    """Tells what was answered from versions that are not the current ones."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._packs: dict[int, str] = {}
        """Of findings of whole workspaces: the pack version that was read."""

    def of(self, review: Review, cells: Sequence[Cell]) -> Changed:
        """What has changed for a review with these cells."""
        answered = [cell for cell in cells if cell.state == "done" and cell.finding_id]
        if review.target == "workspace":
            return Changed(self._of_workspace(review, answered), ())
        known = self._store.documents.all(review.workspace_id, include_failed=False)
        documents = in_scope(known, ())
        versions = {document.id: document.version_id for document in documents}
        stale = frozenset(
            cell.id
            for cell in answered
            if cell.document_id in versions and versions[cell.document_id] != cell.version_id
        )
        if review.scope:
            return Changed(stale, ())
        reviewed = {cell.document_id for cell in cells}
        added = tuple(document.name for document in documents if document.id not in reviewed)
        return Changed(stale, added)

    def _of_workspace(self, review: Review, answered: Sequence[Cell]) -> frozenset[int]:
        pack = self._store.packs.find(review.workspace_id)
        now = pack.hash if pack else ""
        return frozenset(cell.id for cell in answered if self._pack(cell.finding_id) != now)

    def _pack(self, finding_id: int) -> str:
        if finding_id not in self._packs:
            if len(self._packs) >= _KEPT:
                self._packs.clear()
            self._packs[finding_id] = self._store.reviews.finding(finding_id).found.pack
        return self._packs[finding_id]
