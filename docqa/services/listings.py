"""Lists of documents that are kept while nothing in them changes: pages ask at every click."""

import threading
from collections import OrderedDict

from docqa.store.store import Store
from docqa.store.values import DocumentInfo

KEPT = 4
"""Workspaces."""

Documents = tuple[DocumentInfo, ...]


class DocumentListings:
    """The documents of workspaces. Telling that nothing changed takes a hundredth of the time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, tuple[tuple[int, ...], Documents]] = OrderedDict()

    def of(self, workspace_id: int) -> Documents:
        """All documents in path order, as they are now."""
        # Before the list: what changes between the two is seen the next time.
        state = self._store.documents.fingerprint(workspace_id)
        with self._lock:
            kept = self._kept.get(workspace_id)
            if kept and kept[0] == state:
                self._kept.move_to_end(workspace_id)
                return kept[1]
        listed = self._store.documents.all(workspace_id)
        with self._lock:
            self._kept[workspace_id] = state, listed
            self._kept.move_to_end(workspace_id)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return listed
