"""The passages that rank best for a question, without a store: as `SearchStore` finds them."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from docqa.core.documents import DocumentKind
from docqa.core.indexing import index_fields
from docqa.core.packed import PackedPassage
from docqa.core.ranking import Candidate, Statistics, parse_query, rank, rarest_terms
from docqa.services.prompting import HINTS

MAX_TERMS = 8
MAX_CANDIDATES = 2_000
_KIND: DocumentKind = "text"


class PassageIndex:
    """Passages by the terms in them, in memory."""

    def __init__(self, passages: Sequence[PackedPassage]) -> None:
        self._passages = passages
        self._candidates = [
            Candidate(
                number, index_fields(each.document, each.passage, _KIND), _KIND, each.document
            )
            for number, each in enumerate(passages)
        ]
        self._holding: dict[str, list[int]] = defaultdict(list)
        length = 0
        for candidate in self._candidates:
            length += len(candidate.fields.body.split())
            for term in set(" ".join(candidate.fields).split()):
                self._holding[term].append(candidate.passage_id)
        frequency = Counter({term: len(holding) for term, holding in self._holding.items()})
        self._statistics = Statistics(len(passages), length / max(1, len(passages)), frequency)

    def best(self, question: str, k: int = HINTS) -> list[PackedPassage]:
        """At most k passages, best first."""
        query = parse_query(question)
        terms = rarest_terms(
            query.terms, self._statistics.frequency, most=MAX_TERMS, rows=MAX_CANDIDATES
        )
        numbers = sorted({number for term in terms for number in self._holding[term]})
        candidates = [self._candidates[number] for number in numbers]
        ranked = rank(query, candidates, self._statistics)
        return [self._passages[candidate.passage_id] for _, candidate in ranked[:k]]
