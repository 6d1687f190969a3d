"""A passage as it stands in a pack, and where passages come from when an answer is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from docqa.core.documents import Passage


@dataclass(frozen=True, slots=True)
class PackedPassage:
    """A passage with its label and the document version it belongs to."""

    label: int
    """The number in `[#41]`; unique in a pack, positive."""
    passage_id: int
    document_id: int
    version_id: int
    document: str
    """The document's name."""
    passage: Passage
    revision: str = ""
    """Of the repository, when this version was read; empty outside of one."""


class PassageSource(Protocol):
    """The passages that an answer may point at."""

    def by_label(self, label: int) -> PackedPassage | None:
        """The passage with this label, in scope or not; None if the pack has no such label."""
        ...

    def in_scope(self, label: int) -> bool:
        """Whether the question was also about the document that this label belongs to."""
        ...

    def search(self, query: str, k: int) -> Sequence[PackedPassage]:
        """At most k passages in scope that have words of the query, best first."""
        ...
