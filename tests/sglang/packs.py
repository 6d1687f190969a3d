"""Packs of a wanted size, and a wire that can be looked at, for the tests of engines."""

import json
import random
from dataclasses import dataclass, field

import httpx

from docqa.core.packing import chain, head_chain, segment_hash
from docqa.core.prompts import HEAD, render_tail
from docqa.engines.base import Prefix, Prompt

WORDS = (
    *("river", "harbour", "ledger", "winter", "copper", "lantern", "meadow", "engine", "letter"),
    *("candle", "bridge", "orchard", "garden", "window", "signal", "timber", "market", "stone"),
    *("paper", "button", "journey", "mountain", "island", "kettle", "mirror"),
)


def document(number: int, tokens: int, tokenizer) -> str:
    """A segment of about so many tokens; the same number gives the same text."""
    chosen = random.Random(number)
    lines, label = [f'<document id="{number}" name="{number}.txt">'], number * 1_000
    while tokenizer.count("\n".join(lines)) < tokens:
        for _ in range(5):
            sentence = " ".join(chosen.choices(WORDS, k=18))
            lines.append(f"[#{label}] (L{label % 1_000}) The {sentence}.")
            label += 1
    return "\n".join([*lines, "</document>", ""])


def pack(texts, tokenizer, *, family: str, salt: str = "") -> Prefix:
    """A prefix of the head and these segments."""
    pieces = [HEAD, *texts]
    hashes = [head_chain()]
    for text in texts:
        hashes.append(chain(hashes[-1], segment_hash(text)))
    return Prefix(
        hashes[-1],
        sum(tokenizer.count_all(pieces)),
        tokenizer.name,
        lambda: iter(pieces),
        read_from=lambda first: iter(pieces[first:]),
        hashes=lambda: hashes,
        family=family,
        salt=salt,
    )


def question(prefix: Prefix, text: str = "What is said of the harbour?", turns=()) -> Prompt:
    """A prompt that asks this of a prefix."""
    return Prompt(prefix, render_tail(text), tuple(turns))


@dataclass(frozen=True)
class Answer:
    """All deltas of an answer, taken together."""

    text: str
    finish_reason: str
    usage: object


def answer(engine, prompt, params) -> Answer:
    """The whole answer of an engine."""
    deltas = list(engine.stream(prompt, params))
    [usage] = [each.usage for each in deltas if each.usage is not None]
    return Answer("".join(each.text for each in deltas), deltas[-1].finish_reason, usage)


@dataclass
class Wire(httpx.BaseTransport):
    """Keeps what is sent; paths in `absent` are answered as by a router that does not know them."""

    sent: list[tuple[str, dict]] = field(default_factory=list)
    absent: tuple[str, ...] = ()
    inner: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        self.sent.append((request.url.path, json.loads(content) if content else {}))
        if request.url.path in self.absent:
            return httpx.Response(404, json={"detail": "Not Found"}, request=request)
        return self.inner.handle_request(request)

    def close(self) -> None:
        self.inner.close()

    def ids(self) -> list[int]:
        """How many token ids each `/generate` carried, in order."""
        return [len(body["input_ids"]) for path, body in self.sent if path == "/generate"]
