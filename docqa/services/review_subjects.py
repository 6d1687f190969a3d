"""What a review's cells are about: documents in scope, where their evidence comes from."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from docqa.core.answers import Coverage
from docqa.core.findings import Cell, Review
from docqa.errors import DocumentGoneError, NothingToAskError
from docqa.services.evidence import PackEvidence, covering
from docqa.services.publishing import Publisher
from docqa.services.windows import Window
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, PackInfo

_KEPT = 16
"""Documents whose evidence is at hand: cells of one document are asked one after the other."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a cell is about, on one version of a pack."""

    pack: PackInfo
    documents: tuple[DocumentInfo, ...] | None
    """None stands for all."""
    evidence: PackEvidence
    version_id: int
    """0 for the whole workspace."""
    covered: list[Coverage] = field(default_factory=list)
    """What a window that shows all of it covers, once that was asked for."""


class Subjects:
    """The subjects of one review's cells. Threads may share it."""

    def __init__(self, store: Store, publisher: Publisher, review: Review) -> None:
        self._store = store
        self._publisher = publisher
        self._review = review
        self._kept: OrderedDict[tuple[str, int], Subject] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, cell: Cell) -> Subject:
        """What this cell is about now.

        Raises:
            DocumentGoneError: If its document is not in scope any more.
            NothingToAskError: If no document is.
        """
        review = self._review
        pack = self._publisher.pack(review.workspace_id)
        if review.target == "documents":
            wanted = [] if cell.document_id is None else [cell.document_id]
            documents = self._store.documents.in_scope(review.workspace_id, wanted)
            if not documents:
                raise DocumentGoneError(cell.document)
            return self._of_document(pack, documents)
        if not self._store.documents.any_in_scope(review.workspace_id, review.scope):
            raise NothingToAskError
        scoped = None
        if review.scope:
            scoped = self._store.documents.in_scope(review.workspace_id, review.scope)
        return Subject(pack, scoped, PackEvidence(self._store, pack, scoped), 0)

    def coverage(self, subject: Subject, window: Window | None = None) -> Coverage:
        """What of the subject was in the window; None stands for all that can be read."""
        ids = [document.id for document in subject.documents or ()]
        if window is not None and window.shown is not None:
            return covering(
                self._store,
                subject.pack,
                ids,
                shown=window.shown,
                tokens_in_window=window.prefix.token_count,
            )
        if not subject.version_id:
            return covering(self._store, subject.pack, ids)
        if not subject.covered:
            subject.covered.append(covering(self._store, subject.pack, ids))
        return subject.covered[0]

    def _of_document(self, pack: PackInfo, documents: tuple[DocumentInfo, ...]) -> Subject:
        version_id = documents[0].version_id
        key = (pack.hash, version_id)
        with self._lock:
            subject = self._kept.get(key)
            if subject is None:
                evidence = PackEvidence(self._store, pack, documents)
                subject = self._kept[key] = Subject(pack, documents, evidence, version_id)
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return subject
