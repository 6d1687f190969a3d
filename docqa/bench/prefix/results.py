"""What `docqa bench prefix` measured, and the medians and ratios that follow from it."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from pydantic import TypeAdapter

WayName = Literal["docqa", "chat", "flushed"]
LABELS: Mapping[WayName, str] = {
    "docqa": "docqa",
    "chat": "corpus re-sent as chat messages",
    "flushed": "docqa, cache flushed before each question",
}
"""How the corpus reaches the model, for people."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. Seconds count from asking, all that docqa does for it included."""

    first_token_s: float
    """Until the first text; until the end where the model wrote none."""
    total_s: float
    prompt_tokens: int
    cached_tokens: int | None
    completion_tokens: int
    sent_tokens: int | None
    sent_bytes: int | None
    cache_miss: str = ""

    @property
    def cached_share(self) -> float | None:
        """Part of the prompt that was in the cache; None where the engine does not tell."""
        if self.cached_tokens is None or not self.prompt_tokens:
            return None
        return self.cached_tokens / self.prompt_tokens


@dataclass(frozen=True, slots=True)
class Level:
    """So many questions in flight at a time, each another one, over a prefix that is cached."""

    in_flight: int
    questions: int
    seconds: float
    """From the first question to the end of the last answer."""
    answered: tuple[Asked, ...]
    failures: tuple[str, ...] = ()

    @property
    def questions_per_s(self) -> float:
        """Answered questions in a second."""
        return len(self.answered) / self.seconds if self.seconds else 0.0

    @property
    def first_token_s(self) -> float | None:
        """Median of the questions that were answered."""
        return median(asked.first_token_s for asked in self.answered)

    @property
    def cached_share(self) -> float | None:
        """The least of the questions that were answered."""
        return min(shares(self.answered), default=None)


@dataclass(frozen=True, slots=True)
class Way:
    """One way for the corpus to reach the model, measured on a corpus of its own."""

    name: WayName
    cold: tuple[Asked, ...] = ()
    """First questions, each over a corpus that the engine had not seen."""
    warm: tuple[Asked, ...] = ()
    """Questions over the corpus of the last cold one, one after the other."""
    levels: tuple[Level, ...] = ()
    skipped: str = ""
    """Why it was not measured, in words."""

    def level(self, in_flight: int) -> Level | None:
        """The measurement with so many questions in flight."""
        return next((level for level in self.levels if level.in_flight == in_flight), None)


@dataclass(frozen=True, slots=True)
class SizeResult:
    """All that was measured with a corpus of one size."""

    asked_tokens: int
    tokens: int
    """Tokens of the prefix as docqa counts them."""
    exact: bool
    """Whether docqa counts with the model's own vocabulary."""
    documents: int
    passages: int
    characters: int
    ways: tuple[Way, ...]

    def way(self, name: WayName) -> Way | None:
        """What was measured of this way, None if nothing."""
        return next((way for way in self.ways if way.name == name and way.warm), None)

    @property
    def corpus_cached_share(self) -> float | None:
        """The least part of the corpus' tokens that was cached for a warm question."""
        way = self.way("docqa")
        if way is None or not self.exact:
            return None
        cached = [each.cached_tokens for each in way.warm if each.cached_tokens is not None]
        return min(1.0, min(cached) / self.tokens) if cached else None

    def ratios(self) -> dict[str, float | None]:
        """How many times one figure is another; None where one of them is missing."""
        docqa, chat, flushed = (self.way(name) for name in LABELS)
        warm = first_token(docqa.warm) if docqa else None
        one = docqa.level(1) if docqa else None
        ratios = {"cold_to_warm": ratio(first_token(docqa.cold) if docqa else None, warm)}
        if chat:
            ratios["chat_to_docqa_warm"] = ratio(first_token(chat.warm), warm)
            ratios["chat_to_docqa_bytes"] = ratio(
                sent_bytes(chat.warm), sent_bytes(docqa.warm) if docqa else None
            )
        if flushed:
            ratios["flushed_to_docqa_warm"] = ratio(first_token(flushed.warm), warm)
        for level in docqa.levels if docqa else ():
            if one and level is not one:
                ratios[f"questions_per_s_{level.in_flight}_to_1"] = ratio(
                    level.questions_per_s, one.questions_per_s
                )
        return ratios


@dataclass(frozen=True, slots=True)
class PrefixReport:
    """One run: what was measured, on what, and how."""

    date: str
    """UTC, ISO 8601, to the second."""
    docqa_version: str
    engine: str
    model: str
    address: str
    """Where the engine is; empty if it runs in this process."""
    context_length: int
    hints: bool
    answer_tokens: int
    cold_runs: int
    questions: int
    in_flight: tuple[int, ...]
    corpus: str
    """The documents that the corpus was made of."""
    client: str
    """The machine that docqa ran on."""
    sizes: tuple[SizeResult, ...]
    server: dict[str, Any] = field(default_factory=dict)
    """What the server says of itself; empty where it does not."""

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values, medians and ratios of each size beside the raw figures."""
        plain = asdict(self)
        for value, size in zip(plain["sizes"], self.sizes, strict=True):
            value["ratios"] = size.ratios()
            value["corpus_cached_share"] = size.corpus_cached_share
            value["medians"] = {way.name: medians(way) for way in size.ways if way.warm}
        return plain

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The report that `to_json` gave these values for.

        Raises:
            pydantic.ValidationError: If they are something else.
        """
        return TypeAdapter(cls).validate_python(value)


def medians(way: Way) -> dict[str, Any]:
    """Figures of one way: seconds, shares, bytes, questions a second by questions in flight."""
    return {
        "cold_first_token_s": first_token(way.cold),
        "warm_first_token_s": first_token(way.warm),
        "warm_total_s": median(asked.total_s for asked in way.warm),
        "cached_share": median(shares(way.warm)),
        "sent_bytes": sent_bytes(way.warm),
        "sent_tokens": median(asked.sent_tokens for asked in way.warm),
        "questions_per_s": {level.in_flight: level.questions_per_s for level in way.levels},
    }


def first_token(asked: Iterable[Asked]) -> float | None:
    """Median seconds to the first token."""
    return median(each.first_token_s for each in asked)


def sent_bytes(asked: Iterable[Asked]) -> float | None:
    """Median bytes that docqa sent for a question; None where nobody counted."""
    return median(each.sent_bytes for each in asked)


def shares(asked: Iterable[Asked]) -> list[float]:
    """Cached shares of the questions that have one."""
    return [each.cached_share for each in asked if each.cached_share is not None]


def median(values: Iterable[float | None]) -> float | None:
    """Of the values that are there; None if none is."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def ratio(value: float | None, base: float | None) -> float | None:
    """How many times `base` it is; None if either is missing or the base is 0."""
    return value / base if value is not None and base else None
