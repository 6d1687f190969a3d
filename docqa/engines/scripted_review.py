"""The scripted engine's answers about requirements: JSON from the best sentence in scope.

`met` if that sentence has enough of the requirement's words, else `not_found`. Words in the
requirement's text direct it otherwise:

- `@met_garbage`: `met` with labels that do not exist; `@met_outside`: with a label of a document
  that is not in scope; `@met_uncited`: with none
- `@not_met`, `@partly`, `@not_applicable`: that verdict with the best sentence; `@notfound`
- `@invented`: `met` with a figure that no passage has; `@badvalue`: with such a value
- `@badjson`: no JSON; `@badonce`: no JSON the first time; `@prose`: JSON with words around it
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docqa.core.escaping import unescape
from docqa.core.sentences import split

ENOUGH = 0.4
"""Least share of the requirement's words, by their rarity, that `met` needs."""
_DOCUMENT = re.compile(r'^<document id="(?P<number>\d+)"[^\n]*>$', re.MULTILINE)
_SCOPE = re.compile(r"^The review is about these documents only, by id: (.*)$", re.MULTILINE)
_NUMBER = re.compile(r'(\d+) "[^"]*"')
_FIGURE = re.compile(r"\b[0-9][0-9.,]*(?:\s\w+)?")
_AGAIN = "Your last answer could not be read"
_VERDICTS = {
    "@not_met": "not_met",
    "@partly": "partly_met",
    "@not_applicable": "not_applicable",
    "@notfound": "not_found",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage and its words."""

    label: int
    text: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class ParsedCorpus:
    """A prefix that was read once for all cells that are asked over it."""

    tokens: int
    sentences: Mapping[int, Sequence[Sentence]]
    """By the number of their document."""


def parse_corpus(
    text: str, tokens: int, passage: re.Pattern[str], words: Callable[[str], frozenset[str]]
) -> ParsedCorpus:
    """The sentences of a rendered pack; `passage` matches one with its label and text."""
    found: dict[int, list[Sentence]] = {}
    documents = list(_DOCUMENT.finditer(text))
    for place, document in enumerate(documents):
        end = documents[place + 1].start() if place + 1 < len(documents) else len(text)
        sentences = found.setdefault(int(document["number"]), [])
        for match in passage.finditer(text, document.end(), end):
            content = unescape(match["text"].strip())
            for first, last in split(content):
                sentence = " ".join(content[first:last].split())
                if len(sentence) > 20 and "[#" not in sentence:
                    sentences.append(Sentence(int(match["label"]), sentence, words(sentence)))
    return ParsedCorpus(tokens, found)


def judged(
    corpus: ParsedCorpus,
    tail: str,
    question: str,
    schema: Mapping[str, Any],
    words: Callable[[str], frozenset[str]],
) -> str:
    """The answer about a requirement."""
    directives = frozenset(re.findall(r"@[a-z_]+", question))
    if "@badjson" in directives or ("@badonce" in directives and _AGAIN not in tail):
        return '{"citations": [1], "rationale": "The documents sa'
    asked = words(re.sub(r"@[a-z_]+", "", question.split("\n\nGuidance: ", 1)[0]))
    numbers = _scope(tail)
    inside = [
        sentence
        for number, sentences in corpus.sentences.items()
        if not numbers or number in numbers
        for sentence in sentences
    ]
    best, share = _best(inside, asked)
    if "@met_outside" in directives:
        others = (corpus.sentences[each] for each in corpus.sentences if each not in numbers)
        best = next((sentences[0] for sentences in others if sentences), best)
    answer = json.dumps(_answer(best, share, schema, directives), ensure_ascii=False)
    return f"Here it is:\n```json\n{answer}\n```\nAs asked." if "@prose" in directives else answer


def _answer(
    best: Sentence | None, share: float, schema: Mapping[str, Any], directives: frozenset[str]
) -> dict[str, Any]:
    allowed = schema["properties"]["verdict"]["enum"]
    verdict = "met" if share >= ENOUGH else "not_found"
    if any(directive.startswith("@met") or directive == "@invented" for directive in directives):
        verdict = "met"
    verdict = next((word for mark, word in _VERDICTS.items() if mark in directives), verdict)
    verdict = verdict if verdict in allowed else allowed[0]
    rationale = "The documents state it." if best is None else best.text[:300]
    labels = [] if best is None or "@met_uncited" in directives else [best.label]
    if "@met_garbage" in directives:
        labels = [1_000_000, 2_000_000]
    if "@invented" in directives:
        rationale += " It costs 9,731 euros."
    if verdict == "not_found":
        labels, rationale = [], "The documents do not say."
    answer: dict[str, Any] = {"citations": labels, "rationale": rationale}
    if "value" in schema["properties"]:
        value = "" if verdict == "not_found" or best is None else _value(best.text)
        value = "9,731 euros of Quux Holdings" if "@badvalue" in directives else value
        listed = schema["properties"]["value"]["type"] == "array"
        answer["value"] = ([value] if value else []) if listed else value
    return answer | {"verdict": verdict}


def _value(text: str) -> str:
    """A figure of the sentence with the words behind it, else its first words."""
    figure = _FIGURE.search(text)
    return figure[0] if figure else " ".join(text.split()[:8])[:80]


def _best(sentences: Sequence[Sentence], asked: frozenset[str]) -> tuple[Sentence | None, float]:
    """The sentence that has most of these words by their rarity, and how much that is."""
    holding = Counter(word for sentence in sentences for word in sentence.words & asked)
    weight = {word: math.log(2 + len(sentences) / (1 + holding[word])) for word in asked}
    total = sum(weight.values())
    best, most = None, 0.0
    for sentence in sentences:
        share = sum(weight[word] for word in sentence.words & asked)
        if share > most:
            best, most = sentence, share
    return best, most / total if total else 0.0


def _scope(tail: str) -> frozenset[int]:
    line = _SCOPE.search(tail)
    return frozenset(int(match[1]) for match in _NUMBER.finditer(line[1])) if line else frozenset()
