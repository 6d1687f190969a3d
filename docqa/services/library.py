"""What is in a workspace, and changing it: exclude, include, erase, repack."""

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from docqa.core.documents import PageInfo
from docqa.errors import InputError
from docqa.readers.base import ReaderOptions
from docqa.readers.encoding import decode
from docqa.readers.secrets import mask
from docqa.services.jobs import JobContext, JobRunner
from docqa.services.listings import DocumentListings
from docqa.services.measurements import WARM
from docqa.services.publishing import Price, Publisher
from docqa.services.repositories import Repositories
from docqa.services.tasks import unlocked_path
from docqa.services.warming import WarmingService
from docqa.settings import Settings
from docqa.store.queries import MAP_PATH
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, PackInfo, Source, VersionInfo

logger = logging.getLogger(__name__)

SUGGESTIONS = 3
_HEADING_MARKS = re.compile(r"^#+ *|[*_`]+| *#+$")
_ERASING = "erasing"
"""Preference: hashes of originals whose documents are erased, until their files are gone too."""


class LibraryService:
    """Documents, their versions and their place in the pack."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        publisher: Publisher,
        warming: WarmingService,
        repositories: Repositories,
    ) -> None:
        self._settings = settings
        self._store = store
        self._publisher = publisher
        self._warming = warming
        self._listings = DocumentListings(store)
        self._repositories = repositories
        self.runner: JobRunner | None = None

    def documents(self, workspace_id: int) -> tuple[DocumentInfo, ...]:
        """All documents in path order, also failed and excluded ones."""
        return self._listings.of(workspace_id)

    def document(self, document_id: int) -> DocumentInfo:
        """One document.

        Raises:
            UnknownItemError: If there is none of this number.
        """
        return self._store.documents.get(document_id)

    def by_name(self, workspace_id: int, name: str) -> DocumentInfo:
        """The document of this name or number.

        Raises:
            UnknownItemError: If there is none.
        """
        return self._store.documents.by_name(workspace_id, name)

    def sources(self, workspace_id: int) -> tuple[Source, ...]:
        """Where the documents came from."""
        return self._store.documents.sources(workspace_id)

    def versions(self, document_id: int) -> tuple[VersionInfo, ...]:
        """All versions of a document, newest first."""
        return self._store.documents.versions(document_id)

    def version(self, version_id: int) -> VersionInfo:
        """One version."""
        return self._store.documents.version(version_id)

    def pages(self, version_id: int) -> tuple[PageInfo, ...]:
        """The pages of a PDF's version."""
        return self._store.documents.pages(version_id)

    def unreadable_pages(self, workspace_id: int) -> tuple[tuple[str, int, str], ...]:
        """(document, 1-based page, reason) of pages that could not be read, at most 200."""
        return self._store.documents.unreadable_pages(workspace_id)

    def original(self, version_id: int) -> Path:
        """The file a version was read from."""
        return self._store.originals.path(self.version(version_id).content_hash)

    def drawable(self, version_id: int) -> Path:
        """The file that pages are drawn from: the original, or its copy without a password."""
        unlocked = unlocked_path(self._settings, self.version(version_id).content_hash)
        return unlocked if unlocked.exists() else self.original(version_id)

    def text(self, version_id: int) -> str:
        """The text of a text or code file as it was read: decoded, with line feeds.

        Secrets are masked in it as they are in the passages.
        """
        version = self._store.documents.version(version_id)
        text = decode(self._store.originals.path(version.content_hash).read_bytes()).text
        if version.options_hash != ReaderOptions().identity:
            return text
        return mask(text, self._store.code.secrets(version_id))

    def pack(self, workspace_id: int) -> PackInfo:
        """The pack version that questions asked now use."""
        return self._publisher.pack(workspace_id)

    def publish(self, workspace_id: int, version_ids: Sequence[int]) -> PackInfo:
        """Append versions that were staged by other means than an ingestion job."""
        return self._publisher.publish(workspace_id, version_ids)

    def exclude(self, document_id: int) -> None:
        """Leave a document out of questions; it stays in the prefix and costs nothing."""
        self._store.documents.set_excluded(document_id, True)

    def include(self, document_id: int) -> None:
        """Ask about a document again."""
        self._store.documents.set_excluded(document_id, False)
        document = self._store.documents.get(document_id)
        if document.version_id and not document.published:
            self._publisher.publish(document.workspace_id, [document.version_id])

    def erase_price(self, document_id: int) -> Price:
        """What erasing costs: the rest of the pack is read again."""
        document = self._store.documents.get(document_id)
        return self._publisher.repack_price(document.workspace_id, without=document_id)

    def erase(self, document_id: int) -> None:
        """Remove every trace of a document: original, passages, index, pictures, quotes.

        The map of its codebase is made anew, too, and nothing is left of the one before. Its source
        is watched no longer: the file may lie there still, and would come back.

        Raises:
            InputError: If an answer or an ingestion is being written in its workspace, or if it is
                a map.
        """
        document = self._store.documents.get(document_id)
        if document.kind == "map":
            raise InputError(
                f"{document.name} is made by docqa and cannot be erased; exclude it and repack"
            )
        self._check_idle(document.workspace_id)
        self._forget_file(document)
        versions = [*self._store.documents.versions(document_id), *self._map_versions(document)]
        self._expect_erased(version.content_hash for version in versions)
        erased = self._store.documents.erase(document_id, user=self._settings.user)
        self._store.audit.append(
            self._settings.user,
            "erase",
            {
                "document": document_id,
                "content": sorted(erased.hashes),
                "name_sha256": hashlib.sha256(document.name.encode()).hexdigest(),
            },
        )
        self._publisher.repack(document.workspace_id)
        self.finish_erasing()

    def finish_erasing(self) -> None:
        """Remove the files of what was erased, also by an erasure that was cut off."""
        hashes = self._store.preferences.get(_ERASING, default=[])
        if not hashes:
            return
        self._store.delete_originals(hashes)
        for content_hash in hashes:
            remove_pictures(self._settings, content_hash)
            if not self._store.originals.contains(content_hash):  # no other document has it
                unlocked_path(self._settings, content_hash).unlink(missing_ok=True)
        self._store.scrub()
        self._store.preferences.delete(_ERASING)

    def repack_price(self, workspace_id: int) -> Price:
        """What repacking costs: all of the new pack is read again."""
        return self._publisher.repack_price(workspace_id)

    def repack(self, workspace_id: int) -> PackInfo:
        """Make the pack anew without superseded and excluded documents.

        Raises:
            InputError: If an answer or an ingestion is being written in this workspace.
        """
        self._check_idle(workspace_id)
        return self._publisher.repack(workspace_id)

    def delete_workspace(self, workspace_id: int) -> None:
        """Delete a workspace with all that is in it."""
        self._check_idle(workspace_id)
        self._forget_repositories(workspace_id)
        documents = self._store.documents.all(workspace_id)
        self._expect_erased(
            version.content_hash
            for document in documents
            for version in self._store.documents.versions(document.id)
        )
        pack = self._store.packs.find(workspace_id)
        gone = self._store.workspaces.delete(workspace_id, user=self._settings.user)
        self._expect_erased(gone)
        if pack is not None:
            self._warming.forget(pack.id)
        self.finish_erasing()

    def suggested_questions(self, workspace_id: int) -> tuple[str, ...]:
        """A few questions that the documents' own headings suggest."""
        questions: list[str] = []
        for document in self.documents(workspace_id):
            if document.status != "ready" or len(questions) >= SUGGESTIONS:
                continue
            heading = self._heading(document)
            if heading:
                questions.append(f"What does {document.name} say about “{heading}”?")
        return tuple(questions)

    def handle_repack(self, context: JobContext) -> Mapping[str, Any]:
        """Do a `repack` job."""
        assert context.job.workspace_id is not None
        pack = self._publisher.repack(
            context.job.workspace_id,
            progress=lambda done, total: context.progress(done, total, "packing"),
        )
        return {"pack": pack.hash}

    def _expect_erased(self, hashes: Iterable[str]) -> None:
        """Note before rows go which files are to go with them."""
        waiting = self._store.preferences.get(_ERASING, default=[])
        self._store.preferences.set(_ERASING, sorted({*waiting, *hashes}))

    def _forget_file(self, document: DocumentInfo) -> None:
        """Remove the repository that has a file, which an update fetches again; watch no more."""
        source = self._store.documents.source(document.source_id)
        if source.kind == "git":
            self._repositories.remove(source.uri)
        if source.options.watch:
            self._store.documents.set_options(source.id, replace(source.options, watch=False))

    def _forget_repositories(self, workspace_id: int) -> None:
        """Remove the repositories that no other workspace has."""
        uses: dict[str, set[int]] = {}
        for each in self._store.workspaces.all():
            for source in self._store.documents.sources(each.workspace.id):
                if source.kind == "git":
                    uses.setdefault(source.uri, set()).add(each.workspace.id)
        for uri, users in uses.items():
            if users == {workspace_id}:
                self._repositories.remove(uri)

    def _heading(self, document: DocumentInfo) -> str:
        for ordinal, passage in enumerate(self._store.documents.passages(document.version_id)):
            if passage.kind == "heading" and ordinal > 0 and 8 <= len(passage.text) <= 60:
                return _HEADING_MARKS.sub("", " ".join(passage.text.split()))
            if ordinal > 60:
                break
        return ""

    def _map_versions(self, document: DocumentInfo) -> tuple[VersionInfo, ...]:
        """What the map of the document's codebase said so far."""
        found = self._store.documents.find(document.source_id, MAP_PATH)
        return self._store.documents.versions(found.id) if found else ()

    def _check_idle(self, workspace_id: int) -> None:
        """Return once nothing is at work on the pack; warming is stopped for that.

        Raises:
            InputError: If something else is running, or warming does not end.
        """
        if any(job.kind != WARM for job in self._store.jobs.active(workspace_id)):
            raise InputError("something is still running in this workspace; stop it or wait for it")
        self._warming.stop_and_wait(workspace_id)


def pictures_path(settings: Settings, content_hash: str) -> Path:
    """The folder of a document's page pictures."""
    return settings.cache_path / "pages" / content_hash[:2] / content_hash


def remove_pictures(settings: Settings, content_hash: str) -> None:
    """Remove a document's page pictures."""
    folder = pictures_path(settings, content_hash)
    if not folder.is_dir():
        return
    for picture in folder.iterdir():
        picture.unlink(missing_ok=True)
    folder.rmdir()
