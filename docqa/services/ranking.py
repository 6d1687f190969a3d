"""Passages for a question: found by words, the best of them ranked again by meaning.

Without an embedder everything is as words rank it. One that fails is not asked again; what went
wrong is logged once, and `docqa doctor` says it.
"""

import logging
from collections.abc import Collection, Sequence
from functools import lru_cache

from docqa.core.documents import DocumentKind
from docqa.core.packed import PackedPassage
from docqa.core.reranking import DEPTH, Meaning, reranked
from docqa.core.vectors import Likeness, Vector, cosine, to_vector, vector_bytes
from docqa.embeddings.base import Embedder
from docqa.errors import EmbeddingError, StoreError
from docqa.store.store import Store

logger = logging.getLogger(__name__)

_KEPT_QUESTIONS = 256
_KNOWN_LANGUAGES = ("", "en")
"""Natural languages of documents that the model is asked about; code always is."""


class PassageRanker:
    """Ranks a workspace's passages. Threads may share it."""

    def __init__(self, store: Store, embedder: Embedder | None = None) -> None:
        self._store = store
        self._embedder = embedder
        self._question = lru_cache(_KEPT_QUESTIONS)(self._embedded)
        self.trouble = ""
        """Why the embedder is not used any more; empty while it works."""

    @property
    def semantic(self) -> bool:
        """Whether meaning counts; it does where there is an embedder that works."""
        return self._embedder is not None and not self.trouble

    def prepare(self) -> None:
        """Load the model, so that the first question does not wait for it."""
        self._vector("ready")

    def rank(
        self,
        workspace_id: int,
        query: str,
        k: int,
        document_ids: Collection[int] | None = None,
    ) -> list[tuple[float, int]]:
        """At most k (score, passage id), best first; of these documents only, if given."""
        depth = max(k, DEPTH) if self.semantic else k
        hits = self._store.search.search(workspace_id, query, k=depth, document_ids=document_ids)
        scored = [(hit.score, hit.passage_id) for hit in hits]
        return self.again(query, scored)[:k]

    def again(self, query: str, scored: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
        """These (score, passage id), best first by words, with the best of them put in order."""
        vector = self._vector(query) if scored else None
        if vector is None:
            return list(scored)
        try:
            meanings = self._meanings(vector, [key for _, key in scored[:DEPTH]])
        except EmbeddingError as error:
            self._fail(error)
            return list(scored)
        return reranked(scored, meanings)

    def likeness(self, query: str, passages: Sequence[PackedPassage]) -> Likeness | None:
        """How alike texts of these passages are to the question; None where nobody can tell.

        That is without an embedder, and where it does not know the language of one of them.
        """
        vector = self._vector(query) if passages else None
        if vector is None or not self._knows(passages):
            return None

        def told(texts: Sequence[str]) -> Sequence[float]:
            assert self._embedder is not None
            try:
                return [cosine(vector, each) for each in self._embedder.embed(texts)]
            except EmbeddingError as error:
                self._fail(error)
                return ()

        return told

    def _knows(self, passages: Sequence[PackedPassage]) -> bool:
        versions = self._store.documents.versions_by_id({each.version_id for each in passages})
        return all(_is_known(each.kind, each.language) for each in versions.values())

    def _vector(self, query: str) -> Vector | None:
        if not self.semantic:
            return None
        try:
            return self._question(query)
        except EmbeddingError as error:
            self._fail(error)
            return None

    def _embedded(self, query: str) -> Vector:
        assert self._embedder is not None
        return self._embedder.embed([query])[0]

    def _meanings(self, question: Vector, passage_ids: Sequence[int]) -> dict[int, Meaning]:
        """Of the passages whose language the model knows; their vectors are kept."""
        assert self._embedder is not None
        found = self._store.vectors.embeddable(self._embedder.name, passage_ids)
        known = {key: each for key, each in found.items() if _is_known(each.kind, each.language)}
        missing = [key for key, each in known.items() if each.vector is None]
        texts = [embedded_text(known[key].heading, known[key].text) for key in missing]
        # As they will be read: the second answer to a question is the same as the first.
        new = {
            key: to_vector(vector_bytes(vector))
            for key, vector in zip(missing, self._embedder.embed(texts), strict=True)
        }
        try:
            self._store.vectors.save(self._embedder.name, new)
        except StoreError as error:  # a question is answered from a full disk, too
            logger.warning("vectors were not kept: %s", error)
        return {
            key: Meaning(cosine(question, vector), each.version_id, each.kind == "code")
            for key, each in known.items()
            if (vector := each.vector or new.get(key)) is not None
        }

    def _fail(self, error: EmbeddingError) -> None:
        if not self.trouble:
            logger.warning("%s; passages are ranked by words alone", error)
        self.trouble = str(error)


def embedded_text(heading: str, text: str) -> str:
    """What of a passage is embedded: the last of its headings, then its text."""
    return f"{heading}\n{text}" if heading else text


def _is_known(kind: DocumentKind, language: str) -> bool:
    return kind == "code" or language in _KNOWN_LANGUAGES
