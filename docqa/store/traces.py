"""How a document shows in what others say: by its names, or by its words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from docqa.store.models import DocumentRow, PassageRow, SourceRow, VersionRow
from docqa.store.queries import MAP_PATH
from docqa.store.review_rows import ERASED

_WORD = re.compile(r"[a-z0-9_]+|[^\W\da-z_]")
_RUN = 12
"""So many words in a row that an answer shares with the document count as repeating it."""


@dataclass(frozen=True, slots=True)
class Traces:
    """How the document shows elsewhere."""

    document_id: int
    names: tuple[str, ...]
    runs: frozenset[int]

    def named_in(self, text: str) -> bool:
        """Whether a name of the document stands in this text."""
        return any(name in text for name in self.names)

    def told_by(self, text: str) -> bool:
        """Whether the text repeats the document, or names it by more than a plain word."""
        if any(name in text for name in self.names if not name.isalpha() or len(name) > 15):
            return True
        return not self.runs.isdisjoint(_runs(text))

    def scrubbed(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """The JSON value with each string that names the document replaced."""
        if isinstance(value, str):
            return ERASED if self.named_in(value) else value
        if isinstance(value, list):
            return [self.scrubbed(part) for part in value]
        if isinstance(value, dict):
            return {self.scrubbed(key): self.scrubbed(part) for key, part in value.items()}
        return value


def traces_of(connection: Connection, document_id: int, source_id: int) -> Traces:
    """The traces of a document that is still there."""
    names = set(
        connection.execute(
            select(DocumentRow.name, DocumentRow.path).where(DocumentRow.id == document_id)
        ).one()
    )
    siblings = select(func.count()).where(
        DocumentRow.source_id == source_id, DocumentRow.path != MAP_PATH
    )
    if connection.scalar(siblings) == 1:
        source = select(SourceRow.name, SourceRow.uri).where(SourceRow.id == source_id)
        names.update(connection.execute(source).one())
    texts = connection.scalars(
        select(PassageRow.text)
        .join(VersionRow, VersionRow.id == PassageRow.version_id)
        .where(VersionRow.document_id == document_id)
    )
    runs = frozenset(run for text in texts for run in _runs(text))
    return Traces(document_id, tuple(name for name in names if name), runs)


def _runs(text: str) -> Iterator[int]:
    words = _WORD.findall(text.lower())
    for start in range(len(words) - _RUN + 1):
        yield hash(tuple(words[start : start + _RUN]))
