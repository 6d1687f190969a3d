"""Embeddings of passages, kept so that each is computed once; erased with the passage."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from docqa.core.documents import DocumentKind
from docqa.core.vectors import Vector, to_vector, vector_bytes
from docqa.store.database import Database
from docqa.store.models import PassageRow, VectorRow, VersionRow
from docqa.store.queries import among

# A passage may have been erased while its vector was computed.
_INSERT = (
    "INSERT OR REPLACE INTO vectors (passage_id, model, vector)"
    " SELECT id, ?, ? FROM passages WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class Embeddable:
    """A passage as an embedder needs it, and its vector if that is known."""

    version_id: int
    heading: str
    text: str
    kind: DocumentKind
    language: str
    """Of its document: natural (`en`), or of code the programming language; empty if unknown."""
    vector: Vector | None


class VectorStore:
    """Vectors by passage; of each passage those of one model."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def embeddable(self, model: str, passage_ids: Collection[int]) -> dict[int, Embeddable]:
        """These passages with their vectors of this model; unknown ids are left out."""
        query = (
            select(
                PassageRow.id,
                PassageRow.version_id,
                PassageRow.heading,
                PassageRow.text,
                VersionRow.kind,
                VersionRow.language,
                VectorRow.vector,
            )
            .join(VersionRow, VersionRow.id == PassageRow.version_id)
            .outerjoin(
                VectorRow, (VectorRow.passage_id == PassageRow.id) & (VectorRow.model == model)
            )
            .where(among(PassageRow.id, passage_ids))
        )
        with self._database.read() as connection:
            return {row[0]: _to_embeddable(row[1:]) for row in connection.execute(query)}

    def save(self, model: str, vectors: Mapping[int, Vector]) -> None:
        """Keep these vectors, by passage id; in place of those that another model gave.

        Raises:
            StoreError: If the database is busy or full.
        """
        rows = [(model, vector_bytes(vector), key) for key, vector in vectors.items()]
        if not rows:
            return
        with self._database.write() as connection:
            connection.exec_driver_sql(_INSERT, rows)


def _to_embeddable(row: Sequence[Any]) -> Embeddable:
    version_id, heading, text, kind, language, packed = row
    vector = None if packed is None else to_vector(packed)
    return Embeddable(version_id, heading, text, kind, language, vector)
