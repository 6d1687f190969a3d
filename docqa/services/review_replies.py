"""What an engine replies about a requirement; one that cannot be read is asked for once more."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from docqa.core.answers import Usage
from docqa.core.checklists import Requirement
from docqa.core.judgements import Broken, read_judgement
from docqa.engines.base import PROMPT_TRUNCATED, Engine, Prefix, Prompt, SamplingParams
from docqa.errors import EngineResponseError
from docqa.services.streaming import close

logger = logging.getLogger(__name__)

TRIES = 2
"""How often a cell is asked whose answer cannot be read."""
_REFUSALS = (400, 422, 501)
"""HTTP statuses of servers that take no schema, or not this one."""


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
    constrained: bool = True
    """Whether the engine was given the schema; not where it refuses it."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What an engine is asked: `tail` renders it, given what was wrong with the last answer."""

    requirement: Requirement
    prefix: Prefix
    tail: Callable[[str], str]
    params: SamplingParams


def reply_to(
    inquiry: Inquiry,
    engine: Engine,
    stopped: Callable[[], bool],
    began: Callable[[], None] = lambda: None,
) -> Reply:
    """The engine's reply, the second one if the first cannot be read.

    `began` is called when the answer begins, and again as it goes on.

    Raises:
        StoppedError: If it is to stop; the request is ended then.
        EngineError: If the engine fails.
    """
    reply = Reply(constrained=inquiry.params.json_schema is not None)
    while reply.tries < TRIES:
        try:
            _listen(inquiry, engine, reply, stopped, began)
        except EngineResponseError as error:
            if error.status not in _REFUSALS or not reply.constrained:
                raise
            # A server without grammars, or with another opinion on schemas: the prompt tells all.
            logger.info("%s refuses the schema: %s", engine.name, error)
            reply.constrained = False
            continue
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
    inquiry: Inquiry,
    engine: Engine,
    reply: Reply,
    stopped: Callable[[], bool],
    began: Callable[[], None],
) -> None:
    pieces: list[str] = []
    params = inquiry.params if reply.constrained else replace(inquiry.params, json_schema=None)
    deltas = engine.stream(Prompt(inquiry.prefix, inquiry.tail(reply.problem)), params)
    try:
        for delta in deltas:
            if stopped():
                raise StoppedError
            if delta.text:
                began()
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
