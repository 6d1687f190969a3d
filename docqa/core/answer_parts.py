"""One shard's answer to a question, as statements: sentences with the labels they cite."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from docqa.core.citations import Displayed, Mark, code_spans, display
from docqa.core.claims import Sentence, says_not_found, sentences_of
from docqa.core.figures import stated_figures
from docqa.core.names import stated_names
from docqa.core.outline import ITEM, Place, outline
from docqa.core.packed import PassageSource
from docqa.core.prompts import NOT_FOUND_SENTENCE
from docqa.core.wording import plain, words

_TABLE = re.compile(r"^[ \t]*\|", re.MULTILINE)
# `**1. Acme**` is a heading as `## Acme` is, and cut as one.
_BOLD_LINE = re.compile(r"^[ \t]*(\*\*|__)([^*_\n]+)\1:?[ \t]*$", re.MULTILINE)
_NUMBERED = re.compile(r"^(#{1,6}[ \t]+)[0-9]{1,3}[.)][ \t]+", re.MULTILINE)
_COURTESY = re.compile(r"\W*(?:here|below|these|following|the following)\W+(?:is|are)\b", re.I)
_BASED = re.compile(r"\W*(?:based on|according to|in summary|hinweis|gerne|sure|certainly)\b", re.I)
_ANY_ANSWER = "answer answers conclusion details findings overview result results summary"
_TITLE_OF_NOTHING = frozenset(_ANY_ANSWER.split())
_FRAME = re.compile(r"^#{1,6}\s+|\s#+$|\*\*|__")
_STOP = re.compile(r"[.:：](?=(?:\s*\[#[0-9]+\])*[.:：\s]*$)")


@dataclass(slots=True)
class Statement:
    """What an answer states in one sentence, or in a whole table."""

    text: str
    """With its labels where they stood, behind what it stands under: `Acme: Fee: $5 [#1]`."""
    bare: tuple[str, ...]
    """The same without labels: what it stands under, then the sentence."""
    place: int
    """Label of the first passage that it cites; of what stood before it where it cites none."""
    labels: list[int]
    block: bool = False
    """Whether it is a whole answer that must not be cut into sentences."""
    added: list[int] = field(default_factory=list)
    """Labels of other statements that say the same."""

    @property
    def shown(self) -> str:
        """The text with all labels."""
        markers = "".join(f"[#{label}]" for label in self.added)
        gap = "" if not markers or self.text.endswith("]") else " "
        return f"{self.text}{gap}{markers}"


class Part:
    """One shard's answer as statements."""

    def __init__(self, raw: str, source: PassageSource) -> None:
        self.raw = raw.strip()
        self.cited = 0
        """Citations in scope that its statements have."""
        self.outside = 0
        """Labels of statements that were left out, as they rest only on what is out of scope."""
        self.statements: list[Statement] = []
        self._in_scope = source.in_scope
        ruled = _NUMBERED.sub(r"\1", _BOLD_LINE.sub(r"###### \2", self.raw))
        shown = display(ruled, lambda label: source.by_label(label) is not None, final=True)
        sentences = sentences_of(shown)
        if _indivisible(shown.text):
            self._take_whole(shown, sentences)
        else:
            self._take(shown, sentences)

    def _take_whole(self, shown: Displayed, sentences: Iterable[Sentence]) -> None:
        labels = self._counted(shown.marks)
        if labels or any(sentence.states for sentence in sentences):
            place = labels[0] if labels else 0
            whole = Statement(self.raw, (shown.text,), place, labels, block=True)
            self.statements.append(whole)

    def _take(self, shown: Displayed, sentences: Sequence[Sentence]) -> None:
        position = 0
        for sentence, place in zip(sentences, outline(shown.text, sentences), strict=True):
            marks = _marks(sentence)
            cites = any(self._in_scope(mark.label) for mark in marks)
            bare = ITEM.sub("", sentence.text, count=1)
            titles = [*_titles(shown, sentences, place, bare, self._in_scope)]
            if _is_not_found(bare) or (
                not cites and says_not_found(": ".join((*(title for _, title in titles), bare)))
            ):
                continue
            if not marks and (place.titles or not sentence.states):
                continue
            labels = self._counted(marks)
            if marks and not labels:
                continue
            position = labels[0] if labels else position
            text = " ".join(ITEM.sub("", _labelled(shown, sentence, marks), count=1).split())
            if text:
                text = ": ".join((*(labelled for labelled, _ in titles), text))
                over = (title for _, title in titles)
                self.statements.append(Statement(text, (*over, bare), position, labels))

    def _counted(self, marks: Iterable[Mark]) -> list[int]:
        """The labels in scope."""
        labels = list(dict.fromkeys(mark.label for mark in marks))
        kept = [label for label in labels if self._in_scope(label)]
        self.cited += len(kept)
        if not kept:
            self.outside += len(labels)
        return kept


def _titles(
    shown: Displayed,
    sentences: Sequence[Sentence],
    place: Place,
    bare: str,
    in_scope: Callable[[int], bool],
) -> Iterator[tuple[str, str]]:
    """What the sentence stands under, with labels and without; not what it says itself."""
    said = {word.form for word in words(bare)}
    for index in place.over:
        sentence = sentences[index]
        title = _title(sentence.text)
        forms = {word.form for word in words(title)}
        if forms <= said or _says_nothing(title, forms):
            continue
        said |= forms
        marks = _marks(sentence)
        citing = marks and all(in_scope(mark.label) for mark in marks)
        yield _title(_labelled(shown, sentence, marks)) if citing else title, title
    if place.label and not {word.form for word in words(place.label)} <= said:
        yield place.label.strip(), place.label.strip()


def _title(text: str) -> str:
    text = " ".join(_FRAME.sub("", ITEM.sub("", text.strip(), count=1)).split())
    return _STOP.sub("", text).strip(" .:：")


def _says_nothing(title: str, forms: set[str]) -> bool:
    """Whether it is a courtesy, or the heading of any answer."""
    if forms <= _TITLE_OF_NOTHING:
        return True
    courtesy = _COURTESY.match(title) or _BASED.match(title)
    return bool(courtesy) and not stated_names(title) and not stated_figures(title)


def _is_not_found(text: str) -> bool:
    """Whether it is the sentence that says so, whatever it cites."""
    return plain(text).strip(" *_.") == plain(NOT_FOUND_SENTENCE).strip(".")


def _indivisible(text: str) -> bool:
    """Whether it has a block of code or a table: lines that say nothing alone."""
    fenced = any("\n" in text[start:end] for start, end in code_spans(text))
    return fenced or _TABLE.search(text) is not None


def _marks(sentence: Sentence) -> list[Mark]:
    return [mark for claim in sentence.claims for mark in claim.marks]


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
