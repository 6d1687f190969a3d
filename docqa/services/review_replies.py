"""What an engine replies about a requirement; one that cannot be read is asked for once more."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from docqa.core.answers import Usage
from docqa.core.checklists import Requirement
from docqa.core.judgements import Broken, read_judgement
from docqa.engines.base import PROMPT_TRUNCATED, Engine, Prefix, Prompt, SamplingParams
from docqa.services.streaming import close

TRIES = 2
"""How often a cell is asked whose answer cannot be read."""


class StoppedError(Exception):
    """Raised when the review is to stop while a cell is being asked."""


@dataclass
class Reply:
    """The last text that came, and what all tries together cost."""

    text: str = ""
    problem: str = ""
    """Why it is no judgement, in words; empty if it is one."""
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = ""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What an engine is asked: `tail` renders it, given what was wrong with the last answer."""

    requirement: Requirement
    prefix: Prefix
    tail: Callable[[str], str]
    params: SamplingParams


def reply_to(inquiry: Inquiry, engine: Engine, stopped: Callable[[], bool]) -> Reply:
    """The engine's reply, the second one if the first cannot be read.

    Raises:
        StoppedError: If it is to stop; the request is ended then.
        EngineError: If the engine fails.
    """
    reply = Reply()
    while reply.tries < TRIES:
        prompt = Prompt(inquiry.prefix, inquiry.tail(reply.problem))
        _listen(engine, prompt, inquiry.params, reply, stopped)
        if reply.finish_reason == PROMPT_TRUNCATED:
            reply.problem = "the server cut the prompt, so that the model did not see all of it"
            break
        reply.problem = _problem(reply, inquiry.requirement)
        if not reply.problem:
            break
    return reply


def _problem(reply: Reply, requirement: Requirement) -> str:
    judgement = read_judgement(reply.text, requirement)
    if not isinstance(judgement, Broken):
        return ""
    return judgement.problem + (" (it was cut off)" if reply.finish_reason == "length" else "")


def _listen(
    engine: Engine,
    prompt: Prompt,
    params: SamplingParams,
    reply: Reply,
    stopped: Callable[[], bool],
) -> None:
    pieces: list[str] = []
    deltas = engine.stream(prompt, params)
    try:
        for delta in deltas:
            if stopped():
                raise StoppedError
            pieces.append(delta.text)
            if delta.usage is not None:
                reply.usage = _sum(reply.usage, delta.usage) if reply.tries else delta.usage
                reply.finish_reason = delta.finish_reason
    finally:
        close(deltas)
    reply.text = "".join(pieces)
    reply.tries += 1


def _sum(one: Usage, other: Usage) -> Usage:
    def both(first: int | None, second: int | None) -> int | None:
        return None if first is None or second is None else first + second

    return replace(
        other,
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        cached_tokens=both(one.cached_tokens, other.cached_tokens),
        completion_tokens=one.completion_tokens + other.completion_tokens,
        sent_tokens=both(one.sent_tokens, other.sent_tokens),
        sent_bytes=both(one.sent_bytes, other.sent_bytes),
    )
