import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import settings

from docqa.bench.fake.sglang import FakeSGLang
from docqa.core.packing import chain, head_chain, segment_hash
from docqa.engines.base import Delta, Prefix, Prompt, SamplingParams
from docqa.engines.config import EngineConfig
from docqa.engines.sglang.engine import SGLangEngine
from docqa.tokenizers.registry import tokenizer

# No test asserts a duration.
settings.register_profile("docqa", deadline=None)
settings.load_profile("docqa")


@dataclass
class Corpus:
    """A pack whose pieces are asked for one by one; `read` counts those that were."""

    texts: list[str]
    family: str = "1"
    salt: str = ""
    read: list[int] = field(default_factory=list)

    def hashes(self) -> list[str]:
        hashes = [head_chain()]
        for text in self.texts[1:]:
            hashes.append(chain(hashes[-1], segment_hash(text)))
        return hashes

    def pieces(self, first: int) -> Iterator[str]:
        for number in range(first, len(self.texts)):
            self.read.append(number)
            yield self.texts[number]

    def prefix(self) -> Prefix:
        count = sum(tokenizer("llama4").count_all(self.texts))
        return Prefix(
            self.hashes()[-1],
            count,
            "llama4",
            read_text=lambda: self.pieces(0),
            read_from=self.pieces,
            hashes=self.hashes,
            family=self.family,
            salt=self.salt,
        )

    def with_segments(self, *numbers: int) -> "Corpus":
        return Corpus([*self.texts, *map(segment, numbers)], self.family, self.salt)


def segment(number: int) -> str:
    clauses = "".join(
        f"[#{10 * number + clause}] (p. 1) Clause {clause} of contract {number}: payment within "
        f"{number + clause} days of the invoice, in euros.\n"
        for clause in range(1, 9)
    )
    return f'<document id="{number}" name="contract {number}.txt">\n{clauses}</document>\n'


def corpus(*numbers: int, **facts: str) -> Corpus:
    return Corpus(["<instructions>\nAnswer.\n</instructions>\n", *map(segment, numbers)], **facts)


def ask(
    engine: SGLangEngine,
    asked: Corpus,
    question: str = "How many days?",
    params: SamplingParams = SamplingParams(max_tokens=16),  # noqa: B008
) -> list[Delta]:
    tail = f"<question>\n{question}\n</question>\n"
    return list(engine.stream(Prompt(asked.prefix(), tail), params))


def text_of(deltas: Sequence[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


def usage_of(deltas: Sequence[Delta]):
    assert deltas[-1].usage is not None
    return deltas[-1].usage


@pytest.fixture
def fake():
    with FakeSGLang(model="llama-4-scout") as server:
        yield server


@pytest.fixture
def engines(tmp_path, fake):
    """Makes engines of one DOCQA_HOME that talk to the fake server."""
    made = []

    def make(**facts) -> SGLangEngine:
        given = {"base_url": fake.base_url, **facts}
        engine = SGLangEngine(EngineConfig("sglang", tmp_path / "cache", **given), tokenizer)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        with contextlib.closing(engine):
            pass


@pytest.fixture
def engine(engines):
    return engines()
