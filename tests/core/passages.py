"""Passages and a source of them for tests of citations."""

from collections.abc import Sequence

from docqa.core.documents import LineLocator, Passage
from docqa.core.packed import PackedPassage
from docqa.core.wording import STOP_WORDS, words


def packed(text, label=1, *, document="dpa.txt", document_id=1, heading=""):
    """A passage of a text file, its lines beginning at line 10."""
    passage = Passage(label - 1, text, LineLocator(10, 10 + text.count("\n")), heading=heading)
    return PackedPassage(label, 100 + label, document_id, 7, document, passage)


class Passages:
    """A source over a few passages; those of documents in `excluded` are out of scope."""

    def __init__(self, passages: Sequence[PackedPassage], excluded: Sequence[int] = ()) -> None:
        self._by_label = {passage.label: passage for passage in passages}
        self._excluded = set(excluded)

    def by_label(self, label: int) -> PackedPassage | None:
        return self._by_label.get(label)

    def in_scope(self, label: int) -> bool:
        return label in self._by_label and self._by_label[label].document_id not in self._excluded

    def search(self, query: str, k: int) -> Sequence[PackedPassage]:
        asked = {word.key for word in words(query) if word.form not in STOP_WORDS}
        scored = [
            (len(asked & {word.key for word in words(passage.passage.text)}), -label, passage)
            for label, passage in self._by_label.items()
            if self.in_scope(label)
        ]
        ranked = sorted(scored, key=lambda entry: entry[:2], reverse=True)
        return [passage for score, _, passage in ranked if score][:k]
