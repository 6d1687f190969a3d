"""A corpus of so many tokens for `docqa bench prefix`, and questions about it.

The documents of a folder are repeated with changes until there are enough tokens, and rendered as
docqa packs them. The same folder, tokenizer and size give the same text; a salt line in front of it
is what makes an engine read all of it anew.
"""

import itertools
import random
import re
import secrets
import string
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from docqa.bench.prefix.hints import PassageIndex
from docqa.bench.scale import changed
from docqa.core.documents import ParsedDocument, Passage
from docqa.core.packed import PackedPassage
from docqa.core.packing import (
    FIRST_LABEL,
    SegmentSource,
    chain,
    render_head,
    render_segment,
    segment_hash,
)
from docqa.core.prompts import render_tail
from docqa.engines.base import Prefix
from docqa.errors import EmptyFileError, InputError, ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.parse import parse_file
from docqa.readers.sources import list_source
from docqa.tokenizers.base import Tokenizer

_SALT_DIGITS = 24
_UNSALTED = "0" * _SALT_DIGITS
_MAX_QUOTED_WORDS = 9


@dataclass(frozen=True, slots=True)
class Corpus:
    """Rendered documents and the passages in them. `salted` makes a prefix of it."""

    segments: tuple[str, ...] = field(repr=False)
    passages: tuple[PackedPassage, ...] = field(repr=False)
    segment_tokens: int
    tokenizer: Tokenizer = field(repr=False)

    @property
    def token_count(self) -> int:
        """Tokens of a prefix made of it, by its tokenizer."""
        return self.segment_tokens + self.tokenizer.count(_head(_UNSALTED))

    def salted(self) -> Prefix:
        """A prefix of this text that no engine has seen: its first line is random."""
        # Digits alone: vocabularies cut them alike, so that every salt has as many tokens.
        salt = "".join(secrets.choice(string.digits) for _ in range(_SALT_DIGITS))
        head = _head(salt)
        pieces = (head, *self.segments)
        digests = map(segment_hash, self.segments)
        hashes = tuple(itertools.accumulate(digests, chain, initial=segment_hash(head)))
        return Prefix(
            hash=hashes[-1],
            token_count=self.token_count,
            tokenizer=self.tokenizer.name,
            read_text=lambda: iter(pieces),
            read_from=lambda first: iter(pieces[first:]),
            hashes=lambda: hashes,
            family=f"bench-{salt}",
        )

    def tails(self, questions: Iterable[str], *, hints: bool) -> Iterator[str]:
        """What follows the prefix, a tail for each question.

        With hints each has the passages that rank best for it, as docqa adds them.
        """
        index = PassageIndex(self.passages) if hints else None
        for question in questions:
            yield render_tail(question, hints=index.best(question) if index else ())

    def questions(self) -> Iterator[str]:
        """Questions about the corpus without end, no two alike, always the same."""
        chance = random.Random(7)
        for number in itertools.count(1):
            passage = chance.choice(self.passages)
            words = passage.passage.text.split()
            start = chance.randrange(max(1, len(words) - _MAX_QUOTED_WORDS))
            quoted = " ".join(words[start : start + chance.randint(4, _MAX_QUOTED_WORDS)])
            yield f"{number}. What does {passage.document} say about: {quoted}?"


def read_documents(folder: Path) -> list[tuple[str, ParsedDocument]]:
    """The documents under a folder by path, without those that cannot be read or hold no text.

    Raises:
        EmptyFileError: If there is none.
        ReadError: If there is no such folder.
    """
    found = []
    for file in list_source(folder).files:
        try:
            parsed = parse_file(folder / file.path, file.path, ReaderOptions(), lambda *_: None)
        except ReadError:
            continue
        if parsed.passages:
            found.append((file.path, parsed))
    if not found:
        raise EmptyFileError(str(folder), "there is no document with text in it")
    return found


def build_corpus(
    documents: Sequence[tuple[str, ParsedDocument]], tokens: int, tokenizer: Tokenizer
) -> Corpus:
    """These documents, and changed copies of them, up to so many tokens and at most a few below.

    The last document is cut behind a word.

    Raises:
        InputError: If so few tokens hold no document.
    """
    head = tokenizer.count(_head(_UNSALTED))
    left = tokens - head
    segments: list[str] = []
    passages: list[PackedPassage] = []
    label = FIRST_LABEL
    for number, (name, parsed) in enumerate(_copies(documents), 1):
        source = _source(number, name, parsed)
        text = render_segment(source, label)
        count = tokenizer.count(text)
        last = count > left
        if last:
            source = _cut(source, label, left, tokenizer)
            text = render_segment(source, label)
            count = tokenizer.count(text)
        if source.passages:
            segments.append(text)
            left -= count
            passages.extend(
                PackedPassage(label + passage.ordinal, 0, number, number, name, passage)
                for passage in source.passages
            )
            label += len(source.passages)
        if last:
            break
    if not segments:
        raise InputError(f"a corpus of {tokens:,} tokens holds no document; take 500 or more")
    return Corpus(tuple(segments), tuple(passages), tokens - head - left, tokenizer)


def _copies(
    documents: Sequence[tuple[str, ParsedDocument]],
) -> Iterator[tuple[str, ParsedDocument]]:
    for copy in itertools.count():
        for name, parsed in documents:
            yield (f"{copy:03}/{name}", changed(parsed, copy)) if copy else (name, parsed)


def _source(number: int, name: str, parsed: ParsedDocument) -> SegmentSource:
    return SegmentSource(
        number, name, parsed.kind, parsed.passages, len(parsed.pages), parsed.language
    )


def _cut(source: SegmentSource, label: int, tokens: int, tokenizer: Tokenizer) -> SegmentSource:
    """As many of its first words as fit into so many tokens; maybe none."""
    words = sum(len(passage.text.split()) for passage in source.passages)
    fitting = bisect_right(
        range(1, words + 1),
        tokens,
        key=lambda count: tokenizer.count(render_segment(_first_words(source, count), label)),
    )
    return _first_words(source, fitting)


def _first_words(source: SegmentSource, words: int) -> SegmentSource:
    kept: list[Passage] = []
    for passage in source.passages:
        if words <= 0:
            break
        ends = [match.end() for match in re.finditer(r"\S+", passage.text)] or [0]
        kept.append(replace(passage, text=passage.text[: ends[min(words, len(ends)) - 1]]))
        words -= len(ends)
    return replace(source, passages=kept)


def _head(salt: str) -> str:
    return f'<run salt="{salt}">\n{render_head()}'
