"""Chat over `/v1`, as `FakeSGLang` has it."""

import json
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from docqa.bench.fake import bodies
from docqa.bench.fake.radix_tree import packed
from docqa.bench.fake.scheduler import Asked, Token


def chat_ids(body: Mapping[str, Any]) -> bytes:
    """Roles and contents one after the other, a token a byte."""
    text = "".join(f"<{each['role']}>{each['content']}" for each in body["messages"])
    return packed(list(text.encode()))


def as_native(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a chat asks for, in the words of `/generate`."""
    wanted = body.get("max_completion_tokens") or body.get("max_tokens") or 128
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    sampling = {
        "max_new_tokens": wanted,
        "ignore_eos": body.get("ignore_eos"),
        "json_schema": json.dumps(schema) if schema else None,
        "regex": body.get("regex"),
    }
    kept = {key: body.get(key) for key in ("messages", "cache_salt", "extra_key")}
    return {"sampling_params": sampling, **kept}


def chat_events(
    model: str, asked: Asked, tokens: Iterator[Token], *, with_usage: bool
) -> Generator[Mapping[str, object]]:
    """The events of a streamed chat."""
    token = Token((), "", None)
    yield bodies.chat_chunk(model, asked, {"role": "assistant", "content": ""}, token)
    said = 0
    for token in tokens:
        if token.text[said:]:
            running = Token(token.ids, token.text, None)
            yield bodies.chat_chunk(model, asked, {"content": token.text[said:]}, running)
            said = len(token.text)
    yield bodies.chat_chunk(model, asked, {}, token)
    if with_usage:
        yield bodies.chat_usage(model, asked, token)
