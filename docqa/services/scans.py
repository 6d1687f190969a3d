"""Pages that are pictures: which still wait to be read, and reading them again with OCR."""

from collections.abc import Collection
from dataclasses import dataclass

from docqa.core.documents import OCR_KINDS
from docqa.errors import InputError
from docqa.readers.ocr.setup import OcrSetup
from docqa.services.ingestion import IngestionService
from docqa.services.inputs import part_of
from docqa.services.ocr import setup_of
from docqa.services.source_changes import masks
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, NewJobItem


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document with pages that are pictures, or have some, and that nothing has read."""

    document: DocumentInfo
    pages: tuple[int, ...]
    """1-based numbers."""


class ScanService:
    """Scanned pages of a workspace."""

    def __init__(self, settings: Settings, store: Store, ingestion: IngestionService) -> None:
        self._settings = settings
        self._store = store
        self._ingestion = ingestion

    def setup(self) -> OcrSetup:
        """The OCR engine that reads now, or what would bring one."""
        return setup_of(self._settings)

    def waiting(self, workspace_id: int) -> tuple[Waiting, ...]:
        """The documents that have unread pictures, in path order; not those out of scope."""
        found = []
        for document in self._store.documents.all(workspace_id, include_failed=False):
            if document.removed or document.excluded or not _may_wait(document):
                continue
            pages = self._store.documents.pages(document.version_id)
            numbers = tuple(page.number for page in pages if page.has_unread_picture)
            if numbers:
                found.append(Waiting(document, numbers))
        return tuple(found)

    def read_again(self, workspace_id: int, document_ids: Collection[int] | None = None) -> int:
        """Read documents again from their kept originals; the ingestion job.

        All that wait, unless some are named; those are read again also where nothing waits, for
        example with other languages. What comes out the same makes no new version.

        Raises:
            InputError: If there is no OCR engine, or nothing to read again.
        """
        setup = self.setup()
        if not setup.engine:
            raise InputError(f"no OCR engine reads: {setup.mend}")
        if document_ids is None:
            document_ids = [each.document.id for each in self.waiting(workspace_id)]
        documents = [self._store.documents.get(number) for number in document_ids]
        items = [self._item(document) for document in documents if document.kind in OCR_KINDS]
        if not items:
            raise InputError("no document has pages that wait for OCR")
        return self._ingestion.submit_items(workspace_id, items)

    def _item(self, document: DocumentInfo) -> NewJobItem:
        version = self._store.documents.version(document.version_id)
        source = self._store.documents.source(document.source_id)
        return NewJobItem(
            document.path,
            {
                **part_of(source.name, 0, document.path, version.size),
                "source_id": source.id,
                "place": {"original": version.content_hash},
                "identity": "path",
                "revision": version.revision,
                "mask": masks(source.options, document.path),
                "again": True,
            },
        )


def _may_wait(document: DocumentInfo) -> bool:
    # A page with text and an unread picture counts as readable, but leaves a remark.
    is_whole = document.readable_pages == document.pages and not document.notes
    return document.kind in OCR_KINDS and not is_whole
