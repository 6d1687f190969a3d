"""What a job found out about sources takes effect: files that are gone, and those that are back."""

from collections.abc import Iterable, Sequence
from typing import Any

from docqa.services.input_listing import end_reading, is_being_read
from docqa.services.inputs import listed_trees
from docqa.services.publishing import SourceChange
from docqa.store.store import Store
from docqa.store.values import JobItem

_OPEN = frozenset(("queued", "running", "cancelled"))


class SourceNews:
    """Applied before a job publishes, and finished after it; both may be done again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.to_include: list[int] = []
        """Versions of files that are there again, which the pack may lack."""

    def apply(self, items: Sequence[JobItem]) -> tuple[SourceChange, ...]:
        """Take files that are gone out of scope, and those that are back into it.

        Nothing is gone for a job that was stopped before it had read all of the source.
        """
        return tuple(self._change(item.result, items, item.id) for item in self._current(items))

    def finish(self, items: Sequence[JobItem]) -> None:
        """Note the revision of each source that was read to the end.

        Where a file failed the source stays being read: the next update compares all files.
        """
        for item in self._current(items):
            if _is_read(item.id, items):
                source_id = item.result["source_id"]
                self._store.documents.set_revision(source_id, item.result["revision"])
                if not _has_failed(item.id, items):
                    end_reading(self._store, source_id)

    def _current(self, items: Iterable[JobItem]) -> list[JobItem]:
        """Inputs that no later job has read again, and that have not been finished before."""
        return [
            item
            for item in listed_trees(items)
            if is_being_read(self._store, item.result["source_id"], item.id)
        ]

    def _change(
        self, found: dict[str, Any], items: Sequence[JobItem], item_id: int
    ) -> SourceChange:
        source_id, revision = found["source_id"], found["revision"]
        if not _is_read(item_id, items):
            return SourceChange(source_id, revision)
        files = self._store.source_files
        files.set_removed(found["deleted"], found["moment"])
        back = tuple(document_id for document_id, _ in found["restored"])
        read = [
            item.result["document_id"]
            for item in items
            if item.payload.get("input_id") == item_id and item.status == "done"
        ]
        files.set_removed([*back, *files.removed_among(read)], "")
        self.to_include += [version_id for _, version_id in found["restored"]]
        return SourceChange(source_id, revision, tuple(found["deleted"]), back)


def _is_read(item_id: int, items: Iterable[JobItem]) -> bool:
    """Whether nothing of an input is left to read; what failed counts as read."""
    return not any(item.status in _OPEN for item in _parts(item_id, items))


def _has_failed(item_id: int, items: Iterable[JobItem]) -> bool:
    """Whether a file of an input could not be read."""
    return any(item.status == "failed" for item in _parts(item_id, items))


def _parts(item_id: int, items: Iterable[JobItem]) -> Iterable[JobItem]:
    return (item for item in items if item.payload.get("input_id") == item_id)
