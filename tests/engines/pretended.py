"""Prompts and pretended servers for the tests of engines."""

import json

import httpx

from docqa.core.prompts import HEAD, render_tail
from docqa.engines.base import Prefix, Prompt, Turn

CORPUS = (
    '<document id="1" name="dpa.pdf" pages="2">\n'
    "[#1] (p. 1) The processor shall notify the controller within 72 hours of a breach.\n"
    "[#2] (p. 2) Personal data is deleted thirty days after the agreement ends.\n"
    "</document>\n"
    '<document id="2" name="policy.md">\n'
    "[#3] (L1-L2) Laptops are encrypted. Passwords have at least fourteen characters.\n"
    "</document>\n"
)


class CharacterTokenizer:
    """Four characters a token."""

    def __init__(self, name="characters", exact=True):
        self.name = name
        self.exact = exact

    def count(self, text):
        return -(-len(text) // 4)

    def count_all(self, texts):
        return [self.count(text) for text in texts]

    def encode(self, text):
        return list(range(self.count(text)))


def prompt_of(question="When must a breach be notified?", corpus=HEAD + CORPUS, turns=(), scope=()):
    prefix = Prefix("0" * 64, -(-len(corpus) // 4), "characters", lambda: iter((corpus,)))
    return Prompt(prefix, render_tail(question, scope), tuple(Turn(*turn) for turn in turns))


def chunk(text=None, finish_reason=None, **more):
    choices = [{"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}]
    return {"id": "1", "object": "chat.completion.chunk", "choices": choices, **more}


def usage_chunk(prompt_tokens, completion_tokens=2, **more):
    usage = {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, **more}
    return {"id": "1", "object": "chat.completion.chunk", "choices": [], "usage": usage}


def event_stream(*chunks, done=True):
    lines = [f"data: {json.dumps(each)}\n\n" for each in chunks]
    lines += ["data: [DONE]\n\n"] * done
    return httpx.Response(
        200, headers={"content-type": "text/event-stream"}, content="".join(lines).encode()
    )
