"""From the store to a packet: the only part of exporting that reads the database."""

import time

from docqa import __version__
from docqa.core.conflicts import conflicts
from docqa.core.findings import Cell, Review
from docqa.services.exporting.packet import Packet, SourceVersion
from docqa.store.store import Store


def packet_of(store: Store, review_id: int, *, user: str) -> Packet:
    """The review as it is now. Findings are read while the export is written.

    Raises:
        UnknownItemError: If there is no such review.
    """
    review = store.reviews.get(review_id)
    cells = store.reviews.cells(review_id)
    return Packet(
        review=review,
        parts=lambda: store.reviews.export_rows(review_id),
        workspace=store.workspaces.by_id(review.workspace_id).name,
        cells=cells,
        conflicts=conflicts(review.checklist, cells),
        versions=_versions(store, review, cells),
        audit_head=store.audit.head(),
        audit_entries=store.audit.count(),
        history=store.reviews.findings,
        exported_at=time.time(),
        exported_by=user,
        docqa_version=__version__,
    )


def _versions(store: Store, review: Review, cells: tuple[Cell, ...]) -> dict[int, SourceVersion]:
    """The versions that findings read; for the whole workspace those of all its documents."""
    documents = store.documents.all(review.workspace_id)
    names = {document.id: document.name for document in documents}
    ids = {cell.version_id for cell in cells if cell.version_id}
    if review.target == "workspace":
        ids.update(
            version.id
            for document in documents
            for version in store.documents.versions(document.id)
        )
    versions = store.documents.versions_by_id(sorted(ids))
    return {
        version.id: SourceVersion(
            id=version.id,
            document_id=version.document_id,
            document=names.get(version.document_id, ""),
            number=version.number,
            content_hash=version.content_hash,
            reader=version.reader,
            pages=version.pages,
            read_at=version.created_at,
        )
        for version in sorted(versions.values(), key=lambda each: (each.document_id, each.number))
    }
