"""What the command line tells of an ingestion (design, section 7), made from its job."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from docqa.services.inputs import is_listed_input
from docqa.store.source_files import MAP, SourceCounts
from docqa.store.store import Store
from docqa.store.values import DocumentInfo, JobInfo, JobItem

Json = dict[str, Any]

MOST_SKIPPED = 1_000
"""Files left out that are told one by one; all are counted."""


def ingest_report(store: Store, job: JobInfo) -> list[Json]:
    """What came of each input of an ingestion job, in the order given."""
    return _Report(store, job).rows()


def update_report(store: Store, job: JobInfo, tokens: int) -> Json:
    """What a job that updated one source brought; `error` where it could not be read.

    `tokens` are those that the pack has grown by.
    """
    items = store.jobs.items(job.id)
    (item,) = (each for each in items if each.payload["kind"] == "input")
    told = item.result
    counts = told.get("counts", {})
    return {
        "source": told.get("source", item.name),
        "revision": told.get("revision", ""),
        "added": counts.get("added", 0),
        "changed": counts.get("changed", 0),
        "deleted": counts.get("deleted", 0),
        "unchanged": counts.get("unchanged", 0),
        "tokens": tokens,
        "seconds": job.result.get("seconds", 0.0),
        "failed": [_problem(each) for each in items if each.status == "failed"],
        "error": item.error or None,
        "hint": item.error_hint,
    }


class _Report:
    """Inputs of a job with their files."""

    def __init__(self, store: Store, job: JobInfo) -> None:
        self._store = store
        self._seconds = round(float(job.result.get("seconds", 0.0)), 3)
        assert job.workspace_id is not None
        self._workspace_id = job.workspace_id
        self._names: dict[int, str] = {}
        self._inputs: dict[int, JobItem] = {}
        self._files: defaultdict[int, list[JobItem]] = defaultdict(list)
        for item in store.jobs.items(job.id):
            is_input = item.payload["kind"] == "input"
            number = item.id if is_input else item.payload["input_id"]
            self._names.setdefault(number, item.name if is_input else item.payload["input"])
            if is_input:
                self._inputs[number] = item
            else:
                self._files[number].append(item)
        self._sources: dict[int, list[DocumentInfo]] | None = None
        self._counts: dict[int, SourceCounts] = {}

    def rows(self) -> list[Json]:
        """One for each input."""
        return [self._row(number, name) for number, name in self._names.items()]

    def _row(self, number: int, name: str) -> Json:
        listed = self._inputs.get(number)
        files = self._files[number]
        if listed is not None and not is_listed_input(listed):
            return self._failed(name, listed)
        if listed is not None and "source_id" in listed.result:
            return self._tree(name, listed.result, files)
        read = [item for item in files if item.status == "done"]
        documents = [self._store.documents.get(item.result["document_id"]) for item in read]
        row = self._told(name, files, documents)
        if {item.result["status"] for item in read} == {"unchanged"} and row["status"] == "done":
            row["status"] = "unchanged"
        row["secrets"] = sum(len(self._store.code.secrets(each.version_id)) for each in documents)
        return row

    def _tree(self, name: str, result: Json, files: Sequence[JobItem]) -> Json:
        """Of a folder, archive or repository: all that it has now, and what is left out."""
        source_id = result["source_id"]
        documents = self._documents(source_id)
        row = self._told(name, files, documents)
        counts = result["counts"]
        if row["status"] == "done" and not files and documents:
            news = counts["added"] + counts["changed"] + counts["deleted"]
            row["status"] = "done" if news else "unchanged"
        row["revision"] = result["revision"]
        row["left_out"] = self._store.left_out.counts(self._workspace_id).get(source_id, {})
        row["skipped"] = [
            {"name": each.path, "type": "Skipped", "message": each.reason, "hint": ""}
            for each in self._store.left_out.of_source(source_id, most=MOST_SKIPPED)
        ]
        row["secrets"] = self._counts.get(source_id, SourceCounts()).secrets
        return row

    def _documents(self, source_id: int) -> list[DocumentInfo]:
        """The documents of a source whose files are there and could be read."""
        if self._sources is None:
            self._counts = self._store.source_files.source_counts(self._workspace_id)
            self._sources = defaultdict(list)
            for each in self._store.documents.all(self._workspace_id, include_failed=False):
                if each.kind != MAP and not each.removed:
                    self._sources[each.source_id].append(each)
        return self._sources.get(source_id, [])

    def _told(self, name: str, files: Iterable[JobItem], documents: Sequence[DocumentInfo]) -> Json:
        files = list(files)
        failed = [item for item in files if item.status in ("failed", "cancelled")]
        status = "done"
        if failed:
            status = "partial" if documents else "failed"
        return {
            "source": name,
            "status": status,
            "documents": len(documents),
            "pages": sum(document.pages for document in documents),
            "unreadable_pages": self._unreadable(documents),
            "passages": sum(document.passages for document in documents),
            "tokens": sum(document.tokens for document in documents),
            "seconds": self._seconds,
            "error": failed[0].error if failed and not documents else None,
            "failed": [_problem(item) for item in failed],
            "skipped": [_problem(item) for item in files if item.status == "skipped"],
            "revision": "",
            "left_out": {},
            "secrets": 0,
        }

    def _unreadable(self, documents: Iterable[DocumentInfo]) -> list[Json]:
        return [
            {"document": document.name, "page": page.number, "reason": page.reason or page.status}
            for document in documents
            if document.readable_pages < document.pages
            for page in self._store.documents.pages(document.version_id)
            if not page.readable
        ]

    def _failed(self, name: str, item: JobItem) -> Json:
        row = self._told(name, [item], ())
        row["status"] = "failed"
        row["error"] = item.error
        row["failed"] = [_problem(item)]
        return row


def _problem(item: JobItem) -> Json:
    return {
        "name": item.name,
        "type": item.error_type,
        "message": item.error,
        "hint": item.error_hint,
    }
