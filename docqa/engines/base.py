"""The engine's protocol and the values that cross it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from docqa.core.answers import Usage
from docqa.tokenizers.base import Tokenizer

PROMPT_TRUNCATED = "prompt_truncated"
"""Finish reason when the server read fewer tokens than were sent: it cut the prompt silently."""


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Decoding options. `json_schema` asks for constrained output where the engine has it."""

    temperature: float = 0.0
    max_tokens: int = 1_024
    seed: int | None = None
    stop: tuple[str, ...] = ()
    json_schema: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """A lazy reference to a pack version: its text is read when the engine asks, never kept.

    The head and the segments are its pieces; joined in order they are the prefix. `hash` names the
    pack version. `token_count` is by the tokenizer named in `tokenizer`.
    """

    hash: str
    token_count: int
    tokenizer: str
    read_text: Callable[[], Iterator[str]] = field(repr=False)
    """The texts of all pieces."""
    read_from: Callable[[int], Iterator[str]] | None = field(default=None, repr=False)
    """The texts of the pieces from this number on, the head being number 0."""
    hashes: Callable[[], Sequence[str]] | None = field(default=None, repr=False)
    """What the pack is called after each of its pieces, the last one being `hash`."""
    family: str = ""
    """Names the pack generation in this installation; what is kept of a prefix is filed under it.

    Empty where nothing is to be kept, because the prefix is made for one question.
    """
    salt: str = ""
    """Keeps this prefix's cache apart from those with another salt; empty shares it."""

    @property
    def pieces(self) -> Callable[[int], Iterator[str]]:
        """`read_from`, or all of the text as one piece."""
        return self.read_from or (lambda first: iter(()) if first else self.read_text())

    def piece_hashes(self) -> Sequence[str]:
        """`hashes()`, or those of a prefix that is one piece."""
        return self.hashes() if self.hashes else (self.hash,)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prefix that stays, and a tail that changes with every question.

    The tail begins with `<` and holds earlier turns' text only by way of `turns`: these follow the
    corpus as messages of their own when `turns` is not empty. The first user message is the prefix
    and the first turn's content (or the tail, where there are no turns): the prefix's bytes come
    first and are the same in every request; the tail is always the end of the last user message.
    """

    prefix: Prefix
    tail: str
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class PrefillProgress:
    """How far a prefix has been read into the cache, in tokens."""

    done: int
    total: int
    cached: int | None = None


CacheState = Literal["unknown", "cold", "warming", "hot"]


@dataclass(frozen=True, slots=True)
class PrefixState:
    """What docqa knows of a prefix in the engine's cache, without asking the engine."""

    state: CacheState = "unknown"
    done: int = 0
    """Tokens that were read into the cache."""
    total: int = 0
    """Tokens of the prefix; 0 if unknown."""
    detail: str = ""
    """Why it is cold or partly so, in words."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer; the last one carries the usage.

    A delta without text and usage says that the engine is still at work, a few times a second, so
    that the caller can stop while a long prompt is being read; it may carry the `progress` of that.
    """

    text: str = ""
    usage: Usage | None = None
    finish_reason: str = ""
    """`stop`, `length`, `prompt_truncated` or another word of the engine's; set with the usage."""
    progress: PrefillProgress | None = None


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """What an engine says of itself. `detail` is for people."""

    ok: bool
    detail: str
    model: str = ""
    context_length: int | None = None
    models: tuple[str, ...] = ()
    hint: str = ""


class Engine(Protocol):
    """Turns a prompt into a stream of text.

    An engine keeps no conversation. How the prefix reaches the model (ids once, a session, the
    whole text again) is the engine's business; that it costs little the second time is its purpose.
    """

    name: str
    """One of the names of `DOCQA_ENGINE`."""

    @property
    def model(self) -> str:
        """The model's name; may be empty before the engine was asked."""
        ...

    @property
    def leaves_machine(self) -> bool:
        """Whether text is sent to another machine, judged from the address in use."""
        ...

    @property
    def context_length(self) -> int:
        """The window in tokens.

        Raises:
            EngineError: If the engine has to be asked and does not answer.
        """
        ...

    @property
    def tokenizer(self) -> Tokenizer:
        """Counts tokens as this engine does, or estimates them (`Tokenizer.exact`)."""
        ...

    def prefill(self, prefix: Prefix) -> Iterator[PrefillProgress]:
        """Read a prefix into the cache ahead of the first question.

        Raises:
            EngineError: As `stream`.
        """
        ...

    def stream(self, prompt: Prompt, params: SamplingParams) -> Iterator[Delta]:
        """Yield the answer as it is generated, then one delta that carries the usage.

        Closing the iterator cancels the request on the server.

        Raises:
            EngineError: If the engine cannot be reached, times out or answers with an error.
        """
        ...

    def health(self) -> EngineHealth:
        """Ask the engine how it is; never raises an `EngineError`."""
        ...

    def prefix_state(self, prefix: Prefix) -> PrefixState:
        """What is known of this prefix in the cache; asks nobody and never raises."""
        ...

    def forget(self, family: str) -> None:
        """Drop what is kept of the prefixes of a family, here and as far as possible there."""
        ...

    def close(self) -> None:
        """Give back what the engine holds (connections, a server in this process)."""
        ...
