"""What is new in a source, told from its listing and what is known of its files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from docqa.core.left_out import LeftOut
from docqa.readers.base import ReaderOptions
from docqa.readers.formats import Format, named_format, reads_otherwise_in_code
from docqa.readers.ocr.setup import OcrSetup
from docqa.readers.registry import READER_NAMES
from docqa.readers.sources import SourceFile
from docqa.store.source_files import KnownFile
from docqa.store.values import SourceOptions

ALL = "*"
"""Stands for every path among those whose secrets are shown."""
BYTES_PER_TOKEN = 3.5
"""Of source code and its labels, in the pack's tokenizer: 3.57 in Python's library."""
BYTES_PER_TOKEN_OF: Mapping[Format, float] = {
    **{"pdf": 60, "image": 1_000, "pptx": 30, "odp": 30, "msg": 15, "eml": 8},
    **{"html": 6.5, "rtf": 8, "notebook": 8, "docx": 4, "odt": 4, "epub": 4},
    **{"workbook": 2.1, "csv": 2.4},
}
"""Of files that are not all text; guesses, those of tables and pages measured on made ones."""
MOST_PATHS = 200


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """How a source differs from what was read of it before."""

    added: tuple[SourceFile, ...] = ()
    changed: tuple[SourceFile, ...] = ()
    deleted: Mapping[str, int] = field(default_factory=dict)
    """Documents by path whose files are gone."""
    restored: Mapping[str, KnownFile] = field(default_factory=dict)
    """Files that were gone and are there again, as they were."""
    unchanged: int = 0
    """Files, those that are there again among them."""

    @property
    def to_read(self) -> tuple[SourceFile, ...]:
        """Files that have to be read, in path order."""
        both = (*self.added, *self.changed)
        return tuple(sorted(both, key=lambda file: file.path.split("/")))

    def counts(self) -> dict[str, int]:
        """How many files of each sort."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "deleted": len(self.deleted),
            "unchanged": self.unchanged,
        }

    def paths(self) -> dict[str, list[str]]:
        """The first paths of each sort that is news."""
        return {
            "added": [file.path for file in self.added[:MOST_PATHS]],
            "changed": [file.path for file in self.changed[:MOST_PATHS]],
            "deleted": list(self.deleted)[:MOST_PATHS],
        }


Same = Callable[[SourceFile, KnownFile], bool]
"""Whether a file still has the bytes that are known of it."""


def compare(
    files: Sequence[SourceFile],
    left_out: Iterable[LeftOut],
    known: Mapping[str, KnownFile],
    same: Same,
    *,
    whole: bool = True,
) -> SourceChanges:
    """What changed, given how the source looks now; where it is not whole, nothing is gone."""
    added: list[SourceFile] = []
    changed: list[SourceFile] = []
    restored: dict[str, KnownFile] = {}
    unchanged = 0
    for file in files:
        before = known.get(file.path)
        if before is None or not before.status:
            added.append(file)
        elif not same(file, before):
            (added if before.removed else changed).append(file)
        else:
            unchanged += 1
            if before.removed:
                restored[file.path] = before
    deleted = _deleted(files, left_out, known) if whole else {}
    return SourceChanges(tuple(added), tuple(changed), deleted, restored, unchanged)


def _deleted(
    files: Sequence[SourceFile], left_out: Iterable[LeftOut], known: Mapping[str, KnownFile]
) -> dict[str, int]:
    there = {file.path for file in files}
    # What cannot be opened just now may well be there.
    locked = {each.path.rstrip("/") for each in left_out if each.category == "unreadable"}
    return {
        path: before.document_id
        for path, before in known.items()
        if path not in there and before.status and not before.removed and not _within(path, locked)
    }


def _within(path: str, places: set[str]) -> bool:
    if not places:
        return False
    if "" in places:  # not even the top could be opened
        return True
    return path in places or any(str(parent) in places for parent in PurePosixPath(path).parents)


def is_current(known: KnownFile, file: SourceFile, options: SourceOptions, ocr: OcrSetup) -> bool:
    """Whether reading the same bytes again would give the same document."""
    as_text = known.reader.startswith(("text/", "code/"))
    if as_text and not file.in_code and reads_otherwise_in_code(file.path):
        return False  # read before there was a reader for it
    reading = ReaderOptions(mask_secrets=masks(options, file.path), ocr=ocr)
    return (
        known.status == "ready"
        and known.reader in READER_NAMES
        and reading.would_repeat(known.options_hash, known.waiting_pages)
    )


def masks(options: SourceOptions, path: str) -> bool:
    """Whether secrets in this file of the source are masked."""
    return path not in options.shown_secrets and ALL not in options.shown_secrets


def about_tokens(files: Iterable[SourceFile]) -> int:
    """About how many tokens these files will have in the pack."""
    tokens = 0.0
    for file in files:
        as_text = file.in_code and reads_otherwise_in_code(file.path)
        named = None if as_text else named_format(file.path)
        per_token = BYTES_PER_TOKEN_OF.get(named, BYTES_PER_TOKEN) if named else BYTES_PER_TOKEN
        tokens += file.size / per_token
    return round(tokens)


def options_from(stored: Mapping[str, Any], before: SourceOptions) -> SourceOptions:
    """The options of a source after a user chose these beside what was chosen before."""
    return SourceOptions(
        ref=stored.get("ref", before.ref),
        history=stored.get("history", False) or before.history,
        put_back=_joined(before.put_back, stored.get("put_back", ())),
        shown_secrets=_joined(before.shown_secrets, stored.get("shown_secrets", ())),
        watch=stored.get("watch", False) or before.watch,
    )


def _joined(before: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({*before, *more}))
