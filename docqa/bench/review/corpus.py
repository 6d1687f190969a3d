"""Documents of the bench in a workspace of docqa's own, read and stored as users' are."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docqa.bootstrap import App, build_app
from docqa.core.packed import PackedPassage
from docqa.services.evidence import PackEvidence
from docqa.settings import Settings
from docqa.store.values import DocumentInfo, PackInfo

_WORKSPACE = "bench"


@dataclass(frozen=True, slots=True)
class ReviewCorpus:
    """The documents of one set, by their file names."""

    app: App
    workspace_id: int
    documents: Mapping[str, DocumentInfo]
    pack: PackInfo

    def evidence(self, names: Iterable[str] | None = None) -> PackEvidence:
        """Where evidence comes from: these documents, or all."""
        documents = None if names is None else [self.documents[name] for name in names]
        return PackEvidence(self.app.store, self.pack, documents)

    def passages(self, name: str) -> tuple[PackedPassage, ...]:
        """All passages of a document, in its order."""
        document = self.documents[name]
        first = self.app.store.packs.label_of(self.pack.id, document.version_id)
        if first is None:
            return ()
        labels = range(first, first + document.passages)
        found = self.app.store.packs.passages(self.pack.id, labels)
        return tuple(found[label] for label in labels if label in found)


@contextmanager
def opened(home: Path, engine: str) -> Iterator[App]:
    """The app on this home with this engine."""
    app = build_app(Settings(home=home, engine=engine))
    try:
        yield app
    finally:
        app.close()


def filled(app: App, folder: Path) -> ReviewCorpus:
    """The folder's documents, ingested if they are not yet."""
    workspace_id = app.workspaces.get_or_create(_WORKSPACE).id
    if not app.library.documents(workspace_id):
        app.ingestion.wait(app.ingestion.submit_paths(workspace_id, [folder]))
    documents = app.library.documents(workspace_id)
    return ReviewCorpus(
        app,
        workspace_id,
        {Path(document.path).name: document for document in documents},
        app.library.pack(workspace_id),
    )
