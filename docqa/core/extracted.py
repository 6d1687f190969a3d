"""Values that were extracted from documents: whether passages hold them, whether two agree."""

from collections.abc import Sequence

from docqa.core.checklists import AnswerKind
from docqa.core.figures import FigureSet, stated_figures
from docqa.core.packed import PackedPassage
from docqa.core.verification import RANK, verify
from docqa.core.wording import STOP_WORDS, plain, words

_FIGURES: tuple[AnswerKind, ...] = ("date", "amount")
"""Kinds that are what their numbers are."""
_SAID = 0.8
"""Least share of a value's words that the passages must have where it does not stand verbatim."""
_SAID_OF_TEXT = 0.6
"""The same for a free text, which may be put in other words."""
_ALIKE = 0.5
"""Two texts that have more than this share of the shorter one's words in common agree."""


def held_value(value: str, kind: AnswerKind, passages: Sequence[PackedPassage]) -> bool:
    """Whether the passages hold a value: its figures and names, and its words or nearly so.

    The name of the document does not count.
    """
    held = FigureSet.of(f"{each.passage.text}\n{each.passage.heading}" for each in passages)
    stated = stated_figures(value)
    if not all(held.holds(figure) for figure in stated):
        return False
    verified = verify(value, passages)
    if verified.missing:
        return False
    if RANK[verified.support] > RANK["weak"] or (stated and kind in _FIGURES):
        return True
    return verified.score >= (_SAID_OF_TEXT if kind == "text" else _SAID)


class Extracted:
    """A value in a form that can be compared with many others."""

    def __init__(self, value: str, kind: AnswerKind) -> None:
        self.kind = kind
        self.stated = stated_figures(value)
        self.figures = FigureSet.of((value,))
        forms = frozenset(word.form for word in words(value))
        self.forms = (forms - STOP_WORDS) or forms or frozenset((plain(value),))

    def agrees_with(self, other: "Extracted") -> bool:
        """Whether both say the same, as far as their figures and words tell.

        A value that says less than the other agrees with it.
        """
        if self.stated and other.stated:
            agree = self._in(other.figures) or other._in(self.figures)
            if not agree or self.kind in _FIGURES:
                return agree
        if self.forms <= other.forms or other.forms <= self.forms:
            return True
        common = len(self.forms & other.forms) / min(len(self.forms), len(other.forms))
        return self.kind == "text" and common > _ALIKE

    def _in(self, figures: FigureSet) -> bool:
        return all(figures.holds(each) for each in self.stated)
