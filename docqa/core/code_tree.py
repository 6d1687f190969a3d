"""The files of a codebase as a tree: those that were read and those that were not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

TreeStatus = Literal["ready", "staged", "failed", "excluded", "removed", "superseded", "left out"]


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a source."""

    path: str
    """In its source, with `/` between the parts."""
    name: str
    """Last part of the path."""
    source_id: int
    document_id: int | None
    """None for a file that was left out."""
    tokens: int
    """Of its segment in the pack; 0 where it is not in it."""
    status: TreeStatus
    language: str = ""
    reason: str = ""
    """Why it was left out or could not be read, in words; empty otherwise."""
    version_id: int = 0
    """Its current version; 0 where there is none."""

    @property
    def in_scope(self) -> bool:
        """Whether questions about all documents are about it."""
        return self.status == "ready"


def folder_tokens(files: Iterable[TreeFile]) -> dict[str, int]:
    """Tokens of each folder with all that is under it, by path; `""` is all of them."""
    totals: dict[str, int] = {"": 0}
    for file in files:
        totals[""] += file.tokens
        at = file.path.find("/")
        while at >= 0:
            folder = file.path[:at]
            totals[folder] = totals.get(folder, 0) + file.tokens
            at = file.path.find("/", at + 1)
    return totals
