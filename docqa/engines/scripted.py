"""An engine without a model, for tests and for work on the interface.

It answers with two or three sentences copied from the passages that share most words with the
question, each with its label, word by word. Words in the question direct it otherwise:

- `@slow`: four words a second; `@stall`: nothing comes until it is stopped
- `@prefill`: reads the prompt for some seconds, with progress, before the first word
- `@long`: an answer of about 2,000 words
- `@garbage`: labels that do not exist, and half a marker at the end
- `@uncited`: the same sentences without labels; `@invented`: a claim that no passage makes
- `@notfound`: says that the documents do not say
- `@truncated`: ends in mid-sentence as if out of tokens; `@cut`: the server had cut the prompt
- `@die`: fails in mid-answer; `@down`: cannot be reached; `@overflow`: the prompt does not fit

Where a schema is given it answers at once, and as `docqa.engines.scripted_review` says.
"""

import hashlib
import math
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docqa.core.answers import Usage
from docqa.core.escaping import unescape
from docqa.core.prompts import NOT_FOUND_SENTENCE
from docqa.core.sentences import split
from docqa.core.stopwords import stop_words
from docqa.engines.base import (
    PROMPT_TRUNCATED,
    Delta,
    EngineHealth,
    PrefillProgress,
    Prefix,
    PrefixState,
    Prompt,
    SamplingParams,
)
from docqa.engines.scripted_review import ParsedCorpus, judged, parse_corpus
from docqa.errors import ContextOverflowError, EngineResponseError, EngineUnavailableError
from docqa.tokenizers.base import Tokenizer

UI_WORDS_PER_S = 60.0
SLOW_WORDS_PER_S = 4.0
PREFILL_S = 6.0
PREFILL_STEPS = 12
_TICK_S = 0.25
_BLOCK = 512
"""Characters that the pretended prefix cache counts in."""
_PARSED = 8
"""Prefixes that are kept parsed, for the cells of a review."""

_DOCUMENT = re.compile(r'^<document [^\n]*name="(?P<name>[^"\n]*)"[^\n]*>$', re.MULTILINE)
_PASSAGE = re.compile(
    r"^\[#(?P<label>\d+)\] \([^)\n]*\)[ \n](?P<text>.*?)"
    r"(?=^\[#\d+\] \(|^</document>|^\(passages left out here\)$)",
    re.MULTILINE | re.DOTALL,
)
_QUESTION = re.compile(r"<question>\n(.*?)\n</question>", re.DOTALL)
_SCOPE = re.compile(r"^The question is about these documents only: (.*)$", re.MULTILINE)
_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True, slots=True)
class _Sentence:
    label: int
    text: str
    words: frozenset[str]


class ScriptedEngine:
    """Deterministic: the same prompt gives the same answer. Threads may share it."""

    name = "scripted"
    model = "scripted"
    leaves_machine = False

    def __init__(
        self, tokenizer: Tokenizer, *, context_length: int = 131_072, words_per_s: float = 0.0
    ) -> None:
        """`words_per_s` 0 writes without waiting."""
        self.tokenizer = tokenizer
        self.context_length = context_length
        self._words_per_s = words_per_s
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._cached: set[bytes] = set()
        self._parsed: OrderedDict[str, ParsedCorpus] = OrderedDict()

    def prefill(self, prefix: Prefix) -> Iterator[PrefillProgress]:
        """Pretend to read the prefix, and remember that it was read."""
        text = "".join(prefix.read_text())
        cached = self._remember(text)
        total = self.tokenizer.count(text)
        yield from self._read(cached, total, 0.0)

    def stream(self, prompt: Prompt, params: SamplingParams) -> Iterator[Delta]:
        """Yield the scripted answer word by word, then the usage.

        Raises:
            EngineError: If the question directs it to fail.
        """
        if params.json_schema is not None:
            yield from self._judge(prompt, params, params.json_schema)
            return
        corpus = "".join(prompt.prefix.read_text())
        later = "".join(turn.content for turn in prompt.turns) + prompt.tail
        question = _question(prompt.tail)
        directives = frozenset(re.findall(r"@[a-z_]+", question))
        prompt_tokens = self.tokenizer.count(corpus) + self.tokenizer.count(later)
        self._refuse(directives, prompt_tokens + params.max_tokens)
        cached = self._remember(corpus + later)
        if "@prefill" in directives:
            for progress in self._read(cached, prompt_tokens, PREFILL_S):
                yield Delta(progress=progress)
        yield from self._stall(directives)
        answer = _answer(corpus, prompt.tail, question, directives)
        pieces = re.findall(r"\s*\S+", answer)
        finish_reason = "stop"
        if "@truncated" in directives or len(pieces) > params.max_tokens:
            pieces = pieces[: min(len(pieces) * 2 // 3, params.max_tokens)]
            finish_reason = "length"
        yield from self._write(pieces, directives, words_per_s=self._words_per_s)
        if "@cut" in directives:
            finish_reason = PROMPT_TRUNCATED
        written = self.tokenizer.count("".join(pieces))
        yield Delta(usage=Usage(prompt_tokens, cached, written), finish_reason=finish_reason)

    def _judge(
        self, prompt: Prompt, params: SamplingParams, schema: dict[str, object]
    ) -> Iterator[Delta]:
        question = _question(prompt.tail)
        directives = frozenset(re.findall(r"@[a-z_]+", question))
        corpus, cached = self._corpus(prompt.prefix)
        prompt_tokens = corpus.tokens + self.tokenizer.count(prompt.tail)
        self._refuse(directives, prompt_tokens + params.max_tokens)
        if "@stall" in directives:
            yield Delta(" ")  # the documents are read: who waits for that need not wait for this
        yield from self._stall(directives)
        answer = judged(corpus, prompt.tail, question, schema, _words)
        pieces = re.findall(r"\s*\S+", answer) if "@slow" in directives else [answer]
        yield from self._write(pieces, directives, words_per_s=0.0)
        written = self.tokenizer.count(answer)
        yield Delta(usage=Usage(prompt_tokens, cached, written), finish_reason="stop")

    def _corpus(self, prefix: Prefix) -> tuple[ParsedCorpus, int]:
        """The prefix, read once for all cells over it, and how many tokens of it were cached."""
        with self._lock:
            known = self._parsed.get(prefix.hash)
            if known is not None:
                self._parsed.move_to_end(prefix.hash)
                return known, known.tokens
        text = "".join(prefix.read_text())
        cached = self._remember(text)
        corpus = parse_corpus(text, self.tokenizer.count(text), _PASSAGE, _words)
        with self._lock:
            self._parsed[prefix.hash] = corpus
            if len(self._parsed) > _PARSED:
                self._parsed.popitem(last=False)
        return corpus, cached

    def health(self) -> EngineHealth:
        """Always well."""
        return EngineHealth(
            True,
            "answers by a script, for tests",
            self.model,
            self.context_length,
            models=(self.model,),
        )

    def prefix_state(self, prefix: Prefix) -> PrefixState:
        """Unknown: this engine keeps its cache by itself."""
        return PrefixState(total=prefix.token_count)

    def forget(self, family: str) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Interrupt every wait; answers under way come to their end at once."""
        self._closed.set()

    def _stall(self, directives: frozenset[str]) -> Iterator[Delta]:
        while "@stall" in directives and not self._closed.wait(_TICK_S):
            yield Delta()

    def _refuse(self, directives: frozenset[str], needed: int) -> None:
        if "@down" in directives:
            raise EngineUnavailableError(self.name, "cannot be reached, as the question asked")
        if "@overflow" in directives or needed > self.context_length:
            raise ContextOverflowError(self.name, needed, self.context_length)

    def _read(self, cached: int, total: int, seconds: float) -> Iterator[PrefillProgress]:
        for step in range(PREFILL_STEPS + 1):
            done = cached + (total - cached) * step // PREFILL_STEPS
            yield PrefillProgress(done, total, cached)
            if seconds:
                self._closed.wait(seconds / PREFILL_STEPS)

    def _write(
        self, pieces: Sequence[str], directives: frozenset[str], *, words_per_s: float
    ) -> Iterator[Delta]:
        words_per_s = SLOW_WORDS_PER_S if "@slow" in directives else words_per_s
        dies_after = len(pieces) // 2 if "@die" in directives else -1
        for number, piece in enumerate(pieces):
            if number == dies_after:
                raise EngineResponseError(self.name, "died in mid-answer, as the question asked")
            yield Delta(piece)
            if words_per_s:
                self._closed.wait(1 / words_per_s)

    def _remember(self, text: str) -> int:
        """Tokens of the longest beginning that was seen before; the whole text is seen now."""
        digest = hashlib.blake2b(digest_size=16)
        seen = 0
        keys = []
        for start in range(0, len(text) - _BLOCK + 1, _BLOCK):
            digest.update(text[start : start + _BLOCK].encode("utf-8", "replace"))
            keys.append(digest.digest())
        with self._lock:
            for number, key in enumerate(keys, 1):
                if key not in self._cached:
                    break
                seen = number
            self._cached.update(keys)
        return self.tokenizer.count(text[: seen * _BLOCK])


def _question(tail: str) -> str:
    found = _QUESTION.findall(tail)
    return unescape(found[-1] if found else tail)


def _answer(corpus: str, tail: str, question: str, directives: frozenset[str]) -> str:
    if "@invented" in directives:
        return "The documents mention a penalty of 9,731 euros, payable to Quux Holdings."
    sentences = [] if "@notfound" in directives else _best(corpus, tail, question)
    if not sentences:
        return NOT_FOUND_SENTENCE
    if "@uncited" in directives:
        return " ".join(sentence.text for sentence in sentences)
    if "@garbage" in directives:
        return " ".join(_cited(each.text, each.label + 1_000_000) for each in sentences) + " [#12"
    answer = " ".join(_cited(sentence.text, sentence.label) for sentence in sentences)
    if "@long" in directives:
        times = math.ceil(2_000 / len(answer.split()))
        return "\n\n".join([answer] * times)
    return answer


def _best(corpus: str, tail: str, question: str) -> list[_Sentence]:
    """The two or three sentences that share the rarest words with the question."""
    asked = _words(re.sub(r"@[a-z_]+", "", question))
    sentences = list(_sentences(corpus, _scope(tail)))
    holding = Counter(word for each in sentences for word in each.words & asked)
    weight = {word: math.log(1 + len(sentences) / holding[word]) for word in holding}

    def score(sentence: _Sentence) -> float:
        shared = sum(weight[word] for word in sentence.words & asked)
        return shared / math.sqrt(8 + len(sentence.words))

    ranked = sorted((each for each in sentences if each.words & asked), key=score, reverse=True)
    kept: list[_Sentence] = []
    for sentence in ranked:
        if all(sentence.text != other.text for other in kept):
            kept.append(sentence)
        if len(kept) == 3:
            break
    return [each for each in kept if score(each) * 2 >= score(kept[0])]


def _sentences(corpus: str, scope: frozenset[str]) -> Iterator[_Sentence]:
    documents = list(_DOCUMENT.finditer(corpus))
    for number, document in enumerate(documents):
        if scope and document["name"] not in scope:
            continue
        end = documents[number + 1].start() if number + 1 < len(documents) else len(corpus)
        for passage in _PASSAGE.finditer(corpus, document.end(), end):
            text = unescape(passage["text"].strip())
            for first, last in split(text):
                sentence = " ".join(text[first:last].split())
                if len(sentence) > 20 and "[#" not in sentence:
                    yield _Sentence(int(passage["label"]), sentence, _words(sentence))


def _scope(tail: str) -> frozenset[str]:
    line = _SCOPE.search(tail)
    return frozenset(re.findall(r'"([^"]*)"', line[1])) if line else frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - stop_words("en")


def _cited(sentence: str, label: int) -> str:
    stripped = sentence.rstrip(".!?")
    return f"{stripped} [#{label}]{sentence[len(stripped) :] or '.'}"
