"""All stores of one DOCQA_HOME."""

from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Self

from docqa.store.audit import AuditStore
from docqa.store.checklists import ChecklistStore
from docqa.store.code import CodeStore
from docqa.store.conversations import ConversationStore
from docqa.store.costs import CostStore
from docqa.store.coverage import CoverageStore
from docqa.store.database import Database
from docqa.store.documents import DocumentStore
from docqa.store.fingerprints import FingerprintStore
from docqa.store.jobs import JobStore
from docqa.store.left_out import LeftOutStore
from docqa.store.originals import OriginalStore
from docqa.store.packs import PackStore
from docqa.store.places import PlaceStore
from docqa.store.preferences import PreferenceStore
from docqa.store.queries import unreferenced
from docqa.store.rendering import RenderingStore
from docqa.store.reviews import ReviewStore
from docqa.store.scanning import TextScan
from docqa.store.search import SearchIndex
from docqa.store.source_files import SourceFileStore
from docqa.store.vectors import VectorStore
from docqa.store.workspaces import WorkspaceStore


class Store:
    """The database and the originals beside it."""

    def __init__(self, home: Path, *, create: bool = True) -> None:
        """Open what is in the folder, making it where needed.

        Raises:
            StoreError: One of its kinds, if it cannot be opened.
        """
        self.home = home
        self.path = home / "docqa.db"
        self.database = Database(self.path, create=create)
        self.search = SearchIndex(self.database)
        self.scan = TextScan(self.database)
        self.workspaces = WorkspaceStore(self.database, self.search)
        self.documents = DocumentStore(self.database, self.search)
        self.code = CodeStore(self.database)
        self.left_out = LeftOutStore(self.database)
        self.fingerprints = FingerprintStore(self.database)
        self.source_files = SourceFileStore(self.database)
        self.packs = PackStore(self.database)
        self.vectors = VectorStore(self.database)
        self.places = PlaceStore(self.database)
        self.rendering = RenderingStore(self.database)
        self.conversations = ConversationStore(self.database)
        self.costs = CostStore(self.database)
        self.coverage = CoverageStore(self.database)
        self.jobs = JobStore(self.database)
        self.preferences = PreferenceStore(self.database)
        self.audit = AuditStore(self.database)
        self.checklists = ChecklistStore(self.database)
        self.reviews = ReviewStore(self.database)
        self.originals = OriginalStore(home / "originals")

    def delete_originals(self, hashes: Collection[str]) -> int:
        """Remove these files, but none that a version refers to (again); how many that were."""
        # Nothing can be staged while this holds the write lock.
        with self.database.write() as connection:
            return self.originals.delete(unreferenced(connection, hashes))

    def collect_originals(self, older_than_s: float = 86_400) -> int:
        """Remove what a killed process left: files of that age that no version refers to."""
        self.originals.clean(min(older_than_s, 3_600))
        old = {
            name for name in self.originals.hashes() if self.originals.age_s(name) >= older_than_s
        }
        return self.delete_originals(old) if old else 0

    def scrub(self) -> None:
        """Overwrite what was deleted, for good; after erasing a document or a workspace.

        Raises:
            StorageFullError: If there is no space for the second copy that this needs for a moment.
            DatabaseBusyError: If a reader kept the old contents in use.
        """
        self.database.vacuum()

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
