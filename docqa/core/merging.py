"""The answers that a sweep got to one question, shard by shard, as one answer.

What is merged are statements: sentences with the labels they cite. A statement that comes twice
stands once and cites both places. What comes out is a text with labels, as a model writes it, so
that it is resolved and verified as any other answer.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from docqa.core.citations import Displayed, Mark, code_spans, display
from docqa.core.claims import Sentence, says_not_found, sentences_of
from docqa.core.figures import stated_figures
from docqa.core.packed import PackedPassage, PassageSource
from docqa.core.prompts import NOT_FOUND_SENTENCE
from docqa.core.wording import NEGATIONS, substance, words

ALIKE = 0.6
"""Least share of their words that two statements resting on the same words have in common, to be
one statement."""
_ARTICLES = frozenset(("a", "an", "the"))
_ITEM = re.compile(r"(?:[-*+•–—·]|\(?[0-9]{1,3}[.)])\s+")
# Of a sentence, with the labels behind it; or of a line.
_END = re.compile(r"(?:[.!?。！？][\"”’')]*|\])(?:[ \t]*\[#[^\]\n]*\])*\.?(?=\s|\Z)|\n")
_TABLE = re.compile(r"^[ \t]*\|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Merged:
    """One answer made of many."""

    raw: str
    """With labels, as a model writes it; the sentence that says `not found` if nothing was."""
    brought: tuple[int, ...]
    """Citations in scope that each answer had."""
    outside: int
    """Labels of statements that were left out: they rest only on what is out of scope, such as a
    document's superseded version."""


@dataclass(slots=True)
class _Statement:
    text: str
    """With its labels where they stood."""
    bare: str
    place: int
    """Label of the first passage that it cites; of what stood before it where it cites none."""
    labels: list[int]
    block: bool
    """Whether it is a whole answer that must not be cut into sentences."""
    added: list[int] = field(default_factory=list)
    """Labels of other statements that say the same."""

    @property
    def shown(self) -> str:
        markers = "".join(f"[#{label}]" for label in self.added)
        gap = "" if not markers or self.text.endswith("]") else " "
        return f"{self.text}{gap}{markers}"


def merge(answers: Sequence[str], source: PassageSource) -> Merged:
    """These answers to one question, in the order of their shards, as one.

    The statements stand in the pack's order, one a line, but for those of a single answer, which
    stays as it is.
    """
    parts = [_Part(answer, source) for answer in answers]
    said = [part for part in parts if part.statements]
    brought = tuple(part.cited for part in parts)
    outside = sum(part.outside for part in parts)
    if not said:
        return Merged(NOT_FOUND_SENTENCE, brought, outside)
    if len(said) == 1 and not said[0].outside:
        return Merged(said[0].raw, brought, outside)
    statements = sorted(
        (statement for part in said for statement in part.statements),
        key=lambda statement: statement.place,
    )
    once = _once(statements, source)
    listed = [one.shown if one.block else f"- {one.shown}" for one in once]
    blocks = any(one.block for one in once)
    return Merged(("\n\n" if blocks else "\n").join(listed), brought, outside)


def complete_sentences(raw: str) -> str:
    """What an answer that was cut off says in whole sentences."""
    ends = [match.end() for match in _END.finditer(raw)]
    return raw[: max(ends, default=0)].rstrip()


class _Part:
    """One shard's answer as statements."""

    def __init__(self, raw: str, source: PassageSource) -> None:
        self.raw = raw.strip()
        self.cited = 0
        self.outside = 0
        self.statements: list[_Statement] = []
        shown = display(self.raw, lambda label: source.by_label(label) is not None, final=True)
        sentences = sentences_of(shown)
        if _indivisible(shown.text):
            self._take_whole(shown, sentences, source)
            return
        place = 0
        for sentence in sentences:
            marks = [mark for claim in sentence.claims for mark in claim.marks]
            kept = self._in_scope(marks, source)
            if says_not_found(sentence.text) or not (sentence.states or marks):
                continue
            if marks and not kept:
                continue
            place = kept[0] if kept else place
            text = " ".join(_ITEM.sub("", _labelled(shown, sentence, marks), count=1).split())
            if text:
                bare = _ITEM.sub("", sentence.text, count=1)
                self.statements.append(_Statement(text, bare, place, kept, block=False))

    def _take_whole(
        self, shown: Displayed, sentences: Iterable[Sentence], source: PassageSource
    ) -> None:
        labels = self._in_scope(shown.marks, source)
        if labels or any(sentence.states for sentence in sentences):
            place = labels[0] if labels else 0
            self.statements.append(_Statement(self.raw, shown.text, place, labels, block=True))

    def _in_scope(self, marks: Iterable[Mark], source: PassageSource) -> list[int]:
        labels = list(dict.fromkeys(mark.label for mark in marks))
        kept = [label for label in labels if source.in_scope(label)]
        self.cited += len(kept)
        if not kept:
            self.outside += len(labels)
        return kept


def _indivisible(text: str) -> bool:
    """Whether it has a block of code or a table: lines that say nothing alone."""
    fenced = any("\n" in text[start:end] for start, end in code_spans(text))
    return fenced or _TABLE.search(text) is not None


def _labelled(shown: Displayed, sentence: Sentence, marks: Sequence[Mark]) -> str:
    """The sentence with its labels where the model put them."""
    own = sorted(set(marks), key=lambda mark: mark.position)
    start = min([sentence.start, *(mark.position for mark in own)])
    pieces = []
    for mark in own:
        if mark.position >= start:
            pieces += [shown.text[start : mark.position], f"[#{mark.label}]"]
            start = mark.position + len(f"[{mark.marker}]")
    return "".join((*pieces, shown.text[start : max(start, sentence.end)]))


def _once(statements: Sequence[_Statement], source: PassageSource) -> list[_Statement]:
    """The statements without those that say again what an earlier one says."""
    by_words: dict[tuple[str, ...], _Statement] = {}
    by_passage: defaultdict[str, list[_Statement]] = defaultdict(list)
    kept: list[_Statement] = []
    for statement in statements:
        wording = _wording(statement.bare)
        texts = {_text_of(source.by_label(label)) for label in statement.labels}
        same = by_words.get(wording) or _said_of(statement, texts, by_passage.__getitem__)
        if same is not None:
            known = (*same.labels, *same.added)
            same.added += [label for label in statement.labels if label not in known]
            continue
        by_words[wording] = statement
        kept.append(statement)
        for text in texts:
            by_passage[text].append(statement)
    return kept


def _said_of(
    statement: _Statement, texts: Iterable[str], earlier: Callable[[str], Iterable[_Statement]]
) -> _Statement | None:
    """An earlier statement that rests on a passage of the same words and says the same of it."""
    if statement.block:
        return None
    facts = _facts(statement.bare)
    for text in texts:
        for other in earlier(text):
            if not other.block and _agree(facts, _facts(other.bare)):
                return other
    return None


@dataclass(frozen=True, slots=True)
class _Facts:
    words: frozenset[str]
    figures: frozenset[str]
    negations: frozenset[str]


def _facts(text: str) -> _Facts:
    found = words(text)
    return _Facts(
        frozenset(substance(found)),
        frozenset(" ".join(figure.text.split()) for figure in stated_figures(text)),
        frozenset(word.form for word in found if word.form in NEGATIONS),
    )


def _agree(one: _Facts, other: _Facts) -> bool:
    if one.figures != other.figures or one.negations != other.negations:
        return False
    every = one.words | other.words
    return not every or len(one.words & other.words) >= ALIKE * len(every)


def _wording(text: str) -> tuple[str, ...]:
    return tuple(word.form for word in words(text) if word.form not in _ARTICLES) or (text.strip(),)


def _text_of(passage: PackedPassage | None) -> str:
    return "" if passage is None else " ".join(passage.passage.text.split())
